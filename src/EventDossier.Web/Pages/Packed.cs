using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace EventDossier.Web.Pages;

/// <summary>A text in an address: what was entered before a preview stands in it whole, so that neither a reload nor the server's restart loses it.</summary>
internal static class Packed
{
    private const int Most = 256 << 10, MostInAddress = 6_000;

    /// <exception cref="UserError"><c>bad-field</c>: too long for an address.</exception>
    public static string Pack(string text)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Optimal))
            brotli.Write(Encoding.UTF8.GetBytes(text));
        return WebEncoders.Base64UrlEncode(packed.ToArray()) is { Length: <= MostInAddress } address ? address
            : throw new UserError("bad-field", "$: that is too much for a preview: use the command line");
    }

    /// <exception cref="UserError"><c>bad-query</c></exception>
    public static string Unpack(string? address)
    {
        try
        {
            using var brotli = new BrotliStream(new MemoryStream(WebEncoders.Base64UrlDecode(address ?? "")), CompressionMode.Decompress);
            var text = new byte[Most];
            var length = brotli.ReadAtLeast(text, Most, throwOnEndOfStream: false);
            return length is > 0 and < Most ? Encoding.UTF8.GetString(text, 0, length) : throw new InvalidDataException();
        }
        catch (Exception e) when (e is FormatException or InvalidDataException or InvalidOperationException)
        {
            throw new UserError("bad-query", "p: what a preview's address holds");
        }
    }
}
