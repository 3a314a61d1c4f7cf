using System.Text;
using EventDossier.Exports;

namespace EventDossier.Releases;

/// <summary>
/// Cases put aside in a file that goes with the program, so that a log of any size is gone through several times in
/// little memory.
/// </summary>
internal sealed class CaseSpool : IDisposable
{
    private const int ReadAhead = 4096;
    private readonly FileStream _file;
    private readonly MemoryStream _record = new();
    private readonly BinaryWriter _writer;
    private long _length;

    public CaseSpool(string folder)
    {
        Directory.CreateDirectory(folder);
        _file = new(Path.Combine(folder, Path.GetRandomFileName()), new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, BufferSize = 1 << 16,
                Options = FileOptions.DeleteOnClose,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        _writer = new(_record, Encoding.UTF8);
    }

    /// <returns>Where it lies.</returns>
    public long Add(ProcessCase of)
    {
        _record.SetLength(0);
        _writer.Write(0); // Its length, once that is known.
        _writer.Write(of.Key);
        Write(of.Attributes);
        _writer.Write(of.Events.Count);
        foreach (var e in of.Events)
        {
            _writer.Write(e.Key);
            _writer.Write(e.Activity);
            _writer.Write(e.Lifecycle);
            Write(e.At);
            Write(e.Attributes);
        }
        _writer.Flush();
        var length = (int)_record.Length;
        BitConverter.TryWriteBytes(_record.GetBuffer(), length);
        _file.Write(_record.GetBuffer(), 0, length);
        var at = _length;
        _length += length;
        return at;
    }

    /// <summary>Nothing is added any more.</summary>
    public void Complete() => _file.Flush();

    /// <summary>In the order in which they were added.</summary>
    public IEnumerable<ProcessCase> ReadAll()
    {
        for (long at = 0, length; at < _length; at += length)
            yield return Read(at, out length);
    }

    public ProcessCase Read(long at) => Read(at, out _);

    private ProcessCase Read(long at, out long size)
    {
        var bytes = new byte[(int)Math.Min(ReadAhead, _length - at)];
        Fill(bytes, at);
        var length = BitConverter.ToInt32(bytes);
        size = length;
        if (length > bytes.Length)
        {
            bytes = new byte[length];
            Fill(bytes, at);
        }
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        reader.ReadInt32();
        var (key, attributes, events) = (reader.ReadString(), Attributes(reader), new ProcessEvent[reader.ReadInt32()]);
        for (var i = 0; i < events.Length; i++)
            events[i] = new(reader.ReadString(), reader.ReadString(), reader.ReadString(), Moment(reader),
                Attributes(reader));
        return new(key, attributes, events);
    }

    public void Dispose()
    {
        _writer.Dispose();
        _file.Dispose();
    }

    private void Fill(byte[] bytes, long at)
    {
        for (var read = 0; read < bytes.Length;)
        {
            var more = RandomAccess.Read(_file.SafeFileHandle, bytes.AsSpan(read), at + read);
            read += more > 0 ? more : throw new EndOfStreamException("a case that was put aside is cut off");
        }
    }

    private void Write(IReadOnlyList<ProcessAttribute> attributes)
    {
        _writer.Write(attributes.Count);
        foreach (var (name, value) in attributes)
        {
            _writer.Write(name);
            switch (value)
            {
                case string text:
                    _writer.Write('s');
                    _writer.Write(text);
                    break;
                case long whole:
                    _writer.Write('l');
                    _writer.Write(whole);
                    break;
                case decimal number:
                    _writer.Write('d');
                    _writer.Write(number);
                    break;
                case bool truth:
                    _writer.Write('b');
                    _writer.Write(truth);
                    break;
                case DateTimeOffset at:
                    _writer.Write('t');
                    Write(at);
                    break;
                default:
                    throw new InvalidOperationException($"{value.GetType().Name} is no value of an attribute");
            }
        }
    }

    private void Write(DateTimeOffset at)
    {
        _writer.Write(at.Ticks);
        _writer.Write((short)at.TotalOffsetMinutes);
    }

    private static ProcessAttribute[] Attributes(BinaryReader reader)
    {
        var attributes = new ProcessAttribute[reader.ReadInt32()];
        for (var i = 0; i < attributes.Length; i++)
        {
            attributes[i] = new(reader.ReadString(), reader.ReadChar() switch
            {
                's' => reader.ReadString(),
                'l' => reader.ReadInt64(),
                'd' => reader.ReadDecimal(),
                'b' => reader.ReadBoolean(),
                _ => Moment(reader),
            });
        }
        return attributes;
    }

    private static DateTimeOffset Moment(BinaryReader reader) =>
        new(reader.ReadInt64(), TimeSpan.FromMinutes(reader.ReadInt16()));
}
