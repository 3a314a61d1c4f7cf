using EventDossier.Applicants;
using EventDossier.Complaints;
using EventDossier.Dossiers;
using EventDossier.Procedures;
using EventDossier.Retention;
using EventDossier.Simulation;
using EventDossier.Store;
using EventDossier.StoreTests.Applicants;

namespace EventDossier.StoreTests.Retention;

/// <summary>Who is past their retention is found as each erasure would decide, and erased by two persons, a list at a time.</summary>
public sealed class RetentionTests
{
    private static readonly TimeSpan _offset = TimeSpan.FromHours(7);
    private static readonly DateTimeOffset _now = new(2026, 6, 1, 9, 0, 0, _offset);

    [Fact]
    public async Task Who_is_due_over_a_simulated_year_is_who_the_erasure_itself_would_let_go()
    {
        var asked = new SampleYear(160, 3, new(2025, 1, 1, 0, 0, 0, _offset), new(2025, 9, 1, 0, 0, 0, _offset));
        await using var events = await TestDatabase.CreateAsync();
        await using var keysDatabase = await TestDatabase.CreateAsync();
        await Migration.RunAsync(events.ConnectionString, sample: true, ProductViews.All);
        await using var database = await Database.OpenAsync(events.ConnectionString, ProductEvents.Names, TestDatabase.Time);
        var folder = Directory.CreateTempSubdirectory("eventdossier-retention-");
        try
        {
            await using (var keys = await KeyStore.OpenAsync(keysDatabase.ConnectionString, folder.FullName, database, asked.KeySeed))
                await Simulator.RunAsync(asked, database, keys);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
        await HinderAsync(database);
        await new Views(ProductViews.All, database).CatchUpAsync(default);

        var applicants = await ApplicantsAsync(database);
        var seen = new HashSet<string>();
        foreach (var asOf in (int[])[2025, 2030, 2031, 2036, 2046, 2076, 2100])
        {
            var at = new DateTimeOffset(asOf, 6, 1, 0, 0, 0, _offset);
            var expected = applicants.ToLookup(a => Standing(a.Key, a.Value.Record, a.Value.Dossiers, at), a => a.Key);
            seen.UnionWith(expected.Select(group => group.Key));
            (await RetentionDue.CountAsync(database, at)).ShouldBe(new(Count("due"), Count("held"), Count("open"), Count("noRetention"), Count("notYet"), Count("erased")), $"{asOf}");
            var (listed, after) = (new List<Guid>(), (Guid?)null);
            for (IReadOnlyList<DueApplicant> page; (page = await RetentionDue.ListAsync(database, at, after, 7)).Count > 0; after = page[^1].Applicant)
                listed.AddRange(page.Select(due => due.Applicant));
            listed.ShouldBe([.. expected["due"].OrderBy(id => $"{id}", StringComparer.Ordinal)], $"{asOf}");

            int Count(string standing) => expected[standing].Count();
        }
        seen.Order(StringComparer.Ordinal).ShouldBe(["due", "erased", "held", "noRetention", "notYet", "open"]); // Every case came up.
    }

    [Fact]
    public async Task Two_persons_erase_a_list_and_what_was_broken_off_is_brought_to_its_end_once()
    {
        await using var database = new Prepared();
        await database.InitializeAsync();
        var (centre, desk, due) = (database.Centre, database.Desk, database.Due);

        // Each refusal.
        (await CodeAsync(desk.ProposeAsync("1", new(_now.AddYears(-5), "QĐ 12"), As("an")))).ShouldBe("nothing-due");
        (await CodeAsync(desk.ProposeAsync("1", new(_now.AddDays(1), "QĐ 12"), As("an")))).ShouldBe("in-the-future");
        (await CodeAsync(desk.ProposeAsync("1", new(_now, " "), As("an")))).ShouldBe("basis-missing");
        (await CodeAsync(desk.ProposeAsync("1", new(_now, "QĐ 12"), As("an", Role.Clerk)))).ShouldBe("not-allowed");
        var proposal = (await desk.ProposeAsync("1", new(_now, "QĐ 12"), As("an"))).Proposal!;
        proposal.Proposed.Applicants.ShouldBe(due);
        (await desk.ProposeAsync("1", new(_now, "QĐ 12"), As("an"))).ShouldSatisfyAllConditions(again => again.Refusal.ShouldBeNull(), again => again.Proposal!.Version.ShouldBe(1));
        (await CodeAsync(desk.ProposeAsync("1", new(_now, "QĐ 13"), As("an")))).ShouldBe("proposal-known");
        (await CodeAsync(desk.CarryOutAsync("1", As("an")))).ShouldBe("not-approved");
        (await CodeAsync(desk.DecideAsync("1", new(), As("os:an")))).ShouldBe("approver-is-proposer");
        (await CodeAsync(desk.DecideAsync("1", new("AN"), As("binh")))).ShouldBe("approver-is-proposer");
        (await CodeAsync(desk.DecideAsync("1", new(Refused: " "), As("binh")))).ShouldBe("reason-missing");
        (await CodeAsync(desk.DecideAsync("2", new(), As("binh")))).ShouldBe("no-such-proposal");
        (await CodeAsync(desk.CarryOutAsync("2", As("binh")))).ShouldBe("no-such-proposal");
        (await desk.ProposeAsync("2", new(_now, "QĐ 14"), As("an"))).Refusal.ShouldBeNull();
        (await desk.DecideAsync("2", new(Refused: "chờ"), As("binh"))).Proposal!.Stage.ShouldBe(ErasureProposalStage.Refused);
        (await CodeAsync(desk.DecideAsync("2", new(), As("binh")))).ShouldBe("proposal-decided");
        (await database.ErasedAsync()).ShouldBe(0);

        // One came under a hold since, another applied again.
        await database.Erasures.PlaceHoldAsync(new("Công văn 12"), due[1], As("an"));
        await centre.Centre.ReceiveAsync(applicant: database.Sealed[due[2]]);
        using var stop = new CancellationTokenSource();
        await Should.ThrowAsync<OperationCanceledException>(() => desk.DecideAsync("1", new(), As("binh"), _ => stop.Cancel(), stop.Token));
        (await desk.FindAsync("1"))!.Stage.ShouldBe(ErasureProposalStage.Approved);
        (await database.ErasedAsync()).ShouldBeLessThan(2);

        var done = (await desk.CarryOutAsync("1", As("chi"))).Proposal!;
        (done.Stage, done.CarriedOut!.Erased, done.CarriedOut.By).ShouldBe((ErasureProposalStage.CarriedOut, 2, "chi"));
        done.CarriedOut.Skipped.OrderBy(s => due.IndexOf(s.Applicant)).Select(s => (s.Applicant, s.Code)).ShouldBe([(due[1], "legal-hold"), (due[2], "open-dossier")]);
        (await database.ErasedAsync()).ShouldBe(2);
        foreach (var (i, id) in due.Index())
            (await centre.Keys.OpenAsync(database.Sealed[id]) is null).ShouldBe(i is 0 or 3, $"{i}");
        var erased = ApplicantRecord.Fold(await centre.Database.Log.ReadStreamAsync(ApplicantRecord.Stream(due[0])));
        (erased.Erased!.Basis, erased.Erased.ApprovedBy).ShouldBe(("QĐ 12 (1)", "binh"));
        (await ErasureRegister.In(centre.Folder, sample: false).ReadAsync()).Count.ShouldBe(2);

        // The same again, by whoever, changes nothing.
        (await desk.DecideAsync("1", new(), As("binh"))).Proposal!.Version.ShouldBe(done.Version);
        (await desk.CarryOutAsync("1", As("an"))).Proposal!.Version.ShouldBe(done.Version);
        (await database.ErasedAsync()).ShouldBe(2);
        (await RetentionDue.CountAsync(centre.Database, _now)).ShouldBe(new(0, 1, 1, 0, 0, 2));
        (await CodeAsync(desk.ProposeAsync("3", new(_now, "QĐ 12"), As("an")))).ShouldBe("nothing-due");
        (await ErasureProposal.AllAsync(centre.Database)).Select(p => p.Number).ShouldBe(["1", "2"]);
    }

    /// <summary>What a simulated year lacks: holds, an erasure, somebody named by mistake, a complaint that is open and one that is over, a dossier of no known procedure.</summary>
    private static async Task HinderAsync(Database database)
    {
        var (log, at) = (database.Log, new DateTimeOffset(2025, 9, 1, 9, 0, 0, _offset));
        var named = (await ApplicantsAsync(database)).Keys.OrderBy(id => $"{id}", StringComparer.Ordinal).ToList();
        for (var i = 0; i < 12; i++)
        {
            var (id, stream) = (named[i * 10], ApplicantRecord.Stream(named[i * 10]));
            object[] events = (i % 3) switch
            {
                0 => [new LegalHoldPlaced(at, id, "Công văn 1")],
                1 => [new LegalHoldPlaced(at, id, "Công văn 1"), new LegalHoldLifted(at, id, "Công văn 1", "hết hạn")],
                _ => [new ApplicantErased(at, id, "Đơn", "x", [])],
            };
            (await log.AppendAsync([new(stream, ApplicantRecord.StreamType, 0, Centre.Command(), events)]))[0].ShouldBeOfType<AppendOutcome.Appended>();
        }
        var codes = (await DossiersAsync(database)).Where(d => d.Applicant is not null).Select(d => (d.Code, d.Version)).ToList();
        var (mistaken, right) = (new Sealed(Guid.Parse("00000000-1111-4111-8111-000000000001"), "c2VhbGVk"), new Sealed(Guid.Parse("ffffffff-1111-4111-8111-000000000002"), "c2VhbGVk"));
        await AppendAsync(codes[0], new ApplicantCorrected(at, mistaken, "nhầm", "x"), new ApplicantCorrected(at, right, "nhầm", "x"));
        await AppendAsync(codes[1], new ApplicantCorrected(at, right, "nhầm", "x"), new DossierHeld(at, "Công văn 2"));
        await AppendAsync(codes[2], new DossierHeld(at, "Công văn 2"), new DossierHoldLifted(at, "Công văn 2", "hết hạn"));
        for (var i = 0; i < 2; i++)
        {
            var received = new ComplaintReceived(at, "citizen", ComplaintKind.Feedback, ComplainantKind.Citizen, "online", new(Guid.Parse($"88888888-1111-4111-8111-00000000000{i}"), "c2VhbGVk"),
                new(null, null, null), new([], []), new(ComplaintKind.Feedback, Deadlines.Limit.Parse("5 days"), Deadlines.Limit.Parse("15 days"), 5, "QĐ"));
            object[] events = i == 0 ? [received] : [received, new ComplaintClosed(at, "minh", default)];
            await log.AppendAsync([new($"/complaint/K-{i}", "complaint", 0, Centre.Command(), events)]);
        }

        var unknown = new DossierReceived(at, null, "counter", "H49.12", null, null, null, null, null) { Applicant = new(Guid.Parse("99999999-1111-4111-8111-000000000000"), "c2VhbGVk") };
        await AppendAsync(("cũ-1", 0), unknown, new ResultReady(at));

        async Task AppendAsync((string Code, long Version) to, params object[] events) =>
            (await log.AppendAsync([new(to.Code, Desk.StreamType, to.Version, Centre.Command(), events)]))[0].ShouldBeOfType<AppendOutcome.Appended>();
    }

    /// <summary>What an erasure would say, one by one.</summary>
    private static string Standing(Guid applicant, ApplicantRecord record, IReadOnlyList<HeldDossier> dossiers, DateTimeOffset at)
    {
        if (record.Erased is not null)
            return "erased";
        var refusal = EraseApplicant.Decide(new("QĐ", "x"), applicant, isKnown: true, record, dossiers, new(at, Centre.Command(role: Role.Administrator), at)).Refusal;
        return refusal switch
        {
            null => "due",
            { Code: "legal-hold" } => "held",
            { Code: "open-dossier" } => "open",
            // The act names the first that stands in the way, by code; the list counts what will never end by itself before what will.
            _ => dossiers.Any(d => !d.IsFormer && d.RetentionYears is null) ? "noRetention" : "notYet",
        };
    }

    private static async Task<List<Dossier>> DossiersAsync(Database database) => [.. (await StreamsAsync(database)).Where(s => !s.Key.StartsWith('/')).Select(s => Dossier.Fold(s.Key, s))];

    private static async Task<IReadOnlyList<IGrouping<string, StoredEvent>>> StreamsAsync(Database database) =>
        [.. (await database.Log.ReadAllAsync(0, int.MaxValue)).Events.GroupBy(e => e.Stream)];

    /// <summary>From the events alone.</summary>
    private static async Task<Dictionary<Guid, (ApplicantRecord Record, List<HeldDossier> Dossiers)>> ApplicantsAsync(Database database)
    {
        var (streams, found) = (await StreamsAsync(database), new Dictionary<Guid, (ApplicantRecord Record, List<HeldDossier> Dossiers)>());
        var years = streams.Where(s => s.Key.StartsWith(Procedure.StreamPrefix, StringComparison.Ordinal))
            .ToDictionary(s => s.Key[Procedure.StreamPrefix.Length..], s => s.Select(e => ((ProcedurePublished)e.Event).RetentionYears).LastOrDefault(y => y is not null));
        foreach (var stream in streams)
        {
            if (stream.First().Event is ComplaintReceived complaint)
                Add(complaint.Statement.Applicant, new(stream.Key, stream.Select(e => e.Event).OfType<ComplaintClosed>().FirstOrDefault()?.OccurredAt, complaint.Limit.RetentionYears));
            if (stream.Key.StartsWith('/'))
                continue;
            var dossier = Dossier.Fold(stream.Key, stream);
            var named = stream.Select(e => PersonalData.SealedIn(e.Event) is { } data && e.Event is DossierSubmitted or DossierReceived or ApplicantCorrected ? PersonalData.SealedIn(e.Event)?.Applicant : null).OfType<Guid>().Distinct();
            foreach (var id in named)
            {
                Add(id, new(stream.Key, dossier.FinishedAt, dossier.Procedure is { } pin ? years.GetValueOrDefault(pin.Code) : null)
                {
                    IsHeld = dossier.Holds.Count > 0, IsFormer = dossier.Applicant?.Applicant != id,
                });
            }
        }
        return found;

        void Add(Guid id, HeldDossier dossier)
        {
            if (!found.ContainsKey(id))
                found[id] = (ApplicantRecord.Fold(streams.FirstOrDefault(s => s.Key == ApplicantRecord.Stream(id)) ?? Enumerable.Empty<StoredEvent>()), []);
            found[id].Dossiers.Add(dossier);
        }
    }

    private static ActContext As(string who, string role = Role.Administrator) => new(_now, Centre.Command(role: role) with { Actor = who }, _now);

    private static async Task<string?> CodeAsync(Task<RetentionDesk.Result> result) => (await result).Refusal?.Code;

    /// <summary>Four applicants whose dossiers were kept for a year.</summary>
    private sealed class Prepared : IAsyncDisposable
    {
        public TestCentre Centre { get; } = new();
        public List<Guid> Due { get; } = [];
        public Dictionary<Guid, Sealed> Sealed { get; } = [];

        public Erasures Erasures => new(Centre.Database, Centre.Keys, ErasureRegister.In(Centre.Folder, sample: false));

        public RetentionDesk Desk => new(Centre.Database, () => Task.FromResult(Erasures));

        public async Task InitializeAsync()
        {
            await Centre.InitializeAsync();
            await Centre.Centre.InsertAsync($"/procedure/{StoreTests.Centre.Procedure}", "procedure_published",
                """{"occurredAt": "2025-01-02T00:00:00+07:00", "code": "P-1", "name": "Đăng ký biến động", "agency": "H49.12", "limit": "5 days", "retentionYears": 1}""");
            Centre.Centre.Now = new(2025, 3, 3, 9, 0, 0, _offset);
            for (var i = 1; i <= 4; i++)
            {
                var data = await Centre.Keys.SealAsync(new Applicant($"Người thứ {i}") { IdentityNumber = $"02209000{i:0000}" }, KeyStoreTests.Id(i));
                await Centre.Centre.FinishAsync(await Centre.Centre.ReceiveAsync(applicant: data));
                Sealed.Add(data.Applicant, data);
            }
            // In the order of the list, so that the one who is broken off after is the first.
            Due.AddRange(Sealed.Keys.OrderBy(id => $"{id}", StringComparer.Ordinal));
            Centre.Centre.Now = _now;
        }

        public async Task<long> ErasedAsync() => (long)(await Centre.Centre.AskAsync("SELECT count(*) FROM dossier.mt_events WHERE type = 'applicant_erased'"))!;

        public async ValueTask DisposeAsync() => await Centre.DisposeAsync();
    }
}
