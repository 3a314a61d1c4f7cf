using EventDossier.Collecting;
using EventDossier.Deadlines;
using EventDossier.Deliveries;
using EventDossier.Dossiers;
using EventDossier.Releases;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Web;

/// <summary>An entry of the timetable.</summary>
/// <param name="Daily">When, in the centre's time; null is every minute.</param>
/// <param name="MadeUp">Whether a time that was missed while everything was down is made up for when something is up again.</param>
internal sealed record TimedJob(string Name, TimeOnly? Daily, bool MadeUp)
{
    public static TimeZoneInfo Zone { get; } = TimeZoneInfo.FindSystemTimeZoneById("Asia/Ho_Chi_Minh");

    /// <summary>The last time that it was to run at, up to a moment.</summary>
    public DateTimeOffset Before(DateTimeOffset now)
    {
        if (Daily is not { } at)
            return now.AddMinutes(-1);
        var local = TimeZoneInfo.ConvertTime(now, Zone);
        var today = local.Date + at.ToTimeSpan();
        return new(local.TimeOfDay < at.ToTimeSpan() ? today.AddDays(-1) : today, local.Offset);
    }
}

/// <param name="Succeeded">Null while it runs.</param>
public sealed record JobRun(DateTimeOffset At, string? Node, long Milliseconds, bool? Succeeded, string? Error, string? Summary);

public sealed record JobState(string Name, DateTimeOffset? Next, DateTimeOffset? Previous, IReadOnlyList<JobRun> Runs);

/// <summary>What runs the jobs by the clock, of any number of nodes on one. See ADR 18.</summary>
internal interface ITimetable
{
    Task<IReadOnlyList<JobState>> ListAsync(int runs, CancellationToken cancel);

    /// <summary>Runs a job now, on whichever node is free.</summary>
    Task TriggerAsync(string name, CancellationToken cancel);
}

/// <summary>
/// What the timetable runs. Every job asks anew what there is to do, so a run too many does nothing; what a run has to know of the last one stands in the database, where whatever runs it next finds it.
/// </summary>
internal sealed class Jobs(Centre centre, DeliverySettings settings)
{
    public static IReadOnlyList<TimedJob> All { get; } =
    [
        // The office opens at 07:30; whether it opens at all that day, the job asks the calendar.
        new("daily-digest", new(7, 30), MadeUp: true),
        new("reproject", null, MadeUp: true),
        new("housekeeping", new(2, 15), MadeUp: false),
        new("publications", new(8, 0), MadeUp: true),
        // Looks every minute whether one is due.
        new("backup", null, MadeUp: false),
        new("uncollected", new(8, 15), MadeUp: true),
    ];

    private static readonly TimeSpan _rulesSettle = TimeSpan.FromSeconds(3);
    private static readonly CommandMetadata _by = new(Guid.Empty, "eventdossier", Role.Administrator);

    /// <returns>What was done; null where there was nothing to do.</returns>
    public async Task<string?> RunAsync(string name, CancellationToken cancel)
    {
        var summary = name switch
        {
            "daily-digest" => await DigestAsync(cancel),
            "reproject" => await ReprojectAsync(cancel),
            "housekeeping" => await SweepAsync(cancel),
            "publications" => await LateAsync(cancel),
            "backup" => await BackUpAsync(cancel),
            "uncollected" => await RemindAsync(cancel),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "there is no such job"),
        };
        await DoneAsync(name, (await LastAsync(name, cancel))?.Version ?? 0, cancel);
        return summary;
    }

    /// <summary>Jobs whose last time passed while nothing was up to run them, whatever would have run them.</summary>
    public async Task<IReadOnlyList<string>> MissedAsync(CancellationToken cancel)
    {
        var missed = new List<string>();
        foreach (var job in All.Where(job => job.MadeUp))
        {
            if (await LastAsync(job.Name, cancel) is { } last && last.At < job.Before(centre.Now))
                missed.Add(job.Name);
        }
        return missed;
    }

    /// <summary>What lies open, to each supervisor, when the office opens on a working day.</summary>
    private async Task<string?> DigestAsync(CancellationToken cancel)
    {
        var now = centre.Now;
        var (rules, today) = (await centre.Desk.RulesAsync(cancel), DateOnly.FromDateTime(now.DateTime));
        // A run that was missed is made up for while the office is open, and not in the night.
        return rules.Known(now).IsWorked(today) && now.TimeOfDay < rules.Calendar.Hours.Sessions[^1].To.ToTimeSpan()
            ? $"{await Digest.MakeAsync(centre.Database, settings, today, cancel)} digests"
            : "the office is closed";
    }

    /// <summary>Tells open dossiers their new dates after decisions on the calendar. What the one who entered them did already is found done.</summary>
    private async Task<string?> ReprojectAsync(CancellationToken cancel)
    {
        var done = (await LastAsync("reproject", cancel))?.Version ?? 0;
        var decided = (await centre.Database.Log.ReadStreamAsync(Calendars.Stream, cancel: cancel)).Where(e => e.Version > done).ToList();
        if (decided.Count == 0)
            return null;
        // Another node may still decide on rules of two seconds ago (ADR 16), and what it receives by them is to be told anew, too.
        if (decided[^1].RecordedAt + _rulesSettle - centre.Now is { Ticks: > 0 } rest)
            await Task.Delay(rest < _rulesSettle ? rest : _rulesSettle, centre.Database.Clock, cancel);
        await new ViewFollower(DeadlineBoard.View, centre.Database.App, centre.Database.Names, centre.Database.Clock).CatchUpAsync(await centre.Database.HeadAsync(cancel), cancel);
        var numbers = string.Join(", ", decided.Select(e => ((CalendarDecided)e.Event).Decision.Number));
        var moved = await Reprojection.RunAsync(centre.Database, numbers, _by, centre.Now, preview: false, cancel);
        await DoneAsync("reproject", decided[^1].Version, cancel);
        return $"{numbers}: {moved.Count} moved";
    }

    /// <summary>Removes the documents of erased applicants, which nobody can read, and forgets messages that arrived long ago.</summary>
    private async Task<string?> SweepAsync(CancellationToken cancel)
    {
        var files = await centre.Documents.SweepAsync(cancel);
        var messages = await new Outbox(centre.Database.App, centre.Database.Clock).SweepAsync(centre.Now - Outbox.Kept, cancel);
        return $"{files} files and {messages} messages removed";
    }

    /// <summary>Tells what was to be published and is not out.</summary>
    private async Task<string?> LateAsync(CancellationToken cancel) =>
        await PublicationTimetable.TellLateAsync(centre.Database, centre.Now, cancel) is { Count: > 0 } late
            ? string.Join(", ", late.Select(l => $"{l.From:yyyy-MM-dd} to {l.To:yyyy-MM-dd} is late")) : null;

    private async Task<string?> BackUpAsync(CancellationToken cancel)
    {
        if (centre.Shelf is not { } shelf)
            return null;
        if (shelf.Age is { } age)
            Metrics.BackupAge.Record(age.TotalSeconds);
        if (!shelf.IsDue())
            return null;
        var (made, events, removed) = await shelf.MakeAsync(centre.Place, centre.SigningKeyFile, cancel);
        return $"{Path.GetFileName(made.Folder)}: {events.Counts["events"]} events up to position {events.LastPosition}; {removed} removed";
    }

    /// <summary>Reminds applicants of results that nobody fetched, by the rule that holds.</summary>
    private async Task<string?> RemindAsync(CancellationToken cancel) =>
        await Uncollected.RemindAsync(centre.Database, centre.Now, _by, cancel) is { Count: > 0 } reminded ? $"{reminded.Count} applicants reminded" : null;

    /// <summary>When a job last ran, and, of one that follows a stream, up to which version.</summary>
    private async Task<(DateTimeOffset At, long Version)?> LastAsync(string name, CancellationToken cancel)
    {
        await using var command = centre.Database.App.CreateCommand("SELECT last_updated, last_seq_id FROM dossier.mt_event_progression WHERE name = @name");
        command.Parameters.AddWithValue("name", $"dossier:job:{name}");
        await using var row = await command.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel) ? (new(row.GetDateTime(0)), row.GetInt64(1)) : null;
    }

    private async Task DoneAsync(string name, long version, CancellationToken cancel)
    {
        await using var command = centre.Database.App.CreateCommand(
            """
            INSERT INTO dossier.mt_event_progression AS p (name, last_seq_id, last_updated) VALUES (@name, @version, clock_timestamp())
            ON CONFLICT (name) DO UPDATE SET last_seq_id = greatest(p.last_seq_id, excluded.last_seq_id), last_updated = clock_timestamp()
            """);
        command.Parameters.AddWithValue("name", $"dossier:job:{name}");
        command.Parameters.Add(new NpgsqlParameter<long>("version", version));
        await command.ExecuteNonQueryAsync(cancel);
    }
}
