using EventDossier.Applicants;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Outages;

/// <summary>Carries out what is done about outages: blocks of numbers ahead, the outage itself, and the paper that is typed in afterwards.</summary>
public sealed class OutageDesk(Database database, Desk desk)
{
    private static readonly Guid _entries = new("3b52f6f0-1c5d-5c1e-a3be-8f4b8f0a2f57");

    /// <param name="Outage">As it is afterwards; null where there is none.</param>
    public sealed record Result(Outage? Outage, Refusal? Refusal = null);

    /// <param name="Numbers">Of the block, with what became of each.</param>
    public sealed record BlockResult(NumberBlock? Block, IReadOnlyList<Reserved> Numbers, Refusal? Refusal = null);

    /// <param name="State"><c>reserved</c>, <c>used</c> or <c>void</c>.</param>
    public sealed record Reserved(string Code, string State);

    public async Task<Outage?> FindAsync(string number, CancellationToken cancel = default) =>
        Outage.Fold(number, await database.Log.ReadStreamAsync(Outage.Stream(number), cancel: cancel));

    public Task<Result> DeclareAsync(string number, DeclareOutage act, ActContext context, CancellationToken cancel = default) =>
        DoAsync(number, context, (known, at) => DeclareOutage.Decide(act, number, known, at), cancel);

    public Task<Result> EndAsync(string number, ActContext context, CancellationToken cancel = default) => DoAsync(number, context, EndOutage.Decide, cancel);

    /// <summary>All outages, by number.</summary>
    public async Task<IReadOnlyList<Outage>> AllAsync(CancellationToken cancel = default) =>
        [.. (await StreamOrder.BelowAsync(database, Outage.StreamPrefix, cancel)).Select(events => Outage.Fold(events.Key, events)!)];

    /// <summary>All blocks, the latest first, without what became of their numbers.</summary>
    public async Task<IReadOnlyList<NumberBlock>> BlocksAsync(CancellationToken cancel = default)
    {
        await using var command = database.App.CreateCommand(
            $"""
            SELECT {StoredEventReader.Facts} FROM dossier.mt_events e
            WHERE e.stream_id >= '{NumberBlock.StreamPrefix}' AND e.stream_id < '{NumberBlock.StreamPrefix[..^1]}0' AND e.type <> 'tombstone'
            """);
        var blocks = new List<NumberBlock>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
        {
            var e = StoredEventReader.ReadFacts(row, database.Names);
            blocks.Add(NumberBlock.Fold(e.Stream[NumberBlock.StreamPrefix.Length..], [e])!);
        }
        return [.. blocks.OrderByDescending(b => b.Reserved.OccurredAt).ThenBy(b => b.Name, StringComparer.Ordinal)];
    }

    /// <summary>Reserves a block; asked again after a crash, it reserves what is missing of it.</summary>
    public async Task<BlockResult> ReserveAsync(string name, ReserveNumbers act, ActContext context, CancellationToken cancel = default)
    {
        if (await IsUsedAsync(context, NumberBlock.Stream(name), cancel))
            return new(null, [], _keyReused);
        context = context with { Rules = await Rulebook.LoadAsync(database, cancel) };
        var (@event, refusal) = ReserveNumbers.Decide(act, name, await BlockAsync(name, cancel), context);
        if (refusal is not null)
            return new(null, [], refusal);
        if (@event is not null)
        {
            var append = new StreamAppend(NumberBlock.Stream(name), NumberBlock.StreamType, 0, context.Command, [@event], context.RecordedAt);
            // Somebody else's block of this name is found by asking once more.
            if ((await database.Log.AppendAsync([append], cancel))[0] is AppendOutcome.Conflict)
                return await ReserveAsync(name, act, context, cancel);
        }
        var block = (await BlockAsync(name, cancel))!;
        var day = new DateTimeOffset(act.Day.ToDateTime(TimeOnly.MinValue), context.At.Offset);
        for (var i = 0; i < act.Count; i++)
        {
            var command = context.Command with { CommandId = block.CommandOf(i), Request = null };
            await desk.TakeNumberAsync(act.Agency, day, command, _ => [new NumberReserved(context.At, name, act.Agency)], context.RecordedAt, cancel);
        }
        return await ShowAsync(name, cancel);
    }

    /// <exception cref="UserError"><c>no-such-block</c></exception>
    public async Task<BlockResult> ShowAsync(string name, CancellationToken cancel = default)
    {
        var block = await BlockAsync(name, cancel) ?? throw new UserError("no-such-block", $"there is no block {name}");
        // Codes of a day begin alike, so they lie side by side in the index.
        var day = $"{block.Reserved.Agency}-{block.Reserved.Day:yyMMdd}-";
        await using var command = database.App.CreateCommand(
            """
            SELECT stream_id FROM dossier.mt_events
            WHERE stream_id >= @day AND stream_id < @beyond AND version = 1 AND type = 'number_reserved' AND data ->> 'block' = @name ORDER BY length(stream_id), stream_id
            """);
        command.Parameters.AddWithValue("day", day);
        command.Parameters.AddWithValue("beyond", $"{day[..^1]}.");
        command.Parameters.AddWithValue("name", name);
        var codes = new List<string>();
        await using (var row = await command.ExecuteReaderAsync(cancel))
        {
            while (await row.ReadAsync(cancel))
                codes.Add(row.GetString(0));
        }
        // Asked for at once, they are read in one go.
        var streams = await Task.WhenAll(codes.Select(code => database.Log.ReadFactsAsync(code, cancel)));
        var numbers = codes.Zip(streams, Dossier.Fold).Select(dossier => new Reserved(dossier.Code, dossier.IsReserved ? "reserved" : dossier.ReceivedAt is null ? "void" : "used")).ToList();
        return new(block, numbers);
    }

    /// <summary>Voids what is still unused of a block.</summary>
    /// <exception cref="UserError"><c>no-such-block</c></exception>
    public async Task<BlockResult> VoidAsync(string name, string reason, ActContext context, CancellationToken cancel = default)
    {
        foreach (var number in (await ShowAsync(name, cancel)).Numbers.Where(n => n.State == "reserved"))
        {
            var command = context.Command with { CommandId = Uuid.V5(context.Command.CommandId, number.Code), Request = null };
            // One that is entered just now is used, and stays so.
            if ((await desk.DoAsync(number.Code, new VoidNumber(reason), context with { Command = command }, cancel)).Refusal is { Code: not "not-reserved" } refusal)
                return new(null, [], refusal);
        }
        return await ShowAsync(name, cancel);
    }

    /// <summary>Types the paper in: each slip is answered on its own, and one that was entered is found so when the list is sent again.</summary>
    /// <param name="context">Who types, and who answers for it; the legal time is each paper's own.</param>
    public async Task<IReadOnlyList<Desk.Result>> EnterAsync(
        string outage, IReadOnlyList<OutageEntry> entries, Func<Task<KeyStore>> keys, ActContext context, CancellationToken cancel = default)
    {
        var results = new List<Desk.Result>();
        foreach (var entry in entries)
        {
            var command = Uuid.V5(_entries, $"{outage}\n{entry.Code}");
            var applicant = entry.Applicant is { } person ? await (await keys()).SealAsync(person, Uuid.V5(command, "applicant"), cancel) : null;
            var act = new ReceiveReserved(outage, entry.Procedure, entry.Channel, entry.Unit, entry.Officer, applicant);
            results.Add(await desk.DoAsync(entry.Code, act, context with { At = entry.ReceivedAt, Command = context.Command with { CommandId = command, Request = null } }, cancel));
        }
        return results;
    }

    private static readonly Refusal _keyReused = new("key-reused", "this idempotency key was used for another request");

    /// <summary>The command did something else before.</summary>
    private async Task<bool> IsUsedAsync(ActContext context, string stream, CancellationToken cancel) =>
        await database.Log.FindCommandAsync(context.Command.CommandId, cancel) is { } done && (done.Stream != stream || done.Request != context.Command.Request);

    private async Task<NumberBlock?> BlockAsync(string name, CancellationToken cancel) => NumberBlock.Fold(name, await database.Log.ReadStreamAsync(NumberBlock.Stream(name), cancel: cancel));

    private async Task<Result> DoAsync(string number, ActContext context, Func<Outage?, ActContext, (OutageEvent? Event, Refusal? Refusal)> decide, CancellationToken cancel)
    {
        if (await IsUsedAsync(context, Outage.Stream(number), cancel))
            return new(null, _keyReused);
        context = context with { Rules = await Rulebook.LoadAsync(database, cancel) };
        while (true)
        {
            var known = await FindAsync(number, cancel);
            var (@event, refusal) = decide(known, context);
            if (@event is null)
                return new(known, refusal);
            var append = new StreamAppend(Outage.Stream(number), Outage.StreamType, known?.Version ?? 0, context.Command, [@event], context.RecordedAt);
            if ((await database.Log.AppendAsync([append], cancel))[0] is not AppendOutcome.Conflict)
                return new(await FindAsync(number, cancel));
        }
    }
}
