using System.Text.Json;
using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.StoreTests.Dossiers;

public sealed class AsOfTests
{
    private const int Dossiers = 200;
    private const int QuestionsEach = 24;

    [Fact]
    public async Task At_every_boundary_of_200_random_dossiers_the_state_is_the_fold_of_what_had_happened_and_was_known()
    {
        await using var centre = await Centre.OpenAsync(sample: true);
        var asked = 0;
        await Parallel.ForAsync(0, Dossiers, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (seed, _) =>
        {
            var code = await LiveAsync(centre, seed);
            Interlocked.Add(ref asked, await CheckAsync(centre, code, new Random(seed)));
        });
        asked.ShouldBeGreaterThan(Dossiers * QuestionsEach);
    }

    /// <summary>A life by acts that are dated back up to twelve days and recorded at times of their own; some share a moment.</summary>
    internal static async Task<string> LiveAsync(Centre centre, int seed)
    {
        var random = new Random(seed);
        var now = centre.Now.AddMinutes(seed);
        var desk = new Desk(centre.Database);
        var (code, _, _, refusal) = await Centre.ActAsync(desk, null, RandomActs.Begin(random), random, now, recordedAt: now);
        refusal.ShouldBeNull();
        for (var i = 0; i < 20; i++)
        {
            now = now.AddMilliseconds(random.Next(4) == 0 ? 0 : random.Next(3 * 86_400_000));
            await Centre.ActAsync(desk, code, RandomActs.Next(random, code), random, now, recordedAt: now);
        }
        return code;
    }

    /// <summary>Just before, at and just after the times of its events, by both times at once, and every version. Returns how many questions were asked.</summary>
    private static async Task<int> CheckAsync(Centre centre, string code, Random random)
    {
        var events = await centre.Database.Log.ReadStreamAsync(code);
        var legal = Boundaries(events.Select(e => ((DossierEvent)e.Event).OccurredAt));
        var recorded = Boundaries(events.Select(e => e.RecordedAt));
        var pairs = (from t in legal from k in recorded select (T: t, K: k)).ToArray();
        random.Shuffle(pairs);
        AsOf[] questions =
        [
            .. pairs.Take(QuestionsEach).Select(p => new AsOf(p.T, p.K)),
            .. legal.Select(t => new AsOf(Legal: t)),
            .. recorded.Select(k => new AsOf(Recorded: k)),
            .. events.Select(e => new AsOf(Version: e.Version)),
            new AsOf(legal[random.Next(legal.Length)], recorded[random.Next(recorded.Length)], random.Next(1, events.Count + 1)),
        ];
        var expected = await OracleAsync(centre, code, questions);
        for (var i = 0; i < questions.Length; i++)
            (await AnswerAsync(centre, code, questions[i])).ShouldBe(expected[i], $"{code} as of {questions[i]}");
        return questions.Length;
    }

    private static DateTimeOffset[] Boundaries(IEnumerable<DateTimeOffset> times) =>
        [.. times.Distinct().SelectMany(t => new[] { t.AddMilliseconds(-1), t, t.AddMilliseconds(1) }).Distinct()];

    private static async Task<string> AnswerAsync(Centre centre, string code, AsOf asOf)
    {
        try
        {
            return JsonSerializer.Serialize(Dossier.Fold(code, await History.ReadAsync(centre.Database.Log, code, asOf)));
        }
        catch (UserError e) when (e.Code == "not-yet")
        {
            return "not yet";
        }
    }

    /// <summary>The same by SQL.</summary>
    private static async Task<string[]> OracleAsync(Centre centre, string code, AsOf[] questions)
    {
        await using var command = centre.Database.App.CreateCommand(
            """
            SELECT q.n, e.seq_id, e.id, e.version, e.type, e.data, e.timestamp
            FROM unnest(@t, @k, @v) WITH ORDINALITY AS q (t, k, v, n)
            JOIN dossier.mt_events e ON e.stream_id = @code AND (data->>'occurredAt')::timestamptz <= q.t AND timestamp <= q.k AND version <= q.v
            ORDER BY q.n, e.version
            """);
        command.Parameters.AddWithValue("code", code);
        command.Parameters.AddWithValue("t", questions.Select(q => q.Legal?.UtcDateTime ?? DateTime.MaxValue).ToArray());
        command.Parameters.AddWithValue("k", questions.Select(q => q.Recorded?.UtcDateTime ?? DateTime.MaxValue).ToArray());
        command.Parameters.AddWithValue("v", questions.Select(q => q.Version ?? long.MaxValue).ToArray());
        var found = new List<StoredEvent>[questions.Length];
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
        {
            (found[row.GetInt64(0) - 1] ??= []).Add(new(
                row.GetInt64(1), row.GetGuid(2), code, row.GetInt64(3), row.GetString(4), row.GetFieldValue<byte[]>(5), new(row.GetDateTime(6)),
                default, null, null, ProductEvents.Names));
        }
        return [.. found.Select(events => events is null ? "not yet" : JsonSerializer.Serialize(Dossier.Fold(code, events)))];
    }

    [Fact]
    public async Task A_dossier_that_does_not_exist_or_a_stream_of_another_kind_has_no_history()
    {
        await using var centre = await Centre.OpenAsync();
        foreach (var code in new[] { "H49.12-260504-0001", "/procedure/P-1" })
            (await Should.ThrowAsync<UserError>(() => History.ReadAsync(centre.Database.Log, code, new()))).Code.ShouldBe("no-such-dossier");
    }
}
