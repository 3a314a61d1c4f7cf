using EventDossier.Audit;
using EventDossier.Dossiers;

namespace EventDossier.Cli;

/// <summary>A history on a terminal, one step at a time, forwards and backwards.</summary>
internal static class ReplayScreen
{
    // The other screen, no cursor; and back.
    private const string Enter = "\e[?1049h\e[?25l", Leave = "\e[?25h\e[?1049l", Home = "\e[H\e[2J";

    private static readonly TimeSpan Blink = TimeSpan.FromMilliseconds(15);

    public static async Task RunAsync(string code, IReadOnlyList<ReplayStep> steps, Run run)
    {
        var (at, top) = (0, 0);
        Console.Write(Enter);
        try
        {
            while (true)
            {
                var lines = ReplayVerbs.Lines(steps[at], at, steps.Count).ToList();
                // A terminal that does not tell its size is taken for the usual one.
                var (width, height) = Console.WindowWidth > 0 && Console.WindowHeight > 0 ? (Math.Max(20, Console.WindowWidth), Math.Max(5, Console.WindowHeight)) : (80, 24);
                top = Math.Clamp(top, 0, Math.Max(0, lines.Count - (height - 3)));
                Console.Write(Home + string.Join("\r\n", Frame(code, steps, at, [.. lines.Skip(top)], width, height)));
                while (!Console.KeyAvailable)
                    await Task.Delay(Blink, run.Time, run.Cancel);
                var before = at;
                switch (Console.ReadKey(intercept: true).Key)
                {
                    case ConsoleKey.RightArrow or ConsoleKey.Spacebar or ConsoleKey.N:
                        at++;
                        break;
                    case ConsoleKey.LeftArrow or ConsoleKey.Backspace or ConsoleKey.P:
                        at--;
                        break;
                    case ConsoleKey.PageDown:
                        at += 10;
                        break;
                    case ConsoleKey.PageUp:
                        at -= 10;
                        break;
                    case ConsoleKey.Home:
                        at = 0;
                        break;
                    case ConsoleKey.End:
                        at = steps.Count - 1;
                        break;
                    case ConsoleKey.DownArrow:
                        top++;
                        break;
                    case ConsoleKey.UpArrow:
                        top--;
                        break;
                    case ConsoleKey.Q or ConsoleKey.Escape:
                        return;
                }
                at = Math.Clamp(at, 0, steps.Count - 1);
                top = at == before ? top : 0;
            }
        }
        finally
        {
            Console.Write(Leave);
        }
    }

    /// <summary>What the screen shows: where in the history, the step, the keys. Never more than it holds.</summary>
    internal static IEnumerable<string> Frame(string code, IReadOnlyList<ReplayStep> steps, int at, IReadOnlyList<string> lines, int width, int height)
    {
        var room = Math.Max(1, width - code.Length - 4);
        var (done, all) = (Math.Max(1, room * (at + 1) / steps.Count), room);
        yield return Cut($"{code}  {new string('█', Math.Min(done, all))}{new string('░', all - Math.Min(done, all))}", width);
        foreach (var line in lines.Take(height - 3))
            yield return Cut(Output.Printable(line), width);
        if (lines.Count > height - 3)
            yield return "…";
        yield return Cut("← → step   Home End first, last   PgUp PgDn ten   ↑ ↓ scroll   q quit", width);
    }

    private static string Cut(string line, int width)
    {
        if (Output.Width(line) < width)
            return line;
        var cut = line.AsSpan(0, Math.Min(line.Length, width - 2)).ToString();
        while (Output.Width(cut) > width - 2)
            cut = cut[..^1];
        return cut + "…";
    }
}
