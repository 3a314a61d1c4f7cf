namespace EventDossier.Store;

/// <summary>The database could not be reached for as long as the log is willing to try.</summary>
public sealed class LogUnreachableException(string message, Exception inner) : Exception(message, inner);

/// <summary>A transaction that is not ours held the stream for longer than the log waits; nothing of the item was kept.</summary>
public sealed class StreamBusyException(string stream, Exception? inner = null)
    : Exception($"stream {stream} is held by another transaction, or its row does not match its events; try again, or verify", inner)
{
    public string Stream { get; } = stream;
}

/// <summary>Something that the log refuses to store: a text with U+0000 or half a surrogate pair, an empty command id, no events, a time that is not ours to give.</summary>
public sealed class NotStorableException(string message) : Exception(message);

/// <summary>The log holds an event whose name this build does not know. Reading on would fold a history with a hole in it.</summary>
public sealed class UnknownEventNameException(string name)
    : Exception($"this program does not know the event '{name}', which a newer one has written: bring it up to date")
{
    public string Name { get; } = name;
}
