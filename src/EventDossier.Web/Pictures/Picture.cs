using System.Text;
using EventDossier.Deadlines;

namespace EventDossier.Web.Pictures;

/// <summary>A picture, and what it shows in words, which it also tells whoever does not see it.</summary>
/// <param name="Svg">To stand in a page: SVG 1.1 without script, style or ids, so any number of them may. The same facts give the same bytes.</param>
public sealed record Picture(Markup Svg, string Title, string Words)
{
    public const string Ink = "#10161f", Soft = "#44546a", Line = "#8a97a8", Paper = "#ffffff", Grey = "#e8ebef",
        Green = "#1b6b3a", Amber = "#8a5300", Red = "#a3121f", Blue = "#1d4f91", PaleGreen = "#d6ecdd", PaleAmber = "#fdeccb", PaleRed = "#fadadd", PaleBlue = "#dbe7f7";

    /// <summary>Of a language, as HTML names it.</summary>
    public static string Tag(Language language) => language == Language.Vi ? "vi" : "en";
}

/// <summary>A picture in the making.</summary>
internal sealed class Drawing(double width, Language language)
{
    private readonly StringBuilder _shapes = new();

    public string this[string en, string vi] => language == Language.Vi ? vi : en;

    public string this[Wording wording] => language == Language.Vi ? wording.Vi : wording.En;

    public void Add(FormattableString shape) => _shapes.Append(Markup.Of(shape).Text).Append('\n');

    /// <summary>Beneath all that was drawn.</summary>
    public void Under(FormattableString shape) => _shapes.Insert(0, Markup.Of(shape).Text + "\n");

    public void Box(double x, double y, double wide, double high, string fill, string? stroke = null, double thick = 1, double round = 0)
    {
        if (stroke is null)
            Add($"""<rect x="{x}" y="{y}" width="{wide}" height="{high}" rx="{round}" fill="{fill}"/>""");
        else
            Add($"""<rect x="{x}" y="{y}" width="{wide}" height="{high}" rx="{round}" fill="{fill}" stroke="{stroke}" stroke-width="{thick}"/>""");
    }

    /// <summary>Stripes over a box, so that not its colour alone tells it from others.</summary>
    public void Stripes(double x, double y, double wide, double high, string stroke)
    {
        var path = new StringBuilder();
        for (var from = -high; from < wide; from += 7)
        {
            var (left, right) = (Math.Max(0, from), Math.Min(wide, from + high));
            path.Append(Markup.Of($"M{x + left} {y + high - (left - from)}L{x + right} {y + high - (right - from)}").Text);
        }
        Add($"""<path d="{path.ToString()}" stroke="{stroke}" fill="none"/>""");
    }

    public void Text(double x, double y, string text, string fill = Picture.Ink, string anchor = "middle", double size = 12, bool bold = false) => Add(bold
        ? (FormattableString)$"""<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" font-weight="bold" fill="{fill}">{text}</text>"""
        : $"""<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" fill="{fill}">{text}</text>""");

    public Picture Done(double height, string title, string words) => new(Markup.Of(
        $"""
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" lang="{Picture.Tag(language)}" aria-label="{$"{title}. {words}"}" font-family="system-ui, 'Noto Sans', sans-serif">
        <rect width="{width}" height="{height}" rx="6" fill="{Picture.Paper}"/>
        {new Markup(_shapes.ToString())}</svg>
        """), title, words);
}
