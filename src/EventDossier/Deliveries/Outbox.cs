using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventDossier.Alerts;
using EventDossier.Dossiers;
using EventDossier.Import;
using EventDossier.Portal;
using EventDossier.Store;
using Npgsql;
using NpgsqlTypes;

namespace EventDossier.Deliveries;

/// <summary>A message as the outbox keeps it.</summary>
/// <param name="Kind"><c>alert</c>, <c>digest</c>, <c>notice</c>, <c>publication</c>, <c>portal</c> or <c>backlog</c>.</param>
/// <param name="Channel"><c>mail</c>, <c>webhook</c>, <c>sms</c>, <c>letter</c> or <c>portal</c>; of a notice null until it is chosen.</param>
/// <param name="Recipient">A member of staff; of a notice, the dossier.</param>
/// <param name="Receiver">The server that it goes to.</param>
/// <param name="Stream">With <paramref name="Version"/> the event that it is about; null for a digest.</param>
/// <param name="Facts">JSON of <see cref="AlertFacts"/>, <see cref="NoticeFacts"/>, <see cref="Digest.Facts"/>, <see cref="PublicationFacts"/>, <see cref="BacklogFacts"/> or <see cref="PortalProgress"/>.</param>
public sealed record Message(Guid Id, string Kind, string? Channel, string Recipient, string Receiver, bool Urgent, string? Stream, long? Version, string Facts, DateTimeOffset DueAt)
{
    public string State { get; init; } = "waiting";
    public DateTimeOffset MadeAt { get; init; }
    public Guid? Batch { get; init; }
    public int Attempts { get; init; }

    /// <summary>One more each time that what had been sent is sent again on purpose.</summary>
    public int Sending { get; init; } = 1;

    /// <summary>Of the last attempt, or why nothing was sent.</summary>
    public string? Error { get; init; }
    public DateTimeOffset? EndedAt { get; init; }

    public T FactsAs<T>() => JsonSerializer.Deserialize<T>(Facts, OutboxJson.Options)!;
}

public sealed record AlertFacts(string Code, string Rule, int Cycle, AlertLevel Level, DateTimeOffset DueAt);

public sealed record NoticeFacts(NoticeKind Notice);

/// <summary>What was late or due already at a cut-over.</summary>
/// <param name="Dossiers">The first of <paramref name="Count"/>.</param>
public sealed record BacklogFacts(long Count, long Late, IReadOnlyList<BacklogLine> Dossiers)
{
    private const int MostListed = 200;

    public static BacklogFacts Of(BacklogTold told) => new(told.Dossiers.Count, told.Late, [.. told.Dossiers.Take(MostListed)]);
}

/// <summary>A release of a period that was to be out by a moment, and isn't.</summary>
public sealed record PublicationFacts(DateTimeOffset From, DateTimeOffset To, DateTimeOffset DueAt);

/// <summary>
/// The messages that are on their way out. Whoever sends takes a lease; when a sender dies the lease runs out and another sends again, under the same id.
/// </summary>
public sealed class Outbox(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>Messages of one channel to one person that go out as one.</summary>
    public const int MostTogether = 500;

    /// <summary>After so many failures in a row a receiver is given up for a while.</summary>
    public const int GivenUpAfter = 3;

    private static readonly TimeSpan _longestPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _longestBackoff = TimeSpan.FromHours(4);

    private const string Columns = "id, kind, channel, recipient, receiver, urgent, stream, version, facts, due_at, state, made_at, batch, attempts, error, ended_at, sending";

    /// <param name="Failures">In a row; 0 while all is well.</param>
    public sealed record Receiver(string Name, int Failures);

    /// <summary>What is there already stays as it is.</summary>
    internal static async Task<int> AddAsync(NpgsqlConnection connection, IReadOnlyList<Message> messages, DateTimeOffset now, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO dossier_outbox.message (id, kind, channel, recipient, receiver, urgent, stream, version, facts, due_at, made_at)
            SELECT m.*, @now FROM unnest(@id, @kind, @channel, @recipient, @receiver, @urgent, @stream, @version, @facts, @due) m
            ON CONFLICT (id) DO NOTHING
            """, connection);
        command.Parameters.AddTime("now", now);
        command.Parameters.AddWithValue("id", messages.Select(m => m.Id).ToArray());
        command.Parameters.AddWithValue("kind", messages.Select(m => m.Kind).ToArray());
        command.Parameters.Add(new NpgsqlParameter<string?[]>("channel", [.. messages.Select(m => m.Channel)]));
        command.Parameters.AddWithValue("recipient", messages.Select(m => m.Recipient).ToArray());
        command.Parameters.AddWithValue("receiver", messages.Select(m => m.Receiver).ToArray());
        command.Parameters.AddWithValue("urgent", messages.Select(m => m.Urgent).ToArray());
        command.Parameters.Add(new NpgsqlParameter<string?[]>("stream", [.. messages.Select(m => m.Stream)]));
        command.Parameters.Add(new NpgsqlParameter<long?[]>("version", [.. messages.Select(m => m.Version)]));
        command.Parameters.Add(new NpgsqlParameter("facts", NpgsqlDbType.Array | NpgsqlDbType.Jsonb) { Value = messages.Select(m => m.Facts).ToArray() });
        command.Parameters.AddWithValue("due", messages.Select(m => m.DueAt.UtcDateTime).ToArray());
        return await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>What housekeeping forgets has ended that long ago.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    /// <summary>Why an alert's message was not sent.</summary>
    public const string Withdrawn = "withdrawn", Acknowledged = "acknowledged";

    /// <summary>An alert was withdrawn, or somebody sees to it: who has not been told of it yet is not.</summary>
    /// <param name="by">Who sees to it. To others the gravest alerts go out all the same: nobody keeps them from the head of the agency by being quick.</param>
    internal static async Task WithdrawAsync(NpgsqlConnection connection, StoredEvent at, string rule, int cycle, string reason, string? by, DateTimeOffset now, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            UPDATE dossier_outbox.message SET state = 'void', error = @reason, ended_at = @now
            WHERE stream = @stream AND version < @version AND kind = 'alert' AND state = 'waiting' AND facts ->> 'rule' = @rule AND (facts ->> 'cycle')::int = @cycle
              AND (@by IS NULL OR recipient = @by OR NOT urgent)
            """, connection);
        command.Parameters.AddText("reason", reason);
        command.Parameters.AddText("by", by);
        command.Parameters.AddTime("now", now);
        command.Parameters.AddWithValue("stream", at.Stream);
        command.Parameters.AddWithValue("version", at.Version);
        command.Parameters.AddWithValue("rule", rule);
        command.Parameters.AddWithValue("cycle", cycle);
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Remembers which channels are served from a place in the log on, so that it can be told later what an alert owed.</summary>
    internal static async Task ServeAsync(NpgsqlConnection connection, long after, DeliverySettings settings, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO dossier_outbox.served (after, mail, webhook)
            SELECT @after, @mail, @webhook
            WHERE NOT EXISTS (SELECT FROM (SELECT mail, webhook FROM dossier_outbox.served ORDER BY after DESC LIMIT 1) last WHERE last.mail = @mail AND last.webhook = @webhook)
            ON CONFLICT (after) DO UPDATE SET mail = excluded.mail, webhook = excluded.webhook
            """, connection);
        command.Parameters.AddWithValue("after", after);
        command.Parameters.AddWithValue("mail", settings.Smtp is not null);
        command.Parameters.AddWithValue("webhook", settings.WebhookSecret is not null);
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Receivers that have something to send now, and are not given up at the moment.</summary>
    public async Task<IReadOnlyList<Receiver>> DueAsync(CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand(
            """
            SELECT m.receiver, coalesce(r.failures, 0)
            FROM (SELECT DISTINCT receiver FROM dossier_outbox.message
                  WHERE state = 'waiting' AND due_at <= @now AND (leased_until IS NULL OR leased_until <= @now)) m
            LEFT JOIN dossier_outbox.receiver r ON r.name = m.receiver
            WHERE r.next_at IS NULL OR r.next_at <= @now
            """);
        command.Parameters.AddTime("now", clock.GetUtcNow());
        var due = new List<Receiver>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            due.Add(new(row.GetString(0), row.GetInt32(1)));
        return due;
    }

    /// <summary>
    /// Leases the next thing to send to a receiver: one message; or, of alerts, all that wait for the same person on the same channel, so that a burst is one message. What went out
    /// together once goes out together again and under the same id, for it may have arrived. What the portal is told of a dossier goes out one after the other: what waits or is dead holds up
    /// what came after it, of this dossier alone.
    /// </summary>
    public async Task<IReadOnlyList<Message>> ClaimAsync(string receiver, TimeSpan lease, CancellationToken cancel = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        // Two senders who claim at once would halve a burst between them.
        await using (var alone = new NpgsqlCommand("SELECT pg_advisory_xact_lock(hashtextextended('outbox ' || @receiver, 0))", connection))
        {
            alone.Parameters.AddWithValue("receiver", receiver);
            await alone.ExecuteNonQueryAsync(cancel);
        }
        await using var command = new NpgsqlCommand(
            $"""
            WITH head AS (
                SELECT id, kind, channel, recipient, batch FROM dossier_outbox.message m
                WHERE receiver = @receiver AND state = 'waiting' AND due_at <= @now AND (leased_until IS NULL OR leased_until <= @now)
                  AND (kind <> 'portal' OR NOT EXISTS (SELECT FROM dossier_outbox.message b WHERE b.kind = 'portal' AND b.state IN ('waiting', 'dead')
                                                       AND b.stream = m.stream AND b.version < m.version))
                ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
            ), together AS (
                SELECT m.id FROM dossier_outbox.message m, head h
                WHERE m.state = 'waiting' AND (m.leased_until IS NULL OR m.leased_until <= @now)
                  AND (m.batch = h.batch OR (h.batch IS NULL AND m.batch IS NULL AND (m.id = h.id
                       OR (h.kind = 'alert' AND m.kind = 'alert' AND m.channel = h.channel AND m.recipient = h.recipient AND m.receiver = @receiver))))
                ORDER BY m.due_at, m.id LIMIT {MostTogether} FOR UPDATE OF m SKIP LOCKED
            )
            UPDATE dossier_outbox.message SET leased_until = @until, batch = coalesce(batch, (SELECT id FROM head))
            WHERE id IN (SELECT id FROM together)
            RETURNING {Columns}
            """, connection);
        var now = clock.GetUtcNow();
        command.Parameters.AddWithValue("receiver", receiver);
        command.Parameters.AddTime("now", now);
        command.Parameters.AddTime("until", now + lease);
        var claimed = await ReadAsync(command, cancel);
        await transaction.CommitAsync(cancel);
        return [.. claimed.OrderBy(m => m.DueAt).ThenBy(m => m.Id)];
    }

    /// <summary>The receiver has them, and is well.</summary>
    public async Task SentAsync(IReadOnlyList<Message> batch, CancellationToken cancel = default)
    {
        await EndAsync(batch, "sent", null, cancel);
        await using var command = database.CreateCommand("DELETE FROM dossier_outbox.receiver WHERE name = @receiver");
        command.Parameters.AddWithValue("receiver", batch[0].Receiver);
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Nothing is sent, and nothing will be.</summary>
    public Task VoidAsync(Message message, string reason, CancellationToken cancel = default) => EndAsync([message], "void", reason, cancel);

    private async Task EndAsync(IReadOnlyList<Message> batch, string state, string? error, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(
            """
            UPDATE dossier_outbox.message
            SET state = @state, error = @error, ended_at = @now, leased_until = NULL, attempts = attempts + CASE @state WHEN 'sent' THEN 1 ELSE 0 END
            WHERE id = ANY(@ids)
            """);
        command.Parameters.AddWithValue("state", state);
        command.Parameters.AddText("error", error);
        command.Parameters.AddTime("now", clock.GetUtcNow());
        command.Parameters.AddWithValue("ids", batch.Select(m => m.Id).ToArray());
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>They wait for the next attempt, or are dead.</summary>
    /// <param name="open">When a moment is not to be used, the next that is.</param>
    /// <returns>Whether they are dead.</returns>
    public async Task<bool> FailedAsync(
        IReadOnlyList<Message> batch, DeliveryFailedException why, DeliverySettings settings, Func<DateTimeOffset, DateTimeOffset> open, CancellationToken cancel = default)
    {
        var now = clock.GetUtcNow();
        var attempts = batch.Max(m => m.Attempts) + 1;
        var dead = why.ForGood || attempts >= settings.Attempts;
        var next = now + Backoff(batch[0].Batch ?? batch[0].Id, attempts, settings.Backoff);
        await using var command = database.CreateCommand(
            """
            UPDATE dossier_outbox.message
            SET state = @state, attempts = @attempts, error = @error, due_at = @next, leased_until = NULL, ended_at = CASE @state WHEN 'dead' THEN @now END
            WHERE id = ANY(@ids) AND state = 'waiting'
            """);
        command.Parameters.AddWithValue("state", dead ? "dead" : "waiting");
        command.Parameters.AddWithValue("attempts", attempts);
        command.Parameters.AddText("error", why.Message);
        command.Parameters.AddTime("next", batch.Any(m => m.Urgent) ? next : open(next));
        command.Parameters.AddTime("now", now);
        command.Parameters.AddWithValue("ids", batch.Select(m => m.Id).ToArray());
        await command.ExecuteNonQueryAsync(cancel);
        if (why.OfReceiver)
            await GiveUpAsync(batch[0].Receiver, now, settings.Backoff, cancel);
        return dead;
    }

    private async Task GiveUpAsync(string receiver, DateTimeOffset now, TimeSpan backoff, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(
            $"""
            INSERT INTO dossier_outbox.receiver AS r (name, failures, next_at) VALUES (@receiver, 1, @now)
            ON CONFLICT (name) DO UPDATE SET failures = r.failures + 1,
                next_at = @now + CASE WHEN r.failures + 1 < {GivenUpAfter} THEN interval '0' ELSE least(@longest, @backoff * (1 << least(r.failures + 1 - {GivenUpAfter}, 20))) END
            """);
        command.Parameters.AddWithValue("receiver", receiver);
        command.Parameters.AddTime("now", now);
        command.Parameters.AddWithValue("backoff", backoff);
        command.Parameters.AddWithValue("longest", _longestPause);
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Doubling, with a quarter more or less that the message's own id chooses: who failed together does not come back together.</summary>
    internal static TimeSpan Backoff(Guid message, int attempts, TimeSpan first)
    {
        var doubled = TimeSpan.FromTicks(Math.Min(first.Ticks * (1L << Math.Min(attempts - 1, 20)), _longestBackoff.Ticks));
        var chosen = Uuid.V5(message, attempts).ToByteArray()[0]; // 0 to 255
        return doubled * (0.75 + (chosen / 512.0));
    }

    /// <summary>How a notice goes, once the applicant's data was looked at.</summary>
    public async Task ChooseAsync(Message notice, NoticeChannel channel, string receiver, DateTimeOffset due, CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand(
            """
            UPDATE dossier_outbox.message SET channel = @channel, receiver = @receiver, due_at = @due, leased_until = NULL, batch = NULL, state = @state, urgent = @urgent
            WHERE id = @id AND state = 'waiting'
            """);
        command.Parameters.AddWithValue("channel", JsonNamingPolicy.CamelCase.ConvertName($"{channel}"));
        command.Parameters.AddWithValue("receiver", receiver);
        command.Parameters.AddWithValue("urgent", channel != NoticeChannel.Sms); // a phone rings
        command.Parameters.AddTime("due", due);
        command.Parameters.AddWithValue("state", channel == NoticeChannel.Letter ? "printing" : "waiting");
        command.Parameters.AddWithValue("id", notice.Id);
        await command.ExecuteNonQueryAsync(cancel);
    }

    public async Task<Message?> FindAsync(Guid id, CancellationToken cancel = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var command = new NpgsqlCommand($"SELECT {Columns} FROM dossier_outbox.message WHERE id = @id", connection);
        command.Parameters.AddWithValue("id", id);
        return (await ReadAsync(command, cancel)).SingleOrDefault();
    }

    /// <summary>The latest first.</summary>
    /// <param name="stream">Only about this dossier.</param>
    /// <param name="after">The last of the page before.</param>
    public async Task<IReadOnlyList<Message>> ListAsync(string? state = null, string? stream = null, (DateTimeOffset MadeAt, Guid Id)? after = null, int limit = 50, CancellationToken cancel = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var command = new NpgsqlCommand(
            $"""
            SELECT {Columns} FROM dossier_outbox.message
            WHERE (@state IS NULL OR state = @state) AND (@stream IS NULL OR stream = @stream) AND (@made IS NULL OR (made_at, id) < (@made, @id))
            ORDER BY made_at DESC, id DESC LIMIT @limit
            """, connection);
        command.Parameters.AddText("state", state);
        command.Parameters.AddText("stream", stream);
        command.Parameters.AddTime("made", after?.MadeAt);
        command.Parameters.Add(new NpgsqlParameter("id", NpgsqlDbType.Uuid) { Value = after?.Id ?? (object)DBNull.Value });
        command.Parameters.AddWithValue("limit", limit);
        return await ReadAsync(command, cancel);
    }

    /// <summary>How many there are in each state but those that have ended well.</summary>
    public async Task<IReadOnlyDictionary<string, long>> DepthAsync(CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand("SELECT state, count(*) FROM dossier_outbox.message WHERE state IN ('waiting', 'printing', 'dead') GROUP BY state");
        var depth = new Dictionary<string, long> { ["waiting"] = 0, ["printing"] = 0, ["dead"] = 0 };
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            depth[row.GetString(0)] = row.GetInt64(1);
        return depth;
    }

    /// <summary>Sends again, under the ids that they had: at once, and as often as a new message. One that is being printed or waits stays as it is.</summary>
    /// <param name="id">Null for all that are dead.</param>
    public async Task<int> ResendAsync(Guid? id, CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand(
            """
            WITH again AS (
                UPDATE dossier_outbox.message SET state = 'waiting', sending = sending + CASE state WHEN 'sent' THEN 1 ELSE 0 END, attempts = 0, error = NULL, ended_at = NULL, due_at = @now, leased_until = NULL
                WHERE CASE WHEN @id IS NULL THEN state = 'dead' ELSE id = @id AND state IN ('dead', 'sent') END
                RETURNING receiver
            ), trusted AS (DELETE FROM dossier_outbox.receiver WHERE name IN (SELECT receiver FROM again))
            SELECT count(*) FROM again
            """);
        command.Parameters.Add(new NpgsqlParameter("id", NpgsqlDbType.Uuid) { Value = id ?? (object)DBNull.Value });
        command.Parameters.AddTime("now", clock.GetUtcNow());
        return (int)(long)(await command.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>Forgets what ended before a moment; the proof of a notice stands in its dossier. How many.</summary>
    public async Task<int> SweepAsync(DateTimeOffset before, CancellationToken cancel = default)
    {
        await using var command = database.CreateCommand("DELETE FROM dossier_outbox.message WHERE state IN ('sent', 'void') AND ended_at < @before");
        command.Parameters.AddTime("before", before);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    private static async Task<List<Message>> ReadAsync(NpgsqlCommand command, CancellationToken cancel)
    {
        var messages = new List<Message>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
        {
            messages.Add(new(
                row.GetGuid(0), row.GetString(1), row.TextOrNull(2), row.GetString(3), row.GetString(4), row.GetBoolean(5), row.TextOrNull(6), row.NumberOrNull(7),
                row.GetString(8), row.TimeOrNull(9)!.Value)
            {
                State = row.GetString(10), MadeAt = row.TimeOrNull(11)!.Value, Batch = row.IsDBNull(12) ? null : row.GetGuid(12), Attempts = row.GetInt32(13),
                Error = row.TextOrNull(14), EndedAt = row.TimeOrNull(15), Sending = row.GetInt32(16),
            });
        }
        return messages;
    }
}

internal static class OutboxJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static string Write<T>(T facts) => JsonSerializer.Serialize(facts, Options);
}
