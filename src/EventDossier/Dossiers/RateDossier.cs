using System.ComponentModel;
using EventDossier.Applicants;

namespace EventDossier.Dossiers;

/// <summary>The applicant says how it was.</summary>
public sealed record RateDossier(
    [Description("1, very dissatisfied, to 5, very satisfied")] int Level,
    [Description("In the applicant's own words")] Sealed? Comment = null) : IAct<RateDossier>
{
    public static ActRule Rule { get; } = new("rate", "The applicant says how it was", [Role.Citizen, Role.Clerk], BackDating.Days3, "bad-level", "not-returned", "rated-already");

    public static Decision Decide(RateDossier act, Dossier dossier, ActContext context)
    {
        if (act.Level is < 1 or > 5)
            return Decision.Refuse("bad-level", "levels are 1, very dissatisfied, to 5, very satisfied");
        if (dossier.Rating is { } rating)
            return rating == act.Level ? Decision.AlreadyDone : Decision.Refuse("rated-already", $"{dossier.Code} was rated {rating}");
        return dossier.Stage != Stage.Returned
            ? Decision.Refuse("not-returned", $"{dossier.Code} is {StageNames.Of(dossier.Stage)}; it is rated when its result is back")
            : new DossierRated(context.At, act.Level, act.Comment);
    }
}
