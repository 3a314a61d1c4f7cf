using System.ComponentModel;
using EventDossier.Procedures;

namespace EventDossier.Dossiers;

/// <summary>
/// What the system that a stage lies with says of it. The dossier goes along: received, a step done, decided under that system's authority, ready, returned. A status is no slip,
/// so 5, 6 and 8 are kept and shown and let no clock stand.
/// </summary>
public sealed record TrackProgress(
    [Description("1 to 10, as the national portal numbers them")] int Status,
    [Description("The system that says so")] string System,
    [Description("Grows with each that it tells of this dossier; one that was told already is done")] long Number,
    [Description("The step that was done")] string? Step = null,
    [Description("Who did it there")] string? Officer = null,
    [Description("The unit there")] string? Unit = null,
    [Description("Of a decision; approved unless given")] DecisionOutcome? Outcome = null,
    [Description("Why, where it was refused, rejected or withdrawn")] string? Reason = null) : IAct<TrackProgress>
{
    public static ActRule Rule { get; } = new("track", "What the system that a stage lies with says of it",
        [Role.Clerk, Role.Supervisor, Role.Administrator], BackDating.Days3, "unknown-status", "own-stage", "not-received", "ended", "no-such-procedure");

    public static Decision Decide(TrackProgress act, Dossier dossier, ActContext context)
    {
        var status = (PortalStatus)act.Status;
        if (!Enum.IsDefined(status))
            return Decision.Refuse("unknown-status", "a status is a number from 1 to 10");
        if (dossier.Tracked is { } last && act.Number <= last.Number)
            return Decision.AlreadyDone;
        var stage = PortalStatuses.StageOf(status) ?? (dossier.ReceivedAt is null ? OwnedStage.Intake : OwnedStage.Handling);
        if (dossier.Owners?.Of(stage) != act.System)
            return Decision.Refuse("own-stage", $"{dossier.Code}: its {StageNames.Of(stage)} lies with {dossier.Owners?.Of(stage) ?? "us"}, not with {act.System}");
        if (dossier.Stage is >= Stage.Returned || (stage == OwnedStage.Handling && dossier.Stage >= Stage.ResultReady))
            return Decision.Refuse("ended", $"{dossier.Code} is {StageNames.Of(dossier.Stage)}");

        var followed = new List<DossierEvent> { new ProgressTracked(context.At, act.System, status, act.Number, act.Officer, act.Unit, act.Reason) };
        var after = dossier;
        if (dossier.Stage == Stage.Submitted && status is not (PortalStatus.NewlyRegistered or PortalStatus.NotAccepted or PortalStatus.WithdrawnByCitizen))
        {
            if (dossier.Owners!.Intake is null)
                return Decision.Refuse("not-received", $"{dossier.Code} is received here first");
            var received = ReceiveSubmission.Decide(new(), dossier, context);
            if (received.Refusal is { } refused)
                return refused;
            Follow(received);
        }
        if (status == PortalStatus.NotAccepted && dossier.Stage == Stage.Submitted)
            Follow(new SubmissionRefused(context.At, dossier.NextSlip("03"), act.Reason ?? act.System));
        if (status == PortalStatus.WithdrawnByCitizen)
            Follow(new DossierWithdrawn(context.At, act.Reason ?? act.System));
        if (act.Step is { Length: > 0 } step && stage == OwnedStage.Handling && after.Stage is Stage.Received or Stage.InProgress)
            Follow(new StepCompleted(context.At, act.Step, act.Officer, act.Unit));
        var decided = status is PortalStatus.Processed or PortalStatus.ResultReturned;
        if (decided && after.Stage < Stage.Decided)
            Follow(new DossierDecided(context.At, act.Outcome ?? DecisionOutcome.Approved, act.Reason) { Authority = act.System });
        // Where the result is handed back here, it is ready when it lies at the counter, and a person says so.
        if (decided && after.Stage == Stage.Decided && dossier.Owners!.Return is not null)
            Follow(MakeResultReady.Decide(new(), after, context));
        if (status == PortalStatus.ResultReturned && after.Stage == Stage.ResultReady)
            Follow(new ResultReturned(context.At, ReturnChannel.Online));
        return followed;

        void Follow(Decision decision)
        {
            followed.AddRange(decision.Events);
            after = decision.Events.Aggregate(after, (d, e) => d.After(e, d.Version + 1));
        }
    }
}
