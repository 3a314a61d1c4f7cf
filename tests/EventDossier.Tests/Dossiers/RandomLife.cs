using System.Text;
using EventDossier.Alerts;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;
using Units = EventDossier.Organisation.Organisation;

namespace EventDossier.Tests.Dossiers;

/// <summary>A dossier's history by random acts, as the log would hold it.</summary>
internal static class RandomLife
{
    private static readonly DateTimeOffset _start = new(2026, 5, 4, 9, 0, 0, TimeSpan.FromHours(7));

    /// <param name="alerts">Whether what has fallen due is raised before each act.</param>
    public static IReadOnlyList<StoredEvent> Of(Random random, bool alerts = false, string code = "D-1")
    {
        var dossier = new Dossier(code);
        var events = new List<StoredEvent>();
        for (var now = _start; events.Count < 25 && random.Next(40) > 0; now = now.AddMinutes(random.Next(600)))
        {
            if (alerts)
                Add(now, RaiseAlerts.Decide(dossier, Ladders.None, WorkCalendar.Vietnam, Units.Empty, now));
            var (kind, request) = dossier.Exists ? RandomActs.Next(random, code) : RandomActs.Begin(random);
            var context = new ActContext(now, RandomActs.By(random, kind, Guid.Empty), RandomActs.DatedBack(random, now), "supervisor") { Rules = RandomActs.Rules, Other = new("D-2") { Version = 1 } };
            Add(now, kind.Decide(request, dossier, context).Events);
        }
        return events;

        void Add(DateTimeOffset now, IEnumerable<DossierEvent> more)
        {
            foreach (var e in more)
            {
                dossier = dossier.After(e, dossier.Version + 1);
                events.Add(Stored(code, dossier.Version, e, now));
            }
        }
    }

    /// <summary>An event as the log hands it back.</summary>
    public static StoredEvent Stored(string code, long version, object e, DateTimeOffset recordedAt)
    {
        var encoded = ProductEvents.Names.Encode(e);
        return new(version, Guid.Empty, code, version, encoded.Name, Encoding.UTF8.GetBytes(encoded.Json), recordedAt, [], null, null, ProductEvents.Names);
    }
}
