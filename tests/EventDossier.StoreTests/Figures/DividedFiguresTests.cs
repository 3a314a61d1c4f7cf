using System.Text.Json;
using EventDossier.Dossiers;
using EventDossier.Figures;
using EventDossier.Organisation;

namespace EventDossier.StoreTests.Figures;

public sealed class DividedFiguresTests : IAsyncLifetime
{
    private static readonly TimeSpan _offset = TimeSpan.FromHours(7);
    private static readonly DateTimeOffset _march = new(2026, 3, 1, 0, 0, 0, _offset), _june = new(2026, 6, 1, 0, 0, 0, _offset);
    private static readonly Bucket[] _open = [.. Enum.GetValues<Bucket>().Where(b => b is >= Bucket.PendingInTime and <= Bucket.StoppedForATime)];
    private Centre _centre = null!;

    public async Task InitializeAsync() => _centre = await Centre.OpenAsync();

    public Task DisposeAsync() => _centre.DisposeAsync().AsTask();

    [Fact]
    public async Task Whatever_figures_are_divided_by_the_rows_sum_up_to_the_same_whole_and_each_month_follows_on_the_one_before()
    {
        await LiveAsync();
        var whole = await Form06.OfAsync(_centre.Database, _march, _june);
        var promises = await Promises.OfAsync(_centre.Database, _march, _june);
        promises.SameDay.Of!.Value.ShouldBeGreaterThan(5);
        foreach (var by in Enum.GetValues<Division>())
        {
            var report = await DividedFigures.OfAsync(_centre.Database, _march, _june, by);
            report.Reconciles.ShouldBeTrue($"{by}");
            (report.Position, report.Definition, report.By).ShouldBe((whole.Position, whole.Definition, by));
            report.Rows.Count.ShouldBeGreaterThan(1, $"{by}");
            report.All.Counts.ShouldBe(whole.Total.Counts());
            JsonSerializer.Serialize(report.All.Promises).ShouldBe(JsonSerializer.Serialize(promises), $"{by}");
            foreach (var row in report.Rows)
            {
                row.CameIn.ShouldBe(row.Accounted, $"{by} {row.Key}");
                row.Promises.Position.ShouldBe(whole.Position);
                JsonSerializer.Serialize(row.Index).ShouldBe(JsonSerializer.Serialize(Decision766.Of(row.Promises)));
            }
            // Parts of shares, and what they are parts of; medians are no sums.
            foreach (var share in (Func<Promises.Report, Promises.Share>[])[p => p.SameDay, p => p.AheadOfSchedule, p => p.InTime, p => p.Satisfied, p => p.Responses, p => p.Online])
            {
                report.Rows.Sum(row => share(row.Promises).Part).ShouldBe(share(promises).Part, $"{by}");
                report.Rows.Sum(row => share(row.Promises).Of).ShouldBe(share(promises).Of, $"{by}");
            }
            for (var level = 0; level < Promises.Levels; level++)
                report.Rows.Sum(row => row.Promises.Satisfaction[level]).ShouldBe(promises.Satisfaction[level]);
            if (by != Division.Month)
            {
                foreach (var bucket in whole.Total.Counts().Keys)
                    report.Rows.Sum(row => row.Counts[bucket]).ShouldBe(report.All.Counts[bucket], $"{by} {bucket}");
            }
        }
    }

    [Fact]
    public async Task A_month_is_the_Form_06_of_that_month_and_carries_over_what_the_month_before_left_open()
    {
        await LiveAsync();
        // Its result was ready in March, which was recorded after something of April.
        await _centre.Database.Log.AppendAsync([new("D-1", Desk.StreamType, 0, Centre.Command(),
        [
            new DossierReceived(_march.AddDays(9), null, "online", "H49.12", null, "an", null, null, null),
            new DossierAssigned(_march.AddDays(40), "binh", null), new ResultReady(_march.AddDays(20)),
        ])]);
        var report = await DividedFigures.OfAsync(_centre.Database, _march, _june, Division.Month);
        report.Rows.Select(row => row.Key).ShouldBe(["2026-03", "2026-04", "2026-05"]);
        foreach (var (i, row) in report.Rows.Index())
        {
            row.Counts.ShouldBe((await Form06.OfAsync(_centre.Database, _march.AddMonths(i), _march.AddMonths(i + 1))).Total.Counts(), row.Key);
            if (i > 0)
                row.Counts["carriedOver"].ShouldBe(_open.Sum(bucket => report.Rows[i - 1].Counts[JsonNamingPolicy.CamelCase.ConvertName($"{bucket}")]), row.Key);
        }
        report.Rows[1].Counts["carriedOver"].ShouldBeGreaterThan(0);
        report.Rows.Sum(row => row.Counts["resolvedEarly"]).ShouldBe(report.All.Counts["resolvedEarly"]);

        // A month that had not begun when the last of it happened is none; of one agency's rows as well.
        (await DividedFigures.OfAsync(_centre.Database, _march, _march.AddYears(1), Division.Month)).Rows.Select(row => row.Key).Last()
            .ShouldBe(_centre.Now.ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture));
        var early = await DividedFigures.OfAsync(_centre.Database, _march, _june, Division.Month, asOf: new(Legal: _march.AddMonths(1).AddDays(10)));
        early.Rows.Select(row => row.Key).ShouldBe(["2026-03", "2026-04"]);
        early.Reconciles.ShouldBeTrue();
        early.All.Counts.ShouldBe((await Form06.OfAsync(_centre.Database, _march, _june, asOf: early.AsOf)).Total.Counts());
        (early.AsOf, early.All.CameIn).ShouldBe((new(Legal: _march.AddMonths(1).AddDays(10)), early.All.Accounted));
    }

    [Fact]
    public async Task Each_figure_leads_to_its_dossiers_and_each_dossier_is_in_one_row()
    {
        await LiveAsync();
        var whole = await Form06.OfAsync(_centre.Database, _march, _june, list: Bucket.ResolvedEarly);
        whole.Dossiers.Count.ShouldBeGreaterThan(3);
        foreach (var by in Enum.GetValues<Division>())
        {
            var report = await DividedFigures.OfAsync(_centre.Database, _march, _june, by, list: Bucket.ResolvedEarly);
            report.Rows.SelectMany(row => row.Dossiers!).Order(StringComparer.Ordinal).ToList().ShouldBe(whole.Dossiers);
            report.Rows.ShouldAllBe(row => row.Dossiers!.Count == row.Counts["resolvedEarly"]);
        }
        var agency = (await DividedFigures.OfAsync(_centre.Database, _march, _june, Division.Agency)).Rows[0];
        var alone = await DividedFigures.OfAsync(_centre.Database, _march, _june, Division.Month, agency: agency.Key);
        alone.All.Counts.ShouldBe(agency.Counts);
        alone.Reconciles.ShouldBeTrue();
    }

    [Fact]
    public async Task Agencies_outside_Form_06_are_in_none_of_its_counts_and_in_the_promises()
    {
        await LiveAsync();
        var before = await DividedFigures.OfAsync(_centre.Database, _march, _june, Division.Agency);
        await new OrganisationRegister(_centre.Database).ImportAsync(OrganisationFile.Parse(
            """{ "units": [{ "code": "H49.12", "name": { "en": "Water", "vi": "Nước" }, "kind": "office", "numbering": "local", "inForm06": false, "from": "2026-01-01T00:00:00+07:00" }] }"""u8, "units.json"), Centre.Command());
        var after = await DividedFigures.OfAsync(_centre.Database, _march, _june, Division.Agency);
        after.Outside.ShouldBeGreaterThan(0);
        after.All.CameIn.ShouldBe(before.All.CameIn - before.Rows.Single(row => row.Key == Centre.Agency).CameIn);
        after.All.Promises.Online.Of.ShouldBe(before.All.Promises.Online.Of);
        after.Rows.Single(row => row.Key == Centre.Agency).CameIn.ShouldBe(0);
        after.Reconciles.ShouldBeTrue();
    }

    [Fact]
    public async Task Divided_figures_kept_up_with_the_log_are_those_of_the_whole_log()
    {
        using var kept = new KeptFigures(_centre.Database);
        var acts = 0;
        await LiveAsync(async () =>
        {
            if (++acts % 40 > 0)
                return;
            foreach (var by in Enum.GetValues<Division>())
            {
                JsonSerializer.Serialize(await kept.DividedAsync(_march, _june, by, list: Bucket.PendingOverdue))
                    .ShouldBe(JsonSerializer.Serialize(await DividedFigures.OfAsync(_centre.Database, _march, _june, by, list: Bucket.PendingOverdue)), $"{by} after {acts} acts");
            }
        });
        acts.ShouldBeGreaterThan(150);
    }

    /// <summary>Lives from February to May, dated back at random, of which some end; two agencies, all channels.</summary>
    private async Task LiveAsync(Func<Task>? afterEach = null)
    {
        var unfinished = new List<string>();
        foreach (var (month, seed) in ((int, int)[])[(2, 61), (3, 62), (4, 63), (5, 64)])
        {
            _centre.Now = new(2026, month, 9, 9, 0, 0, _offset);
            foreach (var (i, code) in unfinished.Index())
                await EndAsync(code, rating: i % 2 == 0 ? 5 : 2);
            unfinished.Clear();
            for (var i = 0; i < 6; i++)
            {
                var code = await _centre.ReceiveAsync(agency: i % 2 == 0 ? Centre.Agency : "H49.08");
                if (i < 3)
                    await EndAsync(code, rating: i + 3);
                else
                    unfinished.Add(code);
            }
            await _centre.LiveAsync(seed, dossiers: 8, acts: 60, afterEach);
        }
    }

    private async Task EndAsync(string code, int rating)
    {
        await _centre.FinishAsync(code);
        (await _centre.DoAsync(code, new ReturnResult(ReturnChannel.Counter))).Refusal.ShouldBeNull();
        (await _centre.DoAsync(code, new RateDossier(rating))).Refusal.ShouldBeNull();
    }
}
