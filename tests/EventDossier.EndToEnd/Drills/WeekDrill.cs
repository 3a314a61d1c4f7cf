using System.Text.Json;
using EventDossier.Audit;
using EventDossier.Deliveries;
using EventDossier.EndToEnd.Portal;
using EventDossier.Figures;
using EventDossier.Portal;
using EventDossier.Record;
using EventDossier.Store;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Drills;

/// <summary>What an ordinary week does to a centre, all at once; at its end everything must add up.</summary>
[Collection(Drill.OneAtATime)]
public sealed class WeekDrill : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventdossier-week-").FullName;
    private TestDatabase _events = null!, _keys = null!;
    private StandIn _portal = null!;

    private string SigningKey => Path.Combine(_folder, "signing.key");

    public async Task InitializeAsync() =>
        (_events, _keys, _portal) = (await TestDatabase.CreateAsync(), await TestDatabase.CreateAsync(), await StandIn.StartAsync());

    public async Task DisposeAsync()
    {
        await _portal.DisposeAsync();
        await _events.DisposeAsync();
        await _keys.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task After_a_week_of_lost_answers_an_outage_a_leaver_a_late_holiday_and_a_corrected_limit_everything_adds_up()
    {
        var settings = new DeliverySettings { Portal = new(_portal.Url, "H49", "s3cret"), Backoff = TimeSpan.Zero, Timeout = TimeSpan.FromSeconds(5) };
        await _portal.PlayAsync("mode", new { lose = 10, repeat = 5 });
        await using var week = await Week.BeginAsync(_events, _keys, _folder, SigningKey, _portal, settings, seed: 20250609);
        await week.LiveAsync(dossiers: 40 * Drill.Rounds(inTests: 1));

        // It was such a week.
        var calls = (await _portal.PlayAsync("state"))["calls"]!;
        (calls["lost before"]!.GetValue<int>(), calls["lost after"]!.GetValue<int>()).ShouldSatisfyAllConditions(l => l.Item1.ShouldBeGreaterThan(10), l => l.Item2.ShouldBeGreaterThan(10));
        foreach (var (what, many) in ((string, int)[])[
            ("submitted", week.Submitted), ("received", week.Received), ("entered", week.Entered), ("transferred", week.Transferred), ("reprojected", week.Reprojected),
            ("moved by the correction", week.MovedByCorrection), ("acknowledged", week.Acknowledged)])
            many.ShouldBeGreaterThan(0, what);

        await CheckPortalAsync(week, settings);
        await CheckCodesAsync(week);
        await CheckOfficersAsync(week);
        await CheckFiguresAsync(week);
        await CheckEverythingAsync(week);
    }

    /// <summary>The servers alone brought both sides together; there is nothing for <c>sync</c> to mend.</summary>
    private async Task CheckPortalAsync(Week week, DeliverySettings settings)
    {
        (await PortalSync.CompareAsync(week.Database, settings, Week.Monday)).ShouldBeEmpty();
        var synced = await week.SyncAsync(settings);
        (synced.Taken.New, synced.Taken.Refused.Count, synced.Sent, synced.Failed, synced.ToldAnew, synced.Left.Count).ShouldBe((0, 0, 0L, 0L, 0, 0));
        await _portal.ShouldBeInOrderAsync();

        // And what the portal forgets of it is missed, also where it began on paper.
        await _portal.PlayAsync("forget", new { externalCode = week.Paper });
        (await PortalSync.CompareAsync(week.Database, settings, Week.Monday)).Select(d => $"{d.Kind} {d.Code}").ShouldBe([$"missing-there {week.Paper}"]);
        (await week.SyncAsync(settings)).ShouldSatisfyAllConditions(s => s.ToldAnew.ShouldBe(1), s => s.Left.ShouldBeEmpty());
        (await AskAsync<long>("SELECT count(*) FROM dossier_outbox.message WHERE kind = 'portal' AND state <> 'sent'")).ShouldBe(0);
    }

    /// <summary>Every code of the portal is one dossier, and of every agency and day the numbers follow each other.</summary>
    private async Task CheckCodesAsync(Week week)
    {
        var codes = (await _portal.PlayAsync("state"))["dossiers"]!.AsObject().Select(d => $"{d.Value!["code"]}").ToList();
        codes.ShouldBeUnique();
        codes.ShouldAllBe(code => code.Length > 0);
        (await AskAsync<long>("SELECT count(*) FROM dossier.mt_events WHERE type = 'dossier_submitted'")).ShouldBe(week.Submitted);
        (await AskAsync<long>("SELECT count(DISTINCT data ->> 'externalCode') FROM dossier.mt_events WHERE type = 'dossier_submitted'")).ShouldBe(week.Submitted);
        (await AskAsync<long>("SELECT count(*) FROM dossier.mt_events WHERE type = 'dossier_received'")).ShouldBe(week.Received + week.Entered);
        (await AskAsync<long>(
            """
            SELECT count(*) FROM (
                SELECT FROM dossier.mt_streams WHERE type = 'dossier' GROUP BY regexp_replace(id, '-\d+$', '')
                HAVING max(substring(id FROM '\d+$')::int) <> count(*)) gaps
            """)).ShouldBe(0);
    }

    /// <summary>Nothing lies with whoever left, and nothing happened under that name afterwards.</summary>
    private async Task CheckOfficersAsync(Week week)
    {
        (await AskAsync<long>("SELECT count(*) FROM dossier_views.work_list WHERE officer = @leaver", ("leaver", Week.Leaver))).ShouldBe(0);
        const string Afterwards = "FROM dossier.mt_events WHERE timestamp > @left AND ";
        (await AskAsync<long>($"SELECT count(*) {Afterwards} headers ->> 'actor' = @leaver", ("left", Week.Leaves.AddSeconds(5).UtcDateTime), ("leaver", Week.Leaver))).ShouldBe(0);
        (await AskAsync<long>($"SELECT count(*) {Afterwards} type = 'alert_raised' AND data -> 'to' @> jsonb_build_array(jsonb_build_object('person', @leaver::text))",
            ("left", Week.Leaves.AddSeconds(5).UtcDateTime), ("leaver", Week.Leaver))).ShouldBe(0);
    }

    private static async Task CheckFiguresAsync(Week week)
    {
        using var kept = new KeptFigures(week.Database);
        foreach (var (from, to) in ((DateTimeOffset, DateTimeOffset)[])[(Week.Monday, Week.End), (Week.Monday.AddDays(2), Week.Monday.AddDays(4))])
        {
            var form = await Form06.OfAsync(week.Database, from, to);
            form.Rows.ShouldNotBeEmpty();
            form.Rows.ShouldAllBe(row => row.Reconciles);
            JsonSerializer.Serialize(await kept.Form06Async(from, to)).ShouldBe(JsonSerializer.Serialize(form));
            var divided = await DividedFigures.OfAsync(week.Database, from, to, Division.Channel);
            (await DividedFigures.OfAsync(week.Database, from, to, Division.Channel)).Reconciles.ShouldBeTrue();
        }
    }

    private async Task CheckEverythingAsync(Week week)
    {
        var verification = new Verification(week.Database);
        await verification.StreamsAsync();
        await verification.FoldsAsync();
        await new Views(ProductViews.All, week.Database).CatchUpAsync(CancellationToken.None);
        await verification.ViewsAsync(ProductViews.All);
        verification.Report.Findings.ShouldBeEmpty();

        var alerts = await new AlertVerification(week.Database, Week.End, TimeSpan.FromSeconds(1)).RunAsync();
        alerts.Findings.ShouldBeEmpty();
        alerts.Checked["alerts"].ShouldBeGreaterThan(20);

        var published = (await new RecordSealer(week.Database, SigningKey).CatchUpAsync())!;
        var record = await new RecordVerification(week.Database, [(published, "published")]).RunAsync();
        record.Findings.ShouldBeEmpty();
        record.Checked["leaves"].ShouldBe(verification.Report.Checked["events"]);
    }

    private Task<T> AskAsync<T>(string sql, params (string Name, object Value)[] parameters) => Drill.AskAsync<T>(_events.ConnectionString, sql, parameters);
}
