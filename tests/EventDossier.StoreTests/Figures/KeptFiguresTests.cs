using System.Text.Json;
using EventDossier.Alerts;
using EventDossier.Dossiers;
using EventDossier.Figures;
using EventDossier.Organisation;

namespace EventDossier.StoreTests.Figures;

public sealed class KeptFiguresTests : IAsyncLifetime
{
    private static readonly DateTimeOffset _may = new(2026, 5, 1, 0, 0, 0, TimeSpan.FromHours(7));
    private Centre _centre = null!;

    public async Task InitializeAsync() => _centre = await Centre.OpenAsync();

    public Task DisposeAsync() => _centre.DisposeAsync().AsTask();

    [Fact]
    public async Task Figures_kept_up_with_the_log_are_those_of_the_whole_log_after_every_few_acts()
    {
        using var kept = new KeptFigures(_centre.Database);
        var (acts, changes, last) = (0, 0, "");
        await _centre.LiveAsync(seed: 766, dossiers: 12, acts: 240, async () =>
        {
            if (++acts % 20 > 0)
                return;
            await new Waker(_centre.Database).TickAsync(_centre.Now.AddDays(20));
            if (acts == 120)
                await new OrganisationRegister(_centre.Database).ImportAsync(OrganisationFile.Parse(
                    """{ "units": [{ "code": "H49.12", "name": { "en": "New", "vi": "Mới" }, "kind": "office", "numbering": "local", "inForm06": false, "from": "2026-05-01T00:00:00+07:00" }] }"""u8, "units.json"), Centre.Command());
            foreach (var (from, to) in ((DateTimeOffset, DateTimeOffset)[])[(_may, _may.AddMonths(1)), (_may.AddDays(5), _may.AddDays(8)), (_may.AddMonths(-4), _may.AddYears(1))])
            {
                var told = JsonSerializer.Serialize(await kept.Form06Async(from, to, list: Bucket.PendingInTime));
                told.ShouldBe(JsonSerializer.Serialize(await Form06.OfAsync(_centre.Database, from, to, list: Bucket.PendingInTime)), $"after {acts} acts");
                (changes, last) = (changes + (told == last ? 0 : 1), told);
                JsonSerializer.Serialize(await kept.AlertsAsync(from, to, _centre.Now)).ShouldBe(JsonSerializer.Serialize(await AlertFigures.OfAsync(_centre.Database, from, to, _centre.Now)), $"after {acts} acts");
            }
        });
        changes.ShouldBeGreaterThan(10);
        (await kept.AlertsAsync(_may, _may.AddYears(1), _centre.Now)).All.Told.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Alerts_are_counted_for_each_person_told_and_timed_by_working_minutes_until_the_person_acknowledged()
    {
        // Raised on a Friday at 16:30; a tenth on Monday.
        var friday = new DateTimeOffset(2026, 5, 8, 16, 30, 0, TimeSpan.FromHours(7));
        DateTimeOffset?[] acknowledged = [friday.AddMinutes(10), friday.AddMinutes(20), friday.AddDays(3).AddHours(-8), friday.AddDays(3).AddHours(-7), null, null];
        foreach (var (i, at) in acknowledged.Index())
        {
            List<object> events =
            [
                new DossierReceived(friday.AddDays(-4), null, "Internet", "H49.12", null, "an", null, friday, null),
                new AlertRaised(friday, "overdue", 0, AlertLevel.L1, 1, friday, [new("p", "u", "an"), new("q", "u", "an"), new("r", "u", "binh")]),
            ];
            if (at is { } seen)
                events.Add(new AlertAcknowledged(seen, "overdue", 1, i == 1 ? "binh" : "an"));
            if (i == 5)
                events.Add(new ResultReady(friday.AddHours(1)));
            await _centre.Database.Log.AppendAsync([new($"D-{i}", Desk.StreamType, 0, Centre.Command(), events)]);
        }

        var report = await AlertFigures.OfAsync(_centre.Database, friday.AddDays(-4).AddHours(-16.5), friday.AddDays(7), friday.AddHours(7.5));
        report.WorkingDays.ShouldBe(5);
        // An: 10 minutes; Monday 08:30 is 30 + 60, Monday 09:30 30 + 120. Binh: 20.
        report.People.Single(p => p.Person == "an").ShouldBe(new("an", 6, 1.2m, Acknowledged: 3, ByOthers: 1, Over: 1, Open: 1, Median: 90, P90: 150));
        report.People.Single(p => p.Person == "binh").ShouldBe(new("binh", 6, 1.2m, Acknowledged: 1, ByOthers: 3, Over: 1, Open: 1, Median: 20, P90: 20));
        report.All.ShouldBe(new(null, 6, 1.2m, Acknowledged: 4, ByOthers: 0, Over: 1, Open: 1, Median: 20, P90: 150));
        (await AlertFigures.OfAsync(_centre.Database, friday.AddDays(-4), friday, friday)).All.Told.ShouldBe(0, "raised when the period had ended");
        (await AlertFigures.OfAsync(_centre.Database, friday.AddDays(-4), friday.AddMinutes(15), friday)).All.Acknowledged.ShouldBe(1, "as it stood at the end");
    }
}
