using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;
using NpgsqlTypes;

namespace EventDossier.Cli.Bench;

/// <summary>Believable dossiers by the number: the same number is the same dossier.</summary>
internal static class BenchLog
{
    private static readonly Guid _commands = new("3d9c0a31-9f11-5f0a-8d5e-5f3e4f7e2d10");
    private static readonly DateTimeOffset _first = new(2025, 1, 2, 8, 0, 0, TimeSpan.FromHours(7));

    public static CommandMetadata Command(string name) => new(Uuid.V5(_commands, name), "officer-17", "officer", "post H49.12-03");

    public static string Code(int number) => $"H49.{number % 24:00}-{_first.AddMinutes(number):yyMMdd}-{number:000000}";

    /// <summary>A life of up to eight events; after six of them it is still open.</summary>
    public static DossierEvent[] Life(int number)
    {
        var at = _first.AddMinutes(number);
        var officer = $"officer-{number % 97}";
        var unit = $"H49.{number % 24:00}-{number % 5}";
        return
        [
            new DossierReceived(at, new($"1.{number % 1435:000000}.000.00.00.H49", 1), "online", $"H49.{number % 24:00}", unit, null, new(5, CountingRule.Days), at.AddDays(7), null),
            new DossierAssigned(at.AddHours(1), officer, unit),
            new StepCompleted(at.AddHours(3), "Thẩm định hồ sơ", officer, unit),
            new StepCompleted(at.AddHours(20), "Lấy ý kiến phối hợp", officer, unit),
            new StepCompleted(at.AddHours(40), "Kiểm tra thể thức", officer, unit),
            new StepCompleted(at.AddHours(50), "Trình ký", officer, unit),
            new DossierDecided(at.AddHours(60), DecisionOutcome.Approved, null),
            new ResultReady(at.AddHours(62)),
        ];
    }

    public static async Task AppendAsync(Database database, int dossiers, int eventsEach, CancellationToken cancel)
    {
        foreach (var numbers in Enumerable.Range(0, dossiers).Chunk(500))
        {
            await database.Log.AppendManyNewAsync(
                [.. numbers.Select(n => new StreamAppend(Code(n), Desk.StreamType, 0, Command($"life {n}"), Life(n)[..eventsEach]))], cancel);
        }
    }

    /// <summary>
    /// Full lives in the order in which a centre would record them: at any time some two thousand dossiers are open, and neighbours in
    /// the log belong to different ones.
    /// </summary>
    public static async Task CopyInterleavedAsync(NpgsqlConnection owner, int events, CancellationToken cancel)
    {
        const int Open = 2_000;
        var dossiers = events / 8;
        IEnumerable<(string Code, long Version, DossierEvent Event)> Interleaved()
        {
            // Dossier n is received at step n and moves on every Open/8 steps.
            for (var step = 0; step < dossiers + (7 * Open / 8); step++)
            {
                for (var k = 0; k < 8; k++)
                {
                    var n = step - (k * Open / 8);
                    if (n >= 0 && n < dossiers)
                        yield return (Code(n), k + 1, Life(n)[k]);
                }
            }
        }
        await CopyStreamsAsync(owner, Enumerable.Range(0, dossiers).Select(n => (Code(n), Desk.StreamType, 8L)), cancel);
        await CopyEventsAsync(owner, Interleaved().Select(e => (e.Code, e.Version, e.Event.OccurredAt, (object)e.Event)), cancel);
    }

    /// <summary>Dossiers by the number, whole and one after the other, behind what the log holds.</summary>
    /// <param name="life">The events of a dossier, each recorded when it occurred.</param>
    public static Task CopyAsync(NpgsqlConnection owner, int dossiers, Func<int, DossierEvent[]> life, CancellationToken cancel) =>
        CopyAsync(owner, Enumerable.Range(0, dossiers).Select(n => new BenchStream(Code(n), Desk.StreamType, [.. life(n).Select(e => (e.OccurredAt, (object)e))])), cancel);

    /// <summary>Streams of any kind, whole and one after the other, behind what the log holds. They are asked for twice, and must be the same.</summary>
    public static async Task CopyAsync(NpgsqlConnection owner, IEnumerable<BenchStream> streams, CancellationToken cancel)
    {
        await CopyStreamsAsync(owner, streams.Select(s => (s.Name, s.Type, (long)s.Events.Count)), cancel);
        await CopyEventsAsync(owner, streams.SelectMany(s => s.Events.Select((e, i) => (s.Name, i + 1L, e.At, e.Event))), cancel);
    }

    private static async Task CopyStreamsAsync(NpgsqlConnection owner, IEnumerable<(string Code, string Type, long Version)> all, CancellationToken cancel)
    {
        await using var streams = await owner.BeginBinaryImportAsync("COPY dossier.mt_streams (id, type, version) FROM STDIN (FORMAT binary)", cancel);
        foreach (var (code, type, version) in all)
        {
            await streams.StartRowAsync(cancel);
            await streams.WriteAsync(code, NpgsqlDbType.Varchar, cancel);
            await streams.WriteAsync(type, NpgsqlDbType.Varchar, cancel);
            await streams.WriteAsync(version, NpgsqlDbType.Bigint, cancel);
        }
        await streams.CompleteAsync(cancel);
    }

    private static async Task CopyEventsAsync(NpgsqlConnection owner, IEnumerable<(string Code, long Version, DateTimeOffset At, object Event)> events, CancellationToken cancel)
    {
        await using var head = new NpgsqlCommand("SELECT coalesce(max(seq_id), 0) FROM dossier.mt_events", owner);
        var position = (long)(await head.ExecuteScalarAsync(cancel))!;
        await using (var copy = await owner.BeginBinaryImportAsync(
            """
            COPY dossier.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, headers, is_archived)
            FROM STDIN (FORMAT binary)
            """, cancel))
        {
            foreach (var (code, version, at, e) in events)
            {
                var (name, type, json) = ProductEvents.Names.Encode(e);
                var command = Command($"{code} {version}");
                await copy.StartRowAsync(cancel);
                await copy.WriteAsync(++position, NpgsqlDbType.Bigint, cancel);
                await copy.WriteAsync(Uuid.V5(command.CommandId, 0), NpgsqlDbType.Uuid, cancel);
                await copy.WriteAsync(code, NpgsqlDbType.Varchar, cancel);
                await copy.WriteAsync(version, NpgsqlDbType.Bigint, cancel);
                await copy.WriteAsync(json, NpgsqlDbType.Jsonb, cancel);
                await copy.WriteAsync(name, NpgsqlDbType.Varchar, cancel);
                await copy.WriteAsync(at.UtcDateTime, NpgsqlDbType.TimestampTz, cancel);
                await copy.WriteAsync("*DEFAULT*", NpgsqlDbType.Varchar, cancel);
                await copy.WriteAsync(type, NpgsqlDbType.Varchar, cancel);
                await copy.WriteAsync($$"""{"role":"officer","actor":"officer-17","authority":"post H49.12-03","commandId":"{{command.CommandId}}"}""", NpgsqlDbType.Jsonb, cancel);
                await copy.WriteAsync(false, NpgsqlDbType.Boolean, cancel);
            }
            await copy.CompleteAsync(cancel);
        }
        await using var settle = new NpgsqlCommand(
            "SELECT setval('dossier.mt_events_sequence', max(seq_id)) FROM dossier.mt_events", owner) { CommandTimeout = 0 };
        await settle.ExecuteNonQueryAsync(cancel);
        await using var vacuum = new NpgsqlCommand("VACUUM (ANALYZE) dossier.mt_events, dossier.mt_streams", owner) { CommandTimeout = 0 };
        await vacuum.ExecuteNonQueryAsync(cancel);
    }
}
