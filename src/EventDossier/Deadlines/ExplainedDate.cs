using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Deadlines;

/// <summary>A dossier's due date with all that it comes from.</summary>
/// <param name="Recorded">As the dossier's events tell it.</param>
/// <param name="Due">As computed here; as told by the older system where nothing can be computed.</param>
/// <param name="Ledger">Null for a date that an older system promised without its limit.</param>
/// <param name="General">By the general limit, where there is one besides the committed.</param>
public sealed record ExplainedDate(string Code, DateTimeOffset? Received, DateTimeOffset? Promised, DateTimeOffset? Recorded, DateTimeOffset? Due, Ledger? Ledger, Ledger? General)
{
    public bool Computed => Ledger is not null;
    public DateTimeOffset? FinishedAt { get; init; }
    public Judgement? Judgement { get; init; }
    public Judgement? GeneralJudgement { get; init; }
    public Origin? Origin { get; init; }
    private IReadOnlyList<CalendarDecision> MovedBy { get; init; } = [];

    /// <exception cref="UserError"><c>no-such-dossier</c>, <c>not-yet</c>, <c>no-due-date</c></exception>
    public static async Task<ExplainedDate> OfAsync(Database database, string code, AsOf asOf, CancellationToken cancel = default)
    {
        var dossier = Dossier.Fold(code, await History.ReadAsync(database.Log, code, asOf, cancel));
        var calendar = await Calendars.LoadAsync(database, cancel);
        if (asOf.Recorded is { } known)
            calendar = calendar.AsKnownOn(DateOnly.FromDateTime(calendar.Local(known).DateTime));
        return Of(dossier, calendar) ?? throw new UserError("no-due-date", $"{code} has no due date: neither was one promised nor a limit given");
    }

    /// <summary>Null where neither a date was promised nor a limit given.</summary>
    public static ExplainedDate? Of(Dossier dossier, WorkCalendar calendar)
    {
        if (dossier.ReceivedAt is null || (dossier.Promised is null && dossier.Clock is null))
            return null;
        if (dossier.Clock is not { } clock)
            return new(dossier.Code, dossier.ReceivedAt, dossier.Promised, dossier.Due, dossier.Due, null, null) { Origin = dossier.Origin, FinishedAt = dossier.FinishedAt };
        var ledger = DueDate.Compute(clock, calendar);
        return new(
            dossier.Code, dossier.ReceivedAt, dossier.Promised, dossier.Due, ledger.Due, ledger, dossier.GeneralClock is { } wider ? DueDate.Compute(wider, calendar) : null)
        {
            FinishedAt = dossier.FinishedAt, Judgement = dossier.Judgement, GeneralJudgement = dossier.GeneralJudgement, MovedBy = DueDate.MovedBy(clock, calendar),
        };
    }

    /// <summary>Day by day, for people.</summary>
    public IReadOnlyList<string> ToLines(Language language) => Ledger is { } ledger
        ? [.. Explanation.ToLines(ledger, language, Promised, MovedBy), .. Explanation.Beside(ledger, General, Recorded, FinishedAt, Judgement, GeneralJudgement, language)]
        : [$"{Code} is due {Local(Due)}. That date was promised by the system it came from ({Origin?.File}, {Origin?.Place}), which told no limit, so it can't be recomputed here."];

    private static string Local(DateTimeOffset? at) => at is { } moment ? WorkCalendar.Vietnam.Local(moment).ToString("yyyy-MM-dd HH:mm") : "";
}
