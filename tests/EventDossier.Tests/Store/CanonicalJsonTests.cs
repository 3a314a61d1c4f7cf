using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using EventDossier.Store;
using FsCheck;
using FsCheck.Fluent;

namespace EventDossier.Tests.Store;

public sealed class CanonicalJsonTests
{
    private static string Canonical(string json) => Encoding.UTF8.GetString(CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(json)));

    private static JsonException Refused(string json) => Should.Throw<JsonException>(() => Canonical(json));

    [Theory]
    [InlineData("arrays")]
    [InlineData("french")]
    [InlineData("structures")]
    [InlineData("unicode")]
    [InlineData("values")]
    [InlineData("weird")]
    public void The_published_vectors_hold_to_the_byte(string name)
    {
        var input = File.ReadAllBytes(Shared.Path("vectors", "jcs", "input", name + ".json"));
        var output = File.ReadAllBytes(Shared.Path("vectors", "jcs", "output", name + ".json"));

        CanonicalJson.Canonicalize(input).ShouldBe(output);
        CanonicalJson.Canonicalize(output).ShouldBe(output);
    }

    [Fact]
    public void Ten_thousand_published_numbers_are_spelt_as_ECMAScript_spells_them()
    {
        using var reader = new StreamReader(
            new GZipStream(File.OpenRead(Shared.Path("vectors", "jcs", "es6testfile10k.txt.gz")), CompressionMode.Decompress));
        var seen = 0;
        Span<byte> spelt = stackalloc byte[EcmaScriptNumber.MaxLength];
        while (reader.ReadLine() is { } line)
        {
            var comma = line.IndexOf(',', StringComparison.Ordinal);
            var value = BitConverter.UInt64BitsToDouble(ulong.Parse(line.AsSpan(0, comma), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            var expected = line[(comma + 1)..];
            Encoding.ASCII.GetString(spelt[..EcmaScriptNumber.Format(value, spelt)]).ShouldBe(expected, line);
            Canonical(expected).ShouldBe(expected, line);
            seen++;
        }
        seen.ShouldBe(10_000);
    }

    [Theory]
    [InlineData("-0", "0")]
    [InlineData("-0.0e5", "0")]
    [InlineData("1.0", "1")]
    [InlineData("1E2", "100")]
    [InlineData("100000000000000000000", "100000000000000000000")]
    [InlineData("1000000000000000000000", "1e+21")]
    [InlineData("0.000001", "0.000001")]
    [InlineData("0.0000001", "1e-7")]
    [InlineData("9007199254740993", "9007199254740992")]
    [InlineData("123456789012345", "123456789012345")]
    [InlineData("-123456789012345", "-123456789012345")]
    [InlineData("1234567890123456", "1234567890123456")]
    [InlineData("1e-400", "0")]
    [InlineData("-1.7976931348623157e308", "-1.7976931348623157e+308")]
    public void Numbers_are_those_of_a_double(string json, string expected) => Canonical(json).ShouldBe(expected);

    [Fact]
    public void Names_are_sorted_by_UTF_16_where_UTF_8_would_differ() =>
        Canonical("""{"\uFB33":1,"😀":2,"€":3,"\uE000":4,"a":5}""").ShouldBe("{\"a\":5,\"€\":3,\"😀\":2,\"\uE000\":4,\"\uFB33\":1}");

    [Fact]
    public void Names_are_sorted_by_what_they_say_not_by_how_they_are_escaped() =>
        Canonical("""{"z":1,"\u0061":2,"\n":3,"\\":4,"A\"":5,"A":6,"[":7}""").ShouldBe("""{"\n":3,"A":6,"A\"":5,"[":7,"\\":4,"a":2,"z":1}""");

    [Fact]
    public void Objects_inside_objects_are_moved_whole() =>
        Canonical("""{"b":{"d":[{"z":1,"y":2}],"c":{}},"a":{"\u0066":1,"\u0065":{"h":0,"g":0}}}""")
            .ShouldBe("""{"a":{"e":{"g":0,"h":0},"f":1},"b":{"c":{},"d":[{"y":2,"z":1}]}}""");

    [Theory]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"a":1,"b":2,"\u0061":3}""")]
    [InlineData("""[{"x":{"k\n":1,"j":0,"k\u000a":2}}]""")]
    [InlineData("""{"":1,"":2}""")]
    public void A_name_twice_in_one_object_is_refused(string json) => Refused(json).Message.ShouldContain("twice");

    [Theory]
    [InlineData("""["\uD800"]""")]
    [InlineData("""["\uDC00\uD800"]""")]
    [InlineData("""{"\uDEAD":1}""")]
    public void A_lone_surrogate_is_refused(string json) => Refused(json).Message.ShouldContain("lone surrogate");

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("{} {}")]
    [InlineData("[1,]")]
    [InlineData("""{"a":1,}""")]
    [InlineData("[1 /* one */]")]
    [InlineData("{'a':1}")]
    [InlineData("01")]
    [InlineData("NaN")]
    [InlineData("1e400")]
    [InlineData("[-1e309]")]
    [InlineData("\"a\nb\"")]
    [InlineData("\uFEFF{}")]
    [InlineData("[")]
    [InlineData("""{"a":""")]
    public void What_is_not_JSON_is_refused(string json) => Refused(json);

    [Theory]
    [InlineData(new byte[] { (byte)'"', 0xFF, (byte)'"' })]
    [InlineData(new byte[] { (byte)'"', 0xED, 0xA0, 0x80, (byte)'"' })]
    [InlineData(new byte[] { (byte)'"', 0xC0, 0x80, (byte)'"' })]
    public void What_is_not_UTF_8_is_refused(byte[] json) => Should.Throw<JsonException>(() => CanonicalJson.Canonicalize(json));

    [Fact]
    public void Nesting_is_bounded()
    {
        static string Nested(int depth) => new string('[', depth) + new string(']', depth);
        Canonical(Nested(CanonicalJson.MaxDepth)).ShouldBe(Nested(CanonicalJson.MaxDepth));
        Refused(Nested(CanonicalJson.MaxDepth + 1));
        Refused(Nested(1_000_000));
    }

    [Fact]
    public void A_refused_value_leaves_nothing_in_the_output()
    {
        var output = new ArrayBufferWriter<byte>();
        Should.Throw<JsonException>(() => CanonicalJson.Canonicalize("""{"a":1,"b":[1,2,x]}"""u8, output));
        output.WrittenCount.ShouldBe(0);

        CanonicalJson.Canonicalize("""{ "b" : 1, "a" : "é\u00e9\/\u001F" }"""u8, output);
        Encoding.UTF8.GetString(output.WrittenSpan).ShouldBe("""{"a":"éé/\u001f","b":1}""");
    }

    [Fact]
    public void Whatever_the_order_spacing_and_escapes_the_bytes_are_those_of_a_plain_reading()
    {
        var part = Gen.Elements("a", "b", "aa", "\n", "é", "€", "😀", "\uE000", "\uFFFD", "\"", "\\", "", "Z", "\u007f", "\u0080");
        var name = from a in part from b in part select a + b;
        var value = Gen.Sized(size => Value(Math.Min(size, 40), name));
        var cases = from v in value from seed in Gen.Choose(0, int.MaxValue) select (v, seed);

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var expected = Spell(c.v);
            return Canonical(Disguise(c.v, new Random(c.seed))) == expected && Canonical(expected) == expected;
        }));
    }

    [Fact]
    public void A_hundred_thousand_members_are_sorted_without_delay()
    {
        var json = "{" + string.Join(',', Enumerable.Range(0, 100_000).Reverse().Select(i => $"\"{i:D6}\":{{}}")) + "}";
        Canonical(json).ShouldBe("{" + string.Join(',', Enumerable.Range(0, 100_000).Select(i => $"\"{i:D6}\":{{}}")) + "}");
    }

    private static Gen<object> Value(int size, Gen<string> name)
    {
        var leaf = Gen.OneOf(name.Select(s => (object)s), Gen.Choose(-1000, 1000).Select(i => (object)i), Gen.Elements<object>(true, false));
        if (size < 2) return leaf;
        var child = Value(size / 3, name);
        return Gen.OneOf(
            leaf,
            child.ListOf().Select(l => (object)l.Take(5).ToList()),
            from names in name.ListOf() from values in child.ListOf()
            select (object)names.Zip(values).DistinctBy(p => p.First).ToDictionary(p => p.First, p => p.Second));
    }

    // The straightforward reading of the RFC, for comparison.
    private static string Spell(object value) => value switch
    {
        string s => "\"" + string.Concat(s.Select(c => c switch { '"' => "\\\"", '\\' => "\\\\", '\n' => "\\n", _ => c.ToString() })) + "\"",
        bool b => b ? "true" : "false",
        int i => i.ToString(CultureInfo.InvariantCulture),
        List<object> list => "[" + string.Join(',', list.Select(Spell)) + "]",
        Dictionary<string, object> map =>
            "{" + string.Join(',', map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => Spell(p.Key) + ":" + Spell(p.Value))) + "}",
        _ => throw new InvalidOperationException(),
    };

    private static string Disguise(object value, Random random)
    {
        string Space() => new string(' ', random.Next(2)) + (random.Next(4) == 0 ? "\n\t" : "");
        return Space() + value switch
        {
            string s => "\"" + string.Concat(s.Select(c => c < ' ' || c is '"' or '\\' || random.Next(2) == 0 || char.IsSurrogate(c)
                ? $"\\u{(int)c:X4}" : c.ToString())) + "\"",
            int i => random.Next(3) switch { 0 => $"{i}.0", 1 => $"{i}e0", _ => $"{i}" },
            List<object> list => "[" + string.Join(',', list.Select(v => Disguise(v, random))) + Space() + "]",
            Dictionary<string, object> map => "{" + string.Join(',', map.OrderBy(_ => random.Next())
                .Select(p => Disguise(p.Key, random) + Space() + ":" + Disguise(p.Value, random))) + Space() + "}",
            _ => Spell(value),
        } + Space();
    }
}
