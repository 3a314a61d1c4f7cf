using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Figures;
using EventDossier.Store;

namespace EventDossier.StoreTests.Dossiers;

/// <summary>Lists, board and figures at moments that have passed, beside a fold that shares nothing with the product.</summary>
public sealed class PastListTests(PastListTests.Lives lives) : IClassFixture<PastListTests.Lives>
{
    private const int Dossiers = 60;
    private const int Questions = 40;

    /// <summary>Dossiers that live by random acts, dated back, each recorded at a moment of its own; and a handful of an older system.</summary>
    public sealed class Lives : IAsyncLifetime
    {
        internal Centre Centre { get; private set; } = null!;

        internal ILookup<string, StoredEvent> Events { get; private set; } = null!;

        /// <summary>Every kind of question about the past, at moments of the log.</summary>
        internal IEnumerable<AsOf> Asked(int seed)
        {
            var (random, all) = (new Random(seed), Events.SelectMany(e => e).ToList());
            StoredEvent Any() => all[random.Next(all.Count)];
            for (var i = 0; i < Questions; i++)
            {
                var kind = i % 7 + 1;
                yield return new(
                    (kind & 1) == 0 ? null : NaiveDossier.OccurredAt(Any()).AddMilliseconds(random.Next(-1, 2)),
                    (kind & 2) == 0 ? null : Any().RecordedAt.AddMilliseconds(random.Next(-1, 2)), Position: (kind & 4) == 0 ? null : Any().Position);
            }
        }

        /// <summary>What the rows of that moment say.</summary>
        internal List<NaiveDossier> At(AsOf asOf) =>
        [
            .. Events.Select(e => (e.Key, Then: e.Where(x => !(NaiveDossier.OccurredAt(x) > asOf.Legal) && !(x.RecordedAt > asOf.Recorded) && !(x.Position > asOf.Position)).ToList()))
                .Where(e => e.Then.Count > 0).Select(e => NaiveDossier.Fold(e.Key, e.Then)),
        ];

        public async Task InitializeAsync()
        {
            Centre = await Centre.OpenAsync(sample: true);
            await Parallel.ForAsync(0, Dossiers, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (seed, _) => await AsOfTests.LiveAsync(Centre, seed));
            await Centre.ImportAsync("import", 20);
            Events = (await Centre.Database.Log.ReadAllAsync(0, 100_000)).Events.Where(e => DossierCode.IsCode(e.Stream)).ToLookup(e => e.Stream);
        }

        async Task IAsyncLifetime.DisposeAsync() => await Centre.DisposeAsync();
    }

    [Fact]
    public async Task The_overdue_board_at_any_moment_is_what_the_rows_of_that_moment_say()
    {
        var late = 0;
        foreach (var asOf in lives.Asked(1))
        {
            var at = asOf.Legal ?? asOf.Recorded ?? new(2026, 6, 15, 9, 0, 0, TimeSpan.FromHours(7));
            foreach (var officer in (string?[])[null, "officer-1"])
            {
                var expected = lives.At(asOf).Where(d => d.Due < at && d.Received <= at && !(d.Finished <= at) && (officer is null || d.Officer == officer))
                    .OrderBy(d => d.Due).ThenBy(d => d.Code, StringComparer.Ordinal).Select(d => (d.Code, d.Version, d.Due!.Value.UtcDateTime, d.Unit, d.Officer, d.Procedure)).ToList();
                var found = await DeadlineBoard.View.OverdueThenAsync(lives.Centre.Database, at, asOf, new(Officer: officer, Limit: 1000));
                found.Rows.Select(r => (r.Code, r.Version, r.Due!.Value.UtcDateTime, r.Unit, r.Officer, r.Procedure)).ShouldBe(expected, $"{asOf}");
                found.Count.ShouldBe(expected.Count);
                late += expected.Count;
            }
        }
        late.ShouldBeGreaterThan(Questions);
    }

    [Fact]
    public async Task The_work_list_at_any_moment_is_what_the_rows_of_that_moment_say()
    {
        var listed = 0;
        foreach (var asOf in lives.Asked(2))
        {
            var expected = lives.At(asOf).Where(d => d.Work is { Unit: "unit-1" or "unit-2" })
                .OrderBy(d => d.Work!.Value.Due ?? DateTimeOffset.MaxValue).ThenBy(d => d.Code, StringComparer.Ordinal).Select(d => (d.Code, d.Version, d.Work)).ToList();
            foreach (var unit in (string[])["unit-1", "unit-2"])
            {
                var found = (await WorkList.View.ThenAsync(lives.Centre.Database, asOf, null, unit, limit: 1000)).Rows;
                found.Select(r => (r.Code, r.Version, ((string?, string?, DateTimeOffset?)?)(r.Unit, r.Officer, r.Due))).ShouldBe(expected.Where(d => d.Work!.Value.Unit == unit), $"{asOf}");
            }
            listed += expected.Count;
        }
        listed.ShouldBeGreaterThan(Questions);
    }

    [Fact]
    public async Task The_list_of_dossiers_at_any_moment_is_what_the_rows_of_that_moment_say()
    {
        foreach (var asOf in lives.Asked(3))
        {
            var found = (await Overview.View.ThenAsync(lives.Centre.Database, asOf, new(Limit: 1000))).Rows;
            found.Select(r => (r.Code, r.Version, StageNames.Of(r.Stage), r.Officer, r.Channel, r.ReceivedAt, r.FinishedAt, r.Due)).ShouldBe(
                lives.At(asOf).OrderBy(d => d.Code, StringComparer.Ordinal).Select(d => (d.Code, d.Version, d.Stage, d.Officer, d.Channel, d.Received, d.Finished, d.Due)), $"{asOf}");
            var (agency, stage) = ("Agency 3", Stage.InProgress);
            (await Overview.View.ThenAsync(lives.Centre.Database, asOf, new(Search: "agency 3", Stage: stage, Limit: 1000))).Rows.Select(r => r.Code)
                .ShouldBe(lives.At(asOf).Where(d => d.Agency == agency && d.Stage == "inProgress").Select(d => d.Code).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task Pages_of_the_past_follow_each_other_without_a_gap()
    {
        var asOf = new AsOf(Recorded: lives.Events.SelectMany(e => e).Max(e => e.RecordedAt));
        var whole = (await WorkList.View.ThenAsync(lives.Centre.Database, asOf, null, null, limit: 1000)).Rows;
        var pages = new List<WorkList.Row>();
        for ((DateTimeOffset?, string)? after = null; ;)
        {
            var page = (await WorkList.View.ThenAsync(lives.Centre.Database, asOf, null, null, after, limit: 7)).Rows;
            pages.AddRange(page);
            if (page.Count < 7)
                break;
            after = (page[^1].Due, page[^1].Code);
        }
        pages.ShouldBe(whole);
        whole.Count.ShouldBeGreaterThan(14);
    }

    [Fact]
    public async Task Form_06_at_any_moment_counts_what_the_rows_of_that_moment_say()
    {
        DateTimeOffset from = new(2026, 5, 8, 0, 0, 0, TimeSpan.FromHours(7)), to = new(2026, 6, 1, 0, 0, 0, TimeSpan.FromHours(7));
        foreach (var asOf in lives.Asked(4).Append(new()))
        {
            var end = asOf.Legal < to ? asOf.Legal.Value : to.AddTicks(-1);
            var expected = lives.At(asOf with { Legal = end }).SelectMany(d => Buckets(d, from, end.AddTicks(1))).CountBy(b => b).ToDictionary();
            var report = await Form06.OfAsync(lives.Centre.Database, from, to, asOf: asOf);
            foreach (var bucket in Enum.GetValues<Bucket>())
                report.Total[bucket].ShouldBe(expected.GetValueOrDefault(bucket), $"{bucket} {asOf}");
            report.Total.Reconciles.ShouldBeTrue();
        }
    }

    private static IEnumerable<Bucket> Buckets(NaiveDossier d, DateTimeOffset from, DateTimeOffset to)
    {
        if (d.Received is null)
            return d.Stage == "submitted" ? [Bucket.AwaitingIntake] : d.Stage == "refused" && d.Finished >= from ? [Bucket.RefusedAtIntake] : [];
        if (d.Finished < from)
            return [];
        return
        [
            d.Received < from ? Bucket.CarriedOver
                : d.Channel switch { "online" or "Internet" => Bucket.ReceivedOnline, "counter" => Bucket.ReceivedAtCounter, "post" => Bucket.ReceivedByPost, _ => Bucket.ReceivedOtherwise },
            d.Stage switch
            {
                "resultReady" or "returned" => d.Judgement switch { "early" => Bucket.ResolvedEarly, "late" => Bucket.ResolvedLate, _ => Bucket.ResolvedOnTime },
                "withdrawn" => Bucket.Withdrawn,
                "terminated" => Bucket.Terminated,
                "voided" => Bucket.Voided,
                _ when d.Due < to => Bucket.PendingOverdue,
                _ => d.StandsFor switch
                {
                    "supplement" => Bucket.SuspendedForSupplement, "fee" => Bucket.SuspendedForFee, null => Bucket.PendingInTime, _ => Bucket.StoppedForATime,
                },
            },
        ];
    }
}
