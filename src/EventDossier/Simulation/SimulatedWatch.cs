using System.Collections.Concurrent;
using EventDossier.Alerts;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Organisation;
using EventDossier.Store;

namespace EventDossier.Simulation;

/// <summary>
/// What goes on in the simulated year beside the acts that people come for: the product's alarm clock raises alerts at their moments, and who is told sees to most of them. All is told from
/// the dossiers as they stand, so a run that was cut off goes on where it was.
/// </summary>
internal sealed class SimulatedWatch(Database database, Desk desk, Rulebook rules, string seed)
{
    /// <summary>Share of the alerts, assumed; the others are seen to by ending what they warn of.</summary>
    private const double Acknowledged = 0.7;

    private static readonly Guid _commands = new("3b0f9b4e-92a7-5d18-8a61-51c0c7a7d2e6");

    private readonly Waker _waker = new(database);

    private readonly ConcurrentDictionary<string, Seen> _seen = [];

    /// <param name="Next">When it must be looked at.</param>
    /// <param name="Dossier">As it stands; null where it is to be read.</param>
    /// <param name="Last">When what it came to was recorded.</param>
    private sealed record Seen(DateTimeOffset Next, Dossier? Dossier = null, DateTimeOffset Last = default);

    public Task BeginAsync(CancellationToken cancel) => _waker.ReadRulesAsync(cancel);

    /// <summary>An act was carried out, and what lies ahead of its dossier may be another.</summary>
    public void Touch(string code, DateTimeOffset at) => _seen[code] = new(at, desk.Recent(code), at);

    /// <summary>An earlier run came so far with a dossier.</summary>
    public void Found(string code, DateTimeOffset last) => _seen[code] = new(last);

    /// <summary>All dossiers, up to a moment.</summary>
    public Task LiveAsync(DateTimeOffset until, CancellationToken cancel) =>
        Task.WhenAll(_seen.Where(s => s.Value.Next <= until).Select(s => LiveAsync(s.Key, until, cancel)));

    /// <summary>One dossier, up to a moment.</summary>
    public async Task LiveAsync(string code, DateTimeOffset until, CancellationToken cancel)
    {
        while (_seen[code] is var seen && seen.Next <= until)
        {
            var (dossier, last) = (seen.Dossier, seen.Last);
            if (dossier is null)
            {
                var events = await database.Log.ReadStreamAsync(code, cancel: cancel);
                (dossier, last) = (Dossier.Fold(code, events), events[^1].RecordedAt);
            }
            var (due, told) = (_waker.Next(dossier, last) ?? DateTimeOffset.MaxValue, Acknowledgement(dossier, last));
            var next = due <= told.At ? due : told.At;
            if (last > until)
                _seen[code] = new(last); // A run that was cut off has been here before.
            else if (next > until)
                _seen[code] = seen with { Next = next };
            else
                await (next == due ? RaiseAsync(code, due, cancel) : AcknowledgeAsync(code, told.Alert!, told.At, cancel));
        }
    }

    /// <summary>The next alert that somebody will see to, and when; the end of time where none will be.</summary>
    private (DateTimeOffset At, Alert? Alert) Acknowledgement(Dossier dossier, DateTimeOffset from)
    {
        var next = (At: DateTimeOffset.MaxValue, Alert: (Alert?)null);
        foreach (var alert in dossier.Alerts.Where(a => a is { IsOpen: true, AcknowledgedAt: null, Void: null } && a.To.Any(to => to.Person is not null)))
        {
            var random = new Random(BitConverter.ToInt32(Id(dossier.Code, alert).ToByteArray()));
            if (random.NextDouble() >= Acknowledged)
                continue;
            var at = rules.Known(alert.RaisedAt).Shift(alert.RaisedAt, random.Next(4, 300)).AddSeconds(random.Next(60));
            at = at > from ? at : from;
            if (at < next.At)
                next = (at, alert);
        }
        return next;
    }

    private async Task RaiseAsync(string code, DateTimeOffset at, CancellationToken cancel)
    {
        await _waker.RaiseAsync(code, at, cancel);
        _seen[code] = new(at);
    }

    private async Task AcknowledgeAsync(string code, Alert alert, DateTimeOffset at, CancellationToken cancel)
    {
        var told = alert.To.First(to => to.Person is not null);
        var role = told.Post is { } post ? rules.Organisation.PostAt(post, at)?.Role switch { PostRole.Clerk => Role.Clerk, PostRole.Officer => Role.Officer, _ => Role.Supervisor } : Role.Officer;
        var context = new ActContext(at, new(Id(code, alert), told.Person!, role), at) { RecordedAt = at };
        var result = await desk.DoAsync(code, new AcknowledgeAlert(alert.Rule, alert.Cycle), context, cancel);
        if (result.Refusal is { } refusal)
            throw new InvalidOperationException($"{code}, acknowledge {alert.Rule} on {at:yyyy-MM-dd HH:mm}: {refusal.Reason} ({refusal.Code})");
        Touch(code, at);
    }

    private Guid Id(string code, Alert alert) => Uuid.V5(_commands, $"{seed} {code} {alert.Rule} {alert.Cycle} {alert.Times}");
}
