using System.Buffers;
using System.Globalization;
using System.Text;

namespace EventDossier.Exports;

/// <summary>
/// Text on its way into a file, as UTF-8. The framework's XML writer would take longer over a log than reading it does.
/// </summary>
internal sealed class Utf8Text(Stream to) : IDisposable
{
    private static readonly SearchValues<char> _escaped =
        SearchValues.Create("&<>\"\t\n\r\uFFFE\uFFFF" + string.Concat(Enumerable.Range(0, 32).Select(c => (char)c)));

    private readonly byte[] _buffer = new byte[64 << 10];
    private int _length;

    public void Raw(ReadOnlySpan<byte> bytes)
    {
        Room(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>As the value of an XML attribute. What XML has no way to say, escaped or not, is replaced.</summary>
    public void Xml(ReadOnlySpan<char> text)
    {
        for (var special = text.IndexOfAny(_escaped); special >= 0; special = text.IndexOfAny(_escaped))
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

    public void Whole(long value)
    {
        Room(20);
        value.TryFormat(_buffer.AsSpan(_length), out var written, default, CultureInfo.InvariantCulture);
        _length += written;
    }

    /// <summary>As <see cref="DataDictionary.Spell(DateTimeOffset)"/> spells it.</summary>
    public void Moment(DateTimeOffset at)
    {
        Room(28);
        at.UtcDateTime.TryFormat(_buffer.AsSpan(_length), out _, "O", CultureInfo.InvariantCulture);
        _buffer[_length + 23] = (byte)'Z';
        _length += 24;
    }

    private void Plain(ReadOnlySpan<char> text)
    {
        while (text.Length > 0)
        {
            // A pair of surrogates stays together.
            var length = Math.Min(text.Length, 8_000);
            if (length < text.Length && char.IsHighSurrogate(text[length - 1]))
                length--;
            Room(3 * length);
            _length += Encoding.UTF8.GetBytes(text[..length], _buffer.AsSpan(_length));
            text = text[length..];
        }
    }

    private void Room(int bytes)
    {
        if (_length + bytes > _buffer.Length)
            Flush();
    }

    public void Flush()
    {
        to.Write(_buffer, 0, _length);
        _length = 0;
    }

    public void Dispose() => Flush();
}
