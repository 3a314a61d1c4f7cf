using System.ComponentModel;
using EventDossier.Applicants;
using EventDossier.Deadlines;

namespace EventDossier.Dossiers;

/// <summary>An application comes in online or by post: it gets its code, and the intake clock runs until it is received or refused.</summary>
public sealed record SubmitDossier(
    [Description("Code of the procedure")] string Procedure,
    [Description("online or post")] string Channel,
    [Description("The competent agency; the procedure's own unless given")] string? Agency = null,
    [Description("The agency that numbers the dossier; the competent one unless given")] string? NumberedBy = null,
    [Description("Where it came in")] string? Place = null,
    [Description("Who applies")] Sealed? Applicant = null,
    [Description("The code that the national portal gave it: the same code is the same dossier, however often it comes")] string? ExternalCode = null)
    : IAct<SubmitDossier>
{
    /// <summary>Whoever brings it in, the portal's follower or a clerk with the applicant's print-out: nobody types it twice.</summary>
    public string? Once => ExternalCode is { Length: > 0 } code ? $"portal {code}" : null;

    public static ActRule Rule { get; } = new("submit", "An application comes in online or by post; answers with its code",
        [Role.Citizen, Role.Clerk], BackDating.Day, "no-such-procedure", "bad-agency", "unknown-channel", "channel-closed", "bad-external-code")
    {
        Begins = true,
    };

    public static Decision Decide(SubmitDossier act, Dossier dossier, ActContext context)
    {
        if (act.Channel is not ("online" or "post"))
            return Decision.Refuse("unknown-channel", $"an application is submitted online or by post; one at the {act.Channel} is received at once");
        if (act.ExternalCode is { } code && (code.Length is 0 or > MostOfExternalCode || code.Any(char.IsControl) || code.Trim() != code))
            return Decision.Refuse("bad-external-code", $"a code of the portal has 1 to {MostOfExternalCode} characters and no blanks around it");
        var (to, refusal) = Intake.Of(act.Procedure, act.Channel, act.Agency, act.NumberedBy, context);
        if (refusal is not null)
            return refusal;
        return new DossierSubmitted(
            context.At, to!.Pin, act.Channel, act.Place, to.Agency, to.NumberedBy, act.Applicant,
            DueDate.Intake(context.At, context.Rules.Known(context.Now)))
        {
            ExternalCode = act.ExternalCode, Owners = to.Procedure.Published.Owners,
        };
    }

    private const int MostOfExternalCode = 100;
}
