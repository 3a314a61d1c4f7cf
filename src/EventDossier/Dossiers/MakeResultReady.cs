using EventDossier.Deadlines;
using EventDossier.Procedures;

namespace EventDossier.Dossiers;

/// <summary>The result lies at the counter: the clock stops for good and is judged. It moves lateness, so it is not dated back without an answer.</summary>
public sealed record MakeResultReady : IAct<MakeResultReady>
{
    public static ActRule Rule { get; } = new("make-ready", "The result lies at the counter", [Role.Officer, Role.Clerk, Role.Supervisor], BackDating.None, "not-decided", "out-of-order")
    {
        Of = OwnedStage.Return,
    };

    public static Decision Decide(MakeResultReady act, Dossier dossier, ActContext context)
    {
        if (dossier.Stage is Stage.ResultReady or Stage.Returned)
            return Decision.AlreadyDone;
        if (dossier.Stage != Stage.Decided)
            return Decision.Refuse("not-decided", $"{dossier.Code} is {StageNames.Of(dossier.Stage)}: a result needs a decision");
        if (context.At < dossier.DecidedAt)
            return Decision.Refuse("out-of-order", $"{dossier.Code} was decided on {dossier.DecidedAt:yyyy-MM-dd HH:mm zzz}");
        var calendar = context.Rules.Known(context.Now);
        // A clock that stands, stands no longer.
        Judgement? Judged(DateTimeOffset? due, ClockFacts? clock) =>
            clock is not null && (due ?? DueDate.Of(clock.EndedAt(context.At), calendar)) is { } by ? DueDate.Judge(context.At, by, clock.Limit.Rule, calendar) : null;
        return new ResultReady(context.At)
        {
            Judgement = Judged(dossier.Due, dossier.Clock),
            GeneralJudgement = Judged(dossier.GeneralDue, dossier.GeneralClock),
            Minutes = dossier.Clock is { } ran ? DueDate.Ran(ran, context.At, calendar) : null,
        };
    }
}
