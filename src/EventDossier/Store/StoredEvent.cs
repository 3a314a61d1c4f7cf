using System.Text.Json;

namespace EventDossier.Store;

/// <summary>An event as it stands in the log. The event itself and the metadata are decoded when they are first asked for.</summary>
/// <param name="Data">UTF-8 JSON as PostgreSQL hands it back: keys reordered, spelling of numbers lost.</param>
/// <param name="RecordedAt">When the server recorded it, whole milliseconds, UTC.</param>
public sealed record StoredEvent(
    long Position, Guid Id, string Stream, long Version, string Name, ReadOnlyMemory<byte> Data, DateTimeOffset RecordedAt,
    byte[]? Headers, string? Correlation, string? Causation, EventNames Names)
{
    private object? _event;

    /// <exception cref="UnknownEventNameException">The name is not in the map.</exception>
    public object Event => _event ??= Names.Decode(Name, Data.Span);

    /// <summary>Actor, role, authority and command; empty where another program wrote the event without them.</summary>
    /// <exception cref="InvalidOperationException">A view asks: it may rest on what happened and when it was recorded, not on who typed it in.</exception>
    public CommandMetadata Metadata
    {
        get
        {
            if (Headers is null)
                throw new InvalidOperationException("events come to views without metadata");
            var headers = Headers.Length == 0 ? null : JsonSerializer.Deserialize(Headers, StoreJson.Default.EventHeaders);
            return new(headers?.CommandId ?? Guid.Empty, headers?.Actor ?? "", headers?.Role ?? "", headers?.Authority, Correlation, Causation, headers?.Request);
        }
    }
}

/// <summary>What stands in the <c>headers</c> column.</summary>
internal sealed record EventHeaders(Guid? CommandId, string? Actor, string? Role, string? Authority, string? Request);
