namespace EventDossier.Dossiers;

/// <summary>What was missing arrived, and the clock runs on: from the moment of arrival, not of its being typed in.</summary>
public sealed record ProvideSupplement : IAct<ProvideSupplement>
{
    public static ActRule Rule { get; } = new("provide-supplement", "What was missing arrived", [Role.Clerk, Role.Officer, Role.Citizen], BackDating.Days3, "not-open", "not-asked", "before-slip");

    public static Decision Decide(ProvideSupplement act, Dossier dossier, ActContext context)
    {
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (dossier.Waiting("02") is not { } slip)
            return dossier.Slips.Exists(s => s.Form == "02" && s.Answered is not null) ? Decision.AlreadyDone : Decision.Refuse("not-asked", $"{dossier.Code} waits for no supplement");
        return context.At < (slip.DeliveredAt ?? slip.At)
            ? Decision.Refuse("before-slip", $"{slip.Number} reached the applicant on {slip.DeliveredAt ?? slip.At:yyyy-MM-dd HH:mm zzz}")
            : new SupplementProvided(context.At, slip.Number).Dated(dossier, context);
    }
}
