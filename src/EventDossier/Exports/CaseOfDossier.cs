using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Import;
using EventDossier.Store;
using static EventDossier.Exports.DataDictionary;

namespace EventDossier.Exports;

/// <summary>What a dossier is as a case of a process log. Pure.</summary>
internal static class CaseOfDossier
{
    private static readonly HashSet<Type> _beside =
    [
        typeof(DossierLinked), typeof(DocumentAttached), typeof(DossierHeld), typeof(DossierHoldLifted),
        typeof(AlertRaised),
        typeof(AlertWithdrawn), typeof(AlertAcknowledged), typeof(AlertSnoozed), typeof(NoticeSent),
        typeof(ProgressTracked), typeof(NumberReserved), typeof(NumberVoided), typeof(ClockCarriedOver), typeof(CollectionReminded),
    ];

    /// <summary>
    /// Stored names of events that merely stand beside a dossier's life. A case is the same without them, so they need
    /// not be read; in a centre that raises alerts they are a quarter of the log.
    /// </summary>
    public static string[] Beside { get; } = [.. ProductEvents.Names.All.Where(n => _beside.Contains(n.Event))
        .Select(n => n.Name)];

    /// <param name="Event">Of a dossier of ours, with who did it and what it came to.</param>
    /// <param name="Told">What an imported log tells of it.</param>
    private sealed record Happened(
        string Activity, string Lifecycle, DateTimeOffset At, string? Instance, DossierEvent Event, string? By,
        Dossier After,
        Func<string, string?>? Told);

    /// <param name="events">Of one dossier, in version order.</param>
    /// <param name="roles">Of who did each, where that is known.</param>
    /// <param name="dossier">As all of them leave it.</param>
    /// <returns>Null where it is not selected, or nothing in it is an activity: a case without events is
    /// none.</returns>
    public static ProcessCase? Of(
        IReadOnlyList<StoredEvent> events, IReadOnlyList<string?> roles, Rulebook rules, ProcessSelection which,
        out Dossier dossier)
    {
        var code = events[0].Stream;
        var cutOver = events.LastOrDefault(e => e.Event is DossierImported);
        var import = cutOver?.Event as DossierImported;
        var (folded, happened) = (new Dossier(code), new List<Happened>());
        foreach (var (i, e) in events.Index())
        {
            var (before, one) = (folded, (DossierEvent)e.Event);
            folded = folded.After(one, e.Version);
            if (one is ActivityImported activity)
                happened.Add(Of(activity, import, folded));
            // Receipt and finish before the cut-over are what the import made of a case.
            else if (!(e.Version < cutOver?.Version) && ActivityOf(e, one) is { } name)
                happened.Add(Of(name, e.Version, roles[i], one, before, folded));
        }
        dossier = folded;
        var begun = folded.ReceivedAt ?? folded.SubmittedAt;
        if (happened.Count == 0 || begun < which.From || begun >= which.To
            || (which.Agency is { } agency && folded.Agency != agency)
            || (which.Procedure is { } procedure && folded.Procedure?.Code != procedure))
        {
            return null;
        }
        happened = [.. happened.OrderBy(h => h.At)];
        var told = Told(code, import);
        // What an export of ours told is told again as it was, until something happens to the folded here.
        var own = IsOurs(told.GetValueOrDefault(DataDictionary.Stage)) && happened.TrueForAll(h => h.Told is not null);
        return new(code, Attributes(OfCases, FactOf), Events(happened, folded, rules, own));

        object? FactOf(Entry entry)
        {
            var known = own && entry.Name != DataDictionary.Channel ? null : Fact(entry.Name, folded, events, rules);
            return known ?? entry.Parse(told.GetValueOrDefault(entry.Name));
        }
    }

    private static List<ProcessAttribute> Attributes(IReadOnlyList<Entry> entries, Func<Entry, object?> fact)
    {
        var attributes = new List<ProcessAttribute>();
        foreach (var entry in entries)
        {
            if (fact(entry) is { } value)
                attributes.Add(new(entry.Name, value));
        }
        return attributes;
    }

    /// <summary>What the imported file said of the case besides the facts of its receipt.</summary>
    private static Dictionary<string, string> Told(string code, DossierImported? import)
    {
        var attributes = import?.Attributes ?? import?.Objects?.FirstOrDefault(o => o.Id == code)?.Attributes ?? [];
        var told = new Dictionary<string, string>();
        foreach (var attribute in attributes.Where(a => a.Value is not null))
            told[attribute.Key] = attribute.Value!;
        return told;
    }

    private static object? Fact(string name, Dossier dossier, IReadOnlyList<StoredEvent> events, Rulebook rules) =>
        name switch
    {
        Procedure => dossier.Procedure?.Code,
        ProcedureVersion => dossier.Procedure?.Version,
        Grade => rules.Procedure(dossier.Procedure)?.Published.Grade is { } grade ? NameOf(grade) : null,
        Agency => dossier.Agency,
        Commune => dossier.Place,
        DataDictionary.Channel => dossier.Channel,
        Unit => dossier.Unit,
        DataDictionary.Limit => dossier.Limit?.ToString(),
        GeneralLimit => dossier.GeneralLimit?.ToString(),
        Submitted => dossier.SubmittedAt,
        Received => dossier.ReceivedAt,
        Promised => dossier.Promised,
        Due => dossier.Due,
        Finished => dossier.FinishedAt,
        Returned => dossier.ReturnedAt,
        DataDictionary.Stage => StageNames.Of(dossier.Stage),
        Result => dossier.Outcome is { } outcome ? NameOf(outcome) : null,
        DataDictionary.Judgement => dossier.Judgement is { } judgement ? NameOf(judgement) : null,
        GeneralJudgement => dossier.GeneralJudgement is { } judgement ? NameOf(judgement) : null,
        IntakeMinutes => Minutes(dossier.SubmittedAt, dossier.ReceivedAt ?? dossier.FinishedAt, rules.Calendar),
        WorkingMinutes => Minutes(dossier.ReceivedAt, dossier.FinishedAt, rules.Calendar),
        ClockMinutes => Ran(dossier, dossier.ReceivedAt, dossier.FinishedAt, rules.Calendar),
        Supplements => Some(events.Count(e => e.Event is SupplementRequested)),
        HandOvers => Some(events.Count(e => e.Event is HandOverAccepted)),
        Rating => (long?)dossier.Rating,
        Cost => Paid(events) is > 0 and var paid ? (decimal)paid : null,
        Currency => Paid(events) > 0 ? "VND" : null,
        _ => null,
    };

    private static long Paid(IReadOnlyList<StoredEvent> events) =>
        events.Sum(e => e.Event is FeePaid fee ? fee.Amount : 0);

    private static long? Some(int count) => count > 0 ? count : null;

    /// <summary>
    /// What moves a dossier on, its slips and its steps; not what merely stands beside it, and nobody's alerts.
    /// </summary>
    private static string? ActivityOf(StoredEvent e, DossierEvent happened) => happened switch
    {
        StepStarted step => step.Step,
        StepCompleted step => step.Step,
        DossierSubmitted or SubmissionRefused or DossierReceived or ReceiptVoided or ApplicantCorrected or ProcedureCorrected
            or ProcedureVersionChanged or SlipReissued or SlipDelivered or DossierAssigned or HandOverOffered or HandOverAccepted
            or HandOverSentBack or ConsultationAsked or ConsultationAnswered or SupplementRequested or SupplementProvided
            or FeeAsked or FeePaid or DossierSuspended or DossierStopped or DossierResumed or DossierExtended or LateApology
            or DueDateReprojected or DossierDecided or ResultReady or ResultReturned or DossierWithdrawn or DossierTerminated
            or DossierRated => e.Name,
        DossierImported => null,
        _ when _beside.Contains(happened.GetType()) => null,
        _ => throw new InvalidOperationException($"{happened.GetType().Name} is not known to the process log"),
    };

    private static Happened Of(ActivityImported told, DossierImported? import, Dossier after)
    {
        var attributes = (told.Attributes ?? []).Where(a => a.Value is not null).ToLookup(a => a.Key, a => a.Value);
        // In an OCEL the instance is the event's own id, and tells of no step.
        return new(told.Activity, Lifecycle.Of(told.Transition), told.OccurredAt,
            attributes[Instance].FirstOrDefault() ?? (
            import?.Format.StartsWith("ocel", StringComparison.Ordinal) == true ? null : told.Instance),
            told, null, after, name => name == Group ? told.Unit : attributes[name].FirstOrDefault());
    }

    private static Happened Of(
        string activity, long version, string? by, DossierEvent happened, Dossier before, Dossier after)
    {
        var instance = happened is StepStarted ? $"{after.StepsStarted}"
            : happened is StepCompleted step ? before.Running?.Step == step.Step ? $"{after.StepsStarted}"
            : $"at {version}"
            : null;
        return new(
            activity, happened is StepStarted ? Lifecycle.Start : Lifecycle.Complete, happened.OccurredAt, instance,
            happened, by, after, null);
    }

    /// <summary>In the order of the dictionary, which is long, and an event has few of it.</summary>
    private static List<ProcessAttribute> Facts(Happened one, string? instance, long? working, long? clock)
    {
        var (happened, after, facts) = (one.Event, one.After, new List<ProcessAttribute>(6));
        Add(Instance, instance);
        Add(Group, happened switch
        {
            StepStarted { Unit: { } unit } => unit,
            StepCompleted { Unit: { } unit } => unit,
            _ => after.Unit ?? after.Agency,
        });
        Add(OrgRole, one.By is { Length: > 0 } ? one.By : null);
        Add(DataDictionary.Channel, happened switch
        {
            SlipDelivered slip => NameOf(slip.By),
            ResultReturned result => NameOf(result.Channel),
            _ => null,
        });
        Add(DataDictionary.Slip, SlipOf(happened) is { } number ? number[(number.LastIndexOf('/') + 1)..] : null);
        Add(Consulted, happened switch
        {
            ConsultationAsked asked => asked.Unit,
            ConsultationAnswered answered => after.Consultations.Find(c => c.Number == answered.Number)?.Unit,
            _ => null,
        });
        Add(Result, happened is DossierDecided decided ? NameOf(decided.Outcome) : null);
        Add(WorkingMinutes, working);
        Add(ClockMinutes, clock);
        Add(Cost, happened is FeePaid { Amount: > 0 } fee ? (decimal)fee.Amount : null);
        Add(Currency, happened is FeePaid { Amount: > 0 } ? "VND" : null);
        return facts;

        void Add(string name, object? value)
        {
            if (value is not null)
                facts.Add(new(name, value));
        }
    }

    private static string? SlipOf(DossierEvent happened) => happened switch
    {
        SubmissionRefused e => e.Slip,
        DossierReceived e => e.Slip,
        ApplicantCorrected e => e.Slip,
        ProcedureCorrected e => e.Slip,
        SlipReissued e => e.Slip,
        SlipDelivered e => e.Slip,
        SupplementRequested e => e.Slip,
        SupplementProvided e => e.Slip,
        FeeAsked e => e.Slip,
        FeePaid e => e.Slip,
        DossierStopped e => e.Slip,
        DossierExtended e => e.Slip,
        LateApology e => e.Slip,
        _ => null,
    };

    private static List<ProcessEvent> Events(List<Happened> happened, Dossier dossier, Rulebook rules,
        bool own)
    {
        var instances = new Dictionary<string, string>();
        var events = new List<ProcessEvent>(happened.Count);
        foreach (var (i, one) in happened.Index())
        {
            // Steps are numbered as they come: an older system's own numbers could be looked up there.
            var instance = one.Instance is not { } given ? null
                : instances.TryGetValue(given, out var known) ? known
                : instances[given] = $"{instances.Count + 1}";
            var previous = i > 0 ? happened[i - 1].At : (DateTimeOffset?)null;
            var working = own ? null : Minutes(previous, one.At, rules.Calendar);
            var clock = own ? null : Ran(dossier, previous, one.At, rules.Calendar);
            var attributes = one.Told is null ? Facts(one, instance, working, clock) : Attributes(OfEvents, FactOf);
            events.Add(new(one.Activity, one.Lifecycle, one.At, attributes));

            object? FactOf(Entry entry) => entry.Name switch
            {
                Instance => instance,
                _ when one.Told!(entry.Name) is { } text => entry.Parse(text),
                WorkingMinutes => working,
                ClockMinutes => clock,
                _ => null,
            };
        }
        return events;
    }

    /// <summary>Null where a moment is not known, or no calendar reaches it.</summary>
    private static long? Minutes(DateTimeOffset? from, DateTimeOffset? to, WorkCalendar calendar) =>
        from is { } begin && to is { } end && WorkCalendar.Reaches(begin) && WorkCalendar.Reaches(end)
            ? calendar.WorkingMinutes(begin, end < begin ? begin : end)
            : null;

    private static long? Ran(Dossier dossier, DateTimeOffset? from, DateTimeOffset? to, WorkCalendar calendar)
    {
        if (Minutes(from, to, calendar) is null || dossier.ReceivedAt is not { } received)
            return null;
        // The clock runs from the receipt to the finish.
        var begin = from < received ? received : from!.Value;
        var end = dossier.FinishedAt < to ? dossier.FinishedAt.Value : to!.Value;
        return end <= begin ? 0 : DueDate.Ran(new(begin, DueDate.IntakeLimit) { Pauses = dossier.Pauses }, end,
            calendar);
    }
}
