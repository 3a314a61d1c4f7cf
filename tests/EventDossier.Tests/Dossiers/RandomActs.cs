using EventDossier.Dossiers;

namespace EventDossier;

/// <summary>Acts at random from a seeded source, possible or not: what a dossier refuses does not happen to it.</summary>
internal static class RandomActs
{
    public static Func<Dossier, ActContext, Decision> Next(Random random)
    {
        var (officer, step) = ($"officer-{random.Next(4)}", $"step {random.Next(5)}");
        var unit = random.Next(2) == 0 ? null : $"unit-{random.Next(3)}";
        var outcome = random.Next(3) == 0 ? DecisionOutcome.Rejected : DecisionOutcome.Approved;
        var channel = (ReturnChannel)random.Next(3);
        return random.Next(12) switch
        {
            < 3 => (d, c) => AssignDossier.Decide(new(officer, unit), d, c),
            < 6 => (d, c) => CompleteStep.Decide(new(step), d, c),
            < 8 => (d, c) => DecideDossier.Decide(new(outcome, "giấy tờ không đủ"), d, c),
            8 => MakeResultReady.Decide,
            < 11 => (d, c) => ReturnResult.Decide(new(channel), d, c),
            _ => (d, c) => WithdrawDossier.Decide(new("đã đổi ý"), d, c),
        };
    }

    /// <summary>When it counts from: now, or up to twelve days back in whole milliseconds.</summary>
    public static DateTimeOffset DatedBack(Random random, DateTimeOffset now) =>
        random.Next(3) == 0 ? now.AddMilliseconds(-random.Next(12 * 86_400_000)) : now;
}
