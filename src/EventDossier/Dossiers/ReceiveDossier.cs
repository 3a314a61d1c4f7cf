using EventDossier.Deadlines;
using EventDossier.Procedures;

namespace EventDossier.Dossiers;

/// <summary>A valid dossier is received: the handling clock starts, the procedure's version is pinned, and the due date that stands on the slip is promised.</summary>
/// <param name="Agency">Competent; it also numbers the dossier.</param>
public sealed record ReceiveDossier(string Procedure, string Channel, string Agency, string? Unit = null, string? Officer = null)
{
    /// <summary>A counter may enter the morning's paper dossiers the next day.</summary>
    private static readonly TimeSpan _backDating = TimeSpan.FromDays(1);

    /// <summary>How a dossier may come in.</summary>
    public static IReadOnlyList<string> Channels { get; } = ["online", "counter", "post"];

    /// <param name="procedure">The version in force at the legal time; null if there is none.</param>
    public static Decision Decide(ReceiveDossier act, Procedures.Procedure.Version? procedure, WorkCalendar calendar, ActContext context)
    {
        if (!DossierCode.IsAgency(act.Agency))
            return Decision.Refuse("bad-agency", $"'{act.Agency}' can't begin a dossier's code: an agency's code has letters, digits, dots and hyphens");
        if (!Channels.Contains(act.Channel))
            return Decision.Refuse("unknown-channel", $"'{act.Channel}' is no channel; channels are {string.Join(", ", Channels)}");
        if (context.RefuseTime(_backDating) is { } refused)
            return refused;
        if (procedure is not { } pinned)
            return Decision.Refuse("no-such-procedure", $"no version of procedure {act.Procedure} is in force on {context.At:yyyy-MM-dd}");
        var limit = pinned.Published.Limit;
        return new DossierReceived(
            context.At, new(act.Procedure, pinned.Number), act.Channel, act.Agency, act.Unit, act.Officer,
            limit, DueDate.Of(context.At, limit, calendar), PlannedEnd: null) { BackDatingApprovedBy = context.ApproverOf(_backDating) };
    }
}
