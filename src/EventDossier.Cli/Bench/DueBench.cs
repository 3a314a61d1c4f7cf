using System.Collections.Immutable;
using EventDossier.Deadlines;

namespace EventDossier.Cli.Bench;

/// <summary>Due dates of every rule, without pauses and with them, beside the walk that finds the same day by day.</summary>
internal static class DueBench
{
    private const double WantedPerSecond = 5_000_000;
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(300);

    public static IReadOnlyList<BenchRow> Run(TimeProvider time)
    {
        var plain = Facts(paused: false);
        var paused = Facts(paused: true);
        ImmutableArray<ClockFacts> mixed = [.. plain.Zip(paused, (a, b) => (a, b)).SelectMany((x, i) => i % 4 == 0 ? new[] { x.a, x.b } : [x.a])];
        foreach (var facts in plain.Concat(paused))
        {
            if (DueDate.Of(facts, WorkCalendar.Vietnam) != DueDate.Compute(facts, WorkCalendar.Vietnam).Due)
                throw new InvalidOperationException($"arithmetic and walk differ: {facts}");
        }

        var walk = PerSecond(mixed, f => DueDate.Compute(f, WorkCalendar.Vietnam).Due, time);
        var rate = PerSecond(mixed, f => DueDate.Of(f, WorkCalendar.Vietnam), time);
        return
        [
            new("all rules, every fifth paused", rate, "dates/s", $"wanted: {WantedPerSecond:N0}/s", rate / WantedPerSecond, 1),
            new("all rules, every fifth paused", rate, "dates/s", $"day by day: {walk:N0}/s", rate / walk, 10),
            new("never paused", PerSecond(plain, f => DueDate.Of(f, WorkCalendar.Vietnam), time), "dates/s", null, null, null),
            new("paused once to three times", PerSecond(paused, f => DueDate.Of(f, WorkCalendar.Vietnam), time), "dates/s", null, null, null),
        ];
    }

    /// <summary>Of the best of several rounds on this thread alone: what others do on the machine only takes away.</summary>
    private static double PerSecond(ImmutableArray<ClockFacts> facts, Func<ClockFacts, DateTimeOffset?> due, TimeProvider time)
    {
        var best = 0.0;
        for (var round = 0; round < 4; round++)
        {
            var (began, done, ticks) = (time.GetTimestamp(), 0L, 0L);
            do
            {
                foreach (var f in facts)
                    ticks += due(f)?.Ticks ?? 0;
                done += facts.Length;
            }
            while (time.GetElapsedTime(began) < Round);
            if (ticks == 0)
                throw new InvalidOperationException("nothing was due");
            best = Math.Max(best, done / time.GetElapsedTime(began).TotalSeconds);
        }
        return best;
    }

    private static ImmutableArray<ClockFacts> Facts(bool paused)
    {
        var random = new Random(1);
        var first = new DateTimeOffset(2025, 1, 2, 7, 30, 0, TimeSpan.FromHours(7));
        return
        [
            .. Enumerable.Range(0, 2_000).Select(i =>
            {
                var rule = (CountingRule)(i % 5);
                var start = first.AddMinutes(random.Next(500 * 24 * 60));
                var limit = new Limit(rule switch { CountingRule.SameDay => 1, CountingRule.Months => random.Next(1, 3), _ => random.Next(1, 31) }, rule);
                var pauses = Enumerable.Range(0, paused ? random.Next(1, 4) : 0).Select(n =>
                {
                    var from = start.AddMinutes(random.Next(10 * 24 * 60));
                    return new Pause(from, from.AddMinutes(random.Next(5 * 24 * 60)), PauseKind.Supplement, "02-1", Restarts: random.Next(10) == 0);
                });
                return new ClockFacts(start, limit) { Pauses = [.. pauses] };
            }),
        ];
    }
}
