using Npgsql;

namespace EventDossier.Store;

/// <summary>
/// Views whose table this program wants otherwise than it stands: made beside it from the log and swapped in. Programs of the older definition read and follow the old table until then, and carry nothing into the new
/// one; so two versions work beside each other, and the views follow whichever is the newer.
/// </summary>
public static class ViewUpgrade
{
    /// <summary>One at a time, and the second finds nothing left to do.</summary>
    private const long Alone = 72614352;

    /// <param name="ownerConnection">Of the owner, as for <see cref="Migration"/>, which comes first.</param>
    /// <returns>Names of the views that were changed.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(
        string ownerConnection, IReadOnlyList<View> views, EventNames names, TimeProvider clock, Action<long>? progress = null, CancellationToken cancel = default)
    {
        await using var owner = new NpgsqlConnection(ownerConnection);
        await owner.OpenAsync(cancel);
        if (await ChangedAsync(owner, views, cancel) is [])
            return [];
        await ExecuteAsync($"SELECT pg_advisory_lock({Alone})");
        try
        {
            if (await ChangedAsync(owner, views, cancel) is not [_, ..] changed)
                return [];
            await using var database = NpgsqlDataSource.Create(Database.AsApplication(ownerConnection));
            await Rebuild.RunAsync(changed, database, names, clock, progress, Defined, cancel);
            return [.. changed.Select(v => v.Name)];
        }
        finally
        {
            await ExecuteAsync($"SELECT pg_advisory_unlock({Alone})");
        }

        async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, owner) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync(cancel);
        }
    }

    /// <summary>What an older program has and a newer one replaced is not wanted.</summary>
    private static async Task<IReadOnlyList<View>> ChangedAsync(NpgsqlConnection owner, IReadOnlyList<View> views, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT v.name FROM unnest(@names, @hashes) AS wanted (name, hash) JOIN dossier_meta.view v USING (name)
            WHERE {View.StoredHash} <> wanted.hash
              AND NOT EXISTS (SELECT FROM dossier_meta.left_behind l WHERE l.name = 'view ' || wanted.name AND l.sha256 = wanted.hash)
            """, owner);
        command.Parameters.AddWithValue("names", views.Select(v => v.Name).ToArray());
        command.Parameters.AddWithValue("hashes", views.Select(v => v.DefinitionHash).ToArray());
        var changed = new HashSet<string>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            changed.Add(row.GetString(0));
        return [.. views.Where(v => changed.Contains(v.Name))];
    }

    /// <summary>In the transaction of the swap, as the owner: from then on the table is ours.</summary>
    private static NpgsqlBatchCommand[] Defined(View view) =>
    [
        new("SET LOCAL ROLE NONE"),
        new($"INSERT INTO dossier_meta.left_behind (name, sha256) SELECT 'view ' || name, {View.StoredHash} FROM dossier_meta.view WHERE name = @name ON CONFLICT DO NOTHING") { Parameters = { new("name", view.Name) } },
        new("UPDATE dossier_meta.view SET definition = @definition WHERE name = @name") { Parameters = { new("name", view.Name), new("definition", view.Definition) } },
    ];
}
