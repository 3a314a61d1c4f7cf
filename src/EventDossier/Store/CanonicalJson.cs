using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace EventDossier.Store;

/// <summary>
/// RFC 8785 (JCS): the one spelling of a JSON value, to be hashed. No whitespace, members sorted by the UTF-16 code units of their names,
/// numbers as ECMAScript prints the nearest double, strings escaped no more than they must be. Strings are not normalised.
/// </summary>
/// <remarks>
/// Refused with <see cref="JsonException"/>: what is not JSON or not UTF-8, comments, trailing commas, a byte order mark, a name twice in
/// one object, lone surrogates, numbers beyond a double's range, more than <see cref="MaxDepth"/> levels. An integer beyond ±2⁵³ is
/// rounded, as the RFC has it: keep such numbers in strings.
/// </remarks>
public static class CanonicalJson
{
    /// <summary>Objects and arrays within each other.</summary>
    public const int MaxDepth = 64;

    private static readonly JsonReaderOptions Strict = new() { MaxDepth = MaxDepth };

    public static byte[] Canonicalize(ReadOnlySpan<byte> json)
    {
        var writer = new Writer(json.Length);
        try
        {
            writer.Document(json);
            return writer.Written.ToArray();
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>Appends the canonical bytes to <paramref name="output"/>; nothing is written when the input is refused.</summary>
    public static void Canonicalize(ReadOnlySpan<byte> json, IBufferWriter<byte> output)
    {
        var writer = new Writer(json.Length);
        try
        {
            writer.Document(json);
            output.Write(writer.Written);
        }
        finally
        {
            writer.Dispose();
        }
    }

    // A member of an object being written. Its name, unescaped, lies in the output, or, had it escapes, among the names put aside.
    private readonly record struct Member(int Start, int End, int Name, int NameLength, bool PutAside);

    // Members are written as they come and, where they came out of order, moved once their object is complete.
    private ref struct Writer(int inputLength)
    {
        private byte[] _output = ArrayPool<byte>.Shared.Rent(inputLength + 32);
        private int _length;
        private byte[] _names = [];
        private int _namesLength;
        private Member[] _members = ArrayPool<Member>.Shared.Rent(32);
        private int _memberCount;

        public readonly ReadOnlySpan<byte> Written => _output.AsSpan(0, _length);

        public readonly void Dispose()
        {
            ArrayPool<byte>.Shared.Return(_output);
            ArrayPool<Member>.Shared.Return(_members);
            if (_names.Length > 0) ArrayPool<byte>.Shared.Return(_names);
        }

        public void Document(ReadOnlySpan<byte> json)
        {
            if (!Utf8.IsValid(json)) throw new JsonException("not UTF-8");
            var reader = new Utf8JsonReader(json, Strict);
            reader.Read();
            Value(ref reader);
            reader.Read(); // throws if anything follows
        }

        private void Value(ref Utf8JsonReader reader)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject: Object(ref reader); break;
                case JsonTokenType.StartArray: Array(ref reader); break;
                case JsonTokenType.String: String(ref reader); break;
                case JsonTokenType.Number: Number(reader.ValueSpan); break;
                default: Append(reader.ValueSpan); break; // true, false, null
            }
        }

        private void Array(ref Utf8JsonReader reader)
        {
            Append((byte)'[');
            for (var first = true; reader.Read() && reader.TokenType != JsonTokenType.EndArray; first = false)
            {
                if (!first) Append((byte)',');
                Value(ref reader);
            }
            Append((byte)']');
        }

        private void Object(ref Utf8JsonReader reader)
        {
            var firstMember = _memberCount;
            var namesBefore = _namesLength;
            var sorted = true;
            Append((byte)'{');
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                if (_memberCount > firstMember) Append((byte)',');
                var member = Name(ref reader);
                Append((byte)':');
                reader.Read();
                Value(ref reader);
                member = member with { End = _length };
                sorted = sorted && (_memberCount == firstMember || Order.Compare(_members[_memberCount - 1], member) < 0);
                if (_memberCount == _members.Length) Grow(ref _members, _memberCount + 1, _memberCount);
                _members[_memberCount++] = member;
            }
            if (!sorted) Sort(_members.AsSpan(firstMember, _memberCount - firstMember));
            Append((byte)'}');
            _memberCount = firstMember;
            _namesLength = namesBefore;
        }

        private readonly NameOrder Order => new(_output, _names);

        private readonly void Sort(Span<Member> members)
        {
            var start = members[0].Start;
            var order = Order;
            if (members.Length > 32) members.Sort(order); // allocates, where the loop below does not
            for (var i = 1; i < members.Length; i++)
            {
                for (var j = i; j > 0 && order.Compare(members[j - 1], members[j]) > 0; j--)
                    (members[j - 1], members[j]) = (members[j], members[j - 1]);
            }
            for (var i = 1; i < members.Length; i++)
            {
                if (order.Compare(members[i - 1], members[i]) == 0)
                    throw new JsonException($"name '{System.Text.Encoding.UTF8.GetString(order.NameOf(members[i]))}' stands twice in one object");
            }

            var moved = ArrayPool<byte>.Shared.Rent(_length - start);
            var at = 0;
            foreach (var member in members)
            {
                if (at > 0) moved[at++] = (byte)',';
                _output.AsSpan(member.Start, member.End - member.Start).CopyTo(moved.AsSpan(at));
                at += member.End - member.Start;
            }
            moved.AsSpan(0, at).CopyTo(_output.AsSpan(start));
            ArrayPool<byte>.Shared.Return(moved);
        }

        private Member Name(ref Utf8JsonReader reader)
        {
            var start = _length;
            if (!reader.ValueIsEscaped)
            {
                String(ref reader);
                return new Member(start, 0, start + 1, reader.ValueSpan.Length, PutAside: false);
            }
            var name = _namesLength;
            if (_names.Length < name + reader.ValueSpan.Length) Grow(ref _names, name + reader.ValueSpan.Length, name);
            _namesLength += Unescape(ref reader, _names.AsSpan(name));
            Escape(_names.AsSpan(name, _namesLength - name));
            return new Member(start, 0, name, _namesLength - name, PutAside: true);
        }

        private void String(ref Utf8JsonReader reader)
        {
            if (!reader.ValueIsEscaped)
            {
                // Written without an escape, it needs none: JSON allows no bare quote, backslash or control character.
                var text = reader.ValueSpan;
                Reserve(text.Length + 2);
                _output[_length] = (byte)'"';
                text.CopyTo(_output.AsSpan(_length + 1));
                _output[_length + text.Length + 1] = (byte)'"';
                _length += text.Length + 2;
                return;
            }
            var plain = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
            try
            {
                Escape(plain.AsSpan(0, Unescape(ref reader, plain)));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(plain);
            }
        }

        private static int Unescape(ref Utf8JsonReader reader, Span<byte> plain)
        {
            try
            {
                return reader.CopyString(plain);
            }
            catch (InvalidOperationException e)
            {
                throw new JsonException($"lone surrogate in a string before byte {reader.BytesConsumed}", e);
            }
        }

        private void Escape(ReadOnlySpan<byte> text)
        {
            Reserve((text.Length * 6) + 2);
            var output = _output.AsSpan(_length);
            var at = 0;
            output[at++] = (byte)'"';
            foreach (var b in text)
            {
                if (b is >= 0x20 and not ((byte)'"' or (byte)'\\'))
                {
                    output[at++] = b;
                    continue;
                }
                output[at++] = (byte)'\\';
                var letter = b switch
                {
                    (byte)'"' or (byte)'\\' => b,
                    0x08 => (byte)'b',
                    0x09 => (byte)'t',
                    0x0A => (byte)'n',
                    0x0C => (byte)'f',
                    0x0D => (byte)'r',
                    _ => (byte)'u',
                };
                output[at++] = letter;
                if (letter != (byte)'u') continue;
                "00"u8.CopyTo(output[at..]);
                output[at + 2] = (byte)(b < 0x10 ? '0' : '1');
                output[at + 3] = "0123456789abcdef"u8[b & 0xF];
                at += 4;
            }
            output[at++] = (byte)'"';
            _length += at;
        }

        private void Number(ReadOnlySpan<byte> text)
        {
            // Up to 15 digits a double holds exactly, and JSON allows no leading zero: the spelling is canonical already.
            if (text.Length <= 15 && text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0)
            {
                Append(text);
                return;
            }
            var value = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
            if (!double.IsFinite(value)) throw new JsonException("a number is beyond the range of a double");
            Reserve(EcmaScriptNumber.MaxLength);
            _length += EcmaScriptNumber.Format(value, _output.AsSpan(_length));
        }

        private void Append(byte b)
        {
            Reserve(1);
            _output[_length++] = b;
        }

        private void Append(ReadOnlySpan<byte> bytes)
        {
            Reserve(bytes.Length);
            bytes.CopyTo(_output.AsSpan(_length));
            _length += bytes.Length;
        }

        private void Reserve(int more)
        {
            if (_output.Length - _length < more) Grow(ref _output, _length + more, _length);
        }

        private static void Grow<T>(ref T[] array, int atLeast, int used)
        {
            var larger = ArrayPool<T>.Shared.Rent(Math.Max(atLeast, array.Length * 2));
            array.AsSpan(0, used).CopyTo(larger);
            if (array.Length > 0) ArrayPool<T>.Shared.Return(array);
            array = larger;
        }
    }

    private readonly struct NameOrder(byte[] output, byte[] names) : IComparer<Member>
    {
        public ReadOnlySpan<byte> NameOf(Member member) => (member.PutAside ? names : output).AsSpan(member.Name, member.NameLength);

        // UTF-8 sorts as code points do. UTF-16 differs in one thing: what it needs surrogates for (lead bytes F0 and up) stands before
        // U+E000–U+FFFF (lead bytes EE and EF).
        public int Compare(Member x, Member y)
        {
            var a = NameOf(x);
            var b = NameOf(y);
            var same = a.CommonPrefixLength(b);
            if (same == a.Length || same == b.Length) return a.Length - b.Length;
            var (p, q) = (a[same], b[same]);
            return p >= 0xEE && q >= 0xEE && p >= 0xF0 != q >= 0xF0 ? q - p : p - q;
        }
    }
}

/// <summary>Numbers as ECMAScript's Number::toString prints them.</summary>
public static class EcmaScriptNumber
{
    public const int MaxLength = 32;

    /// <param name="value">Finite.</param>
    /// <param name="output">At least <see cref="MaxLength"/> bytes.</param>
    /// <returns>Bytes written.</returns>
    public static int Format(double value, Span<byte> output)
    {
        if (value == 0)
        {
            output[0] = (byte)'0';
            return 1;
        }

        // The framework finds the same shortest digits; only where it puts point and exponent differs.
        Span<byte> spelled = stackalloc byte[MaxLength];
        Utf8Formatter.TryFormat(Math.Abs(value), spelled, out var length);
        Span<byte> digits = stackalloc byte[24];
        var count = 0;
        var point = 0;
        var afterPoint = false;
        var exponent = 0;
        for (var i = 0; i < length; i++)
        {
            var c = spelled[i];
            if (c == (byte)'E')
            {
                exponent = int.Parse(spelled[(i + 1)..length], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
                break;
            }
            if (c == (byte)'.')
            {
                afterPoint = true;
                continue;
            }
            if (!afterPoint) point++;
            if (c == (byte)'0' && count == 0) point--; // a leading zero is no digit
            else digits[count++] = c;
        }
        while (digits[count - 1] == (byte)'0') count--;
        return Lay(digits[..count], point + exponent, value < 0, output);
    }

    // Value = 0.digits × 10^point. ECMA-262, Number::toString, steps 6 to 10.
    private static int Lay(ReadOnlySpan<byte> digits, int point, bool negative, Span<byte> output)
    {
        var at = 0;
        if (negative) output[at++] = (byte)'-';
        if (point is > 0 and <= 21)
        {
            var whole = Math.Min(point, digits.Length);
            digits[..whole].CopyTo(output[at..]);
            at += whole;
            output.Slice(at, point - whole).Fill((byte)'0');
            at += point - whole;
            if (digits.Length <= point) return at;
            output[at++] = (byte)'.';
            digits[whole..].CopyTo(output[at..]);
            return at + digits.Length - whole;
        }
        if (point is > -6 and <= 0)
        {
            "0."u8.CopyTo(output[at..]);
            at += 2;
            output.Slice(at, -point).Fill((byte)'0');
            at -= point;
            digits.CopyTo(output[at..]);
            return at + digits.Length;
        }
        output[at++] = digits[0];
        if (digits.Length > 1)
        {
            output[at++] = (byte)'.';
            digits[1..].CopyTo(output[at..]);
            at += digits.Length - 1;
        }
        output[at++] = (byte)'e';
        output[at++] = (byte)(point > 0 ? '+' : '-');
        Utf8Formatter.TryFormat(Math.Abs(point - 1), output[at..], out var written);
        return at + written;
    }
}
