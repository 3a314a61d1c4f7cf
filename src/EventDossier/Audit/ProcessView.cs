using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Procedures;
using EventDossier.Store;

namespace EventDossier.Audit;

/// <summary>Which dossiers a process is discovered from.</summary>
/// <param name="Procedure">Its code.</param>
/// <param name="Unit">In which something was done, or whose agency it is.</param>
/// <param name="From">Begun then or later.</param>
/// <param name="To">Begun earlier.</param>
public sealed record ProcessQuery(string? Procedure = null, string? Unit = null, DateTimeOffset? From = null, DateTimeOffset? To = null);

/// <summary>Something that was done.</summary>
/// <param name="Activity">A step's own name, else the name of the event.</param>
public sealed record Done(string Activity, DateTimeOffset At, string? Officer, string? Unit);

/// <param name="Dossiers">In which it occurs.</param>
/// <param name="Place">Between 0, always first, and 1, always last; the mean.</param>
public sealed record ProcessNode(string Activity, long Count, long Dossiers, double Place);

/// <summary>How often one thing directly followed another. Times are working minutes between the two; null where no calendar reaches.</summary>
/// <param name="Ran">Sum of those in which the dossier's clock ran: what the applicant was waited for is not in it.</param>
public sealed record ProcessEdge(string From, string To, long Count, int? Median, int? Ninetieth, long Total, long Ran);

public sealed record ProcessVariant(IReadOnlyList<string> Activities, long Dossiers);

/// <param name="Dossiers">In which it was done more than once.</param>
/// <param name="Repeats">How often beyond the first time.</param>
public sealed record ProcessRework(string Activity, long Dossiers, long Repeats, long Most);

/// <summary>What one did was directly followed by what the other did.</summary>
public sealed record HandOverFlow(string From, string To, long Count, int? Median);

/// <summary>The steps that were completed, beside those that the procedure's version names. Steps that are missing are counted once a dossier is decided.</summary>
/// <param name="Conforming">Each step once, in the procedure's order.</param>
/// <param name="Disordered">By the step that came before one it should have followed.</param>
public sealed record ProcessConformance(
    string Procedure, long Version, long Dossiers, long Conforming, IReadOnlyDictionary<string, long> Missing, IReadOnlyDictionary<string, long> Repeated,
    IReadOnlyDictionary<string, long> Disordered, IReadOnlyDictionary<string, long> Unknown);

/// <param name="Position">Of the log, up to which was read.</param>
/// <param name="Variants">The most frequent of <paramref name="VariantCount"/>.</param>
/// <param name="Supplements">How many dossiers were asked for a supplement so many times.</param>
/// <param name="Bottlenecks">The connections in which the clocks of all dossiers ran longest.</param>
public sealed record ProcessReport(
    long Position, ProcessQuery Query, long Dossiers, long Activities, IReadOnlyList<ProcessNode> Nodes, IReadOnlyList<ProcessEdge> Edges,
    IReadOnlyDictionary<string, long> Starts, IReadOnlyDictionary<string, long> Ends, long VariantCount, IReadOnlyList<ProcessVariant> Variants,
    IReadOnlyList<ProcessRework> Rework, IReadOnlyDictionary<int, long> Supplements, IReadOnlyList<HandOverFlow> Officers, IReadOnlyList<HandOverFlow> Units,
    IReadOnlyList<ProcessEdge> Bottlenecks, IReadOnlyList<ProcessConformance> Conformance);

/// <summary>
/// The process as it is lived, discovered from the log: what follows what, how often and after how much working time. Holds counts, never dossiers; what grows with the log is only how
/// many ways through it there are.
/// </summary>
public sealed class ProcessView
{
    private const int Most = 50;
    private readonly ProcessQuery _query;
    private readonly Rulebook _rules;
    private readonly Dictionary<string, (long Count, long Dossiers, double Places)> _nodes = [];
    private readonly Dictionary<(string From, string To), Spans> _edges = [];
    private readonly Dictionary<string, long> _starts = [], _ends = [];
    private readonly Dictionary<string, (string[] Activities, long Count)> _variants = [];
    private readonly Dictionary<string, (long Dossiers, long Repeats, long Most)> _rework = [];
    private readonly Dictionary<int, long> _supplements = [];
    private readonly Dictionary<(string From, string To), Spans> _officers = [], _units = [];
    private readonly Dictionary<(string Code, long Version), Steps> _conformance = [];
    private long _dossiers, _activities;

    private ProcessView(ProcessQuery query, Rulebook rules) => (_query, _rules) = (query, rules);

    public static async Task<ProcessReport> OfAsync(Database database, ProcessQuery query, Action<long>? progress = null, CancellationToken cancel = default)
    {
        var rules = await Rulebook.LoadAsync(database, cancel);
        var position = await database.HeadAsync(cancel);
        var views = await StreamOrder.StreamsAsync(database, position, () => new ProcessView(query, rules), (view, events) =>
        {
            if (DossierCode.IsCode(events[0].Stream))
                view.Add(events[0].Stream, events);
        }, progress, cancel);
        return views.Aggregate((one, next) => one.With(next)).Report(position);
    }

    /// <summary>The same of some dossiers, each with its events in version order. Pure.</summary>
    public static ProcessReport Of(ProcessQuery query, Rulebook rules, IEnumerable<IReadOnlyList<StoredEvent>> dossiers)
    {
        var view = new ProcessView(query, rules);
        foreach (var events in dossiers)
            view.Add(events[0].Stream, events);
        return view.Report(0);
    }

    /// <summary>What was done to a dossier, in the order in which it happened. What an older system told are its activities alone; receipt and finish are what the import made of a case.</summary>
    public static IReadOnlyList<Done> Trace(IReadOnlyList<StoredEvent> events)
    {
        var ours = 0;
        for (var i = 0; i < events.Count; i++)
            ours = events[i].Event is DossierImported ? i : ours;
        var (done, unit, officer) = (new List<Done>(), (string?)null, (string?)null);
        for (var i = 0; i < events.Count; i++)
        {
            var @event = (DossierEvent)events[i].Event;
            (unit, officer) = @event switch
            {
                DossierReceived e => (e.Unit, e.Officer),
                DossierAssigned e => (e.Unit ?? unit, e.Officer),
                HandOverAccepted e => (e.Unit, e.Officer),
                _ => (unit, officer),
            };
            if (@event is ActivityImported a)
            {
                if (a.Transition is null || a.Transition.Equals("complete", StringComparison.OrdinalIgnoreCase))
                    done.Add(new(a.Activity, a.OccurredAt, a.Officer, a.Unit));
            }
            else if (i >= ours && IsActivity(@event))
                done.Add(@event is StepCompleted s ? new(s.Step, s.OccurredAt, s.Officer ?? officer, s.Unit ?? unit) : new(events[i].Name, @event.OccurredAt, officer, unit));
        }
        return [.. done.OrderBy(d => d.At)];
    }

    /// <summary>What moves a dossier on; not what merely stands beside it.</summary>
    private static bool IsActivity(DossierEvent @event) => @event switch
    {
        DossierSubmitted or SubmissionRefused or DossierReceived or ReceiptVoided or ProcedureCorrected or ProcedureVersionChanged or DossierAssigned or StepCompleted or HandOverAccepted
            or HandOverSentBack or ConsultationAsked or ConsultationAnswered or SupplementRequested or SupplementProvided or FeeAsked or FeePaid or DossierSuspended or DossierStopped
            or DossierResumed or DossierExtended or LateApology or DossierDecided or ResultReady or ResultReturned or DossierWithdrawn or DossierTerminated or DossierRated => true,
        StepStarted or HandOverOffered or SlipDelivered or SlipReissued or ApplicantCorrected or DossierLinked or DocumentAttached or DueDateReprojected or DossierImported
            or AlertRaised or AlertWithdrawn or AlertAcknowledged or AlertSnoozed or NoticeSent or ProgressTracked or NumberReserved or NumberVoided or ClockCarriedOver or DossierHeld or DossierHoldLifted => false,
        _ => throw new InvalidOperationException($"{@event.GetType().Name} is not known to the process view"),
    };

    private void Add(string code, IReadOnlyList<StoredEvent> events)
    {
        var (trace, dossier) = (Trace(events), Dossier.Fold(code, events));
        if (trace.Count == 0 || (_query.Procedure is { } procedure && dossier.Procedure?.Code != procedure) || trace[0].At < _query.From || trace[0].At >= _query.To
            || (_query.Unit is { } unit && dossier.Agency != unit && !trace.Any(d => d.Unit == unit)))
        {
            return;
        }
        _dossiers++;
        _activities += trace.Count;
        var times = new Dictionary<string, long>();
        foreach (var (i, done) in trace.Index())
        {
            var (count, dossiers, places) = _nodes.GetValueOrDefault(done.Activity);
            var first = times.TryAdd(done.Activity, 0);
            times[done.Activity]++;
            _nodes[done.Activity] = (count + 1, dossiers + (first ? 1 : 0), places + (trace.Count == 1 ? 0 : (double)i / (trace.Count - 1)));
        }
        Count(_starts, trace[0].Activity);
        Count(_ends, trace[^1].Activity);
        for (var i = 1; i < trace.Count; i++)
        {
            var (before, after) = (trace[i - 1], trace[i]);
            var (minutes, ran) = Between(dossier, before.At, after.At);
            Span(_edges, before.Activity, after.Activity).Add(minutes, ran);
            if (before.Officer is { } from && after.Officer is { } to && from != to)
                Span(_officers, from, to).Add(minutes, ran);
            if (before.Unit is { } giver && after.Unit is { } taker && giver != taker)
                Span(_units, giver, taker).Add(minutes, ran);
        }
        string[] activities = [.. trace.Select(d => d.Activity)];
        var variant = string.Join('\u001F', activities);
        _variants[variant] = (activities, _variants.GetValueOrDefault(variant).Count + 1);
        foreach (var (activity, count) in times.Where(t => t.Value > 1))
        {
            var (dossiers, repeats, most) = _rework.GetValueOrDefault(activity);
            _rework[activity] = (dossiers + 1, repeats + count - 1, Math.Max(most, count));
        }
        Count(_supplements, events.Count(e => e.Event is SupplementRequested));
        Conform(dossier, events);
    }

    private (int? Minutes, int Ran) Between(Dossier dossier, DateTimeOffset from, DateTimeOffset to)
    {
        var calendar = _rules.Calendar;
        if (!WorkCalendar.Reaches(from) || !WorkCalendar.Reaches(to))
            return (null, 0);
        var minutes = calendar.WorkingMinutes(from, to);
        // Collection and rating come when the clock has stopped for good.
        var end = dossier.FinishedAt < to ? dossier.FinishedAt.Value : to;
        return (minutes, end <= from ? 0 : DueDate.Ran(new(from, DueDate.IntakeLimit) { Pauses = dossier.Pauses }, end, calendar));
    }

    private void Conform(Dossier dossier, IReadOnlyList<StoredEvent> events)
    {
        if (dossier.ReceivedAt is null || _rules.Procedure(dossier.Procedure) is not { Published.Steps: { Count: > 0 } steps } version)
            return;
        var key = (version.Published.Code, version.Number);
        if (!_conformance.TryGetValue(key, out var conforming))
            _conformance.Add(key, conforming = new());
        List<string> declared = [.. steps.Select(s => s.Name)], done = [.. events.Select(e => e.Event).OfType<StepCompleted>().Select(s => s.Step)];
        var deviations = 0;
        void Deviate(Dictionary<string, long> kind, IEnumerable<string> found)
        {
            foreach (var step in found)
            {
                Count(kind, step);
                deviations++;
            }
        }
        var order = done.Distinct().Where(declared.Contains).Select(step => declared.IndexOf(step)).ToList();
        Deviate(conforming.Missing, dossier.DecidedAt is null ? [] : declared.Distinct().Except(done));
        Deviate(conforming.Repeated, done.CountBy(step => step).Where(s => s.Value > declared.Count(d => d == s.Key) && declared.Contains(s.Key)).Select(s => s.Key));
        Deviate(conforming.Disordered, order.Zip(order.Skip(1)).Where(pair => pair.First > pair.Second).Select(pair => declared[pair.First]));
        Deviate(conforming.Unknown, done.Distinct().Except(declared));
        conforming.Dossiers++;
        conforming.Conforming += deviations == 0 ? 1 : 0;
    }

    /// <param name="next">Of other dossiers.</param>
    private ProcessView With(ProcessView next)
    {
        (_dossiers, _activities) = (_dossiers + next._dossiers, _activities + next._activities);
        foreach (var (name, (count, dossiers, places)) in next._nodes)
            _nodes[name] = _nodes.GetValueOrDefault(name) is var own ? (own.Count + count, own.Dossiers + dossiers, own.Places + places) : default;
        foreach (var (mine, theirs) in (ReadOnlySpan<(Dictionary<(string, string), Spans>, Dictionary<(string, string), Spans>)>)[(_edges, next._edges), (_officers, next._officers), (_units, next._units)])
        {
            foreach (var ((from, to), spans) in theirs)
                Span(mine, from, to).Add(spans);
        }
        foreach (var (mine, theirs) in (ReadOnlySpan<(Dictionary<string, long>, Dictionary<string, long>)>)[(_starts, next._starts), (_ends, next._ends)])
            Sum(mine, theirs);
        foreach (var (key, (activities, count)) in next._variants)
            _variants[key] = (activities, _variants.GetValueOrDefault(key).Count + count);
        foreach (var (name, (dossiers, repeats, most)) in next._rework)
            _rework[name] = _rework.GetValueOrDefault(name) is var own ? (own.Dossiers + dossiers, own.Repeats + repeats, Math.Max(own.Most, most)) : default;
        Sum(_supplements, next._supplements);
        foreach (var (key, theirs) in next._conformance)
        {
            if (!_conformance.TryAdd(key, theirs))
                _conformance[key].Add(theirs);
        }
        return this;
    }

    private ProcessReport Report(long position)
    {
        List<ProcessEdge> edges = [.. _edges.Select(e => Edge(e.Key, e.Value)).OrderByDescending(e => e.Count).ThenBy(e => e.From, StringComparer.Ordinal).ThenBy(e => e.To, StringComparer.Ordinal)];
        return new(
            position, _query, _dossiers, _activities,
            [.. _nodes.Select(n => new ProcessNode(n.Key, n.Value.Count, n.Value.Dossiers, Math.Round(n.Value.Places / n.Value.Count, 3))).OrderByDescending(n => n.Count).ThenBy(n => n.Activity, StringComparer.Ordinal)],
            edges, Sorted(_starts), Sorted(_ends), _variants.Count,
            [.. _variants.OrderByDescending(v => v.Value.Count).ThenBy(v => v.Key, StringComparer.Ordinal).Take(Most).Select(v => new ProcessVariant(v.Value.Activities, v.Value.Count))],
            [.. _rework.Select(r => new ProcessRework(r.Key, r.Value.Dossiers, r.Value.Repeats, r.Value.Most)).OrderByDescending(r => r.Repeats).ThenBy(r => r.Activity, StringComparer.Ordinal)],
            new SortedDictionary<int, long>(_supplements), Flows(_officers), Flows(_units),
            [.. edges.Where(e => e.Ran > 0).OrderByDescending(e => e.Ran).Take(10)],
            [.. _conformance.OrderBy(c => c.Key.Code, StringComparer.Ordinal).ThenBy(c => c.Key.Version).Select(c => c.Value.Report(c.Key.Code, c.Key.Version))]);
    }

    private static List<HandOverFlow> Flows(Dictionary<(string From, string To), Spans> flows) =>
        [.. flows.Select(f => new HandOverFlow(f.Key.From, f.Key.To, f.Value.Count, f.Value.Percentile(50))).OrderByDescending(f => f.Count).ThenBy(f => f.From, StringComparer.Ordinal).ThenBy(f => f.To, StringComparer.Ordinal).Take(Most)];

    private static ProcessEdge Edge((string From, string To) edge, Spans spans) =>
        new(edge.From, edge.To, spans.Count, spans.Percentile(50), spans.Percentile(90), spans.Total, spans.Ran);

    private static Dictionary<string, long> Sorted(Dictionary<string, long> counts) => counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).ToDictionary();

    private static Spans Span(Dictionary<(string, string), Spans> spans, string from, string to)
    {
        if (!spans.TryGetValue((from, to), out var found))
            spans.Add((from, to), found = new());
        return found;
    }

    private static void Count<T>(Dictionary<T, long> counts, T of) where T : notnull => counts[of] = counts.GetValueOrDefault(of) + 1;

    private static void Sum<T>(Dictionary<T, long> counts, Dictionary<T, long> more) where T : notnull
    {
        foreach (var (of, count) in more)
            counts[of] = counts.GetValueOrDefault(of) + count;
    }

    /// <summary>Working minutes of one connection: how often each number of them, so that a median is exact and no dossier is kept.</summary>
    private sealed class Spans
    {
        private readonly Dictionary<int, long> _minutes = [];

        public long Count { get; private set; }
        public long Total { get; private set; }
        public long Ran { get; private set; }

        public void Add(int? minutes, int ran)
        {
            Count++;
            if (minutes is not { } known)
                return;
            (Total, Ran) = (Total + known, Ran + ran);
            ProcessView.Count(_minutes, known);
        }

        public void Add(Spans more)
        {
            (Count, Total, Ran) = (Count + more.Count, Total + more.Total, Ran + more.Ran);
            Sum(_minutes, more._minutes);
        }

        /// <summary>The smallest number of minutes that so many in a hundred do not exceed.</summary>
        public int? Percentile(int percent)
        {
            var left = ((_minutes.Values.Sum() * percent) + 99) / 100;
            foreach (var (minutes, count) in _minutes.OrderBy(m => m.Key))
            {
                if ((left -= count) <= 0)
                    return minutes;
            }
            return null;
        }
    }

    /// <summary>Of one version of a procedure.</summary>
    private sealed class Steps
    {
        public Dictionary<string, long> Missing { get; } = [];
        public Dictionary<string, long> Repeated { get; } = [];
        public Dictionary<string, long> Disordered { get; } = [];
        public Dictionary<string, long> Unknown { get; } = [];
        public long Dossiers { get; set; }
        public long Conforming { get; set; }

        public void Add(Steps more)
        {
            (Dossiers, Conforming) = (Dossiers + more.Dossiers, Conforming + more.Conforming);
            Sum(Missing, more.Missing);
            Sum(Repeated, more.Repeated);
            Sum(Disordered, more.Disordered);
            Sum(Unknown, more.Unknown);
        }

        public ProcessConformance Report(string procedure, long version) =>
            new(procedure, version, Dossiers, Conforming, Sorted(Missing), Sorted(Repeated), Sorted(Disordered), Sorted(Unknown));
    }
}
