using System.Security.Cryptography;
using System.Text;

namespace EventDossier.Store;

/// <summary>
/// The event log: append and read. Two editions implement it (Npgsql here, Marten beside it) on the same tables,
/// and one contract suite holds both to what stands in these comments.
/// <para><b>Order.</b> A position is given once, and commit order is reading order: a reader that has seen position p
/// never later finds a new event at or below p. Positions may have holes; a hole that a reader passed stays empty.</para>
/// <para><b>Durability.</b> An outcome is returned after its commit is flushed. If the connection is lost while a commit is
/// under way, the log tries again under the same command ids; what had been committed then comes back as <see cref="AppendOutcome.Duplicate"/>.</para>
/// <para><b>Errors.</b> Outcomes are values. Thrown are <see cref="LogUnreachableException"/> (appending or reading: retried in vain; the same call may be made again),
/// <see cref="StreamBusyException"/> (somebody else's transaction sat on the stream; nothing of the item was kept, send it again),
/// <see cref="NotStorableException"/> (the item itself can't be stored; nothing of the call was sent) and
/// <see cref="UnknownEventNameException"/> (reading: the event's name is not in the map).</para>
/// </summary>
public interface IEventLog
{
    /// <summary>
    /// Appends each item as a whole or not at all, in order, and tells one outcome per item in the same order. One item's conflict
    /// never fails its neighbours; a second item for the same stream sees the first. Of items with the same command id, in one call or
    /// of callers at once, one is appended and the others are duplicates of it; behind one in conflict the others may be told a conflict, too.
    /// Cancelling stops the waiting, not the writing: send the items again to learn what became of them.
    /// </summary>
    Task<IReadOnlyList<AppendOutcome>> AppendAsync(IReadOnlyList<StreamAppend> items, CancellationToken cancel = default);

    /// <summary>
    /// The same for items that each begin a new stream, for thousands at a time: all of the call is one transaction.
    /// An item whose stream exists is a conflict, and its neighbours are appended.
    /// </summary>
    Task<IReadOnlyList<AppendOutcome>> AppendManyNewAsync(IReadOnlyList<StreamAppend> items, CancellationToken cancel = default);

    /// <summary>All events of a stream in version order, as committed when the call began; empty when there is no such stream.</summary>
    Task<IReadOnlyList<StoredEvent>> ReadStreamAsync(string stream, long upToVersion = long.MaxValue, CancellationToken cancel = default);

    /// <summary>
    /// The events after a position in position order, at most <paramref name="max"/>. Ask on from <see cref="LogPage.Position"/>, which may lie beyond the last event.
    /// Waits where a hole could still be filled, as long as the transactions last that could fill it.
    /// </summary>
    Task<LogPage> ReadAllAsync(long after, int max, CancellationToken cancel = default);

    /// <summary>What a command id has already done, or null.</summary>
    Task<AppendOutcome.Duplicate?> FindCommandAsync(Guid commandId, CancellationToken cancel = default);
}

/// <summary>Events for one stream under one command.</summary>
/// <param name="Stream">1–200 characters; a dossier's code, or <c>/kind/…</c> for every other kind of stream.</param>
/// <param name="StreamType">Kept when the stream is new: <c>dossier</c>, <c>procedure</c>, …</param>
/// <param name="ExpectedVersion">The version that the decision was made on, 0 for a new stream, or <see cref="Any"/>.</param>
/// <param name="Events">At least one, each of a type in the names map.</param>
/// <param name="RecordedAt">Only in a sample database: the simulated recording time; there the program's own clock where it is null.</param>
public sealed record StreamAppend(
    string Stream, string StreamType, long ExpectedVersion, CommandMetadata Command, IReadOnlyList<object> Events, DateTimeOffset? RecordedAt = null)
{
    /// <summary>For streams where order alone matters.</summary>
    public const long Any = -1;
}

/// <param name="CommandId">Not empty. The ids of the events are derived from it, so sending it again is found out.</param>
/// <param name="Actor">Who, from the authenticated principal.</param>
/// <param name="Role">As what: <c>clerk</c>, <c>officer</c>, …</param>
/// <param name="Authority">The post or delegation it was done under.</param>
/// <param name="Request">A hash of what was asked for, where the command id rests on a key that its sender chose: the same key must come with the same request.</param>
public sealed record CommandMetadata(
    Guid CommandId, string Actor, string Role, string? Authority = null, string? Correlation = null, string? Causation = null, string? Request = null)
{
    private static readonly Guid _ofKeys = new("5d6a6f2b-2f64-5b0e-8f0f-3a1a2f9f5c11");

    /// <summary>The command that somebody names with a key of their own: the same key is the same command.</summary>
    public static Guid IdOf(string actor, string key) => Uuid.V5(_ofKeys, $"{actor}\n{key}");

    /// <summary>The hash for <see cref="Request"/>.</summary>
    public static string RequestOf(params IReadOnlyList<string?> parts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))))[..32];
}

public abstract record AppendOutcome
{
    private AppendOutcome() { }

    /// <param name="Version">Of the stream after the append.</param>
    /// <param name="Positions">One for each event.</param>
    public sealed record Appended(long Version, IReadOnlyList<long> Positions) : AppendOutcome;

    /// <param name="ActualVersion">Of the stream when its conflict was told, perhaps later than the one that the item met; 0 when there is no such stream.</param>
    public sealed record Conflict(long ActualVersion) : AppendOutcome;

    /// <summary>The command had been carried out before, perhaps on another stream, perhaps a moment ago in the same batch.</summary>
    /// <param name="Version">Of the stream just after that command.</param>
    /// <param name="Request">As the command gave it then.</param>
    public sealed record Duplicate(string Stream, long Version, IReadOnlyList<long> Positions, string? Request) : AppendOutcome;
}

/// <param name="Position">Everything up to here is read and final.</param>
public sealed record LogPage(IReadOnlyList<StoredEvent> Events, long Position);
