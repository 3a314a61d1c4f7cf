using System.ComponentModel;
using EventDossier.Applicants;

namespace EventDossier.Dossiers;

/// <summary>The wrong applicant stands on the dossier: another is put in, and the slip is issued again.</summary>
public sealed record CorrectApplicant(
    [Description("Who applies")] Sealed Applicant,
    [Description("What was wrong")] string Reason) : IAct<CorrectApplicant>
{
    public static ActRule Rule { get; } = new("correct-applicant", "Another applicant is put in; the slip is issued again",
        [Role.Clerk, Role.Supervisor], BackDating.None, "not-open", "reason-missing");

    public static Decision Decide(CorrectApplicant act, Dossier dossier, ActContext context)
    {
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (string.IsNullOrWhiteSpace(act.Reason))
            return Decision.Refuse("reason-missing", "a correction says what was wrong");
        return act.Applicant == dossier.Applicant
            ? Decision.AlreadyDone
            : new ApplicantCorrected(context.At, act.Applicant, act.Reason, dossier.NextSlip("01"));
    }
}
