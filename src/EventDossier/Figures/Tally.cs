using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Figures;

/// <summary>
/// Figures that are a sum over dossiers, each folded as of a moment by legal time. Read once from the whole log, they are kept up by what was appended since: of each dossier
/// it touches, what it counted as before is taken away and what it counts as now is added. So nothing is kept of a dossier, and the sum is the one that the whole log gives.
/// </summary>
/// <param name="to">What happened from then on is left out.</param>
/// <param name="known">What the log did not hold then is left out too.</param>
public abstract class Tally(DateTimeOffset to, AsOf? known = null)
{
    private const int AtOnce = 500;

    protected DateTimeOffset To => to;

    protected AsOf? Known => known;

    /// <summary>Of the log, up to which was read; 0 before the first time.</summary>
    public long Position { get; private set; }

    /// <param name="times">1, or -1 for what it counted as before.</param>
    protected abstract void Count(Dossier dossier, int times);

    /// <summary>Reads on to a settled position. When it throws, the sum is none any more.</summary>
    public async Task FollowAsync(Database database, long position, CancellationToken cancel)
    {
        if (Position == 0)
            await Task.Run(() => ReadAll(database, position, cancel), cancel);
        else if (position > Position)
            await ReadTouchedAsync(database, position, cancel);
        Position = position;
    }

    private void ReadAll(Database database, long position, CancellationToken cancel)
    {
        var dossier = new Dossier("");
        StreamOrder.Read(database.App, database.Names, StreamOrder.Range.All, position, metadata: false, e =>
        {
            if (!DossierCode.IsCode(e.Stream))
                return;
            if (e.Stream != dossier.Code)
            {
                CountOne(dossier, 1);
                dossier = new(e.Stream);
            }
            dossier = After(dossier, e);
        }, _ => { }, cancel);
        CountOne(dossier, 1);
    }

    private async Task ReadTouchedAsync(Database database, long position, CancellationToken cancel)
    {
        await using var connection = await database.App.OpenConnectionAsync(cancel);
        foreach (var codes in (await TouchedAsync(connection, position, cancel)).Where(DossierCode.IsCode).Chunk(AtOnce))
        {
            await using var command = new NpgsqlCommand(
                $"""
                SELECT {StoredEventReader.Facts} FROM dossier.mt_events e
                WHERE e.stream_id = ANY(@codes) AND e.seq_id <= @up_to AND e.type <> 'tombstone' ORDER BY e.stream_id, e.version
                """, connection);
            command.Parameters.Add(new NpgsqlParameter<string[]>("codes", codes));
            command.Parameters.Add(new NpgsqlParameter<long>("up_to", position));
            var (before, now) = (new Dossier(""), new Dossier(""));
            await using var row = await command.ExecuteReaderAsync(cancel);
            while (await row.ReadAsync(cancel))
            {
                var e = StoredEventReader.ReadFacts(row, database.Names);
                if (e.Stream != now.Code)
                {
                    CountOne(before, -1);
                    CountOne(now, 1);
                    (before, now) = (new(e.Stream), new(e.Stream));
                }
                now = After(now, e);
                if (e.Position <= Position)
                    before = now;
            }
            CountOne(before, -1);
            CountOne(now, 1);
        }
    }

    private async Task<List<string>> TouchedAsync(NpgsqlConnection connection, long position, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("SELECT DISTINCT stream_id FROM dossier.mt_events WHERE seq_id > @after AND seq_id <= @up_to", connection);
        command.Parameters.AddWithValue("after", Position);
        command.Parameters.AddWithValue("up_to", position);
        var streams = new List<string>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            streams.Add(row.GetString(0));
        return streams;
    }

    private Dossier After(Dossier dossier, StoredEvent e) => (DossierEvent)e.Event is var happened && happened.OccurredAt < to && Known?.Knows(e) is not false ? dossier.After(happened, e.Version) : dossier;

    private void CountOne(Dossier dossier, int times)
    {
        if (dossier.Version > 0)
            Count(dossier, times);
    }
}
