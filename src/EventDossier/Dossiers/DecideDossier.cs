using System.ComponentModel;
using EventDossier.Procedures;

namespace EventDossier.Dossiers;

/// <summary>The competent agency approves or rejects, and records the authority it was done under. A rejection says why.</summary>
public sealed record DecideDossier(
    [Description("approved or rejected")] DecisionOutcome Outcome,
    [Description("Why; a rejection needs one")] string? Reason = null) : IAct<DecideDossier>
{
    /// <summary>A signed decision carries its own date; entering it later than the next day needs an answer.</summary>
    public static ActRule Rule { get; } = new("decide", "Approves or rejects", [Role.Officer, Role.Supervisor], BackDating.Day,
        "not-open", "reason-missing", "authority-missing", "no-authority")
    {
        Of = OwnedStage.Handling,
    };

    public static Decision Decide(DecideDossier act, Dossier dossier, ActContext context)
    {
        if (dossier.Stage is >= Stage.Decided and <= Stage.Returned && dossier.Outcome == act.Outcome)
            return Decision.AlreadyDone;
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (act.Outcome == DecisionOutcome.Rejected && string.IsNullOrWhiteSpace(act.Reason))
            return Decision.Refuse("reason-missing", "a rejection says why");
        var (authority, organisation) = (context.Command.Authority, context.Rules.Organisation);
        // A centre that keeps its organisation elsewhere has nothing to check against.
        if (!organisation.IsEmpty)
        {
            if (authority is null)
                return Decision.Refuse("authority-missing", "a decision names the post or delegation that it is made under");
            if (dossier.Agency is { } agency && organisation.AuthorityOf(context.Command.Actor, authority, agency, context.At)?.Allows(Rule.Name) is not true)
                return Decision.Refuse("no-authority", $"{context.Command.Actor} does not decide for {agency} under {authority} on {context.At:yyyy-MM-dd}");
        }
        return new DossierDecided(context.At, act.Outcome, act.Reason) { Authority = authority };
    }
}
