using EventDossier.Deadlines;

namespace EventDossier.Web.Pictures;

/// <summary>Counts by row and column, the more the darker; each with its number, so that nobody needs to tell shades apart.</summary>
internal static class HeatMap
{
    private const double High = 28, Cell = 58, Top = 44, Left = 8;
    private static readonly (string Fill, string Ink)[] _shades =
        [(Picture.Paper, Picture.Soft), ("#e4eefb", Picture.Ink), ("#b9d3f3", Picture.Ink), ("#7fabdf", Picture.Ink), ("#2f6db5", Picture.Paper), ("#123f78", Picture.Paper)];

    /// <param name="Href">Where the row leads; null for nowhere.</param>
    public sealed record Row(string Label, IReadOnlyList<long> Counts, string? Href = null);

    /// <param name="columns">As many as each row has counts.</param>
    public static Picture Of(Wording title, IReadOnlyList<string> columns, IReadOnlyList<Row> rows, Language language)
    {
        var labels = Math.Clamp(rows.Select(r => r.Label.Length).DefaultIfEmpty(0).Max() * 6.6, 80, 260);
        var wide = Left + labels + 12 + ((columns.Count + 1) * Cell) + Left;
        var drawing = new Drawing(wide, language);
        var most = Math.Max(1, rows.SelectMany(r => r.Counts).DefaultIfEmpty(0).Max());
        double X(int column) => Left + labels + 12 + (column * Cell);
        drawing.Text(Left, 18, drawing[title], anchor: "start", size: 14, bold: true);
        foreach (var (i, column) in columns.Append(drawing["total", "tổng"]).Index())
            drawing.Text(X(i) + (Cell / 2), Top - 6, column, Picture.Soft, size: 11);
        foreach (var (i, row) in rows.Index())
        {
            var y = Top + (i * High);
            if (row.Href is not null)
                drawing.Add($"""<a href="{row.Href}">""");
            drawing.Text(Left, y + 19, Short(row.Label, labels), row.Href is null ? Picture.Ink : Picture.Blue, "start");
            if (row.Href is not null)
                drawing.Add($"</a>");
            foreach (var (column, count) in row.Counts.Index())
            {
                var (fill, ink) = _shades[count == 0 ? 0 : 1 + (int)(count * (_shades.Length - 2) / most)];
                drawing.Box(X(column) + 1, y + 1, Cell - 2, High - 2, fill, Picture.Grey, round: 3);
                drawing.Text(X(column) + (Cell / 2), y + 19, $"{count}", ink);
            }
            drawing.Text(X(columns.Count) + (Cell / 2), y + 19, $"{row.Counts.Sum()}", bold: true);
        }
        var words = rows.Count == 0 ? drawing["Nothing to show.", "Không có dữ liệu."] : string.Join(" ", rows.Select(row =>
            $"{row.Label}: {string.Join(", ", columns.Zip(row.Counts).Where(c => c.Second > 0).Select(c => $"{c.First} {c.Second}").DefaultIfEmpty("0"))}."));
        return drawing.Done(Top + (rows.Count * High) + 8, drawing[title], words);
    }

    private static string Short(string label, double room) => label.Length * 6.6 <= room ? label : label[..((int)(room / 6.6) - 1)] + "…";
}
