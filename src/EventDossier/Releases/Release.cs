using System.Collections.Immutable;
using EventDossier.Store;

namespace EventDossier.Releases;

/// <summary>Something that happened to a release, in the stream <c>/release/NUMBER</c>.</summary>
/// <param name="By">Who did it.</param>
public abstract record ReleaseEvent(DateTimeOffset OccurredAt, string By);

/// <summary>What is to be published is settled for good: the same again gives the same files, byte for byte.</summary>
/// <param name="From">Cases whose first event lies in the period; <paramref name="To"/> is not in it.</param>
/// <param name="Position">Of the log, up to which it is read.</param>
/// <param name="K">Of how many cases at least each looks the same.</param>
/// <param name="LeastKept">Percent of the cases that must be left.</param>
/// <param name="Definitions">Of allow-list, coarsening and figures, with their versions.</param>
/// <param name="Publisher">Name of the centre.</param>
/// <param name="Licence">An address that says what may be done with it.</param>
public sealed record ReleaseDrafted(
    DateTimeOffset OccurredAt, string By, DateTimeOffset From, DateTimeOffset To, long Position, int K, int LeastKept,
    IReadOnlyList<string> Definitions, string Publisher, string Licence) : ReleaseEvent(OccurredAt, By)
{
    /// <summary>Only dossiers of this agency.</summary>
    public string? Agency { get; init; }

    /// <summary>Only dossiers under this procedure.</summary>
    public string? Procedure { get; init; }

    /// <summary>The release that it takes the place of, and why.</summary>
    public string? Supersedes { get; init; }
    public string? Reason { get; init; }

    /// <summary>Number of the request for information that it answers.</summary>
    public string? Request { get; init; }

    /// <summary>
    /// Who is to approve it, or, while that one is absent, who stands in; anybody else but the drafter where nobody is
    /// named.
    /// </summary>
    public string? Approver { get; init; }

    /// <summary>Texts that look as if they named somebody, and don't: the drafter answers for it.</summary>
    public IReadOnlyList<string>? Accepted { get; init; }
}

/// <summary>The gate judged the files as they would be published.</summary>
/// <param name="Sha256">Of the list of the files' checksums, lower-case hex.</param>
/// <param name="Findings">Why it may not be published; none where it may.</param>
/// <param name="Checkpoint">Of the public log, signed: the release's position lies within it.</param>
/// <param name="Earlier">Numbers of the releases that it was compared with.</param>
public sealed record ReleaseChecked(
    DateTimeOffset OccurredAt, string By, string Sha256, IReadOnlyList<GateFinding> Findings, int Cases, int Kept,
    long Events, string Checkpoint,
    IReadOnlyList<string> Earlier) : ReleaseEvent(OccurredAt, By);

/// <param name="Sha256">Of what was checked.</param>
public sealed record ReleaseApproved(DateTimeOffset OccurredAt, string By, string Sha256) : ReleaseEvent(OccurredAt, By)
{
    /// <summary>Who was to approve it and is absent.</summary>
    public string? InPlaceOf { get; init; }
}

/// <param name="Signature">Over the list of checksums, by the key of the public log: a signed note.</param>
public sealed record ReleasePublished(DateTimeOffset OccurredAt, string By, string Sha256, string Signature)
    : ReleaseEvent(OccurredAt, By);

/// <param name="With">Number of the release that took its place.</param>
public sealed record ReleaseSuperseded(DateTimeOffset OccurredAt, string By, string With, string Reason)
    : ReleaseEvent(OccurredAt, By);

/// <summary>Its files are no longer handed out; what was copied is copied.</summary>
public sealed record ReleaseWithdrawn(DateTimeOffset OccurredAt, string By, string Reason)
    : ReleaseEvent(OccurredAt, By);

public enum ReleaseStage { Drafted, Failed, Checked, Approved, Published, Superseded, Withdrawn }

/// <summary>A release: the fold of its events.</summary>
/// <param name="Number">Year and number in it: <c>2026-0001</c>.</param>
public sealed record Release(string Number)
{
    public const string StreamType = "release";
    public const string StreamPrefix = "/release/";

    public long Version { get; init; }
    public ReleaseStage Stage { get; init; }
    public ReleaseDrafted Drafted { get; init; } = null!;
    public ReleaseChecked? Checked { get; init; }
    public ReleaseApproved? Approved { get; init; }
    public ReleasePublished? Published { get; init; }
    public ReleaseSuperseded? Superseded { get; init; }
    public ReleaseWithdrawn? Withdrawn { get; init; }

    /// <summary>It is what people are to use.</summary>
    public bool IsCurrent => Stage == ReleaseStage.Published;

    public Privacy Privacy => new(Drafted.K, Drafted.LeastKept);

    public static string Stream(string number) => StreamPrefix + number;

    public static Release Fold(string number, IEnumerable<StoredEvent> events) =>
        events.Aggregate(new Release(number), (release, e) => release.After((ReleaseEvent)e.Event, e.Version));

    public Release After(ReleaseEvent @event, long version) => @event switch
    {
        ReleaseDrafted e => this with { Stage = ReleaseStage.Drafted, Drafted = e },
        ReleaseChecked e => this with { Stage = e.Findings.Count == 0 ? ReleaseStage.Checked : ReleaseStage.Failed,
        Checked = e, Approved = null },
        ReleaseApproved e => this with { Stage = ReleaseStage.Approved, Approved = e },
        ReleasePublished e => this with { Stage = ReleaseStage.Published, Published = e },
        ReleaseSuperseded e => this with { Stage = ReleaseStage.Superseded, Superseded = e },
        ReleaseWithdrawn e => this with { Stage = ReleaseStage.Withdrawn, Withdrawn = e },
        _ => throw new InvalidOperationException($"{@event.GetType().Name} is not known to a release"),
    } with { Version = version };

    /// <summary>Whether both tell of the same time, and could of the same dossiers.</summary>
    public bool Overlaps(ReleaseDrafted other) =>
        Drafted.From < other.To && other.From < Drafted.To
        && (Drafted.Agency ?? other.Agency) == (other.Agency ?? Drafted.Agency)
        && (Drafted.Procedure ?? other.Procedure) == (other.Procedure ?? Drafted.Procedure);

    /// <summary>Every release there is, by number. There are few.</summary>
    public static async Task<ImmutableArray<Release>> AllAsync(Database database, CancellationToken cancel = default) =>
        [.. (await StreamOrder.BelowAsync(database, StreamPrefix, cancel)).Select(s => Fold(s.Key, s))];
}

/// <summary>What an act on a release comes to: an event, a refusal, or neither: done already.</summary>
public sealed record ReleaseDecision(ReleaseEvent? Event, Dossiers.Refusal? Refusal)
{
    public static readonly ReleaseDecision AlreadyDone = new(null, null);

    public static implicit operator ReleaseDecision(ReleaseEvent e) => new(e, null);

    public static implicit operator ReleaseDecision(Dossiers.Refusal refusal) => new(null, refusal);

    public static ReleaseDecision Refuse(string code, string reason) => new Dossiers.Refusal(code, reason);
}
