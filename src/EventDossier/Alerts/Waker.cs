using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Alerts;

/// <summary>
/// The alarm clock. It sleeps until the next alarm, is woken early by a notification, and looks once a second anyway. An alarm only says which dossier to read again; what is due is
/// decided on that, and appended under a command id made of dossier, rule and cycle: any number of nodes may run it, and any may die. An advisory lock keeps all but one of them from
/// doing the same work. The clock that counts is the database server's, which all nodes share and which records the events.
/// </summary>
public sealed class Waker(Database database)
{
    private const int PageSize = 1024;

    /// <summary>While one is being appended the next is being read, and the one after it decided.</summary>
    private const int PagesAtOnce = 3;
    private const string Leader = "dossier:waker";
    private static readonly TimeSpan _lookAnyway = TimeSpan.FromSeconds(1);
    private static readonly Guid _commands = new("4f6f0f57-5c2b-5d0a-9d0d-7b8e2a9c3e61");

    private AlertRules? _rules;

    /// <param name="Due">How many dossiers were looked at.</param>
    public sealed record Result(int Due, int Raised, int Withdrawn)
    {
        public static Result operator +(Result one, Result other) => new(one.Due + other.Due, one.Raised + other.Raised, one.Withdrawn + other.Withdrawn);
    }

    /// <summary>Until cancelled, whatever happens to the server.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        for (var madeUp = !database.IsSample; ;)
        {
            try
            {
                if (!madeUp)
                    await MakeUpAsync(database.Clock.GetUtcNow(), cancel);
                madeUp = true;
                await LeadAsync(cancel);
            }
            catch (Exception e) when (e is NpgsqlException or LogUnreachableException or StreamBusyException)
            {
                await Task.Delay(_lookAnyway, database.Clock, cancel);
            }
        }
    }

    /// <summary>Raises what is due at a moment, once the views have followed the log. A moment that has not come is for sample databases, whose recording it then is.</summary>
    /// <param name="past">Also of imported dossiers what fell due before their cut-over; as much as had happened by the moment is told from the whole log.</param>
    public async Task<Result> TickAsync(DateTimeOffset now, bool past = false, CancellationToken cancel = default)
    {
        var recordedAt = database.IsSample ? now : (DateTimeOffset?)null;
        await new Views([Alarms.View], database).CatchUpAsync(cancel);
        await ReadRulesAsync(cancel);
        var result = new Result(0, 0, 0);
        await using var connection = await database.App.OpenConnectionAsync(cancel);
        if (past)
        {
            foreach (var codes in (await ImportedAsync(connection, cancel)).Chunk(PageSize))
                result += await RaiseAsync(codes, now, past, recordedAt, cancel);
        }
        return result + await RaiseDueAsync(connection, now, recordedAt, [], cancel);
    }

    /// <summary>
    /// In a sample, whose time is simulated, raises what fell due while nothing ran, each alert at its own moment: nobody was there to be late. What is left is for a clock that runs.
    /// </summary>
    public async Task<Result> MakeUpAsync(DateTimeOffset now, CancellationToken cancel = default)
    {
        await new Views([Alarms.View], database).CatchUpAsync(cancel);
        await ReadRulesAsync(cancel);
        var result = new Result(0, 0, 0);
        await using var connection = await database.App.OpenConnectionAsync(cancel);
        for (Alarms.Row? last = null; ;)
        {
            var due = await Alarms.View.DueAsync(connection, now, last, PageSize, cancel);
            if (due.Count == 0)
                return result;
            foreach (var one in await Task.WhenAll(due.Select(d => MakeUpAsync(d.Code, now, cancel))))
                result += one;
            last = due[^1];
        }
    }

    private async Task<Result> MakeUpAsync(string code, DateTimeOffset now, CancellationToken cancel)
    {
        for (var result = new Result(0, 0, 0); ;)
        {
            var events = await database.Log.ReadStreamAsync(code, cancel: cancel);
            if (Next(Dossier.Fold(code, events), events[^1].RecordedAt) is not { } next || next > now)
                return result;
            result += await RaiseAsync(code, next, cancel);
        }
    }

    internal async Task ReadRulesAsync(CancellationToken cancel) => _rules = await AlertRules.LoadAsync(database, _rules, cancel);

    /// <summary>When a clock that runs from a moment on will have something to raise, by the decisions on the calendar that are known by then; null for never.</summary>
    internal DateTimeOffset? Next(Dossier dossier, DateTimeOffset from)
    {
        while (true)
        {
            var calendar = _rules!.Known(dossier, from);
            if (Alarm.Next(dossier, _rules.Ladders, calendar) is not { } next)
                return null;
            next = calendar.Local(next > from ? next : from);
            // A decision that is announced before then may move it.
            if (_rules.Calendar.Decisions.Select(d => Midnight(d.KnownFrom())).FirstOrDefault(known => from < known && known <= next) is { Ticks: > 0 } announced)
                from = announced;
            else
                return next;
        }
    }

    private DateTimeOffset Midnight(DateOnly day) => new(day, TimeOnly.MinValue, _rules!.Calendar.Hours.UtcOffset);

    /// <summary>What is due in a dossier of a sample at a moment, recorded then.</summary>
    internal Task<Result> RaiseAsync(string code, DateTimeOffset at, CancellationToken cancel) => RaiseAsync(code, at, past: false, at, cancel);

    private async Task LeadAsync(CancellationToken cancel)
    {
        await using var connection = await database.App.OpenConnectionAsync(cancel);
        try
        {
            await ExecuteAsync(connection, $"LISTEN {Alarms.Channel}", cancel);
            var done = new Dictionary<string, DateTimeOffset?>(); // Seen to, but the view has not followed yet.
            for (var leading = false; ;)
            {
                leading = leading || await TryLeadAsync(connection, cancel);
                if (!leading)
                {
                    await Task.Delay(_lookAnyway / 4, database.Clock, cancel);
                    continue;
                }
                var (now, next) = await NowAndNextAsync(connection, cancel);
                if (next > now)
                {
                    done.Clear();
                    Metrics.AlarmsDue.Record(0);
                    await connection.WaitAsync(next - now < _lookAnyway ? next.Value - now + TimeSpan.FromMilliseconds(1) : _lookAnyway, cancel);
                }
                else if (next is not null)
                {
                    await ReadRulesAsync(cancel);
                    if ((await RaiseDueAsync(connection, now, null, done, cancel)).Due == 0)
                        await connection.WaitAsync(_lookAnyway / 20, cancel);
                }
                else
                {
                    await connection.WaitAsync(_lookAnyway, cancel);
                }
            }
        }
        finally
        {
            // The pool hands the connection on as it is.
            if (connection.FullState == System.Data.ConnectionState.Open)
                await ExecuteAsync(connection, "SELECT pg_advisory_unlock_all(); UNLISTEN *", CancellationToken.None);
        }
    }

    /// <summary>All that is due by a moment but what was done before, which is replaced by what is done now.</summary>
    private async Task<Result> RaiseDueAsync(NpgsqlConnection connection, DateTimeOffset now, DateTimeOffset? recordedAt, Dictionary<string, DateTimeOffset?> done, CancellationToken cancel)
    {
        var (result, seen, raising) = (new Result(0, 0, 0), new Dictionary<string, DateTimeOffset?>(), new Queue<Task<Result>>());
        IReadOnlyList<Alarms.Row> due;
        for (Alarms.Row? last = null; (due = await Alarms.View.DueAsync(connection, now, last, PageSize, cancel)).Count > 0; last = due[^1])
        {
            if (raising.Count == PagesAtOnce)
                result += await raising.Dequeue();
            string[] codes = [.. due.Where(d => !done.TryGetValue(d.Code, out var at) || at != d.NextAt).Select(d => d.Code)];
            raising.Enqueue(RaiseAsync(codes, now, past: false, recordedAt, cancel));
            foreach (var (code, at) in due)
                seen[code] = at;
        }
        foreach (var one in await Task.WhenAll(raising))
            result += one;
        Metrics.AlarmsDue.Record(seen.Count);
        done.Clear();
        foreach (var (code, at) in seen)
            done[code] = at;
        return result;
    }

    private async Task<Result> RaiseAsync(string[] codes, DateTimeOffset now, bool past, DateTimeOffset? recordedAt, CancellationToken cancel)
    {
        // Reads and appends of all of them are gathered into few round trips.
        var results = await Task.WhenAll(codes.Select(code => RaiseAsync(code, now, past, recordedAt, cancel)));
        return results.Aggregate(new Result(0, 0, 0), (sum, one) => sum + one);
    }

    private async Task<Result> RaiseAsync(string code, DateTimeOffset now, bool past, DateTimeOffset? recordedAt, CancellationToken cancel)
    {
        for (var result = new Result(1, 0, 0); ;)
        {
            var events = await database.Log.ReadStreamAsync(code, cancel: cancel);
            var dossier = Dossier.Fold(code, events);
            // Of a past that is told all at once: what had happened by the moment.
            var then = past ? Dossier.Fold(code, events.Where(e => ((DossierEvent)e.Event).OccurredAt <= now)) : dossier;
            var decided = RaiseAlerts.Decide(then, _rules!.Ladders, past ? _rules.Known(now) : _rules.Known(then, now), _rules.Organisation, now, past)
                .Where(e => e is not AlertRaised raised || !dossier.Alerts.Exists(a => a.Is(raised.Rule, raised.Cycle) && a.WithdrawnAt is null)).ToList();
            var conflict = false;
            // One after the other: what somebody appends in between must stop all that follow, or the second would come in at the very version that it never saw.
            for (var i = 0; i < decided.Count && !conflict; i++)
            {
                var item = new StreamAppend(code, Desk.StreamType, dossier.Version + i, new(CommandId(dossier, decided[i]), "eventdossier", "alarm clock"), [decided[i]], recordedAt);
                var outcome = (await database.Log.AppendAsync([item], cancel))[0];
                conflict = outcome is AppendOutcome.Conflict;
                if (outcome is not AppendOutcome.Appended)
                    continue;
                result += decided[i] is AlertRaised ? new(0, 1, 0) : new(0, 0, 1);
                if (recordedAt is null)
                    Measure(decided[i], events[^1].RecordedAt);
            }
            if (!conflict)
                return result;
        }
    }

    private static void Measure(DossierEvent decided, DateTimeOffset known)
    {
        if (decided is not AlertRaised raised)
        {
            Metrics.AlertsWithdrawn.Add(1);
            return;
        }
        Metrics.AlertsRaised.Add(1, KeyValuePair.Create<string, object?>("level", Inbox.NameOf(raised.Level)));
        Metrics.AlertLateness.Record(Math.Max(0, (raised.OccurredAt - (raised.DueAt > known ? raised.DueAt : known)).TotalSeconds));
    }

    /// <summary>The same alert is the same command, whoever raises it; raised again after a withdrawal it is another.</summary>
    private static Guid CommandId(Dossier dossier, DossierEvent decided)
    {
        int Times(string rule, int cycle) => dossier.Alerts.Find(a => a.Is(rule, cycle))?.Times ?? 0;
        return decided switch
        {
            AlertRaised e => Uuid.V5(_commands, $"{dossier.Code}\n{e.Rule}\n{e.Cycle}\n{Times(e.Rule, e.Cycle)}"),
            AlertWithdrawn e => Uuid.V5(_commands, $"{dossier.Code}\n{e.Rule}\n{e.Cycle}\n{Times(e.Rule, e.Cycle)}\nwithdrawn"),
            _ => throw new InvalidOperationException($"the alarm clock decides no {decided.GetType().Name}"),
        };
    }

    private static async Task<(DateTimeOffset Now, DateTimeOffset? Next)> NowAndNextAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand($"SELECT date_trunc('milliseconds', clock_timestamp()), (SELECT min(next_at) FROM {Alarms.View.Table} WHERE next_at IS NOT NULL)", connection);
        await using var row = await command.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        return (row.TimeOrNull(0)!.Value, row.TimeOrNull(1));
    }

    private static async Task<string[]> ImportedAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("SELECT coalesce(array_agg(DISTINCT stream_id ORDER BY stream_id), '{}') FROM dossier.mt_events WHERE type = 'dossier_imported'", connection);
        return (string[])(await command.ExecuteScalarAsync(cancel))!;
    }

    private static async Task<bool> TryLeadAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand($"SELECT pg_try_advisory_lock(hashtextextended('{Leader}', 0))", connection);
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
