using System.ComponentModel;
using EventDossier.Applicants;

namespace EventDossier.Dossiers;

/// <summary>The applicant says how it was.</summary>
public sealed record RateDossier(
    [Description("1, very dissatisfied, to 5, very satisfied")] int Level,
    [Description("In the applicant's own words")] Sealed? Comment = null) : IAct<RateDossier>
{
    public static ActRule Rule { get; } = new("rate", "The applicant says how it was", [Role.Citizen, Role.Clerk], BackDating.Days3, "bad-level", "not-returned", "out-of-order", "rated-already");

    public static Decision Decide(RateDossier act, Dossier dossier, ActContext context)
    {
        if (act.Level is < 1 or > 5)
            return Decision.Refuse("bad-level", "levels are 1, very dissatisfied, to 5, very satisfied");
        if (dossier.Rating is { } rating)
            return rating == act.Level ? Decision.AlreadyDone : Decision.Refuse("rated-already", $"{dossier.Code} was rated {rating}");
        if (dossier.Stage != Stage.Returned)
            return Decision.Refuse("not-returned", $"{dossier.Code} is {StageNames.Of(dossier.Stage)}; it is rated when its result is back");
        return context.At < dossier.ReturnedAt
            ? Decision.Refuse("out-of-order", $"the result was returned on {dossier.ReturnedAt:yyyy-MM-dd HH:mm zzz}")
            : new DossierRated(context.At, act.Level, act.Comment);
    }
}
