using EventDossier.Figures;
using EventDossier.Releases;
using EventDossier.Store;

namespace EventDossier.Questionnaires;

/// <summary>
/// How many were asked in a period, how many answered, and how many of them are satisfied: on the average of all questions at least 4 of 5. Counts below <see cref="K"/> are hidden, with as many
/// others as it takes (<see cref="ProtectedTable"/>), as in releases: of few who answered somebody could tell who.
/// </summary>
public static class QuestionnaireFigures
{
    public const string Definition = "questionnaire/1";
    public const int K = 10;

    private const int SatisfiedFrom = 4;
    private const string All = "all";

    /// <param name="Level">Null for both together.</param>
    /// <param name="Asked">Null where hidden; so are the others.</param>
    /// <param name="Responses">Answered, of those asked.</param>
    /// <param name="Satisfied">Of those who answered.</param>
    /// <param name="Target">In percent, in force at the end of the period; null for both together.</param>
    public sealed record Row(ServiceLevel? Level, long? Asked, Promises.Share Responses, Promises.Share Satisfied, SatisfactionTarget? Target)
    {
        /// <summary>Null where that can't be told.</summary>
        public bool? Met => Target is { } target && Satisfied.Percent is { } percent ? percent >= target.Percent : null;
    }

    /// <param name="Position">Of the log that it was made from.</param>
    public sealed record Report(string Questionnaire, DateTimeOffset From, DateTimeOffset To, long Position, string Definition, int K, IReadOnlyList<Row> Rows);

    /// <param name="from">Inclusive: of those who were asked from then on.</param>
    /// <param name="to">Exclusive.</param>
    public static async Task<Report> OfAsync(Database database, string code, DateTimeOffset from, DateTimeOffset to, string? agency = null, CancellationToken cancel = default)
    {
        if (!Questionnaire.IsCode(code) || (await database.Log.ReadStreamAsync(Questionnaire.Stream(code), 1, cancel)).Count == 0)
            throw new UserError("no-such-questionnaire", $"there is no questionnaire {code}");
        await new Views([Invitations.View], database).CatchUpAsync(cancel);
        var (position, counts) = await Invitations.View.CountAsync(database.App, code, from, to, agency, SatisfiedFrom, cancel);
        return new(code, from, to, position, Definition, K, Tell(counts, await SatisfactionTargets.AtAsync(database, to, cancel)));
    }

    /// <param name="counts">Of each level: satisfied, dissatisfied, and without an answer.</param>
    internal static IReadOnlyList<Row> Tell(IReadOnlyDictionary<ServiceLevel, long[]> counts, IReadOnlyList<SatisfactionTarget> targets)
    {
        var levels = counts.Keys.Order().ToList();
        ProtectedTable.Row Line(string key, string? parent, long[] of) => new(key, parent, [of.Sum(), .. of]);
        var rows = levels.Select(level => Line($"{level}", All, counts[level])).Prepend(Line(All, null, [.. Enumerable.Range(0, 3).Select(i => counts.Values.Sum(c => c[i]))])).ToList();
        var told = ProtectedTable.Protect(rows, [true, false, false, false], reconciles: true, K);
        return [.. rows.Select((_, i) => new Row(
            i == 0 ? null : levels[i - 1], told[i][0], new(told[i][1] + told[i][2], told[i][0]), new(told[i][1], told[i][1] + told[i][2]),
            i == 0 ? null : targets.FirstOrDefault(t => t.Level == levels[i - 1])))];
    }
}
