using System.ComponentModel;

namespace EventDossier.Dossiers;

/// <summary>A unit that was asked answers.</summary>
public sealed record AnswerConsultation(
    [Description("Number of the consultation")] int Number,
    [Description("The opinion")] string Answer) : IAct<AnswerConsultation>
{
    public static ActRule Rule { get; } = new("answer", "A unit that was asked answers", [Role.Officer, Role.Supervisor], BackDating.Day, "not-open", "no-such-consultation", "out-of-order");

    public static Decision Decide(AnswerConsultation act, Dossier dossier, ActContext context)
    {
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (dossier.Consultations.Find(c => c.Number == act.Number) is not { } asked)
            return Decision.Refuse("no-such-consultation", $"{dossier.Code} has no consultation {act.Number}");
        if (asked.AnsweredAt is not null)
            return Decision.AlreadyDone;
        return context.At < asked.AskedAt
            ? Decision.Refuse("out-of-order", $"it was asked on {asked.AskedAt:yyyy-MM-dd HH:mm zzz}")
            : new ConsultationAnswered(context.At, act.Number, act.Answer);
    }
}
