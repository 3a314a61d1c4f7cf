using System.Buffers.Binary;
using System.Text;
using Npgsql;

namespace EventDossier.Store;

/// <summary>
/// Events on their way out of the log by binary COPY, read from where they arrive: Npgsql's reader looks for a converter at every value, which takes longer than reading it.
/// </summary>
internal sealed class EventCopy : IAsyncDisposable
{
    /// <summary>The signature, flags, and the length of an extension that there is none of.</summary>
    private const int Header = 19;

    private readonly NpgsqlRawCopyStream _copy;
    private readonly EventNames _names;
    private readonly bool _metadata;
    private byte[] _bytes = new byte[32_000];
    private int _at, _end;
    private string _stream = "";
    private byte[] _streamBytes = [];

    private EventCopy(NpgsqlRawCopyStream copy, EventNames names, bool metadata) => (_copy, _names, _metadata) = (copy, names, metadata);

    /// <param name="where">What follows <c>FROM dossier.mt_events e</c>. COPY takes no parameters: texts in it are <see cref="Literal"/>.</param>
    /// <param name="metadata">Whether id and metadata are read too.</param>
    public static async Task<EventCopy> OutOfAsync(NpgsqlConnection connection, EventNames names, bool metadata, string where, CancellationToken cancel)
    {
        var copy = await connection.BeginRawBinaryCopyAsync(
            $"COPY (SELECT {(metadata ? StoredEventReader.All : StoredEventReader.Facts)} FROM dossier.mt_events e {where}) TO STDOUT (FORMAT binary)", cancel);
        // The first row may be long in coming.
        copy.ReadTimeout = Timeout.Infinite;
        var events = new EventCopy(copy, names, metadata);
        while (events._end < Header && await events.MoreAsync(cancel)) { }
        events._at = Header;
        return events;
    }

    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <returns>Null at the end.</returns>
    public async ValueTask<StoredEvent?> ReadAsync(CancellationToken cancel)
    {
        while (!IsWhole())
        {
            if (!await MoreAsync(cancel))
                throw new EndOfStreamException();
        }
        if (BinaryPrimitives.ReadInt16BigEndian(Next(2)) >= 0)
            return Event();
        // What the server says after the last row.
        while (await MoreAsync(cancel)) { }
        return null;
    }

    public ValueTask DisposeAsync() => _copy.DisposeAsync();

    private StoredEvent Event()
    {
        var position = Number();
        var stream = Stream();
        var version = Number();
        var name = Text()!;
        var data = Json()!;
        var recorded = new DateTimeOffset(new DateTime(2000, 1, 1).AddTicks(Number() * TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
        return !_metadata
            ? new(position, Guid.Empty, stream, version, name, data, recorded, null, null, null, _names)
            : new(position, new(Value(), bigEndian: true), stream, version, name, data, recorded, Json() ?? [], Text(), Text(), _names);
    }

    private long Number() => BinaryPrimitives.ReadInt64BigEndian(Value());

    /// <summary>The events of a stream follow on each other, and share its name.</summary>
    private string Stream()
    {
        var value = Value();
        if (!value.SequenceEqual(_streamBytes))
            (_stream, _streamBytes) = (Encoding.UTF8.GetString(value), value.ToArray());
        return _stream;
    }

    private string? Text() => Value(out var isNull) is var value && isNull ? null : Encoding.UTF8.GetString(value);

    /// <summary>Behind a byte that says how it is spelled.</summary>
    private byte[]? Json() => Value(out var isNull) is var value && isNull ? null : value[1..].ToArray();

    private ReadOnlySpan<byte> Value() => Value(out _);

    private ReadOnlySpan<byte> Value(out bool isNull)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(Next(4));
        isNull = length < 0;
        return Next(Math.Max(length, 0));
    }

    private ReadOnlySpan<byte> Next(int length)
    {
        _at += length;
        return _bytes.AsSpan(_at - length, length);
    }

    /// <summary>Whether all of a row has arrived.</summary>
    private bool IsWhole()
    {
        var at = _at + 2;
        if (at > _end)
            return false;
        for (var values = BinaryPrimitives.ReadInt16BigEndian(_bytes.AsSpan(_at)); values > 0; values--)
        {
            if (at + 4 > _end)
                return false;
            at += 4 + Math.Max(BinaryPrimitives.ReadInt32BigEndian(_bytes.AsSpan(at)), 0);
        }
        return at <= _end;
    }

    private async ValueTask<bool> MoreAsync(CancellationToken cancel)
    {
        if (_at == _end)
            (_at, _end) = (0, 0);
        else if (_end == _bytes.Length)
        {
            var waiting = _bytes.AsSpan(_at, _end - _at);
            if (_at == 0)
                Array.Resize(ref _bytes, _bytes.Length * 2);
            else
                waiting.CopyTo(_bytes);
            (_at, _end) = (0, waiting.Length);
        }
        var more = await _copy.ReadAsync(_bytes.AsMemory(_end), cancel);
        _end += more;
        return more > 0;
    }
}
