using EventDossier.Store;

namespace EventDossier.Procedures;

/// <summary>The catalogue of procedures: one stream each, one event a version.</summary>
/// <param name="recordedAt">Only in a sample database: the recording time of a simulated clock.</param>
public sealed class Catalogue(Database database, DateTimeOffset? recordedAt = null)
{
    private static readonly Guid _commands = new("f2a9a0d4-30be-5f4e-9df4-6f2f7a3f1a55");

    public Task<int> PublishAsync(IReadOnlyList<ProcedurePublished> procedures, CommandMetadata by, CancellationToken cancel = default) =>
        PublishAsync(new ProcedureFile(procedures, [], [], Dated: true), by, cancel);

    /// <summary>
    /// Publishes what is new, or says something else than the newest version of its day; the same again publishes nothing. Where the source tells no day, what says
    /// the same as the latest version but for the day is not new.
    /// </summary>
    /// <returns>How many versions.</returns>
    public async Task<int> PublishAsync(ProcedureFile file, CommandMetadata by, CancellationToken cancel = default)
    {
        var published = 0;
        for (var again = true; again;)
        {
            var known = await VersionsAsync(cancel);
            var items = file.Procedures.GroupBy(p => p.Code).Select(p => Append(p, known.GetValueOrDefault(p.Key) ?? [])).Where(i => i.Events.Count > 0).ToLookup(i => i.ExpectedVersion == 0);
            AppendOutcome[] outcomes =
            [
                .. items[true].Any() ? await database.Log.AppendManyNewAsync([.. items[true]], cancel) : [],
                .. items[false].Any() ? await database.Log.AppendAsync([.. items[false]], cancel) : [],
            ];
            published += outcomes.Zip(items[true].Concat(items[false]), (outcome, item) => outcome is AppendOutcome.Appended ? item.Events.Count : 0).Sum();
            again = outcomes.Any(o => o is AppendOutcome.Conflict); // Somebody else published meanwhile.
        }
        return published;

        StreamAppend Append(IGrouping<string, ProcedurePublished> told, IReadOnlyList<Procedure.Version> versions)
        {
            var all = versions.Select(v => v.Published).ToList();
            foreach (var procedure in told)
            {
                var newest = file.Dated
                    ? all.FindLast(p => p.OccurredAt == procedure.OccurredAt)
                    : all.Index().OrderBy(p => p.Item.OccurredAt).ThenBy(p => p.Index).LastOrDefault().Item;
                if (newest is null || Content(newest) != Content(procedure))
                    all.Add(procedure);
            }
            var stream = Procedure.Stream(told.Key);
            var events = all.Skip(versions.Count).ToList();
            return new(stream, Procedure.StreamType, versions.Count,
                by with { CommandId = Uuid.V5(_commands, $"{stream} {versions.Count + 1} {string.Concat(events.Select(e => database.Names.Encode(e).Json))}") }, events, recordedAt);
        }
    }

    /// <summary>Every procedure in the version that is in force at a moment, by code.</summary>
    public async Task<IReadOnlyList<Procedure.Version>> InForceAsync(DateTimeOffset at, CancellationToken cancel = default) =>
        [.. (await VersionsAsync(cancel)).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => Procedure.InForce(p.Value, at)).OfType<Procedure.Version>()];

    /// <summary>All versions of every procedure, by code.</summary>
    /// <param name="position">Only what the log held up to there.</param>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<Procedure.Version>>> VersionsAsync(CancellationToken cancel = default, long position = long.MaxValue)
    {
        // The bounds are for the index; a collation that orders otherwise than bytes still keeps the slash before the digit.
        await using var command = database.App.CreateCommand(
            $"""
            SELECT {StoredEventReader.Facts} FROM dossier.mt_events e
            WHERE e.stream_id >= '{Procedure.StreamPrefix}' AND e.stream_id < '{Procedure.StreamPrefix[..^1]}0' AND e.seq_id <= @position
            ORDER BY e.stream_id, e.version
            """);
        command.Parameters.AddWithValue("position", position);
        await using var row = await command.ExecuteReaderAsync(cancel);
        var versions = new Dictionary<string, List<Procedure.Version>>();
        while (await row.ReadAsync(cancel))
        {
            var stored = StoredEventReader.ReadFacts(row, database.Names);
            var version = new Procedure.Version((ProcedurePublished)stored.Event, stored.Version);
            if (!versions.TryAdd(version.Published.Code, [version]))
                versions[version.Published.Code].Add(version);
        }
        return versions.ToDictionary(v => v.Key, IReadOnlyList<Procedure.Version> (v) => v.Value);
    }

    /// <summary>All that it says but for the day; records don't compare what their lists hold.</summary>
    private string Content(ProcedurePublished procedure) => database.Names.Encode(procedure with { OccurredAt = default }).Json;
}
