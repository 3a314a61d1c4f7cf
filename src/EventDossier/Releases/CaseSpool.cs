using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using EventDossier.Exports;

namespace EventDossier.Releases;

/// <summary>
/// Cases put aside in a file that goes with the program, so that a log of any size is gone through several times in
/// little memory. What cases say over and over (names, units, procedures) is told once, and by number from then on.
/// </summary>
internal sealed class CaseSpool : IDisposable
{
    private const int ReadAhead = 4 << 10, ReadAheadOfAll = 256 << 10, MostWords = 1 << 14, LongestWord = 100;
    private readonly FileStream _file;
    private readonly string[] _words = new string[MostWords];
    private readonly ConcurrentDictionary<string, int> _numbers = [];
    private int _known;
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
    }

    /// <summary>Writes what was recorded behind all else; the recorder is empty afterwards.</summary>
    /// <returns>Where it lies.</returns>
    public long Add(Recorder recorder)
    {
        var at = _length;
        _length += recorder.MoveTo(_file);
        return at;
    }

    /// <summary>Nothing is added any more.</summary>
    public void Complete() => _file.Flush();

    /// <summary>In the order in which they were added.</summary>
    public IEnumerable<ProcessCase> ReadAll()
    {
        var ahead = new byte[ReadAheadOfAll];
        for (long at = 0; at < _length;)
        {
            var bytes = ahead.AsMemory(0, Fill(ahead, at));
            var (from, size) = (0, 0);
            for (; Whole(bytes[from..], out size); from += size)
                yield return Read(bytes.Slice(from, size));
            if (from == 0)
                ahead = new byte[size];
            at += from;
        }
    }

    public ProcessCase Read(long at)
    {
        var bytes = new byte[ReadAhead];
        var read = Fill(bytes, at);
        if (!Whole(bytes.AsMemory(0, read), out var size))
            Fill(bytes = new byte[size], at);
        return Read(bytes.AsMemory(0, size));
    }

    public string KeyAt(long at)
    {
        // The longest that a number tells in one byte is 127.
        Span<byte> bytes = stackalloc byte[sizeof(int) + 1 + 127];
        bytes = bytes[..RandomAccess.Read(_file.SafeFileHandle, bytes, at)];
        return bytes[sizeof(int)] < 128 ? Encoding.UTF8.GetString(bytes.Slice(sizeof(int) + 1, bytes[sizeof(int)])) : Read(at).Key;
    }

    /// <summary>A case, its length first, is all there.</summary>
    private static bool Whole(ReadOnlyMemory<byte> bytes, out int size)
    {
        size = bytes.Length < sizeof(int) ? sizeof(int) : BitConverter.ToInt32(bytes.Span);
        return bytes.Length >= size;
    }

    private ProcessCase Read(ReadOnlyMemory<byte> bytes)
    {
        MemoryMarshal.TryGetArray(bytes, out var array);
        using var reader = new BinaryReader(new MemoryStream(array.Array!, array.Offset, array.Count), Encoding.UTF8);
        reader.ReadInt32();
        var (key, attributes, events) = (reader.ReadString(), Attributes(reader), new ProcessEvent[reader.ReadInt32()]);
        for (var i = 0; i < events.Length; i++)
            events[i] = new(Word(reader), Word(reader), Moment(reader), Attributes(reader));
        return new(key, attributes, events);
    }

    public void Dispose() => _file.Dispose();

    /// <returns>How many bytes there were, no fewer than fit unless the file ends.</returns>
    private int Fill(byte[] bytes, long at)
    {
        var most = (int)Math.Min(bytes.Length, _length - at);
        for (var read = 0; read < most;)
        {
            var more = RandomAccess.Read(_file.SafeFileHandle, bytes.AsSpan(read, most - read), at + read);
            read += more > 0 ? more : throw new EndOfStreamException("a case that was put aside is cut off");
        }
        return most;
    }

    private string Word(BinaryReader reader) =>
        reader.Read7BitEncodedInt() is > 0 and var number ? _words[number - 1] : reader.ReadString();

    private ProcessAttribute[] Attributes(BinaryReader reader)
    {
        var attributes = new ProcessAttribute[reader.ReadInt32()];
        for (var i = 0; i < attributes.Length; i++)
        {
            attributes[i] = new(Word(reader), (char)reader.ReadByte() switch
            {
                's' => Word(reader),
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

    /// <summary>A word's number from 1; 0 for one that is told in full.</summary>
    private int NumberOf(string word)
    {
        if (_numbers.TryGetValue(word, out var number) || word.Length > LongestWord || _known == MostWords)
            return number;
        lock (_words)
        {
            if (!_numbers.TryGetValue(word, out number) && _known < MostWords)
            {
                _words[_known++] = word;
                _numbers[word] = number = _known;
            }
        }
        return number;
    }

    /// <summary>Cases as they are to lie in the file, made by one thread beside others.</summary>
    public sealed class Recorder(CaseSpool spool) : IDisposable
    {
        private readonly BinaryWriter _writer = new(new MemoryStream(), Encoding.UTF8);

        private MemoryStream Records => (MemoryStream)_writer.BaseStream;

        /// <returns>Where it lies among those of this recorder.</returns>
        public int Add(ProcessCase of)
        {
            var at = (int)Records.Length;
            _writer.Write(0); // Its length, once that is known.
            _writer.Write(of.Key);
            Write(of.Attributes);
            _writer.Write(of.Events.Count);
            foreach (var e in of.Events)
            {
                Word(e.Activity);
                Word(e.Lifecycle);
                Write(e.At);
                Write(e.Attributes);
            }
            BitConverter.TryWriteBytes(Records.GetBuffer().AsSpan(at), (int)Records.Length - at);
            return at;
        }

        /// <returns>How many bytes.</returns>
        public int MoveTo(Stream file)
        {
            var length = (int)Records.Length;
            file.Write(Records.GetBuffer(), 0, length);
            Records.SetLength(0);
            return length;
        }

        public void Dispose() => _writer.Dispose();

        private void Word(string word)
        {
            var number = spool.NumberOf(word);
            _writer.Write7BitEncodedInt(number);
            if (number == 0)
                _writer.Write(word);
        }

        private void Write(IReadOnlyList<ProcessAttribute> attributes)
        {
            _writer.Write(attributes.Count);
            foreach (var (name, value) in attributes)
            {
                Word(name);
                switch (value)
                {
                    case string text:
                        _writer.Write((byte)'s');
                        Word(text);
                        break;
                    case long whole:
                        _writer.Write((byte)'l');
                        _writer.Write(whole);
                        break;
                    case decimal number:
                        _writer.Write((byte)'d');
                        _writer.Write(number);
                        break;
                    case bool truth:
                        _writer.Write((byte)'b');
                        _writer.Write(truth);
                        break;
                    case DateTimeOffset at:
                        _writer.Write((byte)'t');
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
    }
}
