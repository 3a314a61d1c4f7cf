using System.ComponentModel;

namespace EventDossier.Dossiers;

/// <summary>A transitional provision moves an open dossier to another version of its procedure. The date on the slip stays promised.</summary>
public sealed record ChangeProcedureVersion(
    [Description("Number of the version")] long To,
    [Description("The transitional provision")] string Provision) : IAct<ChangeProcedureVersion>
{
    public static ActRule Rule { get; } = new("change-version", "A transitional provision moves a dossier to another version of its procedure",
        [Role.Supervisor, Role.Administrator], BackDating.None, "not-open", "basis-missing", "no-such-procedure");

    public static Decision Decide(ChangeProcedureVersion act, Dossier dossier, ActContext context)
    {
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (string.IsNullOrWhiteSpace(act.Provision))
            return Decision.Refuse("basis-missing", "only a transitional provision moves a dossier to another version");
        if (dossier.Procedure?.Version == act.To)
            return Decision.AlreadyDone;
        if (dossier.Procedure is not { } pin || context.Rules.Procedure(pin with { Version = act.To }) is not { Published: var version })
            return Decision.Refuse("no-such-procedure", $"procedure {dossier.Procedure?.Code} has no version {act.To}");
        return new ProcedureVersionChanged(
            context.At, pin with { Version = act.To }, version.Limit, version.GeneralLimit, version.SupplementRule, act.Provision)
        {
            Owners = version.Owners,
        }.Dated(dossier, context);
    }
}
