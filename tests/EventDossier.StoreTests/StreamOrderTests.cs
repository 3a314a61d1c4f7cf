using EventDossier.Store;

namespace EventDossier.StoreTests;

public sealed class StreamOrderTests
{
    [Fact]
    public async Task Streams_are_read_whole_and_in_order_as_they_are_read_one_by_one()
    {
        await using var made = await TestDatabase.CreateMigratedAsync();
        await using var database = await Database.OpenAsync(made.ConnectionString, TestEvents.Names, TestDatabase.Time);
        // Longer than what is read at a time, short ones beside it.
        string[] streams = ["b", "it's '' \\ ế", "a"];
        foreach (var (stream, i) in streams.Select((stream, i) => (stream, i)))
        {
            await database.Log.AppendAsync([new(stream, "test", 0, new(Uuid.V5(Guid.Empty, stream), "an'h", "officer", null, i == 0 ? "one" : null, i == 1 ? "other" : null),
                [new Noted(""), new Noted(new('ế', 30_000)), .. Enumerable.Range(0, 2000).Select(n => new Noted($"{n}"))])]);
        }
        var head = await database.HeadAsync();
        foreach (var range in new StreamOrder.Range[] { new(null, null), new("b", null), new(null, streams[1]), new(streams[1], null) })
        {
            var events = new List<StoredEvent>();
            var told = 0;
            StreamOrder.Read(database.App, database.Names, range, head, metadata: true, events.Add, more => told += more, CancellationToken.None);
            var expected = new List<StoredEvent>();
            foreach (var stream in streams.Order(StringComparer.Ordinal).Where(s => (range.From is null || string.CompareOrdinal(s, range.From) >= 0)
                && (range.Before is null || string.CompareOrdinal(s, range.Before) < 0)))
                expected.AddRange(await database.Log.ReadStreamAsync(stream));
            events.Select(Told).ShouldBe(expected.Select(Told));
            told.ShouldBe(expected.Count);
        }
    }

    private static object Told(StoredEvent e) => (e.Position, e.Id, e.Stream, e.Version, e.Name, Convert.ToBase64String(e.Data.Span), e.RecordedAt, e.Metadata);
}
