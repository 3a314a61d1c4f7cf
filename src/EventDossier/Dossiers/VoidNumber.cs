using System.ComponentModel;

namespace EventDossier.Dossiers;

/// <summary>A reserved number was never handed out. It stays taken, and says so.</summary>
public sealed record VoidNumber([Description("What became of the slip")] string Reason) : IAct<VoidNumber>
{
    public static ActRule Rule { get; } = new("void-number", "A reserved number was never used", [Role.Supervisor, Role.Administrator], BackDating.None, "not-reserved", "reason-missing");

    public static Decision Decide(VoidNumber act, Dossier dossier, ActContext context) =>
        dossier is { Block: not null, ReceivedAt: null, Stage: Stage.Voided } ? Decision.AlreadyDone
        : !dossier.IsReserved ? Decision.Refuse("not-reserved", $"{dossier.Code} is no reserved number, or is used")
        : string.IsNullOrWhiteSpace(act.Reason) ? Decision.Refuse("reason-missing", "a void number says what became of its slip")
        : new NumberVoided(context.At, act.Reason.Trim());
}
