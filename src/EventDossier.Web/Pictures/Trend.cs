using System.Globalization;
using EventDossier.Deadlines;

namespace EventDossier.Web.Pictures;

/// <summary>How something went over time: a line for each series, told apart by dash, mark and its name at the end, not by colour alone.</summary>
internal static class Trend
{
    private const double Wide = 720, Left = 56, Right = 150, Top = 40, High = 200, Bottom = 34;
    private static readonly (string Colour, string Dash)[] _lines =
        [(Picture.Blue, "none"), (Picture.Green, "8 4"), (Picture.Red, "2 3"), (Picture.Amber, "10 3 2 3"), ("#5b3a8c", "5 5"), (Picture.Ink, "1 4")];

    /// <param name="Values">One for each column; null where nothing was measured.</param>
    public sealed record Series(Wording Name, IReadOnlyList<double?> Values);

    public static Picture Of(Wording title, IReadOnlyList<string> columns, IReadOnlyList<Series> series, Language language, string unit = "")
    {
        var drawing = new Drawing(Wide, language);
        var (step, most) = Scale(series.SelectMany(s => s.Values).OfType<double>().DefaultIfEmpty(0).Max());
        double X(int column) => Left + ((Wide - Left - Right) * (columns.Count < 2 ? 0.5 : (double)column / (columns.Count - 1)));
        double Y(double value) => Top + High - (High * value / most);
        drawing.Text(8, 18, drawing[title], anchor: "start", size: 14, bold: true);
        for (var value = 0d; value <= most; value += step)
        {
            drawing.Add($"""<path d="M{Left} {Y(value)}H{Wide - Right}" stroke="{Picture.Grey}"/>""");
            drawing.Text(Left - 6, Y(value) + 4, $"{Number(value)}{unit}", Picture.Soft, "end", 11);
        }
        var every = Math.Max(1, (columns.Count + 11) / 12);
        foreach (var (i, column) in columns.Index().Where(c => c.Index % every == 0))
            drawing.Text(X(i), Top + High + 18, column, Picture.Soft, size: 11);
        var taken = new List<double>();
        foreach (var (i, one) in series.Index())
        {
            var (colour, dash) = _lines[i % _lines.Length];
            var path = "";
            foreach (var (column, value) in one.Values.Index())
            {
                if (value is not { } v)
                    continue;
                path += Markup.Of($"{(column > 0 && one.Values[column - 1] is not null ? "L" : "M")}{X(column)} {Y(v)}");
                Mark(drawing, i, X(column), Y(v), colour);
            }
            drawing.Add($"""<path d="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>""");
            // At the height of the last value, below whatever stands there already.
            var end = one.Values.Index().LastOrDefault(v => v.Item is not null);
            var at = Y(end.Item ?? 0);
            while (taken.Exists(t => Math.Abs(t - at) < 15))
                at += 15;
            taken.Add(at);
            Mark(drawing, i, Wide - Right + 14, at, colour);
            drawing.Text(Wide - Right + 24, at + 4, drawing[one.Name], colour, "start");
        }
        var words = string.Join(" ", series.Select(one => $"{drawing[one.Name]}: {string.Join(", ", columns.Zip(one.Values).Where(v => v.Second is not null).Select(v => $"{v.First} {Number(v.Second!.Value)}{unit}"))}."));
        return drawing.Done(Top + High + Bottom, drawing[title], words.Length > 0 ? words : drawing["Nothing to show.", "Không có dữ liệu."]);
    }

    private static void Mark(Drawing drawing, int series, double x, double y, string colour)
    {
        switch (series % 3)
        {
            case 0:
                drawing.Add($"""<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>""");
                break;
            case 1:
                drawing.Box(x - 3.5, y - 3.5, 7, 7, Picture.Paper, colour, 2);
                break;
            default:
                drawing.Add($"""<path d="M{x} {y - 4.5}L{x + 4.5} {y + 3.5}H{x - 4.5}Z" fill="{colour}"/>""");
                break;
        }
    }

    /// <summary>Steps of 1, 2 or 5 and their tens: four to eight of them.</summary>
    private static (double Step, double Most) Scale(double most)
    {
        if (most <= 0)
            return (1, 4);
        var step = Math.Pow(10, Math.Floor(Math.Log10(most)));
        step *= (most / step) switch { <= 1.6 => 0.2, <= 4 => 0.5, <= 8 => 1, _ => 2 };
        return (step, Math.Ceiling(most / step) * step);
    }

    private static string Number(double value) => value.ToString("#,0.##", CultureInfo.InvariantCulture);
}
