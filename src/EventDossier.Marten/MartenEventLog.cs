using System.Runtime.ExceptionServices;
using System.Text.Json;
using EventDossier.Store;
using JasperFx;
using JasperFx.Events;
using Marten;
using Marten.Exceptions;
using Marten.Services;
using Npgsql;

namespace EventDossier.Marten;

/// <summary>
/// The log with its batches written by Marten, in one session for each: under our lock, in a transaction that we begin
/// and commit, so that order, atomicity and what a follower relies on are the default edition's. Under the lock the
/// outcomes are known before anything is written; Marten's own check of versions then only meets writers who don't keep
/// the lock. Reading is not overridden: Marten hands out objects, and what is hashed or has an unknown name is JSON.
/// </summary>
internal sealed class MartenEventLog(NpgsqlDataSource database, EventNames names, TimeProvider clock, bool sample)
    : NpgsqlEventLog(database, names, clock, sample)
{
    /// <summary>Not before something is written: most commands only read.</summary>
    private readonly Lazy<DocumentStore> _store = new(() => DocumentStore.For(options =>
    {
        options.Connection(database);
        options.UseEventDossier(names);
        options.AutoCreateSchemaObjects = AutoCreate.None;
        // Whoever retries has to begin the transaction again, and that is the log.
        options.ConfigurePolly(_ => { });
        options.ConfigureWritePolly(_ => { });
    }));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_store.IsValueCreated)
            await _store.Value.DisposeAsync();
    }

    private protected override Task<AppendOutcome[]> WriteManyNewAsync(
        NpgsqlConnection connection, IReadOnlyList<EncodedAppend> items) => WriteAsync(connection, items);

    private protected override async Task<AppendOutcome[]> WriteAsync(
        NpgsqlConnection connection, IReadOnlyList<EncodedAppend> items)
    {
        BatchDecision decision;
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            decision = await BatchDecision.MakeAsync(connection, transaction, items);
            if (decision.Streams.Count > 0)
            {
                // Marten names a stream's type after a class, and times it by the transaction's begin.
                await decision.OpenAsync(transaction);
                await SaveAsync(transaction, decision);
            }
            await transaction.CommitAsync();
        }
        await AppendBatch.TellRestAsync(connection, items, decision.Outcomes);
        return decision.Outcomes!;
    }

    private async Task SaveAsync(NpgsqlTransaction transaction, BatchDecision decision)
    {
        var appended = new List<(int Index, IEvent[] Events)>();
        // A session that failed is of no use any more; each batch has its own.
        await using var session = _store.Value.LightweightSession(SessionOptions.ForTransaction(transaction));
        foreach (var (stream, growth) in decision.Streams)
        {
            // This overload means the version after the append.
            var added = growth.Accepted.SelectMany(a => a.Item.Item.Events);
            var events = new Queue<IEvent>(session.Events.Append(stream, growth.After, added).Events);
            foreach (var (i, item) in growth.Accepted)
            {
                appended.Add((i, [.. item.Events.Select(_ => events.Dequeue())]));
                foreach (var (k, e) in appended[^1].Events.Index())
                {
                    var command = item.Item.Command;
                    (e.Id, e.Timestamp) = (item.IdOf(k), (item.Item.RecordedAt ?? decision.Now).ToUniversalTime());
                    (e.CorrelationId, e.CausationId) = (command.Correlation, command.Causation);
                    e.Headers = JsonSerializer.Deserialize<Dictionary<string, object>>(item.Headers);
                }
            }
        }
        try
        {
            await session.SaveChangesAsync();
        }
        catch (MartenCommandException e) when (e.InnerException is NpgsqlException said)
        {
            ExceptionDispatchInfo.Throw(said);
        }
        catch (Exception e) when (e is EventStreamUnexpectedMaxEventIdException or ConcurrencyException)
        {
            // Somebody without the lock won the stream. Marten has several words for what PostgreSQL has one for.
            throw new PostgresException(e.Message, "ERROR", "ERROR", PostgresErrorCodes.UniqueViolation);
        }
        foreach (var (i, events) in appended)
            decision.Outcomes[i] = new AppendOutcome.Appended(events[^1].Version, [.. events.Select(e => e.Sequence)]);
    }
}
