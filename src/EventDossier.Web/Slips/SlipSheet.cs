using System.Security.Cryptography;
using System.Text;
using EventDossier.Deadlines;
using QRCoder;

namespace EventDossier.Web.Slips;

/// <summary>A sheet to print: one file without scripts or anything from elsewhere, each line in Vietnamese with its English below. The words are ours; what must stand on a form is the law's.</summary>
internal static class SlipSheet
{
    private const string Style =
        """
        @page { size: A4; margin: 14mm; }
        body { font: 14px/1.4 "Noto Sans", "DejaVu Sans", Arial, sans-serif; max-width: 48rem; margin: 1.5rem auto; padding: 0 1rem; color: #111; background: #fff; }
        body.wide { max-width: none; } i { display: block; font-size: .82em; color: #444; }
        header { display: flex; justify-content: space-between; gap: 1rem; text-align: center; } header p { margin: 0; } header strong { display: block; }
        h1 { font-size: 1.2rem; text-align: center; margin: 1.2rem 0 .2rem; } h1 i { font-weight: normal; } .number { text-align: center; margin: 0 0 1rem; }
        table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .25rem .4rem; overflow-wrap: anywhere; }
        .rows th { width: 38%; font-weight: normal; } .rows td { font-weight: bold; } .grid th, .grid td { border: 1px solid #666; font-size: .85rem; } .grid thead { display: table-header-group; }
        tr { break-inside: avoid; } .sign { display: flex; justify-content: space-around; text-align: center; margin: 2rem 0 5rem; break-inside: avoid; }
        .look { display: flex; gap: 1rem; border: 1px solid #666; padding: .6rem; margin: 1rem 0; break-inside: avoid; } .look svg { flex: 0 0 auto; width: 9.5rem; height: 9.5rem; }
        code { font-family: "Noto Sans Mono", "DejaVu Sans Mono", monospace; font-size: .95em; overflow-wrap: anywhere; } .small { font-size: .8rem; }
        .mark { border: 2px solid #a3121f; color: #a3121f; text-align: center; font-weight: bold; padding: .3rem; margin: 0 0 1rem; } .mark i { color: #a3121f; display: inline; }
        .each { break-before: page; border-top: 1px dashed #666; padding-top: .6rem; } .each h2 { font-size: 1.05rem; text-align: center; }
        ol { margin: .2rem 0; padding-left: 1.4rem; } @media (max-width: 30rem) { header, .look { flex-direction: column; } .rows th { width: 45%; } }
        """;

    /// <summary>What a browser may do with a sheet: show it.</summary>
    public static readonly string Policy = $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <param name="from">The agency or office that issues it.</param>
    /// <param name="marks">What must not be overlooked, as that it is void.</param>
    public static Markup Of(string number, Wording title, Wording from, IReadOnlyList<Wording> marks, Markup body, bool wide = false) => Markup.Of(
        $"""
        <!doctype html>
        <html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{number}</title><style>{new Markup(Style)}</style></head>
        <body{new Markup(wide ? " class=\"wide\"" : "")}>
        {Markup.Of(marks.Select(mark => Markup.Of($"<p class=\"mark\">{mark.Vi} <i lang=\"en\">{mark.En}</i></p>\n")))}<main><header><p><strong>{Both(from)}</strong></p>
        <p><strong>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM</strong>Độc lập - Tự do - Hạnh phúc<i lang="en">Socialist Republic of Viet Nam · Independence - Freedom - Happiness</i></p></header>
        <h1>{title.Vi}<i lang="en">{title.En}</i></h1>
        <p class="number">Số / No.: <strong>{number}</strong></p>
        {body}</main></body></html>

        """);

    public static Markup Rows(params IEnumerable<Markup> rows) => Markup.Of($"<table class=\"rows\"><tbody>\n{Markup.Of(rows)}</tbody></table>\n");

    /// <summary>Nothing where there is no value.</summary>
    public static Markup Row(string vi, string en, string? value) => string.IsNullOrWhiteSpace(value) ? Markup.Nothing : Row(vi, en, Markup.Of($"{value}"));

    public static Markup Row(string vi, string en, Markup value) => Markup.Of($"<tr><th scope=\"row\">{vi}<i lang=\"en\">{en}</i></th><td>{value}</td></tr>\n");

    public static Markup Row(string vi, string en, Wording value) => Row(vi, en, Both(value));

    public static Markup Both(Wording text) => text.Vi == text.En ? Markup.Of($"{text.Vi}") : Markup.Of($"{text.Vi}<i lang=\"en\">{text.En}</i>");

    public static Markup Says(string vi, string en) => Markup.Of($"<p>{vi}<i lang=\"en\">{en}</i></p>\n");

    public static Markup Numbered(IEnumerable<string> items) => Markup.Of($"<ol>{Markup.Of(items.Select(item => Markup.Of($"<li>{item}</li>")))}</ol>");

    public static Markup Grid(IReadOnlyList<Wording> head, IEnumerable<IReadOnlyList<Markup>> rows) => Markup.Of(
        $"""
        <table class="grid"><thead><tr>{Markup.Of(head.Select(h => Markup.Of($"<th scope=\"col\">{Both(h)}</th>")))}</tr></thead><tbody>
        {Markup.Of(rows.Select(row => Markup.Of($"<tr>{Markup.Of(row.Select(cell => Markup.Of($"<td>{cell}</td>")))}</tr>\n")))}</tbody></table>

        """);

    public static Markup Signed(params IEnumerable<Wording> by) =>
        Markup.Of($"<div class=\"sign\">{Markup.Of(by.Select(who => Markup.Of($"<p><strong>{who.Vi}</strong><i lang=\"en\">{who.En}</i><i>(ký, ghi rõ họ tên / signature, full name)</i></p>")))}</div>\n");

    /// <summary>A QR code of a text, as one path.</summary>
    public static Markup Qr(string text, Wording title)
    {
        using var generator = new QRCodeGenerator();
        using var code = generator.CreateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var path = new StringBuilder();
        foreach (var (y, row) in code.ModuleMatrix.Index())
        {
            for (var x = 0; x < row.Length; x++)
            {
                var from = x;
                while (x < row.Length && row[x])
                    x++;
                if (x > from)
                    path.Append(System.Globalization.CultureInfo.InvariantCulture, $"M{from} {y}h{x - from}v1h-{x - from}z");
            }
        }
        var side = code.ModuleMatrix.Count;
        return Markup.Of($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img" aria-label="{title.Vi} / {title.En}" shape-rendering="crispEdges"><rect width="{side}" height="{side}" fill="#fff"/><path d="{path.ToString()}" fill="#000"/></svg>""");
    }
}
