using System.ComponentModel;
using EventDossier.Applicants;
using EventDossier.Procedures;

namespace EventDossier.Dossiers;

/// <summary>
/// A slip printed ahead was handed out while the place was cut off, and is typed in now: received when the paper says, under the number that the applicant holds. It is dated back, so somebody else answers for it.
/// </summary>
public sealed record ReceiveReserved(
    [Description("Number of the outage that it happened in")] string Outage,
    [Description("Code of the procedure")] string Procedure,
    [Description("online, counter or post")] string Channel = "counter",
    [Description("The unit that handles it")] string? Unit = null,
    [Description("Who handles it")] string? Officer = null,
    [Description("Who applies")] Sealed? Applicant = null) : IAct<ReceiveReserved>
{
    public static ActRule Rule { get; } = new("receive-reserved", "A slip printed ahead, handed out in an outage, is typed in",
        [Role.Clerk], BackDating.None, "not-reserved", "no-such-outage", "outside-outage", "no-such-procedure", "unknown-channel", "channel-closed", "no-such-unit")
    {
        Of = OwnedStage.Intake,
    };

    public string? Cites => Outage;

    public static Decision Decide(ReceiveReserved act, Dossier dossier, ActContext context)
    {
        if (dossier is { Block: not null, ReceivedAt: not null } && dossier.Outage == act.Outage)
            return Decision.AlreadyDone;
        if (!dossier.IsReserved)
            return Decision.Refuse("not-reserved", $"{dossier.Code} is no reserved number, or is used or void");
        if (context.Outage is not { } outage || outage.Number != act.Outage)
            return Decision.Refuse("no-such-outage", $"there is no outage {act.Outage}");
        if (!outage.Covers(context.At))
            return Decision.Refuse("outside-outage", $"{outage.Number} was from {outage.From:yyyy-MM-dd HH:mm} to {outage.To:yyyy-MM-dd HH:mm}; the paper says {context.At:yyyy-MM-dd HH:mm}");
        if (!ReceiveDossier.Channels.Contains(act.Channel))
            return Decision.Refuse("unknown-channel", $"'{act.Channel}' is no channel; channels are {string.Join(", ", ReceiveDossier.Channels)}");
        if (act.Unit is { } unit && context.Rules.RefuseUnit(unit, context.At) is { } refused)
            return refused;
        var (to, refusal) = Intake.Of(act.Procedure, act.Channel, null, dossier.NumberedBy, context);
        return refusal is not null ? refusal : ReceiveDossier.Receipt(dossier.Code, to!.Procedure, act.Channel, to.Agency, act.Unit, act.Officer, context) with
        {
            Place = outage.Unit, NumberedBy = to.NumberedBy, Applicant = act.Applicant, Outage = outage.Number,
        };
    }
}
