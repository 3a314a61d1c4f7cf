using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Queues;

/// <summary>Draws numbers, calls them, and puts down what became of them.</summary>
public sealed class QueueDesk(Database database)
{
    private const int MostNumber = 9999, MostTries = 50;

    /// <param name="Ticket">As it is afterwards; null where there is none.</param>
    public sealed record Result(Ticket? Ticket, Refusal? Refusal = null);

    private static readonly IReadOnlyList<string> _by = [Role.Clerk, Role.Supervisor, Role.Administrator];

    /// <summary>The next number of a place and a day: 1, 2, 3, … without a hole, for the stream of a number begins once.</summary>
    public async Task<Result> TakeAsync(string place, string? service, ActContext context, CancellationToken cancel = default)
    {
        context = context with { Rules = await Rulebook.LoadAsync(database, cancel) };
        if (Refuse(context) is { } refused)
            return new(null, refused);
        if (!DossierCode.IsAgency(place) || context.Rules.RefuseUnit(place, context.At) is not null)
            return new(null, new("no-such-unit", $"there is no unit {place} on {context.At:yyyy-MM-dd}"));
        if (await DoneAsync(context, null, cancel) is { } before)
            return before;
        var day = context.Rules.Calendar.DayOf(context.At);
        for (var number = await LastAsync(place, day, cancel) + 1; number <= MostNumber; number++)
        {
            var id = Ticket.IdOf(place, day, number);
            var taken = new TicketTaken(context.At, context.Command.Actor, place, day, number, string.IsNullOrWhiteSpace(service) ? null : service.Trim());
            switch ((await database.Log.AppendAsync([new(Ticket.Stream(id), Ticket.StreamType, 0, context.Command, [taken], context.RecordedAt)], cancel))[0])
            {
                case AppendOutcome.Appended:
                    return new(await FindAsync(id, cancel));
                case AppendOutcome.Duplicate:
                    return (await DoneAsync(context, null, cancel))!;
            }
        }
        return new(null, new("no-number-left", $"{place} has drawn {MostNumber} numbers that day"));
    }

    /// <summary>Calls whoever waits longest to a counter; two counters that call at once call two.</summary>
    public async Task<Result> CallNextAsync(string place, string counter, ActContext context, CancellationToken cancel = default)
    {
        if (await DoneAsync(context, null, cancel) is { } before)
            return before;
        for (var tries = 0; tries < MostTries; tries++)
        {
            if ((await OfDayAsync(place, (await Rulebook.LoadAsync(database, cancel)).Calendar.DayOf(context.At), cancel)).FirstOrDefault(t => t.State == TicketState.Waiting) is not { } next)
                return new(null, Refuse(context) ?? new("nobody-waits", $"nobody waits at {place}"));
            var called = await DoAsync(next.Id, context, ticket => ticket.State == TicketState.Waiting ? Called(counter, context) : (null, new("called-meanwhile", "")), cancel);
            if (called.Refusal is not { Code: "called-meanwhile" })
                return called;
        }
        return new(null, new("busy", $"{place} is called from by others all the time; try again"));
    }

    /// <summary>Calls a number, again if need be.</summary>
    public Task<Result> CallAsync(string id, string counter, ActContext context, CancellationToken cancel = default) =>
        DoAsync(id, context, ticket => ticket.IsOver ? (null, Over(ticket)) : Called(counter, context), cancel);

    /// <param name="dossier">That came of it.</param>
    public async Task<Result> ServeAsync(string id, string? dossier, ActContext context, CancellationToken cancel = default)
    {
        if (dossier is not null && (!DossierCode.IsCode(dossier) || (await database.Log.ReadStreamAsync(dossier, 1, cancel)).Count == 0))
            return new(null, new("no-such-dossier", $"there is no dossier {dossier}"));
        return await DoAsync(id, context, ticket => ticket.State switch
        {
            TicketState.Served => (null, ticket.Dossier == dossier ? null : Over(ticket)),
            TicketState.Left => (null, Over(ticket)),
            TicketState.Waiting => (null, new("not-called", $"{id} was not called yet")),
            _ => (new TicketServed(context.At, context.Command.Actor, dossier), null),
        }, cancel);
    }

    public Task<Result> LeaveAsync(string id, string? reason, ActContext context, CancellationToken cancel = default) => DoAsync(id, context, ticket => ticket.State switch
    {
        TicketState.Left => (null, null),
        TicketState.Served => (null, Over(ticket)),
        _ => (new TicketLeft(context.At, context.Command.Actor, string.IsNullOrWhiteSpace(reason) ? null : reason.Trim()), null),
    }, cancel);

    public async Task<Ticket?> FindAsync(string id, CancellationToken cancel = default) =>
        id.Length <= 150 ? Ticket.Fold(await database.Log.ReadStreamAsync(Ticket.Stream(id), cancel: cancel)) : null;

    /// <summary>All of a place and a day, by number.</summary>
    public async Task<IReadOnlyList<Ticket>> OfDayAsync(string place, DateOnly day, CancellationToken cancel = default) =>
        [.. (await StreamOrder.BelowAsync(database, Ticket.Stream($"{place}/{day:yyMMdd}/"), cancel)).Select(events => Ticket.Fold(events)!)];

    private static (TicketEvent? Event, Refusal? Refusal) Called(string counter, ActContext context) =>
        string.IsNullOrWhiteSpace(counter) ? (null, new("counter-missing", $"{context.Command.Actor} names no counter to call to")) : (new TicketCalled(context.At, context.Command.Actor, counter.Trim()), null);

    private static Refusal Over(Ticket ticket) => new("ticket-over", $"{ticket.Id} was {(ticket.State == TicketState.Served ? "served" : "given up")} at {ticket.EndedAt:yyyy-MM-dd HH:mm zzz}");

    private static Refusal? Refuse(ActContext context) =>
        !_by.Contains(context.Command.Role) ? new("not-allowed", $"the queue is for {string.Join(", ", _by)}, not for {context.Command.Role}")
        : context.At > context.Now ? new("in-the-future", $"{context.At:yyyy-MM-dd HH:mm zzz} has not come yet")
        : null;

    private async Task<Result> DoAsync(string id, ActContext context, Func<Ticket, (TicketEvent? Event, Refusal? Refusal)> decide, CancellationToken cancel)
    {
        if (Refuse(context) is { } refused)
            return new(null, refused);
        while (true)
        {
            if (await FindAsync(id, cancel) is not { } ticket)
                return new(null, new("no-such-ticket", $"there is no ticket {id}"));
            if (await DoneAsync(context, id, cancel) is { } before)
                return before;
            if (context.At < (ticket.ComeAt ?? ticket.TakenAt))
                return new(ticket, new("out-of-order", $"{id} had come further by {context.At:yyyy-MM-dd HH:mm zzz}"));
            var (@event, refusal) = decide(ticket);
            if (@event is null)
                return new(ticket, refusal);
            if ((await database.Log.AppendAsync([new(Ticket.Stream(id), Ticket.StreamType, ticket.Version, context.Command, [@event], context.RecordedAt)], cancel))[0] is not AppendOutcome.Conflict)
                return new(await FindAsync(id, cancel));
        }
    }

    /// <summary>What the command has done before; with another request, or on another ticket, its key is used again.</summary>
    private async Task<Result?> DoneAsync(ActContext context, string? id, CancellationToken cancel)
    {
        if (await database.Log.FindCommandAsync(context.Command.CommandId, cancel) is not { } done)
            return null;
        var same = done.Request == context.Command.Request && done.Stream.StartsWith(Ticket.StreamPrefix, StringComparison.Ordinal) && (id is null || done.Stream == Ticket.Stream(id));
        return same ? new(await FindAsync(done.Stream[Ticket.StreamPrefix.Length..], cancel)) : new(null, new("key-reused", "this idempotency key was used for another request"));
    }

    private async Task<int> LastAsync(string place, DateOnly day, CancellationToken cancel)
    {
        var prefix = Ticket.Stream($"{place}/{day:yyMMdd}/");
        await using var command = database.App.CreateCommand("SELECT max(id) FROM dossier.mt_streams WHERE id >= @prefix AND id < @beyond");
        command.Parameters.AddWithValue("prefix", prefix);
        command.Parameters.AddWithValue("beyond", $"{prefix[..^1]}0");
        return await command.ExecuteScalarAsync(cancel) is string last ? int.Parse(last[prefix.Length..], System.Globalization.CultureInfo.InvariantCulture) : 0;
    }
}
