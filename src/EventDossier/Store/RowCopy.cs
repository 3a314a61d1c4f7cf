using System.Buffers.Binary;
using System.Text;
using Npgsql;

namespace EventDossier.Store;

/// <summary>
/// Rows on their way into a table by binary COPY, spelled where they are sent from: Npgsql's importer looks for a converter
/// at every value, which takes longer than spelling it. Disposed of before <see cref="Complete"/>, none is kept.
/// </summary>
internal sealed class RowCopy : IAsyncDisposable
{
    private static readonly Encoding _utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The signature; no flags, no extension.</summary>
    private static readonly byte[] _header = [.. "PGCOPY\n"u8, 0xff, .. "\r\n\0"u8, .. new byte[8]];

    private readonly NpgsqlRawCopyStream _copy;
    private byte[] _bytes = [.. _header, .. new byte[32_000]];
    private int _used = _header.Length;
    private bool _completed;

    private RowCopy(NpgsqlRawCopyStream copy) => _copy = copy;

    public static async Task<RowCopy> IntoAsync(NpgsqlConnection connection, string table, string columns, CancellationToken cancel) =>
        new(await connection.BeginRawBinaryCopyAsync($"COPY {table} ({columns}) FROM STDIN (FORMAT binary)", cancel));

    /// <param name="values">How many follow.</param>
    public void StartRow(int values) => BinaryPrimitives.WriteInt16BigEndian(Next(2), (short)values);

    /// <summary>As <c>bigint</c>.</summary>
    public void Write(long? number)
    {
        var value = Value(number is null ? -1 : 8);
        if (number is not null)
            BinaryPrimitives.WriteInt64BigEndian(value, number.Value);
    }

    /// <summary>As <c>timestamptz</c>.</summary>
    public void Write(DateTime? utc) => Write((utc?.Ticks - new DateTime(2000, 1, 1).Ticks) / TimeSpan.TicksPerMicrosecond);

    public void Write(string? text)
    {
        var value = Value(text is null ? -1 : _utf8.GetByteCount(text));
        _utf8.GetBytes(text, value);
    }

    /// <exception cref="PostgresException">A row was refused; none is kept.</exception>
    public void Complete()
    {
        BinaryPrimitives.WriteInt16BigEndian(Next(2), -1);
        _copy.Write(_bytes, 0, _used);
        _completed = true;
        _copy.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_completed)
            await _copy.CancelAsync();
    }

    /// <param name="length">-1 for null.</param>
    private Span<byte> Value(int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(Next(4), length);
        return Next(Math.Max(length, 0));
    }

    /// <summary>The next bytes to be sent; what does not fit beside what waits already goes before.</summary>
    private Span<byte> Next(int length)
    {
        if (_used + length > _bytes.Length)
        {
            _copy.Write(_bytes, 0, _used);
            _used = 0;
            if (length > _bytes.Length)
                _bytes = new byte[length];
        }
        _used += length;
        return _bytes.AsSpan(_used - length, length);
    }
}
