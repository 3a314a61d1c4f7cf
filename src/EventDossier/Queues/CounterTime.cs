using System.Text.Json;
using EventDossier.Deadlines;
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
/// <param name="Tickets">All that the figures are made of, by place, day and number.</param>
public sealed record CounterTime(
    DateTimeOffset From, DateTimeOffset To, string? Place, long Position, CounterTimeDefinition Definition, int Taken, int Served, int Left, int LeftWaiting, int Waiting,
    CounterTime.Measure Wait, CounterTime.Measure Service, IReadOnlyList<Ticket> Tickets)
{
    /// <param name="Within">Of <paramref name="Of"/>, up to the target.</param>
    /// <param name="Median">In minutes, as is <paramref name="NinetyFifth"/>; null without any.</param>
    public sealed record Measure(int Within, int Of, double? Median, double? NinetyFifth)
    {
        /// <summary>In percent, to a tenth.</summary>
        public decimal? Percent => Of == 0 ? null : Math.Round(100m * Within / Of, 1);

        public static Measure Over(IEnumerable<double?> minutes, int target)
        {
            var sorted = minutes.OfType<double>().Order().ToList();
            // The value that so many do not exceed: of 20, the 19th.
            double? At(double share) => sorted.Count == 0 ? null : sorted[(int)Math.Ceiling(share * sorted.Count) - 1];
            return new(sorted.Count(m => m <= target), sorted.Count, At(0.5), At(0.95));
        }
    }

    /// <param name="from">Inclusive.</param>
    /// <param name="to">Exclusive.</param>
    /// <param name="place">Only of this place; all where null.</param>
    public static async Task<CounterTime> OfAsync(Database database, DateTimeOffset from, DateTimeOffset to, string? place, CancellationToken cancel = default)
    {
        var position = await database.HeadAsync(cancel);
        var calendar = WorkCalendar.Vietnam;
        var tickets = (await QueueDesk.OfDaysAsync(database, place, calendar.DayOf(from), calendar.DayOf(to), position, cancel)).Where(t => t.TakenAt >= from && t.TakenAt < to).ToList();
        return Of(tickets, from, to, place, position, CounterTimeDefinition.Current);
    }

    /// <summary>Pure.</summary>
    public static CounterTime Of(IReadOnlyList<Ticket> tickets, DateTimeOffset from, DateTimeOffset to, string? place, long position, CounterTimeDefinition definition)
    {
        int Count(TicketState state) => tickets.Count(t => t.State == state);
        return new(
            from, to, place, position, definition, tickets.Count, Count(TicketState.Served), Count(TicketState.Left), tickets.Count(t => t is { State: TicketState.Left, CalledAt: null }),
            Count(TicketState.Waiting), Measure.Over(tickets.Select(t => t.WaitMinutes), definition.TargetMinutes), Measure.Over(tickets.Select(t => t.ServiceMinutes), definition.TargetMinutes), tickets);
    }
}
