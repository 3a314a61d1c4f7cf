namespace EventDossier.Deadlines;

/// <summary>What a day of a ledger did for the count.</summary>
public enum LineKind
{
    /// <summary>Day of receipt, nothing of it counted.</summary>
    Receipt,

    /// <summary>Counted: a day, working minutes of it, or the completion of a month.</summary>
    Counted,

    /// <summary>Not worked, not counted.</summary>
    Skipped,

    /// <summary>Within a month that is not complete yet.</summary>
    Passed,

    /// <summary>The limit had ended on a day of rest; this is the next working day, on which it is due.</summary>
    Due,

    /// <summary>Not counted, for the clock stood.</summary>
    Paused,

    /// <summary>The day on which the full limit began again, nothing of it counted.</summary>
    Restart,

    /// <summary>The day on which a new appointment was given, nothing of it counted.</summary>
    Extension,
}

/// <summary>One day of a ledger.</summary>
/// <param name="Counted">What the day adds, in the ledger's unit: minutes under <c>hours</c>, otherwise days or months.</param>
/// <param name="Total">The sum of <paramref name="Counted"/> up to and with this day.</param>
/// <param name="Stretches">Under <c>hours</c>, the working time counted; otherwise empty.</param>
public sealed record LedgerLine(CalendarDay Day, LineKind Kind, int Counted, int Total, IReadOnlyList<Session> Stretches)
{
    /// <summary>Under <c>hours</c>, the working time in which the clock stood.</summary>
    public IReadOnlyList<Session> Stood { get; init; } = [];

    /// <summary>The pauses that kept the day, or minutes of it, from counting.</summary>
    public IReadOnlyList<Pause> Pauses { get; init; } = [];
}

/// <summary>A run of the limit that ended before it was full, when it began again. None of it counts.</summary>
/// <param name="EndedBy">The pause on whose end the limit began again.</param>
public sealed record EarlierRun(DateTimeOffset Began, IReadOnlyList<LedgerLine> Lines, Pause EndedBy);

public enum ExtensionEffect
{
    /// <summary>The due moment is the new appointment's, moved on by later pauses.</summary>
    Moves,

    /// <summary>The limit ends no sooner without it.</summary>
    NotLater,

    /// <summary>It was given after the due moment.</summary>
    TooLate,
}

/// <summary>A new appointment, and how it is counted on.</summary>
/// <param name="Appointed">Its date, rolled to a closing time where it falls outside working time by the calendar.</param>
/// <param name="Amount">What lies between extension and appointment: minutes under <c>hours</c>, otherwise days.</param>
/// <param name="Lines">From the day of extension on, adding up to <paramref name="Amount"/>; empty when it was too late, or names a moment already past.</param>
public sealed record LedgerExtension(
    Extension Given, ExtensionEffect Effect, DateTimeOffset Appointed, DateTimeOffset? Due, int Amount, IReadOnlyList<LedgerLine> Lines);

/// <summary>A due moment with every day to it from receipt, or from the last restart, in order and without a gap.</summary>
/// <param name="Due">Null while the clock stands; the lines then end with the first day that it keeps from counting.</param>
public sealed record Ledger(
    DateTimeOffset Received, Limit Limit, DateTimeOffset? Due, WorkingHours Hours, IReadOnlyList<LedgerLine> Lines)
{
    /// <summary>All of them, in order, also those that changed nothing.</summary>
    public IReadOnlyList<Pause> Pauses { get; init; } = [];

    public IReadOnlyList<EarlierRun> Earlier { get; init; } = [];

    /// <summary>Where the limit ends without the extension; null while the clock stands.</summary>
    public required DateTimeOffset? Ends { get; init; }

    public LedgerExtension? Extension { get; init; }

    /// <summary>A day of it lies in a year whose holidays were not decided, so the due moment may still move.</summary>
    public bool Provisional => AllLines.Any(line => line.Day.Provisional);

    internal IEnumerable<LedgerLine> AllLines => [.. Earlier.SelectMany(run => run.Lines), .. Lines, .. Extension?.Lines ?? []];
}
