using System.ComponentModel;
using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Procedures;

namespace EventDossier.Dossiers;

/// <summary>A valid dossier is received: the handling clock starts, the procedure's version is pinned, and the due date that stands on the slip is promised.</summary>
public sealed record ReceiveDossier(
    [Description("Code of the procedure")] string Procedure,
    [Description("online, counter or post")] string Channel = "counter",
    [Description("The competent agency; the procedure's own unless given")] string? Agency = null,
    [Description("The agency that numbers the dossier; the competent one unless given")] string? NumberedBy = null,
    [Description("Where it was received")] string? Place = null,
    [Description("The unit that handles it")] string? Unit = null,
    [Description("Who handles it")] string? Officer = null,
    [Description("Who applies")] Sealed? Applicant = null) : IAct<ReceiveDossier>
{
    /// <summary>How a dossier may come in.</summary>
    public static IReadOnlyList<string> Channels { get; } = ["online", "counter", "post"];

    /// <summary>A counter may enter the morning's paper dossiers the next day.</summary>
    public static ActRule Rule { get; } = new("receive", "A valid dossier is received; answers with its code",
        [Role.Clerk], BackDating.Day, "no-such-procedure", "bad-agency", "unknown-channel", "channel-closed", "no-such-unit") { Begins = true };

    public static Decision Decide(ReceiveDossier act, Dossier dossier, ActContext context)
    {
        if (!Channels.Contains(act.Channel))
            return Decision.Refuse("unknown-channel", $"'{act.Channel}' is no channel; channels are {string.Join(", ", Channels)}");
        if (act.Unit is { } unit && context.Rules.RefuseUnit(unit, context.At) is { } refused)
            return refused;
        var (to, refusal) = Intake.Of(act.Procedure, act.Channel, act.Agency, act.NumberedBy, context);
        return refusal is not null ? refusal : Receipt(dossier.Code, to!.Procedure, act.Channel, to.Agency, act.Unit, act.Officer, context) with
        {
            Place = act.Place, NumberedBy = to.NumberedBy, Applicant = act.Applicant,
        };
    }

    /// <summary>What a receipt promises, by the calendar that is known as it is recorded.</summary>
    internal static DossierReceived Receipt(
        string code, Procedure.Version procedure, string? channel, string? agency, string? unit, string? officer, ActContext context)
    {
        var (calendar, version) = (context.Rules.Known(context.Now), procedure.Published);
        return new(
            context.At, new(version.Code, procedure.Number), channel, agency, unit, officer,
            version.Limit, DueDate.Of(context.At, version.Limit, calendar), PlannedEnd: null)
        {
            Slip = $"{code}/01-1",
            GeneralLimit = version.GeneralLimit,
            GeneralDue = version.GeneralLimit is { } general ? DueDate.Of(context.At, general, calendar) : null,
            SupplementRule = version.SupplementRule,
            Owners = version.Owners,
        };
    }
}

/// <summary>Where an application goes.</summary>
internal sealed record Intake(Procedure.Version Procedure, string Agency, string NumberedBy)
{
    public ProcedurePin Pin => new(Procedure.Published.Code, Procedure.Number);

    public static (Intake? To, Refusal? Refusal) Of(string procedure, string channel, string? agency, string? numberedBy, ActContext context)
    {
        if (context.Rules.Procedure(procedure, context.At) is not { } version)
            return (null, new("no-such-procedure", $"no version of procedure {procedure} is in force on {context.At:yyyy-MM-dd}"));
        if (version.Published.Channels is { } open && !open.Contains(channel))
            return (null, new("channel-closed", $"procedure {procedure} is taken {string.Join(", ", open)} only"));
        agency ??= version.Published.Agency;
        numberedBy ??= agency;
        return DossierCode.IsAgency(numberedBy)
            ? (new(version, agency, numberedBy), null)
            : (null, new("bad-agency", $"'{numberedBy}' can't begin a dossier's code: an agency's code has letters, digits, dots and hyphens"));
    }
}
