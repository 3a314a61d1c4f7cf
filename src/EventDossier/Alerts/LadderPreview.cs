using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Alerts;

/// <summary>What another ladder would change for the open dossiers from now on, told before it is decided.</summary>
public static class LadderPreview
{
    private const int AtOnce = 64, MostTold = 200;

    /// <param name="DueAt">Null where it would be a new one.</param>
    /// <param name="WouldBe">Null where it would not come any more.</param>
    /// <param name="To">Who would be told; of one that would not come, who is.</param>
    public sealed record Change(string Code, string Rule, AlertLevel Level, DateTimeOffset? DueAt, DateTimeOffset? WouldBe, IReadOnlyList<AlertRole> To);

    /// <param name="Dossiers">Open ones that would be alerted otherwise.</param>
    /// <param name="Changes">Of the first of them, by code.</param>
    public sealed record Report(long Open, long Dossiers, IReadOnlyList<Change> Changes);

    /// <param name="stream">Of the ladder.</param>
    /// <param name="looked">Told how many dossiers were looked at.</param>
    public static async Task<Report> OfAsync(Database database, string stream, LadderDecided decided, DateTimeOffset now, Action<long>? looked = null, CancellationToken cancel = default)
    {
        var rules = await AlertRules.LoadAsync(database, null, cancel);
        var (held, assumed, calendar) = (rules.Ladders, rules.Ladders.With(stream, decided with { OccurredAt = now }), rules.Known(now));
        var (changes, open, dossiers) = (new List<Change>(), 0L, 0L);
        for (string? after = null; ;)
        {
            var codes = await DeadlineBoard.View.OpenAsync(database.App, after, null, AtOnce, cancel);
            if (codes.Count == 0)
                return new(open, dossiers, changes);
            foreach (var dossier in await Task.WhenAll(codes.Select(async code => Dossier.Fold(code, await database.Log.ReadStreamAsync(code, cancel: cancel)))))
            {
                var other = Compare(dossier, held, assumed, calendar, now).ToList();
                dossiers += other.Count > 0 ? 1 : 0;
                if (changes.Count < MostTold)
                    changes.AddRange(other);
            }
            looked?.Invoke(open += codes.Count);
            after = codes[^1];
        }
    }

    /// <summary>Pure.</summary>
    internal static IEnumerable<Change> Compare(Dossier dossier, Ladders held, Ladders assumed, WorkCalendar calendar, DateTimeOffset now)
    {
        var (was, wouldBe) = (Ahead(held), Ahead(assumed));
        foreach (var key in was.Keys.Union(wouldBe.Keys).Order())
        {
            var (before, after) = (was.GetValueOrDefault(key), wouldBe.GetValueOrDefault(key));
            if (before?.DueAt != after?.DueAt || before?.Level != after?.Level || !(before?.To ?? []).SequenceEqual(after?.To ?? []))
                yield return new(dossier.Code, key.Rule, (after ?? before)!.Level, before?.DueAt, after?.DueAt, (after ?? before)!.To);
        }

        Dictionary<(string Rule, int Cycle), Alarm> Ahead(Ladders ladders) => Alarm.Of(dossier, ladders, calendar).Where(a => a.DueAt > now)
            .GroupBy(a => (a.Rule, a.Cycle)).ToDictionary(g => g.Key, g => g.First());
    }
}
