using System.Reflection;
using System.Text.Json;
using EventDossier.Alerts;
using EventDossier.Deadlines;
using EventDossier.Store;

namespace EventDossier.Dossiers;

/// <summary>All acts, and what holds for each of them.</summary>
public static class Acts
{
    /// <summary>A kind of act without its type parameter: for the verbs, the routes and the table of acts.</summary>
    /// <param name="Request">The record that asks for it.</param>
    public sealed record Kind(ActRule Rule, Type Request)
    {
        /// <summary><see cref="Acts.Decide"/> for a request of this kind.</summary>
        public required Func<object, Dossier, ActContext, Decision> Decide { get; init; }

        /// <summary>Carries it out at a desk; the code is null for an act that begins a dossier.</summary>
        public required Func<Desk, string?, object, ActContext, CancellationToken, Task<Desk.Result>> DoAsync { get; init; }

        /// <summary>Its parameters are what the act asks for.</summary>
        public ConstructorInfo Constructor { get; } = Request.GetConstructors().Single(c => c.GetParameters() is not [{ ParameterType: var type }] || type != Request);

        /// <summary>What was asked for, once the personal part of it is sealed: a hash of a name would tell who guesses the name.</summary>
        public string Fingerprint(object act, params IEnumerable<string?> more) => CommandMetadata.RequestOf([Rule.Name, JsonSerializer.Serialize(act, Request), .. more]);
    }

    /// <summary>In the order of a dossier's life.</summary>
    public static IReadOnlyList<Kind> All { get; } =
    [
        Of<SubmitDossier>(), Of<ReceiveDossier>(), Of<ReceiveSubmission>(), Of<RefuseSubmission>(), Of<ReceiveReserved>(), Of<VoidNumber>(), Of<VoidReceipt>(), Of<CorrectApplicant>(), Of<CorrectProcedure>(),
        Of<ChangeProcedureVersion>(), Of<ReissueSlip>(), Of<DeliverSlip>(),
        Of<AssignDossier>(), Of<StartStep>(), Of<CompleteStep>(), Of<OfferHandOver>(), Of<AcceptHandOver>(), Of<SendBackHandOver>(), Of<Consult>(), Of<AnswerConsultation>(),
        Of<LinkDossier>(), Of<AttachDocument>(), Of<PlaceHold>(), Of<LiftHold>(),
        Of<RequestSupplement>(), Of<ProvideSupplement>(), Of<AskFee>(), Of<RecordFee>(), Of<SuspendDossier>(), Of<StopDossier>(), Of<ResumeDossier>(),
        Of<ExtendDossier>(), Of<ApologiseLate>(), Of<ReprojectDueDate>(),
        Of<DecideDossier>(), Of<MakeResultReady>(), Of<ReturnResult>(), Of<WithdrawDossier>(), Of<TerminateDossier>(), Of<RateDossier>(),
        Of<TrackProgress>(),
        Of<AcknowledgeAlert>(), Of<SnoozeAlert>(),
    ];

    /// <summary>Refusals that any act may meet.</summary>
    public static IReadOnlyList<string> CommonRefusals { get; } =
        ["not-allowed", "in-the-future", "back-dated-too-far", "approver-is-actor", "before-beginning", "no-such-dossier", "key-reused", "busy", "foreign-stage"];

    /// <summary>
    /// The whole decision: may this role, is it possible, and may it count from then. The time is answered last, so that what is done already can be asked for again at any time.
    /// </summary>
    public static Decision Decide<T>(T act, Dossier dossier, ActContext context) where T : IAct<T>
    {
        var rule = T.Rule;
        if (!rule.By.Contains(context.Command.Role))
            return Decision.Refuse("not-allowed", $"{rule.Name} is for {string.Join(", ", rule.By)}, not for {context.Command.Role}");
        if (rule.Of is { } stage && dossier.RefuseIfForeign(stage) is { } foreign)
            return foreign;
        // Under a number that is set aside nobody has applied yet.
        if (dossier.IsReserved && !rule.Refusals.Contains("not-reserved"))
            return Decision.Refuse("no-such-dossier", $"{dossier.Code} is set aside for a slip, and nobody's dossier yet");
        var never = RefuseMoment(dossier, context);
        // No act is decided at a moment that no clock and no calendar has: what would be done now is enough to know whether it is done already.
        var decision = T.Decide(act, dossier, never is null ? context : context with { At = context.Now });
        if (decision.Events.Count == 0)
            return decision;
        if (never is not null)
            return never;
        if (context.Now - context.At <= rule.BackDating)
            return decision;
        if (RefuseBackDating(rule.BackDating, context) is { } refused)
            return refused;
        return new([.. decision.Events.Select(e => e with { BackDatingApprovedBy = context.ApprovedBy })], null);
    }

    private static Refusal? RefuseMoment(Dossier dossier, ActContext context)
    {
        if (context.At > context.Now)
            return new("in-the-future", $"{context.At:yyyy-MM-dd HH:mm zzz} has not come yet");
        if ((dossier.ReceivedAt ?? dossier.SubmittedAt) is { } began && context.At < began)
            return new("before-beginning", $"{dossier.Code} began on {began:yyyy-MM-dd HH:mm zzz}");
        return context.At.Year < WorkCalendar.First.Year ? new("before-beginning", $"the calendar begins on {WorkCalendar.First:yyyy-MM-dd}") : null;
    }

    private static Refusal? RefuseBackDating(TimeSpan bound, ActContext context)
    {
        if (string.IsNullOrWhiteSpace(context.ApprovedBy))
        {
            return new("back-dated-too-far", bound == TimeSpan.Zero
                ? "this act is dated back only with a supervisor's approval"
                : $"this act may be dated back {bound.TotalHours:0} hours; further only with a supervisor's approval");
        }
        return context.ApprovedBy == context.Command.Actor ? new("approver-is-actor", "nobody approves the dating back of an act of their own") : null;
    }

    private static Kind Of<T>() where T : IAct<T> => new(T.Rule, typeof(T))
    {
        Decide = (act, dossier, context) => Acts.Decide((T)act, dossier, context),
        DoAsync = (desk, code, act, context, cancel) => T.Rule.Begins ? desk.BeginAsync((T)act, context, cancel) : desk.DoAsync(code!, (T)act, context, cancel),
    };
}

/// <summary>How far back acts may be dated.</summary>
internal static class BackDating
{
    /// <summary>What lateness hangs on.</summary>
    public static readonly TimeSpan None = TimeSpan.Zero;

    /// <summary>Paper is typed in by the next day.</summary>
    public static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>Proofs of the post and the bank come later.</summary>
    public static readonly TimeSpan Days3 = TimeSpan.FromDays(3);
}
