using System.ComponentModel;

namespace EventDossier.Dossiers;

/// <summary>An order forbids the erasure of whoever this dossier names, or named.</summary>
public sealed record PlaceHold([Description("The order that it rests on, by which it is lifted")] string Basis) : IAct<PlaceHold>
{
    public static ActRule Rule { get; } = new("place-hold", "An order forbids the erasure of whoever this dossier names", [Role.Supervisor, Role.Administrator], BackDating.None, "basis-missing");

    public static Decision Decide(PlaceHold act, Dossier dossier, ActContext context) =>
        string.IsNullOrWhiteSpace(act.Basis) ? Decision.Refuse("basis-missing", "a hold names the order that it rests on")
        : dossier.Holds.Exists(hold => hold.Basis == act.Basis.Trim()) ? Decision.AlreadyDone
        : new DossierHeld(context.At, act.Basis.Trim());
}
