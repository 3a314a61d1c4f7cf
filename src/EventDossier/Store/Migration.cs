using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace EventDossier.Store;

/// <summary>
/// Brings a database's schema up to date from the numbered files under <c>ops/sql</c>, as its owner. A file is applied again when its text changed,
/// so each is written to be applied to any earlier state. Safe to run twice, by two at once, and beside programs that work: what it waits for, others wait for no longer than a moment. An older program
/// brings back nothing that a newer one has replaced (ADR 43).
/// </summary>
public static class Migration
{
    /// <summary>Whoever asks for a table that we wait to change waits behind us.</summary>
    private const string Moment = "500ms";

    private const int MostTries = 120;
    /// <summary>Files applied by this run; empty when all was up to date.</summary>
    /// <exception cref="UserError"><c>kind-mismatch</c>: the database was made for the other kind, live or sample; <c>not-owner</c>; <c>other-order</c>.</exception>
    public static async Task<IReadOnlyList<string>> RunAsync(string ownerConnection, bool sample, IReadOnlyList<View> views, CancellationToken cancel = default)
    {
        try
        {
            var applied = await ApplyAsync();
            await Edition.Current.MigrateAsync(ownerConnection, cancel);
            return applied;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new UserError("not-owner", $"migrate needs the database's owner, who may create roles: {e.MessageText}");
        }

        // Nothing is held meanwhile, and whoever was made to wait gets through.
        async Task RestAsync()
        {
            await using var connection = new NpgsqlConnection(ownerConnection);
            await connection.OpenAsync(cancel);
            await using var command = new NpgsqlCommand("SELECT pg_sleep(0.5)", connection);
            await command.ExecuteNonQueryAsync(cancel);
        }

        async Task<IReadOnlyList<string>> ApplyAsync()
        {
            for (var tries = 1; ; tries++)
            {
                try
                {
                    return await ApplyOnceAsync(ownerConnection, sample, views, cancel);
                }
                catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
                {
                    if (tries == MostTries)
                        throw new UserError("busy", $"a table is in use all the time, and could not be changed: {e.MessageText}; try again when it is quieter");
                    await RestAsync();
                }
            }
        }
    }

    /// <summary>Streams are found by ranges of their names, and pages follow each other by name: in another order than that of the bytes, people, rules and dossiers would be missed without a word.</summary>
    /// <exception cref="UserError"><c>other-order</c>.</exception>
    internal static async Task RefuseOtherOrderAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("SELECT 'B' < 'a', CASE datlocprovider WHEN 'i' THEN 'ICU' ELSE datcollate END FROM pg_database WHERE datname = current_database()", connection);
        await using var row = await command.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        if (!row.GetBoolean(0))
            throw new UserError("other-order", $"the database {connection.Database} sorts text by {row.GetString(1)}, and not by its bytes: make one with TEMPLATE template0 LC_COLLATE 'C', and restore a backup into it if there is work in this one");
    }

    private static async Task<IReadOnlyList<string>> ApplyOnceAsync(string ownerConnection, bool sample, IReadOnlyList<View> views, CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(ownerConnection);
        await connection.OpenAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await RefuseOtherOrderAsync(connection, cancel);
        await ExecuteAsync($"SELECT pg_advisory_xact_lock(72614351), set_config('lock_timeout', '{Moment}', true)");

        var applied = new List<string>();
        var known = await AppliedAsync();
        foreach (var (name, text) in Files())
        {
            var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
            var before = known.GetValueOrDefault(name);
            if (before == hash || await IsLeftBehindAsync(name, hash))
                continue;
            await ExecuteAsync(text);
            if (before is not null)
                await ExecuteAsync("INSERT INTO dossier_meta.left_behind (name, sha256) VALUES (@name, @before) ON CONFLICT DO NOTHING", ("name", name), ("before", before));
            await ExecuteAsync(
                """
                INSERT INTO dossier_meta.migration (name, sha256) VALUES (@name, @hash)
                ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256, applied_at = clock_timestamp()
                """, ("name", name), ("hash", hash));
            applied.Add(name);
        }

        var kind = sample ? "sample" : "live";
        await ExecuteAsync("INSERT INTO dossier_meta.database (kind) VALUES (@kind) ON CONFLICT DO NOTHING", ("kind", kind));
        if (await IsSampleAsync(connection, cancel) != sample)
            throw new UserError("kind-mismatch", $"the database {connection.Database} is not a {kind} database");

        foreach (var view in views)
        {
            if (await view.DefineAsync(connection, cancel))
                applied.Add(view.Name);
        }
        await transaction.CommitAsync(cancel);
        return applied;

        async Task ExecuteAsync(string sql, params (string Name, string Value)[] parameters)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            foreach (var (name, value) in parameters)
                command.Parameters.AddWithValue(name, value);
            await command.ExecuteNonQueryAsync(cancel);
        }

        async Task<bool> IsLeftBehindAsync(string name, string hash)
        {
            await using var exists = new NpgsqlCommand("SELECT to_regclass('dossier_meta.left_behind') IS NOT NULL", connection, transaction);
            if (!(bool)(await exists.ExecuteScalarAsync(cancel))!)
                return false;
            await using var command = new NpgsqlCommand("SELECT EXISTS (SELECT FROM dossier_meta.left_behind WHERE name = @name AND sha256 = @hash)", connection, transaction);
            command.Parameters.AddWithValue("name", name);
            command.Parameters.AddWithValue("hash", hash);
            return (bool)(await command.ExecuteScalarAsync(cancel))!;
        }

        async Task<Dictionary<string, string>> AppliedAsync()
        {
            await using var exists = new NpgsqlCommand("SELECT to_regclass('dossier_meta.migration') IS NOT NULL", connection, transaction);
            var hashes = new Dictionary<string, string>();
            if (!(bool)(await exists.ExecuteScalarAsync(cancel))!)
                return hashes;
            await using var command = new NpgsqlCommand("SELECT name, sha256 FROM dossier_meta.migration", connection, transaction);
            await using var reader = await command.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel))
                hashes.Add(reader.GetString(0), reader.GetString(1));
            return hashes;
        }
    }

    /// <summary>Whether the database takes simulated recorded times.</summary>
    public static async Task<bool> IsSampleAsync(NpgsqlConnection connection, CancellationToken cancel = default)
    {
        await using var command = new NpgsqlCommand("SELECT kind = 'sample' FROM dossier_meta.database", connection);
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    private static IEnumerable<(string Name, string Text)> Files()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith("sql/", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return (name["sql/".Length..], reader.ReadToEnd());
        }
    }
}
