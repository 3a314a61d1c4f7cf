using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Threading.Channels;

namespace EventDossier.Exports;

/// <summary>
/// Bytes on their way into a file: hashed, and packed where wanted, on another thread than makes them. The same bytes
/// give the same file; gzip's header holds neither name nor time.
/// </summary>
public sealed class Packing : Stream
{
    private const int BufferSize = 64 << 10;

    private readonly Channel<ArraySegment<byte>> _full = Channel.CreateBounded<ArraySegment<byte>>(4);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Task _writing;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _length;

    /// <param name="to">Left open.</param>
    public Packing(Stream to, bool gzip) => _writing = Task.Run(async () =>
    {
        try
        {
            await using var packed = gzip ? new GZipStream(to, CompressionLevel.Optimal, leaveOpen: true) : null;
            await foreach (var bytes in _full.Reader.ReadAllAsync())
            {
                (packed ?? to).Write(bytes);
                ArrayPool<byte>.Shared.Return(bytes.Array!);
            }
        }
        catch (Exception e)
        {
            _full.Writer.TryComplete(e);
            throw;
        }
    });

    /// <summary>Of the bytes before packing, once it is disposed of, in lower-case hex.</summary>
    public string Sha256 { get; private set; } = "";

    /// <summary>Bytes before packing.</summary>
    public long Unpacked { get; private set; }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var taken = Math.Min(buffer.Length, BufferSize - _length);
            buffer[..taken].CopyTo(_buffer.AsSpan(_length));
            buffer = buffer[taken..];
            _length += taken;
            if (_length == BufferSize)
                Send();
        }
    }

    private void Send()
    {
        _hash.AppendData(_buffer, 0, _length);
        Unpacked += _length;
        try
        {
            _full.Writer.WriteAsync(new(_buffer, 0, _length)).AsTask().GetAwaiter().GetResult();
        }
        catch (ChannelClosedException)
        {
            // What went wrong is told where it did.
            _writing.GetAwaiter().GetResult();
        }
        (_buffer, _length) = (ArrayPool<byte>.Shared.Rent(BufferSize), 0);
    }

    /// <summary>The last bytes are on their way when this returns, and their hash is known.</summary>
    public async Task CompleteAsync()
    {
        Send();
        _full.Writer.TryComplete();
        await _writing;
        Sha256 = Convert.ToHexStringLower(_hash.GetCurrentHash());
    }

    protected override void Dispose(bool disposing)
    {
        _full.Writer.TryComplete();
        // Whoever did not complete it throws already, or throws the file away.
        _writing.ContinueWith(t => _ = t.Exception, TaskScheduler.Default).GetAwaiter().GetResult();
        _hash.Dispose();
        base.Dispose(disposing);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
    public override void Flush() { }
    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
}
