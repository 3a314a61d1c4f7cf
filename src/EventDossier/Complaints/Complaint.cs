using System.Collections.Immutable;
using EventDossier.Alerts;
using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Store;

namespace EventDossier.Complaints;

/// <summary>Something that happened to a complaint or a suggestion, in the stream <c>/complaint/NUMBER</c>.</summary>
public abstract record ComplaintEvent(DateTimeOffset OccurredAt, string By);

/// <summary>It came in, and runs from then on.</summary>
/// <param name="Channel"><c>online</c>, or <c>counter</c>: in writing, taken by a clerk.</param>
/// <param name="Statement">JSON of a <see cref="ComplaintStatement"/> under a key of this complaint's own.</param>
/// <param name="About">As it was told.</param>
/// <param name="Concerned">Who that is: they see nothing of it.</param>
/// <param name="Limit">In force when it came in.</param>
public sealed record ComplaintReceived(
    DateTimeOffset OccurredAt, string By, ComplaintKind Kind, ComplainantKind From, string Channel, Sealed Statement,
    ComplaintSubject About, Concerned Concerned, ComplaintLimit Limit) : ComplaintEvent(OccurredAt, By);

/// <summary>It will be answered.</summary>
/// <param name="Concerned">Who else it turned out to be about; nobody where that was told already.</param>
public sealed record ComplaintAccepted(DateTimeOffset OccurredAt, string By, Concerned Concerned) : ComplaintEvent(OccurredAt, By);

/// <summary>It is not for this centre to answer; why is told to whoever made it.</summary>
public sealed record ComplaintDeclined(DateTimeOffset OccurredAt, string By, Sealed Reason) : ComplaintEvent(OccurredAt, By);

/// <summary>A unit that it is not about is to answer it.</summary>
/// <param name="Handler">Somebody there; null while the unit has named nobody.</param>
public sealed record ComplaintAssigned(DateTimeOffset OccurredAt, string By, string Unit, string? Handler) : ComplaintEvent(OccurredAt, By);

public sealed record ComplaintAnswered(DateTimeOffset OccurredAt, string By, Sealed Answer) : ComplaintEvent(OccurredAt, By);

public sealed record ComplaintClosed(DateTimeOffset OccurredAt, string By, ComplaintOutcome Outcome) : ComplaintEvent(OccurredAt, By);

/// <summary>Somebody was handed what it says, and who made it.</summary>
public sealed record ComplaintRead(DateTimeOffset OccurredAt, string By, string Role, string Where, string? Reason) : ComplaintEvent(OccurredAt, By);

/// <summary>Its time ran out and nobody had done what was owed. Raised once for each duty.</summary>
public sealed record ComplaintOverdue(
    DateTimeOffset OccurredAt, string By, ComplaintDuty Duty, DateTimeOffset DueAt, IReadOnlyList<AlertRecipient> To) : ComplaintEvent(OccurredAt, By);

/// <summary>What it is about, as it was told; nothing, where that is all null.</summary>
/// <param name="Person">Id of a member of staff.</param>
public sealed record ComplaintSubject(string? Dossier, string? Unit, string? Person);

/// <summary>What somebody has to say, in clear: in memory only.</summary>
public sealed record ComplaintStatement(string Text)
{
    public string? Name { get; init; }
    public string? Phone { get; init; }
    public string? Mail { get; init; }
    public string? Address { get; init; }

    /// <summary>Nothing of it reaches a log or a message by accident.</summary>
    public override string ToString() => nameof(ComplaintStatement);
}

/// <summary>A complaint (<c>khiếu nại</c>), feedback (<c>phản ánh</c>) or a suggestion (<c>kiến nghị</c>).</summary>
public enum ComplaintKind { Complaint, Feedback, Suggestion }

public enum ComplainantKind { Citizen, Enterprise }

public enum ComplaintStage { Received, Accepted, Assigned, Answered, Declined, Closed }

public enum ComplaintOutcome { Upheld, PartlyUpheld, NotUpheld, Noted, Withdrawn }

/// <summary>What is owed: to accept or decline it, then to answer it.</summary>
public enum ComplaintDuty { Accept, Answer }

/// <summary>A complaint or a suggestion: the fold of its events.</summary>
public sealed record Complaint(string Number, long Version, ComplaintReceived Received)
{
    public const string StreamType = "complaint";
    public const string StreamPrefix = "/complaint/";

    public ComplaintStage Stage { get; init; }
    public required Concerned Concerned { get; init; }
    public DateTimeOffset? AcceptedAt { get; init; }
    public ComplaintAssigned? Assigned { get; init; }
    public ComplaintAnswered? Answered { get; init; }
    public ComplaintDeclined? Declined { get; init; }
    public ComplaintClosed? Closed { get; init; }
    public ImmutableList<ComplaintOverdue> Overdue { get; init; } = [];
    public ImmutableList<ComplaintRead> Readings { get; init; } = [];

    public bool IsOver => Stage >= ComplaintStage.Declined;

    public static string Stream(string number) => StreamPrefix + number;

    /// <summary>What is owed now and by when; null where nothing is.</summary>
    public (ComplaintDuty Duty, DateTimeOffset DueAt)? Owed(WorkCalendar calendar) => Stage switch
    {
        ComplaintStage.Received => (ComplaintDuty.Accept, DueDate.Of(Received.OccurredAt, Received.Limit.Accept, calendar)),
        ComplaintStage.Accepted or ComplaintStage.Assigned => (ComplaintDuty.Answer, AnswerDue(calendar)!.Value),
        _ => null,
    };

    /// <summary>By when it is, or was, to be answered; null before it is accepted.</summary>
    public DateTimeOffset? AnswerDue(WorkCalendar calendar) =>
        AcceptedAt is { } accepted ? DueDate.Of(accepted, Received.Limit.Answer, calendar) : null;

    /// <summary>Null where there is none.</summary>
    public static Complaint? Fold(string number, IEnumerable<StoredEvent> events) =>
        events.Aggregate(default(Complaint), (complaint, e) => (e.Event switch
        {
            ComplaintReceived received => new Complaint(number, e.Version, received) { Concerned = received.Concerned },
            ComplaintAccepted accepted => complaint! with
            {
                Stage = ComplaintStage.Accepted, AcceptedAt = accepted.OccurredAt, Concerned = complaint.Concerned.With(accepted.Concerned),
            },
            ComplaintDeclined declined => complaint! with { Stage = ComplaintStage.Declined, Declined = declined },
            ComplaintAssigned assigned => complaint! with { Stage = ComplaintStage.Assigned, Assigned = assigned },
            ComplaintAnswered answered => complaint! with { Stage = ComplaintStage.Answered, Answered = answered },
            ComplaintClosed closed => complaint! with { Stage = ComplaintStage.Closed, Closed = closed },
            ComplaintOverdue overdue => complaint! with { Overdue = complaint.Overdue.Add(overdue) },
            ComplaintRead read => complaint! with { Readings = complaint.Readings.Add(read) },
            _ => throw new InvalidOperationException($"{e.Name} is not known to a complaint"),
        }) with { Version = e.Version });

    /// <summary>Those that are open, or all, the oldest first. Whoever shows them asks of each whether its reader may see it.</summary>
    internal static async Task<IReadOnlyList<Complaint>> AllAsync(Database database, bool over, CancellationToken cancel)
    {
        await using var command = database.App.CreateCommand(
            $"""
            SELECT {StoredEventReader.Facts} FROM dossier.mt_events e
            WHERE e.stream_id >= '{StreamPrefix}' AND e.stream_id < '{StreamPrefix[..^1]}0' AND e.type <> 'tombstone'
              AND (@over OR e.stream_id NOT IN (
                SELECT c.stream_id FROM dossier.mt_events c
                WHERE c.stream_id >= '{StreamPrefix}' AND c.stream_id < '{StreamPrefix[..^1]}0' AND c.type IN ('complaint_closed', 'complaint_declined')))
            ORDER BY e.stream_id, e.version
            """);
        command.Parameters.AddWithValue("over", over);
        var events = new List<StoredEvent>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            events.Add(StoredEventReader.ReadFacts(row, database.Names));
        return
        [
            .. events.GroupBy(e => e.Stream).Select(g => Fold(g.Key[StreamPrefix.Length..], g)!)
                .OrderBy(c => c.Received.OccurredAt).ThenBy(c => c.Number, StringComparer.Ordinal),
        ];
    }

    /// <summary>The numbers of all of them, the oldest first, as <see cref="AllAsync"/> has them.</summary>
    internal static async Task<IReadOnlyList<(DateTimeOffset At, string Number)>> NumbersAsync(Database database, CancellationToken cancel)
    {
        await using var command = database.App.CreateCommand(
            $"""
            SELECT e.stream_id, (e.data ->> 'occurredAt')::timestamptz FROM dossier.mt_events e
            WHERE e.stream_id >= '{StreamPrefix}' AND e.stream_id < '{StreamPrefix[..^1]}0' AND e.version = 1 AND e.type <> 'tombstone'
            """);
        var numbers = new List<(DateTimeOffset At, string Number)>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            numbers.Add((row.TimeOrNull(1)!.Value, row.GetString(0)[StreamPrefix.Length..]));
        return [.. numbers.OrderBy(n => n.At).ThenBy(n => n.Number, StringComparer.Ordinal)];
    }
}
