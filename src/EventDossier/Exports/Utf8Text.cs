using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace EventDossier.Exports;

/// <summary>
/// Text of a case as UTF-8, with the places left open where its key goes, so that twins are spelled once. The
/// framework's writers of XML and JSON would take longer over a log than reading it does.
/// </summary>
internal sealed class Utf8Text
{
    private static readonly SearchValues<char> _notXml =
        SearchValues.Create("&<>\"\t\n\r\uFFFE\uFFFF" + string.Concat(Enumerable.Range(0, 32).Select(c => (char)c)));

    private static readonly SearchValues<char> _quoted = SearchValues.Create("\",\r\n");

    private readonly List<int> _places = [];
    private byte[] _text = new byte[16 << 10];
    private int _length;

    public ReadOnlySpan<byte> Spelled => _text.AsSpan(0, _length);

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        _length = 0;
        _places.Clear();
    }

    /// <summary>Here the key goes.</summary>
    public void Key() => _places.Add(_length);

    /// <summary>Adds what was spelled of a case to a text; once more for each twin.</summary>
    /// <param name="key">Spelled as this file wants it.</param>
    /// <param name="from">The bytes before that are left out.</param>
    public void AddTo(Utf8Text all, ReadOnlySpan<byte> key, int from = 0)
    {
        foreach (var place in _places)
        {
            all.Raw(_text.AsSpan(from, place - from));
            all.Raw(key);
            from = place;
        }
        all.Raw(_text.AsSpan(from, _length - from));
    }

    /// <summary>Writes it, and begins anew.</summary>
    public void MoveTo(Stream to)
    {
        to.Write(Spelled);
        Clear();
    }

    public void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _length += bytes.Length;
    }

    /// <summary>As it is.</summary>
    public void Plain(ReadOnlySpan<char> text) =>
        _length += Encoding.UTF8.GetBytes(text, Room(Encoding.UTF8.GetMaxByteCount(text.Length)));

    /// <summary>As the value of an XML attribute. What XML has no way to say, escaped or not, is replaced.</summary>
    public void Xml(ReadOnlySpan<char> text)
    {
        for (var special = text.IndexOfAny(_notXml); special >= 0; special = text.IndexOfAny(_notXml))
        {
            Plain(text[..special]);
            Raw(text[special] switch
            {
                '&' => "&amp;"u8,
                '<' => "&lt;"u8,
                '>' => "&gt;"u8,
                '"' => "&quot;"u8,
                '\t' => "&#9;"u8,
                '\n' => "&#10;"u8,
                '\r' => "&#13;"u8,
                _ => "\uFFFD"u8,
            });
            text = text[(special + 1)..];
        }
        Plain(text);
    }

    /// <summary>Between the quotes of a JSON string.</summary>
    public void Json(string text)
    {
        var encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        var from = _length;
        Plain(text);
        if (encoder.FindFirstCharacterToEncodeUtf8(_text.AsSpan(from, _length - from)) < 0)
            return;
        _length = from;
        Plain(encoder.Encode(text));
    }

    /// <summary>A cell of RFC 4180.</summary>
    public void Csv(string text)
    {
        if (text.AsSpan().IndexOfAny(_quoted) < 0)
        {
            Plain(text);
            return;
        }
        Raw("\""u8);
        Plain(text.Replace("\"", "\"\"", StringComparison.Ordinal));
        Raw("\""u8);
    }

    public void Whole(long value)
    {
        value.TryFormat(Room(20), out var written, default, CultureInfo.InvariantCulture);
        _length += written;
    }

    /// <summary>As <see cref="DataDictionary.Spell(DateTimeOffset)"/> spells it.</summary>
    public void Moment(DateTimeOffset at)
    {
        var room = Room(28);
        at.UtcDateTime.TryFormat(room, out _, "O", CultureInfo.InvariantCulture);
        room[23] = (byte)'Z';
        _length += 24;
    }

    private Span<byte> Room(int bytes)
    {
        if (_length + bytes > _text.Length)
            Array.Resize(ref _text, Math.Max(_text.Length * 2, _length + bytes));
        return _text.AsSpan(_length);
    }
}
