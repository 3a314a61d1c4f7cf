using System.ComponentModel;

namespace EventDossier.Dossiers;

/// <summary>This dossier has to do with another one.</summary>
public sealed record LinkDossier(
    [Description("Code of the other dossier")] string Other,
    [Description("follows, replaces or related")] LinkKind Kind = LinkKind.Related) : IAct<LinkDossier>
{
    public string? Names => Other;

    public static ActRule Rule { get; } = new("link", "This dossier has to do with another one", [Role.Clerk, Role.Officer, Role.Supervisor], BackDating.Days3, "link-to-itself", "no-such-dossier");

    public static Decision Decide(LinkDossier act, Dossier dossier, ActContext context)
    {
        if (act.Other == dossier.Code)
            return Decision.Refuse("link-to-itself", "a dossier is not linked to itself");
        if (dossier.Links.Contains(new(act.Other, act.Kind)))
            return Decision.AlreadyDone;
        return context.Other is { Exists: true }
            ? new DossierLinked(context.At, act.Other, act.Kind)
            : Decision.Refuse("no-such-dossier", $"there is no dossier {act.Other}");
    }
}
