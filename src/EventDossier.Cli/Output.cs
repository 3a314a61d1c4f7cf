using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventDossier.Cli;

/// <summary>Where a verb answers: plain text for people, or one JSON document (camelCase, times as RFC 3339).</summary>
/// <param name="to">Standard output, unless given.</param>
internal sealed class Output(bool json, Stream? to = null) : IDisposable
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        // Vietnamese stays legible; nothing here is put into a web page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private static readonly JsonSerializerOptions OneLine = new(Options) { WriteIndented = false };

    private readonly StreamWriter standard = new(to ?? Console.OpenStandardOutput(), new UTF8Encoding(false), 1 << 14);

    /// <summary>The answer of a verb: <paramref name="document"/> with <c>--json</c>, else what <paramref name="human"/> writes.</summary>
    public void Answer<T>(T document, Action human)
    {
        if (json) standard.WriteLine(JsonSerializer.Serialize(document, Options));
        else human();
    }

    public void Line(string text = "") => standard.WriteLine(Printable(text));

    /// <summary>Columns as wide as their widest cell, two blanks apart; a column of numbers stands to the right.</summary>
    public void Table(IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<string>> rows)
    {
        var cells = rows.Select(row => row.Select(Printable).ToList()).ToList();
        var widths = headers.Select((header, i) => cells.Select(row => Width(row[i])).Append(Width(header)).Max()).ToList();
        var right = headers.Select((_, i) => cells.Count > 0 && cells.TrueForAll(row => row[i] is "" || decimal.TryParse(row[i], out decimal _))).ToList();
        foreach (var row in cells.Prepend([.. headers]))
            standard.WriteLine(string.Join("  ", row.Select((cell, i) => Pad(cell, widths[i], right[i]))).TrimEnd());
    }

    /// <summary>Writes the one line of an error; gives back the exit code.</summary>
    public int Fail(int exit, string code, string message)
    {
        try
        {
            Flush(); // What was answered before the error stands before it.
        }
        catch (IOException)
        {
            // The reader has gone, and may be what the error is about.
        }
        var line = Printable(message.ReplaceLineEndings(" "));
        using var error = new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(false));
        error.WriteLine(json ? JsonSerializer.Serialize(new { error = new { code, message = line } }, OneLine) : $"dossier: {line}");
        return exit;
    }

    public void Flush() => standard.Flush();

    public void Dispose() => standard.Dispose();

    /// <summary><c>1 finding</c>, <c>2 findings</c>; <paramref name="one"/> is the word for one.</summary>
    public static string Count(long count, string one) => $"{count:N0} {one}{(count == 1 ? "" : "s")}";

    /// <summary>Columns that a text takes on a terminal: a mark that combines takes none, an East Asian wide letter two.</summary>
    internal static int Width(string text) => text.EnumerateRunes().Sum(rune => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format => 0,
        _ => rune.Value is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF)
            or (>= 0xFE30 and <= 0xFE6F) or (>= 0xFF00 and <= 0xFF60) or (>= 0xFFE0 and <= 0xFFE6) or (>= 0x1F300 and <= 0x1FAFF) or (>= 0x20000 and <= 0x3FFFD) ? 2 : 1,
    });

    /// <summary>Data may hold anything; what steers a terminal is shown, not sent.</summary>
    internal static string Printable(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : text;

    private static string Pad(string cell, int width, bool right)
    {
        var blanks = new string(' ', width - Width(cell));
        return right ? blanks + cell : cell + blanks;
    }
}

/// <summary>Tells on standard error how far long work is: one line rewritten on a terminal, elsewhere a line every five seconds.</summary>
internal sealed class Progress(string what, TimeProvider time) : IDisposable
{
    private readonly bool terminal = !Console.IsErrorRedirected;
    private readonly long began = time.GetTimestamp();
    private TimeSpan told;
    private int width;

    /// <param name="total">Null where it is not known.</param>
    public void Report(long done, long? total = null)
    {
        var elapsed = time.GetElapsedTime(began);
        if (elapsed - told < (terminal ? TimeSpan.FromMilliseconds(100) : TimeSpan.FromSeconds(5))) return;
        told = elapsed;
        var text = $"{done:N0}{(total is { } all ? $" of {all:N0}" : "")} {what}, {done / Math.Max(elapsed.TotalSeconds, 0.001):N0}/s";
        if (terminal) Console.Error.Write("\r" + text.PadRight(width));
        else Console.Error.WriteLine(text);
        width = text.Length;
    }

    public void Dispose()
    {
        if (terminal && width > 0) Console.Error.Write("\r" + new string(' ', width) + "\r");
    }
}
