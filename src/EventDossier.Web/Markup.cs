using System.Globalization;
using System.Security;
using System.Text;

namespace EventDossier.Web;

/// <summary>
/// HTML and SVG from interpolated text. Whatever is put in is escaped, so that nobody's name is anybody's script; only what is <see cref="Markup"/> itself stands as it is.
/// Numbers are spelled alike everywhere, measures to a tenth.
/// </summary>
public sealed record Markup(string Text)
{
    public static readonly Markup Nothing = new("");

    public static Markup Of(FormattableString text) => new(text.ToString(Spelling.One));

    public static Markup Of(IEnumerable<Markup> parts) => new(string.Concat(parts.Select(part => part.Text)));

    public static string Escaped(string text) => SecurityElement.Escape(text)!;

    public override string ToString() => Text;

    private sealed class Spelling : IFormatProvider, ICustomFormatter
    {
        public static readonly Spelling One = new();

        public object? GetFormat(Type? formatType) => formatType == typeof(ICustomFormatter) ? this : null;

        public string Format(string? format, object? arg, IFormatProvider? formatProvider) => arg switch
        {
            null => "",
            Markup markup => markup.Text,
            double number when format is null => number.ToString("0.#", CultureInfo.InvariantCulture),
            string text => Escaped(text),
            IFormattable other => Escaped(other.ToString(format, CultureInfo.InvariantCulture)),
            _ => Escaped($"{arg}"),
        };
    }
}
