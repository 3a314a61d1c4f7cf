using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace EventDossier.Audit;

/// <summary>
/// A zip of the plainest kind: entries stored, not packed; without dates, comments or attributes; in the order given. So the same entries are the same bytes whatever wrote them, what is read can't
/// grow, and no byte stands anywhere that says nothing.
/// </summary>
internal static class PackZip
{
    public const int MostBytes = 256 << 20;
    private const int MostEntries = 100, LocalBytes = 30, CentralBytes = 46, EndBytes = 22;
    private const ushort Version = 10, FirstOfJanuary1980 = 0x21;
    private static readonly uint[] _crc = [.. Enumerable.Range(0, 256).Select(n => Enumerable.Range(0, 8).Aggregate((uint)n, (c, _) => (c & 1) == 0 ? c >> 1 : 0xEDB88320 ^ (c >> 1)))];

    /// <param name="entries">Names are ASCII, with slashes.</param>
    public static byte[] Write(IReadOnlyList<(string Name, byte[] Bytes)> entries)
    {
        var (zip, central) = (new MemoryStream(), new MemoryStream());
        foreach (var (name, bytes) in entries)
        {
            var at = (uint)zip.Position;
            var head = new byte[CentralBytes];
            BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(4), Version);
            BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(12), FirstOfJanuary1980);
            BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(14), Crc(bytes));
            BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(18), (uint)bytes.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(22), (uint)bytes.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(26), (ushort)name.Length);
            "PK\u0003\u0004"u8.CopyTo(head);
            zip.Write(head.AsSpan(0, LocalBytes));
            zip.Write(Encoding.ASCII.GetBytes(name));
            zip.Write(bytes);
            // The same once more in the directory, two bytes further on, with where it stands.
            head.AsSpan(4, LocalBytes - 4).ToArray().CopyTo(head.AsSpan(6));
            "PK\u0001\u0002"u8.CopyTo(head);
            BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(4), Version);
            BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(42), at);
            central.Write(head);
            central.Write(Encoding.ASCII.GetBytes(name));
        }
        var end = new byte[EndBytes];
        "PK\u0005\u0006"u8.CopyTo(end);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(8), (ushort)entries.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(10), (ushort)entries.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(12), (uint)central.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(16), (uint)zip.Length);
        central.WriteTo(zip);
        zip.Write(end);
        return zip.ToArray();
    }

    /// <summary>The entries of what <see cref="Write"/> made; of anything else nothing.</summary>
    /// <exception cref="UserError"><c>bad-pack</c>, with the place of the first byte that is not as it should be.</exception>
    public static IReadOnlyList<(string Name, byte[] Bytes)> Read(byte[] zip)
    {
        var entries = new List<(string Name, byte[] Bytes)>();
        var at = 0;
        for (; zip.AsSpan(at).StartsWith("PK\u0003\u0004"u8); )
        {
            if (zip.Length - at < LocalBytes)
                throw Bad(at, "it ends within an entry's head");
            var head = zip.AsSpan(at, LocalBytes);
            var (length, name) = (BinaryPrimitives.ReadUInt32LittleEndian(head[18..]), BinaryPrimitives.ReadUInt16LittleEndian(head[26..]));
            if (BinaryPrimitives.ReadUInt16LittleEndian(head[8..]) != 0)
                throw Bad(at + 8, "an entry is packed: a pack's are stored as they are");
            if (name + (long)length > zip.Length - at - LocalBytes)
                throw Bad(at, "it ends within an entry");
            var text = Encoding.Latin1.GetString(zip, at + LocalBytes, name);
            if (entries.Exists(e => e.Name == text))
                throw Bad(at, "an entry is there twice");
            if (entries.Count == MostEntries)
                throw Bad(at, $"more than {MostEntries} entries");
            entries.Add((text, zip.AsSpan(at + LocalBytes + name, (int)length).ToArray()));
            at += LocalBytes + name + (int)length;
        }
        if (entries.Count == 0)
            throw Bad(0, "it is no zip");
        var expected = Write(entries);
        var same = expected.AsSpan().CommonPrefixLength(zip);
        return same == zip.Length && same == expected.Length ? entries
            : throw Bad(same, same == zip.Length ? "it ends too early" : same == expected.Length ? "something follows its end" : "a pack's zip has another byte there");
    }

    private static uint Crc(byte[] bytes) => ~bytes.Aggregate(~0u, (c, b) => _crc[(byte)(c ^ b)] ^ (c >> 8));

    private static UserError Bad(int at, string why) => new("bad-pack", string.Create(CultureInfo.InvariantCulture, $"byte {at}: {why}"));
}
