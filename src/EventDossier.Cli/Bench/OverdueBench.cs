using EventDossier.Alerts;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Cli.Bench;

/// <summary>
/// A page of 50 of what is late, and of the open alerts, by every combination of filters that can be asked for: for the whole centre and for a supervisor's units, the first page and one from
/// the middle. A quarter of the open dossiers is late, a seventh has an alert for two people, and a tenth as many were finished late. Beside it, the same rows by primary key.
/// </summary>
internal static class OverdueBench
{
    private const string Name = "eventdossier_bench_overdue";
    private const int Agencies = 24;
    private const int UnitsEach = 5;
    private const int OfficersEach = 20;
    private const int Asks = 300;
    private static readonly TimeSpan _most = TimeSpan.FromMilliseconds(50);

    /// <summary>Where a dossier lies, by its number: an officer's unit, a unit's agency.</summary>
    private sealed record Place(string Agency, string Unit, string Officer)
    {
        public static Place Of(int n)
        {
            var (agency, unit, officer) = (n % Agencies, n / Agencies % UnitsEach, n / Agencies / UnitsEach % OfficersEach);
            return new($"H49.{agency:00}", $"H49.{agency:00}-{unit}", $"officer-{agency}-{unit}-{officer}");
        }

        /// <summary>What a supervisor of the agency reaches.</summary>
        public IReadOnlyCollection<string> Units => [Agency, .. Enumerable.Range(0, UnitsEach).Select(unit => $"{Agency}-{unit}")];
    }

    public static async Task<IReadOnlyList<BenchRow>> RunAsync(BenchServer server, int dossiers, TimeProvider time, Action<string> progress, CancellationToken cancel)
    {
        var database = await server.NewDatabaseAsync(Name);
        await using var owner = await server.OwnerAsync(Name);
        var now = time.GetUtcNow();
        progress($"preparing {dossiers:N0} open dossiers");
        await BenchLog.CopyAsync(owner, dossiers + (dossiers / 10), n => Life(n, dossiers, now), cancel);
        await Rebuild.RunAsync([DeadlineBoard.View, Inbox.View], database.App, database.Names, time, cancel: cancel);
        await using (var vacuum = new NpgsqlCommand($"VACUUM (ANALYZE) {DeadlineBoard.View.Table}, {Inbox.View.Table}", owner) { CommandTimeout = 0 })
            await vacuum.ExecuteNonQueryAsync(cancel);
        await server.SettleAsync();

        var rows = new List<BenchRow>();
        foreach (var scope in (string[])["", "own units"])
        {
            foreach (var filters in (string[])["", "agency", "unit", "officer", "agency, unit", "agency, officer", "unit, officer", "agency, unit, officer"])
            {
                foreach (var from in (string[])["", "deep page"])
                {
                    DeadlineBoard.Query Query(Place place) => new(
                        Agency: filters.Contains("agency") ? place.Agency : null, Unit: filters.Contains("unit") ? place.Unit : null,
                        Officer: filters.Contains("officer") ? place.Officer : null, After: from.Length == 0 ? null : (now.AddDays(-3), ""))
                    {
                        Units = scope.Length == 0 ? null : place.Units,
                    };
                    await AddAsync("overdue", [scope, filters, from], place => OverdueAsync(place, now, Query(place)));
                }
            }
        }
        // An agency and a unit, or a unit and an officer, that have nothing to do with each other.
        await AddAsync("overdue", ["another agency's unit"], place => OverdueAsync(place, now, new(Agency: "H49.99", Unit: place.Unit)));
        await AddAsync("overdue", ["agency", "another's officer"], place => OverdueAsync(place, now, new(place.Agency, Officer: "officer-99-0-0")));
        await AddAsync("overdue", ["nothing of it in own units"], place => OverdueAsync(place, now, new() { Units = ["H49.99", "H49.99-1"] }));
        await AddAsync("overdue", ["as of half a year ago"], place => OverdueAsync(place, now.AddDays(-180), new()));
        await AddAsync("overdue", ["as of half a year ago", "agency"], place => OverdueAsync(place, now.AddDays(-180), new(place.Agency)));
        await AddAsync("overdue", ["in a year", "own units", "officer"], place => OverdueAsync(place, now.AddDays(365), new(Officer: place.Officer) { Units = place.Units }));

        foreach (var scope in (string[])["", "own units"])
        {
            foreach (var filters in (string[])["", "person", "unit", "agency", "level", "unacknowledged", "acknowledged", "unit, level", "agency, level, unacknowledged", "person, unit, agency, level, acknowledged"])
            {
                foreach (var from in (string[])["", "deep page"])
                {
                    Inbox.Query Query(Place place) => new(
                        filters.Contains("person") ? place.Officer : null, filters.Contains("unit") ? place.Unit : null, filters.Contains("agency") ? place.Agency : null,
                        filters.Contains("level") ? AlertLevel.L3 : null,
                        filters.Contains("unacknowledged") ? false : filters.Contains("acknowledged") ? true : null,
                        from.Length == 0 ? null : new("", "", 0, 0, default, now.AddDays(-3), default))
                    {
                        Units = scope.Length == 0 ? null : place.Units, Self = scope.Length == 0 ? null : place.Officer,
                    };
                    await AddAsync("alerts", [scope, filters, from], async place => (await Inbox.View.FindAsync(database.App, Query(place), cancel)).Count);
                }
            }
        }
        return rows;

        async Task<int> OverdueAsync(Place place, DateTimeOffset at, DeadlineBoard.Query query) => (await DeadlineBoard.View.OverdueAsync(database.App, at, query, cancel)).Count;

        async Task AddAsync(string board, string[] name, Func<Place, Task<int>> ask)
        {
            var (times, keys, random, found) = (new List<double>(), new List<double>(), new Random(1435), 0);
            for (var i = -10; i < Asks; i++)
            {
                var place = Place.Of(random.Next(dossiers));
                var began = time.GetTimestamp();
                found = await ask(place);
                var took = time.GetElapsedTime(began).TotalMicroseconds;
                began = time.GetTimestamp();
                await ByKeyAsync(board == "overdue" ? DeadlineBoard.View.Table : Inbox.View.Table, found, random.Next(dossiers - 100));
                if (i < 0)
                    continue; // planned and compiled
                times.Add(took);
                keys.Add(time.GetElapsedTime(began).TotalMicroseconds);
            }
            var (p50, p99) = (At(times, 0.5), At(times, 0.99));
            var which = string.Join(", ", name.Where(part => part.Length > 0));
            rows.Add(new($"{board}{(which.Length == 0 ? "" : $": {which}")}", p99, "µs p99", $"p50 {p50:N0}; {found} rows, by key {At(keys, 0.5):N0}; 50 ms", _most.TotalMicroseconds / p99, 1));
        }

        async Task ByKeyAsync(string table, int count, int from)
        {
            await using var command = database.App.CreateCommand($"SELECT * FROM {table} WHERE code = ANY(@codes)");
            command.Parameters.Add(new NpgsqlParameter<string[]>("codes", [.. Enumerable.Range(from, count).Select(BenchLog.Code)]));
            await using var row = await command.ExecuteReaderAsync(cancel);
            while (await row.ReadAsync(cancel))
                _ = row.GetString(0);
        }
    }

    private static double At(List<double> times, double share) => times.Order().ElementAt((int)(times.Count * share));

    private static DossierEvent[] Life(int n, int open, DateTimeOffset now)
    {
        // A number far from its neighbours', so that pages are not of rows that lie together.
        var (place, turn) = (Place.Of(n), (int)(n * 7919L % open));
        var due = n < open ? now.AddSeconds((turn * (120.0 * 86_400) / open) - (30 * 86_400)) : now.AddDays(-400 + (n % 390));
        var received = new DossierReceived(due.AddDays(-20), new($"1.{n % 1435:000000}.000.00.00.H49", 1), "online", place.Agency, place.Unit, place.Officer, new(14, CountingRule.Days), due, null);
        if (n >= open)
            return [received, new ResultReady(due.AddHours(1 + (n % 200)))];
        if (n % 7 > 0)
            return [received];
        var level = n % 49 > 0 ? AlertLevel.Warning : n % 2401 > 0 ? AlertLevel.L1 : AlertLevel.L3;
        var raised = new AlertRaised(due, "overdue", 1, level, 1, due, [new(null, place.Unit, place.Officer), new($"{place.Unit}/head", place.Unit, $"head-{place.Unit}")]) { Ladder = Ladders.Default };
        return n % 11 > 0 ? [received, raised] : [received, raised, new AlertAcknowledged(due.AddHours(2), "overdue", 1, place.Officer)];
    }
}
