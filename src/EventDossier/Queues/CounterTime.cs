using System.Text.Json;
using EventDossier.Store;

namespace EventDossier.Queues;

/// <summary>What counts as time at the counter: data, with a version of its own.</summary>
public sealed record CounterTimeDefinition(string Version, int TargetMinutes, string Wait, string Service, string Basis)
{
    /// <summary>The one that comes with the product.</summary>
    public static CounterTimeDefinition Current { get; } = Read();

    private static CounterTimeDefinition Read()
    {
        using var stream = typeof(CounterTimeDefinition).Assembly.GetManifestResourceStream("queues/counter-time.json")!;
        return JsonSerializer.Deserialize<CounterTimeDefinition>(stream, JsonSerializerOptions.Web)!;
    }
}

/// <summary>How long people waited and were served, of the tickets taken in a period, and which tickets those are.</summary>
/// <param name="Position">Of the log that it was made from.</param>
/// <param name="Waiting">Neither called nor gone by now.</param>
/// <param name="LeftWaiting">Gone before they were called.</param>
/// <param name="Tickets">A page of those that the figures are made of, by place, day and number.</param>
/// <param name="Next">Where there may be more, the id of the last of the page.</param>
public sealed record CounterTime(
    DateTimeOffset From, DateTimeOffset To, string? Place, long Position, CounterTimeDefinition Definition, int Taken, int Served, int Left, int LeftWaiting, int Waiting,
    CounterTime.Measure Wait, CounterTime.Measure Service, IReadOnlyList<Ticket> Tickets, string? Next = null)
{
    /// <param name="Within">Of <paramref name="Of"/>, up to the target.</param>
    /// <param name="Median">In minutes, as is <paramref name="NinetyFifth"/>: the value that so many do not exceed, of 20 the 19th; null without any.</param>
    public sealed record Measure(int Within, int Of, double? Median, double? NinetyFifth)
    {
        /// <summary>In percent, to a tenth.</summary>
        public decimal? Percent => Of == 0 ? null : Math.Round(100m * Within / Of, 1);
    }

    /// <summary>Of all that the log holds at the call.</summary>
    /// <param name="from">Inclusive.</param>
    /// <param name="to">Exclusive.</param>
    /// <param name="place">Only of this place; all where null.</param>
    /// <param name="after">Id of the last ticket of the page before.</param>
    /// <param name="limit">How many tickets are told at most; 0 for the figures alone.</param>
    public static async Task<CounterTime> OfAsync(
        Database database, DateTimeOffset from, DateTimeOffset to, string? place, string? after = null, int limit = 50, CancellationToken cancel = default)
    {
        var view = Queues.Tickets.View;
        await new Views([view], database).CatchUpAsync(cancel);
        var figures = await view.CountAsync(database.App, from, to, place, CounterTimeDefinition.Current, cancel);
        var tickets = limit == 0 ? [] : await view.OfAsync(database.App, from, to, place, after, limit, cancel);
        return figures with { Tickets = tickets, Next = limit > 0 && tickets.Count == limit ? tickets[^1].Id : null };
    }
}
