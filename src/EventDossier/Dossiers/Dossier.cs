using System.Collections.Immutable;
using EventDossier.Alerts;
using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Import;
using EventDossier.Procedures;
using EventDossier.Store;

namespace EventDossier.Dossiers;

/// <summary>Something that happened to a dossier.</summary>
/// <param name="OccurredAt">Legal time: when it counts as having happened, not when it was typed in.</param>
public abstract record DossierEvent(DateTimeOffset OccurredAt)
{
    /// <summary>Who allowed the act to be dated back further than its own bound.</summary>
    public string? BackDatingApprovedBy { get; init; }
}

/// <summary>Something that moves the clock, with what is due from then on. Readers need no calendar.</summary>
public abstract record ClockMoved(DateTimeOffset OccurredAt) : DossierEvent(OccurredAt)
{
    /// <summary>Null while the clock stands.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>The same by the general limit; null where the procedure has none besides the committed one.</summary>
    public DateTimeOffset? GeneralDue { get; init; }
}

// ---- intake

/// <summary>The number was set aside for a slip printed ahead; nobody applies under it yet.</summary>
/// <param name="Block">Name of the block that it belongs to.</param>
public sealed record NumberReserved(DateTimeOffset OccurredAt, string Block, string NumberedBy) : DossierEvent(OccurredAt);

/// <summary>It was never used. The code stays taken.</summary>
public sealed record NumberVoided(DateTimeOffset OccurredAt, string Reason) : DossierEvent(OccurredAt);

/// <summary>An application came in, online or by post, and waits to be received or refused.</summary>
/// <param name="Place">Where it came in.</param>
/// <param name="Agency">Competent; <paramref name="NumberedBy"/> gave the dossier its code.</param>
/// <param name="AnswerDue">End of the intake clock.</param>
public sealed record DossierSubmitted(
    DateTimeOffset OccurredAt, ProcedurePin Procedure, string Channel, string? Place, string Agency, string NumberedBy, Sealed? Applicant,
    DateTimeOffset AnswerDue) : DossierEvent(OccurredAt)
{
    /// <summary>The code that the national portal gave it, by which both sides know it.</summary>
    public string? ExternalCode { get; init; }
    public Owners? Owners { get; init; }
}

/// <summary>Refused at intake, with form 03: it was never received.</summary>
public sealed record SubmissionRefused(DateTimeOffset OccurredAt, string Slip, string Reason) : DossierEvent(OccurredAt);

/// <param name="Procedure">The version in force at receipt; null for a dossier of an older system that names none.</param>
/// <param name="Channel">online, counter, post, or what the older system called it.</param>
/// <param name="Agency">The competent agency.</param>
/// <param name="Due">As promised: on the slip, or by the older system.</param>
/// <param name="Limit">The committed one, from which the due date was computed; null when a date was only told to us.</param>
public sealed record DossierReceived(
    DateTimeOffset OccurredAt, ProcedurePin? Procedure, string? Channel, string? Agency, string? Unit, string? Officer,
    Limit? Limit, DateTimeOffset? Due, DateTimeOffset? PlannedEnd) : DossierEvent(OccurredAt)
{
    public string? Place { get; init; }
    public string? NumberedBy { get; init; }
    public Sealed? Applicant { get; init; }

    /// <summary>Number of the slip, form 01.</summary>
    public string? Slip { get; init; }
    public Limit? GeneralLimit { get; init; }
    public DateTimeOffset? GeneralDue { get; init; }
    public SupplementRule? SupplementRule { get; init; }
    public Owners? Owners { get; init; }

    /// <summary>Number of the outage in which it was received on paper.</summary>
    public string? Outage { get; init; }
}

/// <summary>The receipt was a mistake. The code stays taken.</summary>
public sealed record ReceiptVoided(DateTimeOffset OccurredAt, string Reason) : DossierEvent(OccurredAt);

/// <param name="Slip">The new form 01; the one before is cancelled.</param>
public sealed record ApplicantCorrected(DateTimeOffset OccurredAt, Sealed Applicant, string Reason, string Slip) : DossierEvent(OccurredAt);

/// <summary>Received under the wrong procedure: the right one counts from the receipt on, and a new slip promises its date.</summary>
public sealed record ProcedureCorrected(
    DateTimeOffset OccurredAt, ProcedurePin Procedure, Limit Limit, Limit? GeneralLimit, SupplementRule SupplementRule, string Reason, string Slip) : ClockMoved(OccurredAt)
{
    public Owners? Owners { get; init; }
}

/// <summary>On a transitional provision another version of the same procedure holds; the date on the slip stays promised.</summary>
public sealed record ProcedureVersionChanged(
    DateTimeOffset OccurredAt, ProcedurePin Procedure, Limit Limit, Limit? GeneralLimit, SupplementRule SupplementRule, string Provision) : ClockMoved(OccurredAt)
{
    public Owners? Owners { get; init; }
}

// ---- slips

/// <summary>A slip was cancelled and another handed over in its place.</summary>
public sealed record SlipReissued(DateTimeOffset OccurredAt, string Cancelled, string Slip, string Reason) : DossierEvent(OccurredAt);

/// <summary>A slip reached the applicant. From this moment one that asks for something stops the clock.</summary>
/// <param name="Proof">Number of the postal item, of the message, or of the signed copy.</param>
public sealed record SlipDelivered(DateTimeOffset OccurredAt, string Slip, Delivery By, string? Proof) : ClockMoved(OccurredAt);

// ---- handling

public sealed record DossierAssigned(DateTimeOffset OccurredAt, string Officer, string? Unit) : DossierEvent(OccurredAt)
{
    /// <summary>Why it goes from one to another.</summary>
    public string? Reason { get; init; }
}

/// <param name="BudgetEnds">When the step's own budget is used up; it is no legal limit.</param>
public sealed record StepStarted(DateTimeOffset OccurredAt, string Step, string? Officer, string? Unit, DateTimeOffset? BudgetEnds) : DossierEvent(OccurredAt);

public sealed record StepCompleted(DateTimeOffset OccurredAt, string Step, string? Officer, string? Unit) : DossierEvent(OccurredAt);

/// <summary>Until it is accepted the dossier and its clock stay with the giver.</summary>
/// <param name="BudgetEnds">Of the giver's step: by it the control slip tells early, on time and late.</param>
public sealed record HandOverOffered(
    DateTimeOffset OccurredAt, string? FromUnit, string? FromOfficer, string ToUnit, string? ToOfficer, DateTimeOffset? BudgetEnds) : DossierEvent(OccurredAt);

public sealed record HandOverAccepted(DateTimeOffset OccurredAt, string Unit, string Officer) : DossierEvent(OccurredAt);

public sealed record HandOverSentBack(DateTimeOffset OccurredAt, string Reason) : DossierEvent(OccurredAt);

/// <summary>Another unit is asked for its opinion while the handling goes on.</summary>
/// <param name="Number">Of the consultations of this dossier.</param>
public sealed record ConsultationAsked(DateTimeOffset OccurredAt, int Number, string Unit, string Question, DateTimeOffset? AnswerBy) : DossierEvent(OccurredAt);

public sealed record ConsultationAnswered(DateTimeOffset OccurredAt, int Number, string Answer) : DossierEvent(OccurredAt);

/// <param name="Other">Code of the other dossier; its own stream says nothing of it.</param>
public sealed record DossierLinked(DateTimeOffset OccurredAt, string Other, LinkKind Kind) : DossierEvent(OccurredAt);

/// <param name="Sha256">Of the stored ciphertext, lower-case hex.</param>
/// <param name="Size">Bytes of the document itself.</param>
public sealed record DocumentAttached(DateTimeOffset OccurredAt, string Kind, string Sha256, long Size, string MediaType) : DossierEvent(OccurredAt);

/// <param name="Basis">The order that forbids erasing whom the dossier names; by it the hold is lifted.</param>
public sealed record DossierHeld(DateTimeOffset OccurredAt, string Basis) : DossierEvent(OccurredAt);

/// <param name="Basis">Of the hold.</param>
public sealed record DossierHoldLifted(DateTimeOffset OccurredAt, string Basis, string Reason) : DossierEvent(OccurredAt);

// ---- what stops the clock, and what lets it run again

/// <param name="Slip">Form 02. The clock runs until it is delivered.</param>
public sealed record SupplementRequested(DateTimeOffset OccurredAt, string Slip, IReadOnlyList<string> Items) : DossierEvent(OccurredAt);

/// <param name="OccurredAt">When it arrived.</param>
public sealed record SupplementProvided(DateTimeOffset OccurredAt, string Slip) : ClockMoved(OccurredAt);

/// <param name="Amount">In đồng.</param>
/// <param name="Slip">The fee notice. The clock runs until it is delivered.</param>
public sealed record FeeAsked(DateTimeOffset OccurredAt, string Slip, long Amount, string Provision) : DossierEvent(OccurredAt);

/// <param name="Receipt">Number of the receipt or of the transfer.</param>
public sealed record FeePaid(DateTimeOffset OccurredAt, string Slip, long Amount, string Receipt) : ClockMoved(OccurredAt);

/// <summary>A named provision lets the clock stand until something else has happened.</summary>
public sealed record DossierSuspended(DateTimeOffset OccurredAt, string Provision, string Reason) : ClockMoved(OccurredAt);

/// <summary>Handling is stopped for a time by form 05. The clock runs until that is delivered.</summary>
public sealed record DossierStopped(DateTimeOffset OccurredAt, string Slip, string Provision, string Reason) : DossierEvent(OccurredAt);

/// <param name="Basis">The provision, or the slip, that had let the clock stand.</param>
public sealed record DossierResumed(DateTimeOffset OccurredAt, string Basis, string Reason) : ClockMoved(OccurredAt);

/// <summary>A new appointment with an apology, before the old one has passed.</summary>
/// <param name="Slip">Form 04.</param>
public sealed record DossierExtended(DateTimeOffset OccurredAt, string Slip, DateTimeOffset Until, string Reason) : ClockMoved(OccurredAt);

/// <summary>An apology that comes when the date has passed: it names a day, and moves no due date.</summary>
/// <param name="Slip">Form 04.</param>
public sealed record LateApology(DateTimeOffset OccurredAt, string Slip, DateTimeOffset Appointment, string Reason) : DossierEvent(OccurredAt);

/// <summary>A decision on the calendar became known, and moved the date; the printed slip keeps its own.</summary>
/// <param name="Decision">Numbers of the decisions.</param>
public sealed record DueDateReprojected(DateTimeOffset OccurredAt, string Decision) : ClockMoved(OccurredAt);

// ---- the end

public sealed record DossierDecided(DateTimeOffset OccurredAt, DecisionOutcome Outcome, string? Reason) : DossierEvent(OccurredAt)
{
    /// <summary>The post or delegation that it was decided under.</summary>
    public string? Authority { get; init; }
}

/// <summary>The finish that the clock is judged by; collection is another fact.</summary>
public sealed record ResultReady(DateTimeOffset OccurredAt) : DossierEvent(OccurredAt)
{
    /// <summary>By the due date known now; null where there was none.</summary>
    public Judgement? Judgement { get; init; }
    public Judgement? GeneralJudgement { get; init; }

    /// <summary>Working minutes that the clock ran.</summary>
    public int? Minutes { get; init; }
}

public sealed record ResultReturned(DateTimeOffset OccurredAt, ReturnChannel Channel) : DossierEvent(OccurredAt)
{
    /// <summary>Who took it in the applicant's place, sealed under the applicant's key.</summary>
    public Sealed? Agent { get; init; }
    public string? PowerOfAttorney { get; init; }
}

public sealed record DossierWithdrawn(DateTimeOffset OccurredAt, string Reason) : DossierEvent(OccurredAt);

/// <summary>Ended for good without a decision, on a legal basis.</summary>
public sealed record DossierTerminated(DateTimeOffset OccurredAt, string Provision, string Reason) : DossierEvent(OccurredAt);

/// <param name="Level">1, very dissatisfied, to 5, very satisfied.</param>
public sealed record DossierRated(DateTimeOffset OccurredAt, int Level, Sealed? Comment) : DossierEvent(OccurredAt);

// ---- alerts

/// <summary>Somebody had to be told that the dossier is in danger: once for a rule and a cycle, whatever crashes or runs twice. See ADR 0017.</summary>
/// <param name="OccurredAt">When it was raised.</param>
/// <param name="Rule">Of the ladder.</param>
/// <param name="LadderVersion">Version of the stream <see cref="Ladder"/>; 0 for the ladder that comes with the product.</param>
/// <param name="Cycle">Of the handling clock, counted from 1; of the step for its budget.</param>
/// <param name="DueAt">When it had to be raised.</param>
public sealed record AlertRaised(
    DateTimeOffset OccurredAt, string Rule, long LadderVersion, AlertLevel Level, int Cycle, DateTimeOffset DueAt, IReadOnlyList<AlertRecipient> To) : DossierEvent(OccurredAt)
{
    public AlertClock Clock { get; init; }

    /// <summary>Stream of the ladder.</summary>
    public string? Ladder { get; init; }
}

/// <summary>What became known later shows that an alert had no reason.</summary>
public sealed record AlertWithdrawn(DateTimeOffset OccurredAt, string Rule, int Cycle, string Reason) : DossierEvent(OccurredAt);

/// <param name="By">Who sees to it.</param>
public sealed record AlertAcknowledged(DateTimeOffset OccurredAt, string Rule, int Cycle, string By) : DossierEvent(OccurredAt);

public sealed record AlertSnoozed(DateTimeOffset OccurredAt, string Rule, int Cycle, string By, DateTimeOffset Until, string Reason) : DossierEvent(OccurredAt);

// ---- notices

/// <summary>The proof that the applicant was sent a notice. It moves no clock: a slip is delivered when it arrives, and somebody says so.</summary>
/// <param name="OccurredAt">When the mail server or the gateway had taken it, or it was printed.</param>
/// <param name="Slip">The slip that it tells of.</param>
/// <param name="MessageId">As in the mail's Message-ID, or the gateway's webhook-id.</param>
public sealed record NoticeSent(DateTimeOffset OccurredAt, NoticeKind Notice, string? Slip, NoticeChannel Channel, Guid MessageId) : DossierEvent(OccurredAt);

/// <summary>The applicant is to be reminded of a result that nobody fetched: each reminder of the rule once.</summary>
/// <param name="Number">Which of the rule's, from 1.</param>
/// <param name="RuleVersion">0 for the rule that comes with the product.</param>
public sealed record CollectionReminded(DateTimeOffset OccurredAt, int Number, long RuleVersion) : DossierEvent(OccurredAt);

// ---- of the systems that other stages lie with

/// <summary>
/// What the system that a stage lies with says of it. What that means for the dossier (a receipt, a step, a decision) are events of their own beside it; a status alone moves no clock.
/// </summary>
/// <param name="System">Its name, as the dossier's procedure has it.</param>
/// <param name="Number">Grows with each that the system tells of this dossier.</param>
public sealed record ProgressTracked(DateTimeOffset OccurredAt, string System, PortalStatus Status, long Number, string? Officer, string? Unit, string? Reason)
    : DossierEvent(OccurredAt);

// ---- of older systems

/// <summary>An activity of an older system, as it told it; nobody decided it here.</summary>
/// <param name="Transition">XES lifecycle transition; null where the log has none, which means complete.</param>
public sealed record ActivityImported(
    DateTimeOffset OccurredAt, string Activity, string? Transition, string? Instance, string? Officer, string? Unit,
    IReadOnlyList<SourceAttribute>? Attributes, IReadOnlyList<SourceRelation>? Relations) : DossierEvent(OccurredAt);

/// <summary>The cut-over: what stands before it was told by an older system, what follows is ours.</summary>
/// <param name="Sha256">Of the file, lower-case hex.</param>
/// <param name="Place">Where the case stands in the file.</param>
/// <param name="Attributes">What the case had besides the facts of its receipt.</param>
public sealed record DossierImported(
    DateTimeOffset OccurredAt, string File, string Sha256, string Format, string Place,
    IReadOnlyList<SourceAttribute>? Attributes, IReadOnlyList<SourceObject>? Objects) : DossierEvent(OccurredAt)
{
    /// <summary>Stream of the import; null for one that told no backlog.</summary>
    public string? Import { get; init; }

    /// <summary>Codes that it had before, by which it is still found.</summary>
    public IReadOnlyList<string>? Aliases { get; init; }
}

/// <summary>The clock of a dossier that was open at the cut-over goes on here: what the older system says, and what ours makes of it.</summary>
/// <param name="Pauses">As the older system told them; one without an end still runs.</param>
/// <param name="Used">Working time used by the older system's word.</param>
/// <param name="Minutes">Working minutes that the clock ran by ours, up to the cut-over.</param>
/// <param name="Slip">Form 01, under which its holder looks the dossier up from now on.</param>
public sealed record ClockCarriedOver(DateTimeOffset OccurredAt, IReadOnlyList<Pause> Pauses, string? Used, int Minutes, string Slip)
    : ClockMoved(OccurredAt);

/// <param name="Version">Of the procedure's stream.</param>
public sealed record ProcedurePin(string Code, long? Version);

public enum DecisionOutcome { Approved, Rejected }

public enum ReturnChannel { Counter, Post, Online }

public enum Delivery { Counter, Post, Online }

public enum NoticeKind { Received, SupplementWanted, Refused, FeeDue, DateMoved, Apology, ResultReady, ResultWaiting }

public enum NoticeChannel { Mail, Sms, Letter }

public enum LinkKind { Follows, Replaces, Related }

/// <summary>How far the business of a dossier has come. Payment, delivery and the clock are facts of their own.</summary>
public enum Stage { Unknown, Submitted, Received, InProgress, Decided, ResultReady, Returned, Withdrawn, Terminated, Refused, Voided }

/// <summary>
/// A dossier: the fold of its events in version order. Any subset of them folds, for as-of questions leave events out; what is then
/// not known stays null, and a stage is never taken back by an event that belongs to an earlier one.
/// </summary>
public sealed record Dossier(string Code)
{
    private long _version;

    public long Version { get => _version; init => _version = value; }
    public Stage Stage { get; init; }
    public ProcedurePin? Procedure { get; init; }
    public string? Channel { get; init; }
    public string? Place { get; init; }
    public string? Agency { get; init; }
    public string? NumberedBy { get; init; }
    public Sealed? Applicant { get; init; }

    /// <summary>The block that its number was reserved in; null for most.</summary>
    public string? Block { get; init; }

    /// <summary>In which it was received on paper.</summary>
    public string? Outage { get; init; }

    /// <summary>At the national portal; null where it did not come from there.</summary>
    public string? ExternalCode { get; init; }

    /// <summary>The systems that stages of it lie with; null: all are ours.</summary>
    public Owners? Owners { get; init; }

    /// <summary>What the owner of a stage said last.</summary>
    public Tracking? Tracked { get; init; }
    public string? Unit { get; init; }
    public string? Officer { get; init; }
    public Limit? Limit { get; init; }
    public Limit? GeneralLimit { get; init; }
    public SupplementRule SupplementRule { get; init; }
    public DateTimeOffset? SubmittedAt { get; init; }
    public DateTimeOffset? AnswerDue { get; init; }
    public DateTimeOffset? ReceivedAt { get; init; }

    /// <summary>The date on the slip.</summary>
    public DateTimeOffset? Promised { get; init; }

    /// <summary>As known now; null while the clock stands.</summary>
    public DateTimeOffset? Due { get; init; }
    public DateTimeOffset? GeneralDue { get; init; }
    public DateTimeOffset? PlannedEnd { get; init; }
    public ImmutableList<Pause> Pauses { get; init; } = [];
    public Extension? Extension { get; init; }
    public DateTimeOffset? ApologisedAt { get; init; }

    /// <summary>The day that the late apology names; no due date.</summary>
    public DateTimeOffset? ApologisedUntil { get; init; }
    public DecisionOutcome? Outcome { get; init; }
    public DateTimeOffset? DecidedAt { get; init; }
    public string? Authority { get; init; }

    /// <summary>When the clock stopped for good: the result was ready, or the dossier ended without one.</summary>
    public DateTimeOffset? FinishedAt { get; init; }
    public Judgement? Judgement { get; init; }
    public Judgement? GeneralJudgement { get; init; }
    public DateTimeOffset? ReturnedAt { get; init; }
    public ReturnChannel? ReturnedBy { get; init; }

    /// <summary>How far the applicant was reminded of a result that nobody fetched.</summary>
    public int Reminders { get; init; }
    public DateTimeOffset? RemindedAt { get; init; }
    public int? Rating { get; init; }
    public ImmutableList<StepDone> Steps { get; init; } = [];
    public RunningStep? Running { get; init; }
    public ImmutableList<Slip> Slips { get; init; } = [];
    public ImmutableList<HandOver> HandOvers { get; init; } = [];
    public ImmutableList<Consultation> Consultations { get; init; } = [];
    public ImmutableList<Link> Links { get; init; } = [];
    public ImmutableList<Document> Documents { get; init; } = [];
    public ImmutableList<Notice> Notices { get; init; } = [];

    /// <summary>Orders that forbid erasing whom the dossier names.</summary>
    public ImmutableList<Hold> Holds { get; init; } = [];
    public Origin? Origin { get; init; }

    /// <summary>The cut-over, before which an older system kept the dossier.</summary>
    public DateTimeOffset? ImportedAt { get; init; }

    /// <summary>Codes that it had in older systems.</summary>
    public ImmutableList<string> Aliases { get; init; } = [];

    /// <summary>What was used of the limit at the cut-over; null where no clock was carried over.</summary>
    public UsedTime? CarriedOver { get; init; }

    /// <summary>Of the handling clock; null before receipt.</summary>
    public ClockCycle? Cycle { get; init; }

    /// <summary>How many steps were started.</summary>
    public int StepsStarted { get; init; }
    public ImmutableList<Alert> Alerts { get; init; } = [];

    /// <summary>Restart, extension and a date told anew begin the next; a pause does not.</summary>
    /// <param name="Number">From 1.</param>
    /// <param name="From">From when the share of the limit that is used is counted: receipt, restart or extension.</param>
    public sealed record ClockCycle(int Number, DateTimeOffset At, DateTimeOffset From);

    /// <param name="Transition">Null means complete.</param>
    public sealed record StepDone(string Step, DateTimeOffset At, string? Officer, string? Unit, string? Transition, string? Instance);

    public sealed record RunningStep(string Step, DateTimeOffset Since, DateTimeOffset? BudgetEnds);

    /// <summary>Numbered within the dossier: form, and how many of it there were.</summary>
    /// <param name="Answered">When what it asked for arrived, or what it announced was over.</param>
    public sealed record Slip(string Number, string Form, DateTimeOffset At)
    {
        public DateTimeOffset? DeliveredAt { get; init; }
        public DateTimeOffset? Answered { get; init; }
        public bool Cancelled { get; init; }

        /// <summary>Of a fee notice, in đồng.</summary>
        public long? Amount { get; init; }
    }

    /// <summary>A row of the control slip.</summary>
    public sealed record HandOver(string? FromUnit, string? FromOfficer, string ToUnit, string? ToOfficer, DateTimeOffset OfferedAt, DateTimeOffset? BudgetEnds)
    {
        public DateTimeOffset? AcceptedAt { get; init; }
        public DateTimeOffset? SentBackAt { get; init; }
        public string? Reason { get; init; }
        public bool IsOpen => AcceptedAt is null && SentBackAt is null;
    }

    public sealed record Consultation(int Number, string Unit, DateTimeOffset AskedAt, DateTimeOffset? AnswerBy, DateTimeOffset? AnsweredAt);

    public sealed record Link(string Other, LinkKind Kind);

    /// <summary>What the applicant was sent.</summary>
    public sealed record Notice(NoticeKind Kind, string? Slip, NoticeChannel Channel, Guid MessageId, DateTimeOffset At);

    public sealed record Document(string Kind, string Sha256, long Size, string MediaType, DateTimeOffset At);

    public sealed record Hold(string Basis, DateTimeOffset Since);

    /// <param name="Told">By the older system's word.</param>
    /// <param name="Minutes">Working minutes by our clock.</param>
    public sealed record UsedTime(string? Told, int Minutes);

    /// <summary>By the system that a stage lies with.</summary>
    public sealed record Tracking(string System, PortalStatus Status, long Number, DateTimeOffset At);

    public bool Exists => Version > 0;

    /// <summary>Nobody applied under the number yet.</summary>
    public bool IsReserved => Block is not null && Stage == Stage.Unknown;

    /// <summary>What the handling clock is computed from; null where no limit is known.</summary>
    public ClockFacts? Clock => ReceivedAt is { } start && Limit is { } limit ? new(start, limit) { Pauses = Pauses, Extension = Extension } : null;

    /// <summary>The same under the general limit.</summary>
    public ClockFacts? GeneralClock => GeneralLimit is { } limit ? Clock is { } clock ? clock with { Limit = limit } : null : null;

    /// <summary>Why the clock stands now; null while it runs.</summary>
    public Pause? Standing => Pauses.FindLast(p => p.To is null);

    public HandOver? Offered => HandOvers is [.., { IsOpen: true } last] ? last : null;

    /// <summary>A slip that waits for its answer.</summary>
    public Slip? Waiting(string form) => Slips.FindLast(s => s.Form == form && s.Answered is null && !s.Cancelled);

    public static Dossier Fold(string code, IEnumerable<StoredEvent> events)
    {
        var dossier = new Dossier(code);
        foreach (var e in events)
            dossier = dossier.After((DossierEvent)e.Event, e.Version);
        return dossier;
    }

    /// <param name="version">The event's own.</param>
    public Dossier After(DossierEvent @event, long version)
    {
        var after = @event switch
        {
            NumberReserved e => this with { Block = e.Block, NumberedBy = e.NumberedBy },
            NumberVoided => this with { Stage = UpTo(Stage.Voided) },
            DossierSubmitted e => this with
            {
                Stage = UpTo(Stage.Submitted), SubmittedAt = e.OccurredAt, Procedure = e.Procedure, Channel = e.Channel, Place = e.Place, Agency = e.Agency, NumberedBy = e.NumberedBy,
                Applicant = e.Applicant, AnswerDue = e.AnswerDue, ExternalCode = e.ExternalCode, Owners = e.Owners,
            },
            SubmissionRefused e => Issue(e.Slip, e.OccurredAt) with { Stage = UpTo(Stage.Refused), FinishedAt = e.OccurredAt },
            DossierReceived e => Issue(e.Slip, e.OccurredAt) with
            {
                Stage = UpTo(Stage.Received), ReceivedAt = e.OccurredAt, Procedure = e.Procedure, Channel = e.Channel, Agency = e.Agency, Unit = e.Unit, Officer = e.Officer,
                Limit = e.Limit, GeneralLimit = e.GeneralLimit, SupplementRule = e.SupplementRule ?? default, Due = e.Due, GeneralDue = e.GeneralDue, Promised = e.Due,
                PlannedEnd = e.PlannedEnd, Place = e.Place ?? Place, NumberedBy = e.NumberedBy ?? NumberedBy, Applicant = e.Applicant ?? Applicant, Owners = e.Owners, Outage = e.Outage ?? Outage,
                Cycle = new(1, e.OccurredAt, e.OccurredAt), Alerts = Alerts.Ended(AlertClock.Intake, e.OccurredAt, "answered"),
            },
            ReceiptVoided e => this with { Stage = UpTo(Stage.Voided), FinishedAt = e.OccurredAt },
            ApplicantCorrected e => Cancel("01").Issue(e.Slip, e.OccurredAt) with { Applicant = e.Applicant },
            ProcedureCorrected e => Cancel("01").Issue(e.Slip, e.OccurredAt) with
            {
                Procedure = e.Procedure, Limit = e.Limit, GeneralLimit = e.GeneralLimit, SupplementRule = e.SupplementRule, Promised = e.Due ?? Promised,
                Owners = e.Owners,
            },
            ProcedureVersionChanged e => this with
            {
                Procedure = e.Procedure, Limit = e.Limit, GeneralLimit = e.GeneralLimit, SupplementRule = e.SupplementRule, Owners = e.Owners,
            },

            SlipReissued e => OnSlip(e.Cancelled, s => s with { Cancelled = true }).Issue(
                e.Slip, e.OccurredAt, Slips.Find(s => s.Number == e.Cancelled)?.Amount),
            SlipDelivered e => OnSlip(e.Slip, s => s with { DeliveredAt = e.OccurredAt }).Pausing(e.Slip, e.OccurredAt),

            DossierAssigned e => this with { Stage = UpTo(Stage.InProgress), Officer = e.Officer, Unit = e.Unit ?? Unit },
            StepStarted e => this with { Stage = UpTo(Stage.InProgress), Running = new(e.Step, e.OccurredAt, e.BudgetEnds), StepsStarted = StepsStarted + 1 },
            StepCompleted e => this with
            {
                Stage = UpTo(Stage.InProgress), Steps = Steps.Add(new(e.Step, e.OccurredAt, e.Officer, e.Unit, null, null)), Running = Running?.Step == e.Step ? null : Running,
                Alerts = Running?.Step == e.Step ? Alerts.Ended(AlertClock.Step, e.OccurredAt, "step completed") : Alerts,
            },
            HandOverOffered e => this with
            {
                Stage = UpTo(Stage.InProgress), HandOvers = HandOvers.Add(new(e.FromUnit, e.FromOfficer, e.ToUnit, e.ToOfficer, e.OccurredAt, e.BudgetEnds)),
            },
            HandOverAccepted e => OnOffer(h => h with { AcceptedAt = e.OccurredAt, ToOfficer = e.Officer }) with
            {
                Unit = e.Unit, Officer = e.Officer, Running = null, Alerts = Alerts.Ended(AlertClock.Step, e.OccurredAt, "handed over"),
            },
            HandOverSentBack e => OnOffer(h => h with { SentBackAt = e.OccurredAt, Reason = e.Reason }),
            ConsultationAsked e => this with { Stage = UpTo(Stage.InProgress), Consultations = Consultations.Add(new(e.Number, e.Unit, e.OccurredAt, e.AnswerBy, null)) },
            ConsultationAnswered e => this with { Consultations = Changed(Consultations, c => c.Number == e.Number, c => c with { AnsweredAt = e.OccurredAt }) },
            DossierLinked e => this with { Links = Links.Add(new(e.Other, e.Kind)) },
            DocumentAttached e => this with { Documents = Documents.Add(new(e.Kind, e.Sha256, e.Size, e.MediaType, e.OccurredAt)) },

            DossierHeld e => this with { Holds = Holds.RemoveAll(h => h.Basis == e.Basis).Add(new(e.Basis, e.OccurredAt)) },
            DossierHoldLifted e => this with { Holds = Holds.RemoveAll(h => h.Basis == e.Basis) },

            SupplementRequested e => Issue(e.Slip, e.OccurredAt) with { Stage = UpTo(Stage.InProgress) },
            SupplementProvided e => Answered(e.Slip, e.OccurredAt),
            FeeAsked e => Issue(e.Slip, e.OccurredAt, e.Amount) with { Stage = UpTo(Stage.InProgress) },
            FeePaid e => Answered(e.Slip, e.OccurredAt),
            DossierSuspended e => this with { Pauses = Pauses.Add(new(e.OccurredAt, null, PauseKind.Provision, e.Provision)) },
            DossierStopped e => Issue(e.Slip, e.OccurredAt),
            DossierResumed e => Answered(e.Basis, e.OccurredAt),
            DossierExtended e => Issue(e.Slip, e.OccurredAt) with { Extension = new(e.OccurredAt, e.Until, e.Slip) },
            LateApology e => Issue(e.Slip, e.OccurredAt) with { ApologisedAt = e.OccurredAt, ApologisedUntil = e.Appointment },
            DueDateReprojected => this,

            DossierDecided e => this with { Stage = UpTo(Stage.Decided), Outcome = e.Outcome, DecidedAt = e.OccurredAt, Authority = e.Authority },
            ResultReady e => this with { Stage = UpTo(Stage.ResultReady), FinishedAt = e.OccurredAt, Judgement = e.Judgement, GeneralJudgement = e.GeneralJudgement },
            ResultReturned e => this with { Stage = UpTo(Stage.Returned), ReturnedAt = e.OccurredAt, ReturnedBy = e.Channel },
            DossierWithdrawn e => this with { Stage = UpTo(Stage.Withdrawn), FinishedAt = e.OccurredAt },
            DossierTerminated e => this with { Stage = UpTo(Stage.Terminated), FinishedAt = e.OccurredAt },
            DossierRated e => this with { Rating = e.Level },

            CollectionReminded e => this with { Reminders = e.Number, RemindedAt = e.OccurredAt },
            ProgressTracked e => this with { Tracked = new(e.System, e.Status, e.Number, e.OccurredAt) },

            NoticeSent e => this with { Notices = Notices.Add(new(e.Notice, e.Slip, e.Channel, e.MessageId, e.OccurredAt)) },

            ActivityImported e => this with
            {
                Stage = UpTo(Stage.InProgress), Steps = Steps.Add(new(e.Activity, e.OccurredAt, e.Officer, e.Unit, e.Transition, e.Instance)),
            },
            AlertRaised e => this with
            {
                Alerts = Alerts.RemoveAll(a => a.Is(e.Rule, e.Cycle)).Add(new(e.Rule, e.Cycle, e.Clock, e.Level, e.DueAt, e.OccurredAt, [.. e.To])
                {
                    Times = 1 + (Alerts.Find(a => a.Is(e.Rule, e.Cycle))?.Times ?? 0),
                    // Raised for what was over by then: a duty that was missed while nobody could raise it.
                    ClosedAt = FinishedAt is not null || (e.Clock == AlertClock.Intake && ReceivedAt is not null) ? e.OccurredAt : null,
                }),
            },
            AlertWithdrawn e => this with { Alerts = Alerts.On(e.Rule, e.Cycle, a => a with { WithdrawnAt = e.OccurredAt }) },
            AlertAcknowledged e => this with { Alerts = Alerts.On(e.Rule, e.Cycle, a => a with { AcknowledgedAt = e.OccurredAt, AcknowledgedBy = e.By }) },
            AlertSnoozed e => this with { Alerts = Alerts.On(e.Rule, e.Cycle, a => a with { SnoozedUntil = e.Until, Snoozes = a.Snoozes + 1 }) },

            ClockCarriedOver e => CarryOver(e),
            DossierImported e => this with { Origin = new(e.File, e.Sha256, e.Place), ImportedAt = e.OccurredAt, Aliases = [.. e.Aliases ?? []] },
            _ => throw new InvalidOperationException($"{@event.GetType().Name} is not an event of a dossier's life"),
        };
        // Nobody else has seen the new one yet, so it needs no copy for this.
        after = ReferenceEquals(after, this) ? this with { } : after;
        after._version = version;
        if (@event is ClockMoved moved)
            after = (after with { Due = moved.Due, GeneralDue = moved.GeneralDue }).Cycled(moved, before: this);
        return after.FinishedAt is { } finished && FinishedAt is null ? after with { Alerts = after.Alerts.Ended(null, finished, "finished") } : after;
    }

    /// <summary>What a move of the clock means for the alerts: another cycle, or that it has stood since.</summary>
    private Dossier Cycled(ClockMoved moved, Dossier before)
    {
        // A supplement that was asked for after the due moment restarts nothing, and then the clock was not standing.
        var restarted = moved is SupplementProvided { Slip: var slip } && before.Due is null && Pauses.Exists(p => p.Basis == slip && p.Restarts && p.To == moved.OccurredAt);
        if (restarted || moved is DossierExtended or DueDateReprojected or ProcedureCorrected or ProcedureVersionChanged)
        {
            var from = restarted || moved is DossierExtended ? moved.OccurredAt : Cycle?.From ?? moved.OccurredAt;
            return this with { Cycle = new((Cycle?.Number ?? 0) + 1, moved.OccurredAt, from), Alerts = Alerts.NewCycle() };
        }
        return Due is null && before.Due is not null ? this with { Alerts = Alerts.Stood(moved.OccurredAt) } : this;
    }

    /// <summary>Most acts are for a dossier that is received and not yet decided or ended.</summary>
    public Refusal? RefuseUnlessOpen() => Stage is Stage.Received or Stage.InProgress
        ? null
        : new("not-open", $"{Code} is {StageNames.Of(Stage)}");

    /// <summary>What is decided is not done: until the result is ready its clock runs, a date can move, and somebody has to see to it.</summary>
    public Refusal? RefuseUnlessUnfinished() => Stage == Stage.Decided ? null : RefuseUnlessOpen();

    /// <summary>A stage that lies with another system is tracked, and not decided here as well.</summary>
    public Refusal? RefuseIfForeign(OwnedStage stage) => Owners?.Of(stage) is { } system
        ? new("foreign-stage", $"{Code}: its {StageNames.Of(stage)} lies with {system}; what happens there is tracked")
        : null;

    /// <summary>The alert of a rule, in its latest cycle unless another is named.</summary>
    public Alert? FindAlert(string rule, int? cycle) => Alerts.Where(a => a.Rule == rule && (cycle is null || a.Cycle == cycle)).MaxBy(a => a.Cycle);

    public Refusal? RefuseUnlessOpen(Alert alert) => alert.IsOpen ? null : new("alert-over", $"the alert {alert.Rule} of {Code} is over");

    /// <summary>The next number of a form's slips: <c>H49.12-260424-0001/02-1</c>.</summary>
    public string NextSlip(string form) => $"{Code}/{form}-{Slips.Count(s => s.Form == form) + 1}";

    private Stage UpTo(Stage to) => Stage < to ? to : Stage;

    private Dossier Issue(string? number, DateTimeOffset at, long? amount = null) =>
        number is null ? this : this with { Slips = Slips.Add(new(number, FormOf(number), at) { Amount = amount }) };

    private Dossier Cancel(string form) => this with { Slips = Changed(Slips, s => s.Form == form, s => s with { Cancelled = true }) };

    private Dossier OnSlip(string number, Func<Slip, Slip> change) => this with { Slips = Changed(Slips, s => s.Number == number, change) };

    private Dossier OnOffer(Func<HandOver, HandOver> change) => this with { Stage = UpTo(Stage.InProgress), HandOvers = Changed(HandOvers, h => h.IsOpen, change) };

    /// <summary>A slip that asks for something, or says that nothing goes on, lets the clock stand.</summary>
    private Dossier Pausing(string slip, DateTimeOffset at)
    {
        PauseKind? kind = FormOf(slip) switch { "02" => PauseKind.Supplement, "fee" => PauseKind.Fee, "05" => PauseKind.Stop, _ => null };
        var answered = Slips.Find(s => s.Number == slip)?.Answered;
        return kind is null || answered is not null ? this : this with { Pauses = Pauses.Add(new(at, null, kind.Value, slip)) };
    }

    /// <summary>A pause that still runs is a slip that waits for its answer, so that the acts which end one end it too.</summary>
    private Dossier CarryOver(ClockCarriedOver e) => Issue(e.Slip, e.OccurredAt) is var issued ? issued with
    {
        Pauses = [.. issued.Pauses, .. e.Pauses], CarriedOver = new(e.Used, e.Minutes),
        Slips =
        [
            .. issued.Slips,
            .. e.Pauses.Where(p => p.To is null && p.Kind != PauseKind.Provision).Select(p => new Slip(
                p.Basis, p.Kind switch { PauseKind.Supplement => "02", PauseKind.Fee => "fee", _ => "05" }, p.From) { DeliveredAt = p.From }),
        ],
    } : this;

    private Dossier Answered(string basis, DateTimeOffset at) => OnSlip(basis, s => s with { Answered = at }) with
    {
        Pauses = Changed(Pauses, p => p.Basis == basis && p.To is null, p => p with
        {
            To = at < p.From ? p.From : at, Restarts = p.Kind == PauseKind.Supplement && SupplementRule == SupplementRule.Restart,
        }),
    };

    private static string FormOf(string slip) => slip[(slip.LastIndexOf('/') + 1)..].Split('-')[0];

    private static ImmutableList<T> Changed<T>(ImmutableList<T> list, Predicate<T> which, Func<T, T> change) =>
        list.FindIndex(which) < 0 ? list : [.. list.Select(item => which(item) ? change(item) : item)];
}

/// <summary>The file that an imported dossier came from.</summary>
public sealed record Origin(string File, string Sha256, string Place);
