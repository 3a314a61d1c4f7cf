using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Archives;

/// <summary>What of a year is archived, and what is not yet.</summary>
/// <param name="Over">Only a year that is over can be archived.</param>
/// <param name="Dossiers">Received in it; of those that were not, submitted.</param>
/// <param name="ToArchive">Finished, and in no archive or changed since.</param>
/// <param name="Archives">In the order in which they were made.</param>
public sealed record ArchiveYear(int Year, bool Over, long Dossiers, long Open, long ToArchive, IReadOnlyList<ArchiveMade> Archives)
{
    /// <summary>Newest first, by the overview, which must have caught up.</summary>
    public static async Task<IReadOnlyList<ArchiveYear>> AllAsync(Database database, CancellationToken cancel = default)
    {
        var made = (await Archive.ListAsync(database, cancel: cancel)).ToLookup(archive => archive.Year);
        await using var command = database.App.CreateCommand(
            $"""
            SELECT o.year, count(*), count(*) FILTER (WHERE NOT o.done), count(*) FILTER (WHERE o.done AND o.position > coalesce(a.position, 0)) FROM (
                SELECT extract(year FROM coalesce(received_at, submitted_at) AT TIME ZONE 'Asia/Ho_Chi_Minh')::int AS year, finished_at IS NOT NULL AS done, position FROM {Overview.View.Table}
                WHERE coalesce(received_at, submitted_at) IS NOT NULL) o
            LEFT JOIN unnest(@years, @positions) AS a (year, position) ON a.year = o.year
            GROUP BY o.year ORDER BY o.year DESC
            """);
        command.Parameters.AddWithValue("years", made.Select(year => year.Key).ToArray());
        command.Parameters.AddWithValue("positions", made.Select(year => year.Max(archive => archive.Position)).ToArray());
        var now = WorkCalendar.Vietnam.Local(database.Clock.GetUtcNow()).Year;
        var years = new List<ArchiveYear>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            years.Add(new(row.GetInt32(0), row.GetInt32(0) < now, row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), [.. made[row.GetInt32(0)]]));
        return years;
    }
}
