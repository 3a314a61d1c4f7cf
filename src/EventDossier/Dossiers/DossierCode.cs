using System.Globalization;

namespace EventDossier.Dossiers;

/// <summary>
/// A dossier's code is the name of its stream. We issue <c>agency-yymmdd-nnnn</c> and take whatever an older system issued, within bounds: streams of
/// other kinds begin with a slash, so no code does.
/// </summary>
public static class DossierCode
{
    public static bool IsCode(string stream) => !stream.StartsWith('/');

    /// <summary>A code after QCVN 102 (<c>000.00.12.H49</c>, <c>H49.12</c>) or a local one.</summary>
    public static bool IsAgency(string agency) =>
        agency.Length is > 0 and <= 50 && agency.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-');

    /// <param name="day">In the offset of the centre.</param>
    public static string Of(string agency, DateTimeOffset day, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{agency}-{day:yyMMdd}-{number:0000}");
}
