using System.Collections.Immutable;
using System.Text.Json;
using EventDossier.Alerts;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Import;
using EventDossier.Organisation;
using EventDossier.Store;
using Units = EventDossier.Organisation.Organisation;

namespace EventDossier.Audit;

/// <summary>
/// Whether every alert that was owed was raised: once, in time, for the right moment and to the right people, and none that was not. Each dossier is lived through again as it was
/// recorded, and for every stretch between two of its events it is asked what fell due in it, by the calendar and the ladder recorded then. The moments are found by walking the days,
/// with none of the arithmetic that the alarm clock plans by. And whether each alert raised has the messages that it owed.
/// </summary>
/// <param name="tolerance">How much later than owed is not late yet.</param>
/// <param name="past">Imported dossiers are judged from their receipt on, by when things happened, for their past was ticked.</param>
public sealed class AlertVerification(Database database, DateTimeOffset asOf, TimeSpan tolerance, bool past = false)
{
    private readonly List<Finding> _findings = [];
    private readonly List<(DateTimeOffset At, WorkCalendar Calendar)> _calendars = [];
    private readonly List<(DateTimeOffset At, Units Organisation)> _organisations = [];
    private Ladders _ladders = Ladders.None;
    private BacklogVerification? _backlog;
    private long _alerts, _dossiers;

    /// <summary>An alert that had to be raised.</summary>
    /// <param name="From">When it was owed: at the due moment, or once the event was recorded that made it due.</param>
    private sealed record Owed(string Rule, int Cycle, DateTimeOffset DueAt, DateTimeOffset From, IReadOnlyList<AlertRole> To, Ladders.Version Ladder, AlertLevel Level)
    {
        /// <summary>Until when it was.</summary>
        public DateTimeOffset Until { get; set; }
    }

    private sealed record Known(StoredEvent Stored, DossierEvent Event, DateTimeOffset At);

    /// <summary><c>alert-missed</c>, <c>alert-late</c>, <c>alert-early</c>, <c>alert-duplicate</c>, <c>alert-unfounded</c>, <c>alert-moment</c>, <c>alert-misaddressed</c>,
    /// <c>alert-wrongly-withdrawn</c>, <c>alert-not-withdrawn</c>; <c>delivery-missing</c>, <c>delivery-wrongly-void</c>; <c>backlog-missing</c>, <c>backlog-unfounded</c>, <c>backlog-duplicate</c>.</summary>
    public async Task<VerifyReport> RunAsync(Action<long>? progress = null, CancellationToken cancel = default)
    {
        await ReadRulesAsync(cancel);
        await using var connection = await database.App.OpenConnectionAsync(cancel);
        var settled = await CommitOrder.SettledAsync(connection, database.Clock, cancel);
        var deliveries = await DeliveryVerification.BeginAsync(database, connection, OrganisationAt, asOf - tolerance, Find, cancel);
        _backlog = await BacklogVerification.BeginAsync(database, Find, cancel);
        var (events, read) = (new List<StoredEvent>(), 0L);
        await Task.Run(() =>
        {
            StreamOrder.Read(database.App, database.Names, StreamOrder.Range.All, settled, metadata: false, Gather, more => progress?.Invoke(read += more), cancel);
            Judge(events);
            deliveries?.Judge(events);
            foreach (var told in _backlog.Told)
                deliveries?.JudgeBacklog(told);
            deliveries?.Complete();
            _backlog.Complete();
        }, cancel);
        return new(new Dictionary<string, long> { ["dossiers"] = _dossiers, ["alerts"] = _alerts, ["deliveries"] = deliveries?.Checked ?? 0, ["backlog"] = _backlog.Checked }, _findings);

        void Gather(StoredEvent e)
        {
            if (!DossierCode.IsCode(e.Stream))
                return;
            if (events.Count > 0 && events[0].Stream != e.Stream)
            {
                Judge(events);
                deliveries?.Judge(events);
                events.Clear();
            }
            events.Add(e);
        }
    }

    private async Task ReadRulesAsync(CancellationToken cancel)
    {
        await using var connection = await database.App.OpenConnectionAsync(cancel);
        _ladders = await Ladders.LoadAsync(connection, database.Names, cancel);
        var decisions = await database.Log.ReadStreamAsync(Calendars.Stream, cancel: cancel);
        // As the alarm clock had it: a decision counts from its day, also one that comes with the product.
        _calendars.Add((DateTimeOffset.MinValue, WorkCalendar.Vietnam.AsKnownOn(DateOnly.MinValue)));
        foreach (var at in WorkCalendar.Vietnam.Decisions.Select(d => Midnight(d.KnownFrom())).Concat(decisions.Select(d => d.RecordedAt)).Distinct().Order())
            _calendars.Add((at, Calendars.Of(decisions.Where(d => d.RecordedAt <= at)).AsKnownOn(DateOnly.FromDateTime(WorkCalendar.Vietnam.Local(at).DateTime))));
        await using var command = new Npgsql.NpgsqlCommand(
            $"SELECT {StoredEventReader.Facts} FROM dossier.mt_events e WHERE e.stream_id >= '/organisation/' AND e.stream_id < '/organisation0' ORDER BY e.seq_id", connection);
        _organisations.Add((DateTimeOffset.MinValue, Units.Empty));
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
        {
            var stored = StoredEventReader.ReadFacts(row, database.Names);
            _organisations.Add((stored.RecordedAt, _organisations[^1].Organisation.After((OrganisationEvent)stored.Event)));
        }
    }

    private void Judge(List<StoredEvent> events)
    {
        if (events.Count == 0)
            return;
        _dossiers++;
        JudgeBacklog(events);
        var known = events.Select(e => new Known(e, (DossierEvent)e.Event, e.RecordedAt)).ToList();
        // In an imported past nothing was recorded as it happened.
        var cutOver = past ? known.Find(k => k.Event is DossierImported)?.Event.OccurredAt : null;
        if (cutOver is not null)
            known = [.. known.Select(k => k with { At = k.Event.OccurredAt }).OrderBy(k => k.At)];
        var (owed, raised, dossier) = (new Dictionary<(string, int), Owed>(), new Dictionary<(string Rule, int Cycle), (Known By, ImmutableList<Pause> Pauses)>(), new Dossier(events[0].Stream));
        for (var i = 0; i < known.Count; i++)
        {
            var (stored, e, at) = known[i];
            if (e is AlertRaised alert)
                JudgeRaised(stored, alert, at, cutOver, dossier, owed, raised);
            else if (e is AlertWithdrawn withdrawn)
                JudgeWithdrawn(stored, withdrawn, dossier, owed, raised);
            if (e is AlertRaised told)
                raised[(told.Rule, told.Cycle)] = (known[i], dossier.Pauses);
            dossier = dossier.After(e, stored.Version);
            if (e is AlertWithdrawn gone)
            {
                raised.Remove((gone.Rule, gone.Cycle));
                owed.Remove((gone.Rule, gone.Cycle));
            }
            // A decision on the calendar moves what lies ahead of it.
            var until = i + 1 < known.Count ? known[i + 1].At : asOf;
            var cuts = _calendars.Select(c => c.At).Where(c => c > at && c < until).Prepend(at).Append(until).ToList();
            for (var c = 0; c + 1 < cuts.Count; c++)
                Fall(dossier, cuts[c], cuts[c + 1], owed, raised.Keys);
        }
        foreach (var missing in owed.Values.Where(o => !raised.ContainsKey((o.Rule, o.Cycle)) && o.Until - o.From > tolerance))
            Find("alert-missed", events[^1], $"{missing.Rule} cycle {missing.Cycle}, due {Text(missing.DueAt)}", "never raised");
        foreach (var ((rule, cycle), (by, pauses)) in raised.Where(r => HadNoReason(dossier, (AlertRaised)r.Value.By.Event, r.Value.Pauses) && asOf - known[^1].At > tolerance))
            Find("alert-not-withdrawn", by.Stored, $"{rule} cycle {cycle} withdrawn", "it stands");
    }

    /// <summary>What an imported dossier owed at its cut-over: told in one list to each, once its import was whole.</summary>
    private void JudgeBacklog(List<StoredEvent> events)
    {
        if (events.Find(e => e.Event is DossierImported { Import: not null }) is not { } cutOver)
            return;
        var imported = (DossierImported)cutOver.Event;
        var dossier = Dossier.Fold(cutOver.Stream, events.Where(e => e.Version <= cutOver.Version));
        if (dossier is not { FinishedAt: null, Due: not null })
            return;
        var whole = _backlog!.WholeOf(imported);
        var due = FallingDue(dossier, whole?.RecordedAt ?? cutOver.RecordedAt).Where(d => d.DueAt <= imported.OccurredAt).ToList();
        if (whole is not null)
        {
            var (organisation, at) = (OrganisationAt(whole.RecordedAt), ((LogImported)whole.Event).OccurredAt);
            _backlog.Owe(dossier.Code, imported, due.Select(d => (d.Level, RaiseAlerts.Recipients(dossier, d.To, organisation, at))));
        }
        else if (due.Count > 0 && asOf - cutOver.RecordedAt > tolerance)
        {
            _backlog.CutOff(cutOver);
        }
    }

    /// <summary>What falls due in a stretch in which nothing more was recorded.</summary>
    private void Fall(Dossier dossier, DateTimeOffset from, DateTimeOffset until, Dictionary<(string, int), Owed> owed, IReadOnlyCollection<(string, int)> raised)
    {
        foreach (var due in FallingDue(dossier, from))
        {
            var key = (due.Rule, due.Cycle);
            if (raised.Contains(key) || due.DueAt > until || (!past && due.DueAt <= dossier.ImportedAt))
                continue;
            var since = due.DueAt > from ? due.DueAt : from;
            // Due since an earlier stretch, if nothing has moved it.
            if (!owed.TryGetValue(key, out var before) || before.DueAt != due.DueAt || before.Until < from)
                owed[key] = before = due with { From = since };
            before.Until = until;
        }
    }

    private void JudgeRaised(
        StoredEvent stored, AlertRaised alert, DateTimeOffset at, DateTimeOffset? cutOver, Dossier dossier, Dictionary<(string, int), Owed> owed, Dictionary<(string, int), (Known By, ImmutableList<Pause> Pauses)> raised)
    {
        _alerts++;
        var (key, name) = ((alert.Rule, alert.Cycle), $"{alert.Rule} cycle {alert.Cycle}");
        if (raised.ContainsKey(key))
        {
            Find("alert-duplicate", stored, $"{name} once", "once more");
            return;
        }
        if (!owed.TryGetValue(key, out var due))
        {
            var ahead = FallingDue(dossier, at).FirstOrDefault(d => (d.Rule, d.Cycle) == key);
            if (ahead is null)
                Find("alert-unfounded", stored, $"no {name}", $"raised {Text(at)}");
            else
                Find("alert-early", stored, $"{name} at {Text(ahead.DueAt)}", $"raised {Text(at)}");
            return;
        }
        if (due.DueAt != alert.DueAt)
            Find("alert-moment", stored, $"{name} due {Text(due.DueAt)}", $"due {Text(alert.DueAt)}");
        if (!(due.DueAt <= cutOver) && at - due.From > tolerance)
            Find("alert-late", stored, $"{name} raised {Text(due.From)}", $"raised {Text(at)}, {at - due.From:d\\.hh\\:mm\\:ss} late");
        if (due.Level != alert.Level || due.Ladder.Number != alert.LadderVersion || (alert.Ladder ?? Ladders.Default) != due.Ladder.Stream)
            Find("alert-moment", stored, $"{name} of {due.Ladder.Stream} version {due.Ladder.Number}, {due.Level}", $"{alert.Ladder} version {alert.LadderVersion}, {alert.Level}");
        var to = RaiseAlerts.Recipients(dossier, due.To, OrganisationAt(stored.RecordedAt), alert.DueAt);
        if (!to.SequenceEqual(alert.To))
            Find("alert-misaddressed", stored, $"{name} to {Text(to)}", $"to {Text(alert.To)}");
    }

    private void JudgeWithdrawn(
        StoredEvent stored, AlertWithdrawn withdrawn, Dossier dossier, Dictionary<(string, int), Owed> owed, Dictionary<(string, int), (Known By, ImmutableList<Pause> Pauses)> raised)
    {
        if (!raised.TryGetValue((withdrawn.Rule, withdrawn.Cycle), out var alert) || !HadNoReason(dossier, (AlertRaised)alert.By.Event, alert.Pauses))
            Find("alert-wrongly-withdrawn", stored, $"{withdrawn.Rule} cycle {withdrawn.Cycle} stands", $"withdrawn: {withdrawn.Reason}");
    }

    /// <summary>What was known only after an alert shows that its clock had come to an end, had stood, or runs another cycle.</summary>
    private static bool HadNoReason(Dossier dossier, AlertRaised alert, ImmutableList<Pause> pausesThen)
    {
        var answered = alert.Clock == AlertClock.Intake && dossier.ReceivedAt is { } received && received <= alert.DueAt;
        var anotherCycle = alert.Clock == AlertClock.Handling && dossier.Cycle?.Number != alert.Cycle && !(dossier.FinishedAt < dossier.Cycle?.At)
            && !(dossier.Alerts.Find(a => a.Is(alert.Rule, alert.Cycle))?.ClosedAt is not null);
        var stood = alert.Clock == AlertClock.Handling && dossier.Alerts.Find(a => a.Is(alert.Rule, alert.Cycle)) is { Void: "paused" }
            && dossier.Pauses.Exists(p => p.From < alert.DueAt && !pausesThen.Exists(t => t.From == p.From && t.Basis == p.Basis));
        var stepOver = alert.Clock == AlertClock.Step && dossier.Alerts.Find(a => a.Is(alert.Rule, alert.Cycle)) is { Void: not null };
        return dossier.FinishedAt <= alert.DueAt || answered || anotherCycle || stood || stepOver;
    }

    /// <summary>What falls due in a dossier that stays as it is, as it was known at a moment.</summary>
    private IEnumerable<Owed> FallingDue(Dossier dossier, DateTimeOffset known)
    {
        // What is decided on the calendar later moves nothing in what is finished.
        if (!past && dossier.FinishedAt is { } finished)
            known = finished;
        foreach (var ladder in _ladders.Of(dossier))
        {
            foreach (var rule in ladder.Decided.Rules)
            {
                if (MomentOf(rule, ladder, dossier, CalendarAt(known)) is { } at && ReferenceEquals(_ladders.Of(dossier, at), ladder))
                    yield return new(rule.Name, rule.Clock switch { AlertClock.Handling => dossier.Cycle!.Number, AlertClock.Step => dossier.StepsStarted, _ => 1 }, at, at, rule.To, ladder, rule.Level);
                if (rule.Climb is not { } climb)
                    continue;
                foreach (var alert in dossier.Alerts.Where(a => a.Rule == rule.Name && a is { AcknowledgedAt: null, IsOpen: true, Void: null }))
                {
                    var since = alert.SnoozedUntil > alert.RaisedAt ? alert.SnoozedUntil.Value : alert.RaisedAt;
                    var at2 = Later(since, climb.Hours * 60, CalendarAt(known));
                    if (ReferenceEquals(_ladders.Of(dossier, at2), ladder))
                        yield return new($"{rule.Name}>{JsonNamingPolicy.CamelCase.ConvertName($"{climb.Level}")}", alert.Cycle, at2, at2, climb.To, ladder, climb.Level);
                }
            }
        }
    }

    private static DateTimeOffset? MomentOf(LadderRule rule, Ladders.Version ladder, Dossier dossier, WorkCalendar calendar)
    {
        var (start, due, end) = rule.Clock switch
        {
            AlertClock.Intake => (dossier.SubmittedAt, dossier.AnswerDue, dossier.ReceivedAt ?? dossier.FinishedAt),
            AlertClock.Step => (dossier.Running?.Since, dossier.Running?.BudgetEnds, dossier.FinishedAt),
            _ => (dossier.Cycle?.From, dossier.Due, dossier.FinishedAt),
        };
        if (start is not { } from || due is not { } until || Math.Min(from.Year, until.Year) <= WorkCalendar.First.Year + 1 || Math.Max(from.Year, until.Year) >= WorkCalendar.Last.Year - 1)
            return null;
        var pauses = rule.Clock == AlertClock.Handling ? dossier.Pauses : [];
        if (rule.Clock == AlertClock.Handling && rule.Limits != LimitLength.All)
        {
            var hours = dossier.Limit is { } limit
                ? limit.Rule switch { CountingRule.Hours => limit.Amount, CountingRule.Months => int.MaxValue, _ => limit.Amount * 8 }
                : Running(from, until, pauses, calendar).Sum(s => (int)(s.To - s.From).TotalMinutes) / 60;
            if (hours < ladder.Decided.ShortUnderHours != (rule.Limits == LimitLength.Short))
                return null;
        }
        DateTimeOffset? at = rule.Hours is { } offset ? offset == 0 ? until : offset > 0 ? Later(until, offset * 60, calendar) : Sooner(until, -offset * 60, calendar) : null;
        if (rule.Percent is { } percent && Share(from, until, pauses, percent, calendar) is var share && !(at <= share))
            at = share;
        if (rule.Clock == AlertClock.Handling && at < dossier.Cycle!.At)
            at = dossier.Cycle.At;
        return end <= at ? null : at;
    }

    private static DateTimeOffset Share(DateTimeOffset from, DateTimeOffset due, ImmutableList<Pause> pauses, int percent, WorkCalendar calendar)
    {
        var stretches = Running(from, due, pauses, calendar);
        var need = ((stretches.Sum(s => (int)(s.To - s.From).TotalMinutes) * (long)percent) + 99) / 100;
        foreach (var (begins, ends) in stretches)
        {
            var minutes = (long)(ends - begins).TotalMinutes;
            if (need <= minutes && need > 0)
                return begins.AddMinutes(need);
            need -= minutes;
        }
        return from;
    }

    /// <summary>The stretches in which the clock runs, minute by minute.</summary>
    private static List<(DateTimeOffset From, DateTimeOffset To)> Running(DateTimeOffset from, DateTimeOffset to, ImmutableList<Pause> pauses, WorkCalendar calendar)
    {
        var stretches = Sessions(from, to, calendar);
        foreach (var pause in pauses)
        {
            var (stands, ends) = (Minute(pause.From, calendar), pause.To is { } end ? Minute(end, calendar) : DateTimeOffset.MaxValue);
            if (ends > stands)
                stretches = stretches.SelectMany(s => new[] { (s.From, To: s.To < stands ? s.To : stands), (From: s.From > ends ? s.From : ends, s.To) }.Where(p => p.To > p.From)).OrderBy(p => p.From).ToList();
        }
        return stretches;
    }

    private static DateTimeOffset Later(DateTimeOffset from, int minutes, WorkCalendar calendar)
    {
        foreach (var (begins, ends) in Sessions(from, from.AddDays((minutes / 100) + 60), calendar))
        {
            if (begins.AddMinutes(minutes) <= ends)
                return begins.AddMinutes(minutes);
            minutes -= (int)(ends - begins).TotalMinutes;
        }
        throw new InvalidOperationException($"{minutes} working minutes after {from:O} are beyond two months");
    }

    /// <summary>Closing time rather than the opening that follows it: no work is done in between.</summary>
    private static DateTimeOffset Sooner(DateTimeOffset from, int minutes, WorkCalendar calendar)
    {
        foreach (var (begins, ends) in Enumerable.Reverse(Sessions(from.AddDays(-(minutes / 100) - 60), from, calendar)))
        {
            if (ends.AddMinutes(-minutes) > begins)
                return ends.AddMinutes(-minutes);
            minutes -= (int)(ends - begins).TotalMinutes;
        }
        throw new InvalidOperationException($"{minutes} working minutes before {from:O} are beyond two months");
    }

    private static List<(DateTimeOffset From, DateTimeOffset To)> Sessions(DateTimeOffset from, DateTimeOffset to, WorkCalendar calendar)
    {
        (from, to) = (Minute(from, calendar), Minute(to, calendar));
        var found = new List<(DateTimeOffset, DateTimeOffset)>();
        for (var date = DateOnly.FromDateTime(from.DateTime); date <= DateOnly.FromDateTime(to.DateTime); date = date.AddDays(1))
        {
            if (!calendar.IsWorked(date))
                continue;
            foreach (var session in calendar.Hours.Sessions)
            {
                var (begins, ends) = (new DateTimeOffset(date, session.From, calendar.Hours.UtcOffset), new DateTimeOffset(date, session.To, calendar.Hours.UtcOffset));
                begins = begins > from ? begins : from;
                ends = ends < to ? ends : to;
                if (ends > begins)
                    found.Add((begins, ends));
            }
        }
        return found;
    }

    private static DateTimeOffset Minute(DateTimeOffset at, WorkCalendar calendar) => calendar.Local(at).AddTicks(-(at.Ticks % TimeSpan.TicksPerMinute));

    private static DateTimeOffset Midnight(DateOnly day) => new(day, TimeOnly.MinValue, WorkCalendar.Vietnam.Hours.UtcOffset);

    private WorkCalendar CalendarAt(DateTimeOffset at) => _calendars.FindLast(c => c.At <= at).Calendar;

    private Units OrganisationAt(DateTimeOffset at)
    {
        var (from, to) = (0, _organisations.Count);
        while (to - from > 1)
        {
            var middle = (from + to) / 2;
            (from, to) = _organisations[middle].At <= at ? (middle, to) : (from, middle);
        }
        return _organisations[from].Organisation;
    }

    private static string Text(DateTimeOffset at) => $"{WorkCalendar.Vietnam.Local(at):yyyy-MM-dd HH:mm:ss}";

    private static string Text(IReadOnlyList<AlertRecipient> to) => string.Join(", ", to.Select(t => $"{t.Post ?? t.Unit} ({t.Person ?? "nobody"})"));

    private void Find(string kind, StoredEvent e, string expected, string actual) => _findings.Add(new(kind, e.Stream, e.Version, e.Position, expected, actual));
}
