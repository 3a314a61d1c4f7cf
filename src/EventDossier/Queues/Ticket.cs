using EventDossier.Store;

namespace EventDossier.Queues;

/// <summary>Something that happened to a number drawn at a counter, in the stream <c>/ticket/PLACE/DAY/NUMBER</c>.</summary>
public abstract record TicketEvent(DateTimeOffset OccurredAt, string By);

/// <param name="Place">The unit whose counters call it.</param>
/// <param name="Service">What somebody comes for, if they say so.</param>
public sealed record TicketTaken(DateTimeOffset OccurredAt, string By, string Place, DateOnly Day, int Number, string? Service) : TicketEvent(OccurredAt, By);

public sealed record TicketCalled(DateTimeOffset OccurredAt, string By, string Counter) : TicketEvent(OccurredAt, By);

/// <param name="Dossier">That came of it, if one did.</param>
public sealed record TicketServed(DateTimeOffset OccurredAt, string By, string? Dossier) : TicketEvent(OccurredAt, By);

public sealed record TicketLeft(DateTimeOffset OccurredAt, string By, string? Reason) : TicketEvent(OccurredAt, By);

public enum TicketState { Waiting, Called, Served, Left }

/// <summary>A ticket: the fold of its events.</summary>
/// <param name="Id">Place, day and number: <c>H49.30/260504/0007</c>.</param>
public sealed record Ticket(string Id, long Version, string Place, DateOnly Day, int Number, string? Service, DateTimeOffset TakenAt)
{
    public const string StreamType = "ticket";
    public const string StreamPrefix = "/ticket/";

    public TicketState State { get; init; }

    /// <summary>For the first time, which ends the wait.</summary>
    public DateTimeOffset? CalledAt { get; init; }

    /// <summary>For the last time, with which the service begins.</summary>
    public DateTimeOffset? ComeAt { get; init; }
    public string? Counter { get; init; }
    public string? ServedBy { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public string? Dossier { get; init; }

    public double? WaitMinutes => CalledAt is { } called ? Math.Round((called - TakenAt).TotalMinutes, 1) : null;

    public double? ServiceMinutes => State == TicketState.Served ? Math.Round((EndedAt!.Value - ComeAt!.Value).TotalMinutes, 1) : null;

    public bool IsOver => State is TicketState.Served or TicketState.Left;

    public static string Stream(string id) => StreamPrefix + id;

    public static string IdOf(string place, DateOnly day, int number) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{place}/{day:yyMMdd}/{number:0000}");

    /// <summary>Null where there is none.</summary>
    public static Ticket? Fold(IEnumerable<StoredEvent> events) => events.Aggregate(default(Ticket), After);

    /// <param name="ticket">Null before the first event.</param>
    public static Ticket After(Ticket? ticket, StoredEvent e) => e.Event switch
    {
        TicketTaken taken => new(e.Stream[StreamPrefix.Length..], e.Version, taken.Place, taken.Day, taken.Number, taken.Service, taken.OccurredAt),
        TicketCalled called => ticket! with
        {
            Version = e.Version, State = TicketState.Called, CalledAt = ticket.CalledAt ?? called.OccurredAt, ComeAt = called.OccurredAt, Counter = called.Counter, ServedBy = called.By,
        },
        TicketServed served => ticket! with { Version = e.Version, State = TicketState.Served, EndedAt = served.OccurredAt, Dossier = served.Dossier },
        TicketLeft left => ticket! with { Version = e.Version, State = TicketState.Left, EndedAt = left.OccurredAt },
        _ => throw new InvalidOperationException($"{e.Name} is not known to a ticket"),
    };
}
