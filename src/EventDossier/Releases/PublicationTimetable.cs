using System.Collections.Immutable;
using EventDossier.Deliveries;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Releases;

/// <summary>
/// Something that happened to the timetable of publications, in the stream <c>/publication-timetable</c>.
/// </summary>
public abstract record PublicationEvent(DateTimeOffset OccurredAt, DateTimeOffset From, DateTimeOffset To,
    DateTimeOffset DueAt);

/// <summary>A release of a period is to be out by a moment.</summary>
/// <param name="From">Of the period; <paramref name="To"/> is not in it.</param>
public sealed record PublicationPlanned(DateTimeOffset OccurredAt, string By, DateTimeOffset From, DateTimeOffset To,
    DateTimeOffset DueAt)
    : PublicationEvent(OccurredAt, From, To, DueAt);

/// <summary>The moment came, and no release of the period was out: told once, to whom it concerns.</summary>
/// <param name="Told">The persons who act as transparency officers, and the director.</param>
public sealed record PublicationLate(DateTimeOffset OccurredAt, DateTimeOffset From, DateTimeOffset To,
    DateTimeOffset DueAt, IReadOnlyList<string> Told)
    : PublicationEvent(OccurredAt, From, To, DueAt);

/// <summary>What is to be published when: the fold of its stream.</summary>
public sealed record PublicationTimetable(long Version, ImmutableList<PublicationTimetable.Entry> Entries)
{
    public const string Stream = "/publication-timetable";
    public const string StreamType = "publication timetable";

    private static readonly Guid _commands = new("0f6a3a8e-2d0b-5c57-9d8f-7f0f5f0f9c31");

    /// <param name="LateAt">When its lateness was told; null where that was not needed.</param>
    /// <param name="Told">To whom.</param>
    public sealed record Entry(DateTimeOffset From, DateTimeOffset To, DateTimeOffset DueAt, DateTimeOffset? LateAt,
        IReadOnlyList<string> Told)
    {
        /// <summary>The release of the whole centre that is out, or was.</summary>
        public Release? Of(IEnumerable<Release> releases) => releases.FirstOrDefault(r =>
            r.Published is not null && r.Drafted is { Agency: null, Procedure: null, Request: null } drafted
                && drafted.From <= From && drafted.To >= To);

        public bool IsLate(IEnumerable<Release> releases, DateTimeOffset now) => now >= DueAt && Of(releases) is null;
    }

    public static PublicationTimetable Fold(IEnumerable<StoredEvent> events) =>
        events.Aggregate(new PublicationTimetable(0, []), (timetable, stored) => stored.Event switch
    {
        PublicationPlanned e => timetable with { Entries = timetable.Entries.RemoveAll(p =>
            (p.From, p.To) == (e.From, e.To)).Add(new(e.From, e.To, e.DueAt, null, [])) },
        PublicationLate e => timetable with { Entries = [.. timetable.Entries.Select(p =>
        (p.From, p.To, p.DueAt) == (e.From, e.To, e.DueAt) ? p with { LateAt = e.OccurredAt, Told = e.Told } : p)] },
        _ => throw new InvalidOperationException($"{stored.Name} is not known to the timetable"),
    } with { Version = stored.Version });

    public static async Task<PublicationTimetable> LoadAsync(Database database, CancellationToken cancel = default) =>
        Fold(await database.Log.ReadStreamAsync(Stream, cancel: cancel));

    /// <summary>
    /// What is late and was told to a person: it lies before them until a release of the period is out.
    /// </summary>
    public static async Task<IReadOnlyList<Entry>> InboxAsync(Database database, string person, DateTimeOffset now,
        CancellationToken cancel = default)
    {
        var releases = await Release.AllAsync(database, cancel);
        return [.. (await LoadAsync(database, cancel)).Entries.Where(e => e.Told.Contains(person)
            && e.IsLate(releases, now)).OrderBy(e => e.DueAt)];
    }

    /// <summary>Whether it still stands in the timetable for that moment and is not out.</summary>
    internal static async Task<bool> IsLateAsync(Database database, PublicationFacts late, DateTimeOffset now,
        CancellationToken cancel)
    {
        var releases = await Release.AllAsync(database, cancel);
        return (await LoadAsync(database, cancel)).Entries.Exists(e =>
            (e.From, e.To, e.DueAt) == (late.From, late.To, late.DueAt) && e.IsLate(releases, now));
    }

    /// <summary>Plans a publication, or another moment for one.</summary>
    public static async Task<Refusal?> PlanAsync(Database database, DateTimeOffset from, DateTimeOffset to,
        DateTimeOffset dueAt, ActContext context, CancellationToken cancel = default)
    {
        if (ReleaseActs.Refuse(context) is { } refused)
            return refused;
        if (from >= to)
            return new("bad-period", "a period begins before it ends");
        if (dueAt < to)
            return new("bad-period", "nothing is published before its period is over");
        while (true)
        {
            var timetable = await LoadAsync(database, cancel);
            if (timetable.Entries.Exists(e => (e.From, e.To, e.DueAt) == (from, to, dueAt)))
                return null;
            var planned = new PublicationPlanned(context.At, context.Command.Actor, from, to, dueAt);
            if ((await database.Log.AppendAsync([new(Stream, StreamType, timetable.Version, context.Command,
                [planned])], cancel))[0] is not AppendOutcome.Conflict)
                return null;
        }
    }

    /// <summary>Tells each publication that is late, once whoever looks and however often.</summary>
    /// <returns>What is told now.</returns>
    public static async Task<IReadOnlyList<PublicationLate>> TellLateAsync(Database database, DateTimeOffset now,
        CancellationToken cancel = default)
    {
        var (timetable, releases) = (await LoadAsync(database, cancel), await Release.AllAsync(database, cancel));
        var told = new List<PublicationLate>();
        foreach (var entry in timetable.Entries.Where(e => e.LateAt is null && e.IsLate(releases, now)))
        {
            var organisation = await Organisation.Organisation.LoadAsync(database, cancel);
            var late = new PublicationLate(now, entry.From, entry.To, entry.DueAt,
            [
                .. organisation.UnitsAt(now).SelectMany(unit => organisation.PostsOfUnit(unit.Code, now))
                    .Where(post =>
                        post.Role is Organisation.PostRole.TransparencyOfficer or Organisation.PostRole.Director)
                    .Select(post => organisation.ActingHolder(post.Code, now)).OfType<string>().Distinct()
                    .Order(StringComparer.Ordinal),
            ]);
            var command = new CommandMetadata(Uuid.V5(_commands, $"{entry.From:O} {entry.To:O} {entry.DueAt:O}"),
                "eventdossier", Role.Administrator);
            if ((await database.Log.AppendAsync([new(Stream, StreamType, StreamAppend.Any, command, [late])],
                cancel))[0] is AppendOutcome.Appended)
                told.Add(late);
        }
        return told;
    }
}
