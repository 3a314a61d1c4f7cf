using System.ComponentModel;

namespace EventDossier.Dossiers;

/// <summary>Another unit is asked for its opinion while the handling goes on. Several may be asked at once, and no clock stops for them.</summary>
public sealed record Consult(
    [Description("The unit that is asked")] string Unit,
    [Description("What it is asked")] string Question,
    [Description("By when it is to answer")] DateTimeOffset? AnswerBy = null) : IAct<Consult>
{
    public static ActRule Rule { get; } = new("consult", "Another unit is asked for its opinion while the handling goes on", [Role.Officer, Role.Supervisor], BackDating.Day, "not-open", "no-such-unit");

    public static Decision Decide(Consult act, Dossier dossier, ActContext context)
    {
        if (dossier.RefuseUnlessOpen() is { } closed)
            return closed;
        if (context.Rules.RefuseUnit(act.Unit, context.At) is { } refused)
            return refused;
        return new ConsultationAsked(context.At, dossier.Consultations.Count + 1, act.Unit, act.Question, act.AnswerBy);
    }
}
