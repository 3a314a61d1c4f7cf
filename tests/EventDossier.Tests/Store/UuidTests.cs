using System.Text;
using EventDossier.Store;

namespace EventDossier.Tests.Store;

public sealed class UuidTests
{
    private static readonly Guid Dns = new("6ba7b810-9dad-11d1-80b4-00c04fd430c8");

    [Fact]
    public void The_vector_of_RFC_9562_appendix_A_4_holds() =>
        Uuid.V5(Dns, "www.example.com").ShouldBe(new Guid("2ed6657d-e927-568b-95e1-2665a8aea6a2"));

    [Fact]
    public void Text_and_its_UTF_8_bytes_name_the_same_id() =>
        Uuid.V5(Dns, "Quảng Ninh").ShouldBe(Uuid.V5(Dns, Encoding.UTF8.GetBytes("Quảng Ninh")));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(17, "17")]
    [InlineData(int.MinValue, "-2147483648")]
    public void An_event_id_is_named_by_its_decimal_index(int index, string name) => Uuid.V5(Dns, index).ShouldBe(Uuid.V5(Dns, name));

    [Fact]
    public void Version_and_variant_are_set_whatever_the_name()
    {
        for (var i = 0; i < 1000; i++)
        {
            var id = Uuid.V5(Dns, i);
            id.Version.ShouldBe(5);
            (id.Variant & 0xC).ShouldBe(0x8);
        }
    }

    [Fact]
    public void A_long_name_is_hashed_whole() =>
        Uuid.V5(Dns, new string('x', 5000) + "a").ShouldNotBe(Uuid.V5(Dns, new string('x', 5000) + "b"));

    [Fact]
    public void A_lone_surrogate_is_refused() => Should.Throw<EncoderFallbackException>(() => Uuid.V5(Dns, "a\uD800"));

    [Fact]
    public void Nothing_is_allocated()
    {
        var name = "a name"u8.ToArray();
        for (var warm = 0; warm < 100; warm++) Uuid.V5(Uuid.V5(Uuid.V5(Dns, warm), "tên"), name);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) Uuid.V5(Uuid.V5(Uuid.V5(Dns, i), "tên"), name);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }
}
