using System.Security.Cryptography;
using EventDossier.Exports;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Releases;

/// <summary>What is kept of releases besides their events and files.</summary>
internal static class ReleaseStore
{
    /// <summary>The release's secret, made where it has none yet.</summary>
    public static async Task<byte[]> SecretAsync(Database database, string release, CancellationToken cancel)
    {
        await using var command = database.App.CreateCommand(
            """
            WITH made AS (
                INSERT INTO dossier_release.secret (release, secret) VALUES (@release, @secret) ON CONFLICT DO NOTHING RETURNING secret)
            SELECT secret FROM made UNION ALL SELECT secret FROM dossier_release.secret WHERE release = @release
            """);
        command.Parameters.AddWithValue("release", release);
        command.Parameters.AddWithValue("secret", RandomNumberGenerator.GetBytes(32));
        return (byte[])(await command.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>What releases told of whom.</summary>
    public static async Task<IReadOnlyList<EarlierRelease>> EarlierAsync(Database database,
        IReadOnlyList<string> releases, CancellationToken cancel)
    {
        var earlier = new List<EarlierRelease>();
        foreach (var release in releases)
        {
            await using var command = database.App.CreateCommand(
                "SELECT class, count(*)::int FROM dossier_release.member WHERE release = @release GROUP BY class");
            command.Parameters.AddWithValue("release", release);
            var classes = new Dictionary<UInt128, int>();
            await using var row = await command.ExecuteReaderAsync(cancel);
            while (await row.ReadAsync(cancel))
                classes.Add(Class(row.GetFieldValue<byte[]>(0)), row.GetInt32(1));
            earlier.Add(new(release, classes));
        }
        return earlier;
    }

    /// <summary>Keeps what a release tells of whom, in place of what was kept before.</summary>
    public static async Task KeepAsync(Database database, string release,
        IEnumerable<(string Dossier, UInt128 Class)> members, IEnumerable<(string Cell, long? Count)> cells,
        CancellationToken cancel)
    {
        await using var connection = await database.App.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using (var forget = new NpgsqlCommand("DELETE FROM dossier_release.member WHERE release = $1",
            connection) { Parameters = { new() { Value = release } } })
            await forget.ExecuteNonQueryAsync(cancel);
        await using (var forget = new NpgsqlCommand("DELETE FROM dossier_release.cell WHERE release = $1",
            connection) { Parameters = { new() { Value = release } } })
            await forget.ExecuteNonQueryAsync(cancel);
        await using (var copy = await connection.BeginBinaryImportAsync(
            "COPY dossier_release.member (dossier, release, class) FROM STDIN (FORMAT binary)", cancel))
        {
            foreach (var (dossier, @class) in members)
            {
                await copy.StartRowAsync(cancel);
                await copy.WriteAsync(dossier, cancel);
                await copy.WriteAsync(release, cancel);
                await copy.WriteAsync(Bytes(@class), cancel);
            }
            await copy.CompleteAsync(cancel);
        }
        await using (var copy = await connection.BeginBinaryImportAsync(
            "COPY dossier_release.cell (release, cell, count) FROM STDIN (FORMAT binary)", cancel))
        {
            foreach (var (cell, count) in cells)
            {
                await copy.StartRowAsync(cancel);
                await copy.WriteAsync(release, cancel);
                await copy.WriteAsync(cell, cancel);
                if (count is { } known)
                    await copy.WriteAsync(known, cancel);
                else
                    await copy.WriteNullAsync(cancel);
            }
            await copy.CompleteAsync(cancel);
        }
        await transaction.CommitAsync(cancel);
    }

    /// <summary>The official figures that a release told.</summary>
    public static async Task<IReadOnlyList<(string Cell, long Count)>> CellsAsync(Database database, string release,
        CancellationToken cancel)
    {
        await using var command = database.App.CreateCommand(
            "SELECT cell, count FROM dossier_release.cell WHERE release = @release AND count IS NOT NULL");
        command.Parameters.AddWithValue("release", release);
        var cells = new List<(string, long)>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            cells.Add((row.GetString(0), row.GetInt64(1)));
        return cells;
    }

    /// <summary>The class that each release tells a dossier in, in their order; null where it leaves it out.</summary>
    public static async Task<Func<string, IReadOnlyList<UInt128?>>> ToldAsync(Database database, IReadOnlyList<string> releases, IEnumerable<string> dossiers,
        CancellationToken cancel)
    {
        if (releases.Count == 0)
            return _ => [];
        await using var command = database.App.CreateCommand(
            "SELECT dossier, release, class FROM dossier_release.member WHERE dossier = ANY(@dossiers) AND release = ANY(@releases)");
        command.Parameters.Add(new NpgsqlParameter<string[]>("dossiers", [.. dossiers]));
        command.Parameters.Add(new NpgsqlParameter<string[]>("releases", [.. releases]));
        var told = new Dictionary<(string, string), UInt128>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            told.Add((row.GetString(0), row.GetString(1)), Class(row.GetFieldValue<byte[]>(2)));
        return dossier => [.. releases.Select(release => told.TryGetValue((dossier, release), out var of) ? of : (UInt128?)null)];
    }

    private static UInt128 Class(byte[] bytes) => System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);

    private static byte[] Bytes(UInt128 of)
    {
        var bytes = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, of);
        return bytes;
    }
}
