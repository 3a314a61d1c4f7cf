using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Xml;
using Microsoft.Data.Sqlite;

namespace EventDossier.Import;

/// <summary>What a log says about itself. Extensions, globals and classifiers are told as containers of their own attributes.</summary>
public sealed record LogHeader(
    IReadOnlyList<SourceAttribute> Attributes,
    IReadOnlyList<SourceAttribute> Extensions,
    IReadOnlyList<SourceAttribute> Globals,
    IReadOnlyList<SourceAttribute> Classifiers)
{
    public static readonly LogHeader Empty = new([], [], [], []);
}

public static class LogFile
{
    /// <summary>The formats that can be named; <c>ocel</c> is OCEL 2.0 as JSON or SQLite.</summary>
    public static readonly IReadOnlyList<string> Formats = ["xes", "csv", "ocel"];

    /// <summary>Reads nothing yet: everything wrong with the file, its absence too, is told by <see cref="LogScan.Cases"/>.</summary>
    /// <param name="format">One of <see cref="Formats"/>; null: told from the file's beginning and name. Any of them may be gzipped.</param>
    /// <param name="zone">For times without an offset, unless the mapping names a zone. For an OCEL too: UTC is its usual zone, so callers that know no
    /// better pass UTC.</param>
    /// <exception cref="ArgumentException"><paramref name="format"/> is not a format.</exception>
    public static LogScan Open(string path, string? format, ImportMapping? map, TimeZoneInfo zone)
    {
        if (format is not null && !Formats.Contains(format))
            throw new ArgumentException($"{SourceText.Quote(format)} is none of {string.Join(", ", Formats)}", nameof(format));
        return new LogScan(path, format, new CaseRules(map, zone));
    }
}

/// <summary>A file that is about to be read, as often as wanted. Its properties tell of the last pass.</summary>
public sealed class LogScan
{
    private readonly string _path;
    private readonly string? _wanted;
    private readonly CaseRules _rules;

    internal LogScan(string path, string? format, CaseRules rules)
    {
        _path = path;
        _wanted = format;
        _rules = rules;
    }

    /// <summary><c>xes</c>, <c>csv</c>, <c>ocel-json</c> or <c>ocel-sqlite</c>; null until a pass has found it.</summary>
    public string? Format { get; private set; }

    /// <summary>Lower-case hexadecimal SHA-256 of the file's bytes as the last pass read them; null unless that pass came to the file's end.</summary>
    public string? Sha256 { get; private set; }

    /// <summary>Bytes that the last pass read, packed if the file is.</summary>
    public long Size { get; private set; }

    /// <summary>How many of the times that the last pass used had no offset and were read in the given zone.</summary>
    public long WithoutOffset { get; private set; }

    public LogHeader Header { get; private set; } = LogHeader.Empty;

    /// <summary>
    /// The sound cases, read while they are enumerated; memory does not grow with the number of events. A case with faults is told to
    /// <paramref name="fault"/> and left out. Where the file itself can't be read on, the last fault says so and the enumeration ends.
    /// </summary>
    /// <remarks>Throws nothing for what is in the file.</remarks>
    public IEnumerable<ImportedCase> Cases(Action<Fault> fault)
    {
        Sha256 = null;
        Size = 0;
        WithoutOffset = 0;
        Header = LogHeader.Empty;
        var pass = new LogPass(_rules, fault);
        using var file = Try(pass, OpenFile);
        if (file is null) yield break;
        using var input = Try(pass, () => new LogStream(file));
        if (input is null) yield break;
        using var cases = Try(pass, () => Reader(input, pass).GetEnumerator());
        if (cases is null) yield break;
        while (Try(pass, () => cases.MoveNext() ? cases.Current : Finish(input, pass)) is { } next) yield return next;
    }

    private ImportedCase? Finish(LogStream input, LogPass pass)
    {
        (Sha256, Size) = input.Finish();
        WithoutOffset = pass.Times.WithoutOffset;
        Header = pass.Header;
        return null;
    }

    private FileStream OpenFile()
    {
        if (Directory.Exists(_path)) throw new LogFault(_path, "is a directory, not a file");
        if (!File.Exists(_path)) throw new LogFault(_path, "there is no such file");
        return new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
    }

    private IEnumerable<ImportedCase> Reader(LogStream input, LogPass pass)
    {
        Format = FindFormat(input.Peek());
        return Format switch
        {
            "xes" => new XesReader(input, pass).Cases(),
            "csv" => new CsvLogReader(input, pass).Cases(),
            "ocel-json" => OcelReader.FromJson(input, pass),
            "ocel-sqlite" => OcelReader.FromSqlite(input, pass),
            _ => throw new LogFault(_path, "is neither XES, CSV nor OCEL by its name or its beginning; name its format"),
        };
    }

    private string? FindFormat(ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty) throw new LogFault(_path, "the file is empty");
        var sqlite = start.StartsWith("SQLite format 3\0"u8);
        if (_wanted is not null) return _wanted != "ocel" ? _wanted : sqlite ? "ocel-sqlite" : "ocel-json";
        if (sqlite) return "ocel-sqlite";
        var name = _path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? _path[..^3] : _path;
        switch (Path.GetExtension(name).ToUpperInvariant())
        {
            case ".XES": return "xes";
            case ".CSV" or ".TSV": return "csv";
            case ".JSONOCEL" or ".JSON": return "ocel-json";
        }
        if (start.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) start = start[3..];
        start = start.TrimStart(" \t\r\n"u8);
        if (start.IsEmpty) return null;
        return start[0] switch
        {
            (byte)'<' => "xes",
            (byte)'{' => "ocel-json",
            _ => null,
        };
    }

    /// <summary>Runs one step; what goes wrong in the file becomes faults and null.</summary>
    private T? Try<T>(LogPass pass, Func<T?> step) where T : class
    {
        IReadOnlyList<Fault> faults;
        try
        {
            return step();
        }
        catch (LogFault e)
        {
            faults = e.Faults;
        }
        catch (XmlException e)
        {
            faults = [XesReader.Broken(e)];
        }
        catch (Exception e) when (e is InvalidDataException or DecoderFallbackException)
        {
            faults = [new Fault(_path, null, $"damaged: {LogFault.OneLine(e.Message)}")];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults = [new Fault(_path, null, $"can't be read: {LogFault.OneLine(e.Message)}")];
        }
        catch (SqliteException e)
        {
            faults = [new Fault(_path, null, $"not a sound SQLite database: {LogFault.OneLine(e.Message)}")];
        }
        foreach (var fault in faults) pass.Report(fault);
        return null;
    }
}

/// <summary>
/// The content of a file, unpacked if it begins like gzip. Hashes the bytes of the file as they pass, and refuses a single read-ahead of a parser that
/// grows without bound.
/// </summary>
internal sealed class LogStream : Stream
{
    private const int MostPerItem = 64 << 20;

    private readonly HashingStream _file;
    private readonly GZipStream? _gzip;
    private readonly byte[] _head = new byte[4096];
    private int _headAt, _headLength;
    private long _unpacked, _mark;

    public LogStream(Stream file)
    {
        _file = new HashingStream(file);
        _headLength = ReadHead(_file);
        if (_headLength < 2 || _head[0] != 0x1F || _head[1] != 0x8B) return;
        _file.Unread(_head.AsSpan(0, _headLength));
        _gzip = new GZipStream(_file, CompressionMode.Decompress, leaveOpen: true);
        _headLength = ReadHead(_gzip);
        _unpacked = _headLength;
    }

    private int ReadHead(Stream from) => from.ReadAtLeast(_head, _head.Length, throwOnEndOfStream: false);

    /// <summary>The beginning of the content, up to 4 KiB.</summary>
    public ReadOnlySpan<byte> Peek() => _head.AsSpan(_headAt, _headLength - _headAt);

    /// <summary>A parser has finished one item; the bound counts anew.</summary>
    public void Mark() => _mark = _unpacked;

    public override int Read(Span<byte> buffer)
    {
        if (_headAt < _headLength)
        {
            var n = Math.Min(buffer.Length, _headLength - _headAt);
            _head.AsSpan(_headAt, n).CopyTo(buffer);
            _headAt += n;
            return n;
        }
        var read = _gzip is null ? _file.Read(buffer) : _gzip.Read(buffer);
        _unpacked += read;
        if (_unpacked - _mark > MostPerItem) throw new InvalidDataException($"a single item of the file is larger than {MostPerItem >> 20} MiB");
        if (read == 0 && buffer.Length > 0) CheckLength();
        return read;
    }

    /// <summary>The framework's gzip takes a file that was cut off for a complete one; the length in its last four bytes tells.</summary>
    private void CheckLength()
    {
        if (_gzip is null) return;
        _file.Drain();
        if (BinaryPrimitives.ReadUInt32LittleEndian(_file.LastFour) != (uint)_unpacked)
            throw new InvalidDataException("the gzip file was cut off, or has several members: unpack it first");
    }

    /// <summary>Reads the file to its end.</summary>
    public (string Sha256, long Size) Finish()
    {
        if (_gzip is null) _headAt = _headLength;
        _file.Drain();
        return (Convert.ToHexStringLower(_file.Hash.GetCurrentHash()), _file.Length);
    }

    protected override void Dispose(bool disposing)
    {
        _gzip?.Dispose();
        _file.Dispose();
        base.Dispose(disposing);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private sealed class HashingStream(Stream file) : Stream
    {
        private byte[] _unread = [];
        private long _length;
        private readonly byte[] _lastFour = new byte[4];

        public IncrementalHash Hash { get; } = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        public ReadOnlySpan<byte> LastFour => _lastFour;

        public void Unread(ReadOnlySpan<byte> bytes) => _unread = bytes.ToArray();

        public override int Read(Span<byte> buffer)
        {
            int n;
            if (_unread.Length > 0)
            {
                n = Math.Min(_unread.Length, buffer.Length);
                _unread.AsSpan(0, n).CopyTo(buffer);
                _unread = _unread[n..];
                return n;
            }
            n = file.Read(buffer);
            if (n == 0) return 0;
            Hash.AppendData(buffer[..n]);
            _length += n;
            var kept = Math.Max(0, 4 - n);
            _lastFour.AsSpan(4 - kept).CopyTo(_lastFour);
            buffer.Slice(Math.Max(0, n - 4), Math.Min(4, n)).CopyTo(_lastFour.AsSpan(kept));
            return n;
        }

        public void Drain()
        {
            var buffer = new byte[64 << 10];
            while (Read(buffer) > 0) { }
        }

        protected override void Dispose(bool disposing)
        {
            Hash.Dispose();
            base.Dispose(disposing);
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => _length;
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
