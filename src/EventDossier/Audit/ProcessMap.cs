using System.Globalization;
using System.Security;
using System.Text;
using EventDossier.Deadlines;

namespace EventDossier.Audit;

/// <summary>
/// The discovered process as a picture: what was done from top to bottom as it mostly comes, an arrow for each connection with how often and the median of working time. Layers by where in a
/// dossier's life something stands, then orders within a layer that let few arrows cross. SVG 1.1 without script or style sheet; the same report gives the same bytes.
/// </summary>
public static class ProcessMap
{
    private const int MostNodes = 40, Width = 184, Height = 52, Gap = 30, Layer = 118, Margin = 28, Bend = 14;

    /// <summary>A place in a layer: an activity, or a bend of an arrow that passes the layer.</summary>
    private sealed class Spot(ProcessNode? node, int layer)
    {
        public ProcessNode? Node => node;
        public int Layer => layer;
        public double X { get; set; }
        public int At { get; set; }
        public List<Spot> Above { get; } = [];
        public List<Spot> Below { get; } = [];
        public double Room => node is null ? Bend : Width;
        public double Top => Margin + 40 + (layer * (double)ProcessMap.Layer);
        public double Middle => Top + (Height / 2d);
    }

    /// <param name="Path">From the upper end to the lower one.</param>
    /// <param name="Up">It leads back.</param>
    private sealed record Arrow(ProcessEdge Edge, List<Spot> Path, bool Up);

    public static string Svg(ProcessReport report, Language language = Language.En)
    {
        var nodes = report.Nodes.Take(MostNodes).OrderBy(n => n.Place).ThenBy(n => n.Activity, StringComparer.Ordinal).ToList();
        var edges = Drawn(report, nodes.Select(n => n.Activity).ToHashSet());
        var spots = Layered(nodes, edges);
        var layers = spots.Values.GroupBy(s => s.Layer).OrderBy(g => g.Key).Select(g => g.ToList()).ToList();
        var arrows = edges.Where(e => e.From != e.To).Select(e => Route(e, spots, layers)).ToList();
        Order(layers);
        Place(layers);
        return Draw(report, language, layers, arrows, edges.Where(e => e.From == e.To).ToDictionary(e => e.From));
    }

    /// <summary>The strongest connection into and out of each activity, and every one that a twenty-fifth of the dossiers take.</summary>
    private static List<ProcessEdge> Drawn(ProcessReport report, HashSet<string> shown)
    {
        var edges = report.Edges.Where(e => shown.Contains(e.From) && shown.Contains(e.To)).ToList();
        var others = edges.Where(e => e.From != e.To).ToList();
        return [.. edges.Where(e => e.Count * 25 >= report.Dossiers)
            .Union(others.GroupBy(e => e.From).Select(g => g.First())).Union(others.GroupBy(e => e.To).Select(g => g.First()))
            .OrderByDescending(e => e.Count).ThenBy(e => e.From, StringComparer.Ordinal).ThenBy(e => e.To, StringComparer.Ordinal)];
    }

    /// <summary>
    /// An activity lies below all that lead to it. Of connections that would run in a circle the rarest lead back; and what nothing leads to stands right above what it leads to.
    /// </summary>
    private static Dictionary<string, Spot> Layered(List<ProcessNode> nodes, List<ProcessEdge> edges)
    {
        var below = nodes.ToDictionary(n => n.Activity, _ => new List<string>());
        bool Reaches(string from, string to) => from == to || below[from].Exists(next => Reaches(next, to));
        foreach (var edge in edges.Where(e => e.From != e.To && !Reaches(e.To, e.From)))
            below[edge.From].Add(edge.To);
        var layers = nodes.ToDictionary(n => n.Activity, _ => 0);
        for (var settled = false; !settled;)
        {
            settled = true;
            foreach (var (from, to) in below.SelectMany(b => b.Value.Select(to => (b.Key, to))).Where(e => layers[e.to] <= layers[e.Key]))
                (layers[to], settled) = (layers[from] + 1, false);
        }
        var led = below.Values.SelectMany(to => to).ToHashSet();
        foreach (var (activity, next) in below.Where(b => b.Value.Count > 0 && !led.Contains(b.Key)))
            layers[activity] = next.Min(to => layers[to]) - 1;
        // A layer that is left empty would be a gap.
        var used = layers.Values.Distinct().Order().ToList();
        return nodes.ToDictionary(n => n.Activity, n => new Spot(n, used.IndexOf(layers[n.Activity])));
    }

    private static Arrow Route(ProcessEdge edge, Dictionary<string, Spot> spots, List<List<Spot>> layers)
    {
        var (from, to) = (spots[edge.From], spots[edge.To]);
        var up = from.Layer > to.Layer;
        var (upper, lower) = up ? (to, from) : (from, to);
        List<Spot> path = [upper];
        for (var layer = upper.Layer + 1; layer < lower.Layer; layer++)
        {
            path.Add(new(null, layer));
            layers[layer].Add(path[^1]);
        }
        path.Add(lower);
        for (var i = 1; i < path.Count && upper.Layer != lower.Layer; i++)
        {
            path[i - 1].Below.Add(path[i]);
            path[i].Above.Add(path[i - 1]);
        }
        return new(edge, path, up);
    }

    /// <summary>Each to the middle of its neighbours, down and up in turn.</summary>
    private static void Order(List<List<Spot>> layers)
    {
        foreach (var layer in layers)
            Number(layer);
        for (var sweep = 0; sweep < 12; sweep++)
        {
            foreach (var layer in sweep % 2 == 0 ? layers : Enumerable.Reverse(layers))
            {
                var sorted = layer.OrderBy(s => (sweep % 2 == 0 ? s.Above : s.Below) is { Count: > 0 } near ? near.Average(n => n.At) : s.At).ToList();
                layer.Clear();
                layer.AddRange(sorted);
                Number(layer);
            }
        }

        static void Number(List<Spot> layer)
        {
            foreach (var (i, spot) in layer.Index())
                spot.At = i;
        }
    }

    /// <summary>Over and under what they are connected with, as far as there is room.</summary>
    private static void Place(List<List<Spot>> layers)
    {
        foreach (var layer in layers)
        {
            for (var i = 1; i < layer.Count; i++)
                layer[i].X = layer[i - 1].X + Apart(layer[i - 1], layer[i]);
            var middle = layer[^1].X / 2;
            foreach (var spot in layer)
                spot.X -= middle;
        }
        for (var round = 0; round < 40; round++)
        {
            foreach (var layer in round % 2 == 0 ? layers : Enumerable.Reverse(layers))
            {
                var wanted = layer.Select(s => s.Above.Concat(s.Below).Select(n => n.X).DefaultIfEmpty(s.X).Average()).ToArray();
                var (left, right) = ((double[])wanted.Clone(), (double[])wanted.Clone());
                for (var i = 1; i < layer.Count; i++)
                    left[i] = Math.Max(wanted[i], left[i - 1] + Apart(layer[i - 1], layer[i]));
                for (var i = layer.Count - 2; i >= 0; i--)
                    right[i] = Math.Min(wanted[i], right[i + 1] - Apart(layer[i], layer[i + 1]));
                foreach (var (i, spot) in layer.Index())
                    spot.X = (left[i] + right[i]) / 2;
            }
        }
        var least = layers.SelectMany(l => l).Select(s => s.X - (s.Room / 2)).DefaultIfEmpty(0).Min();
        foreach (var spot in layers.SelectMany(l => l))
            spot.X += Margin + 30 - least;

        static double Apart(Spot one, Spot next) => ((one.Room + next.Room) / 2) + Gap;
    }

    private static string Draw(ProcessReport report, Language language, List<List<Spot>> layers, List<Arrow> arrows, Dictionary<string, ProcessEdge> loops)
    {
        var spots = layers.SelectMany(l => l).ToList();
        var width = Math.Max(560, spots.Select(s => s.X + (s.Room / 2)).DefaultIfEmpty(0).Max() + Margin + 60);
        var height = Margin + 60 + (layers.Count * (double)Layer);
        var (most, often) = (Math.Max(1, report.Nodes.Select(n => n.Count).DefaultIfEmpty(1).Max()), Math.Max(1, arrows.Select(a => a.Edge.Count).DefaultIfEmpty(1).Max()));
        var svg = new StringBuilder();
        string Say(string en, string vi) => language == Language.Vi ? vi : en;
        void Add(FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Add($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:0} {height:0}" width="{width:0}" height="{height:0}" role="img" aria-labelledby="title desc" font-family="system-ui, sans-serif" font-size="12">""");
        Add($"""<title id="title">{Escaped(Say($"Process map of {report.Dossiers:N0} dossiers", $"Sơ đồ quy trình của {report.Dossiers:N0} hồ sơ"))}</title>""");
        Add($"""<desc id="desc">{Escaped(Words(report, language, arrows, loops))}</desc>""");
        Add($"""<defs><marker id="down" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="#44546a"/></marker>""");
        Add($"""<marker id="back" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="#9c4a1a"/></marker></defs>""");
        Add($"""<rect width="100%" height="100%" fill="#fff"/>""");
        Add($"""<text x="{Margin}" y="{Margin}" font-size="15" fill="#1b2430">{Escaped(Say($"{report.Dossiers:N0} dossiers, {report.Activities:N0} activities, {report.VariantCount:N0} variants", $"{report.Dossiers:N0} hồ sơ, {report.Activities:N0} hoạt động, {report.VariantCount:N0} biến thể"))}</text>""");
        Add($"""<text x="{Margin}" y="{Margin + 18}" fill="#44546a">{Escaped(Say($"drawn {spots.Count(s => s.Node is not null)} of {report.Nodes.Count} activities, {arrows.Count + loops.Count} of {report.Edges.Count} connections; times are medians of working time; brown leads back", $"vẽ {spots.Count(s => s.Node is not null)}/{report.Nodes.Count} hoạt động, {arrows.Count + loops.Count}/{report.Edges.Count} liên kết; thời gian là trung vị giờ làm việc; màu nâu: quay lại"))}</text>""");
        foreach (var arrow in arrows.OrderBy(a => a.Edge.Count))
            Add($"""<path d="{Curve(arrow)}" fill="none" stroke="{(arrow.Up ? "#9c4a1a" : "#44546a")}" stroke-opacity="0.75" stroke-width="{1 + (5d * arrow.Edge.Count / often):0.0}"{(arrow.Up ? " stroke-dasharray=\"6 3\" marker-start=\"url(#back)\"" : " marker-end=\"url(#down)\"")}/>""");
        foreach (var spot in spots.Where(s => s.Node is not null))
        {
            var (node, lines) = (spot.Node!, Lines(spot.Node!.Activity, language));
            var (start, end) = (report.Starts.GetValueOrDefault(node.Activity), report.Ends.GetValueOrDefault(node.Activity));
            Add($"""<g><title>{Escaped(Said(node, language, loops, start, end))}</title><rect x="{spot.X - (Width / 2d):0.0}" y="{spot.Top:0.0}" width="{Width}" height="{Height}" rx="8" fill="{Shade((double)node.Count / most)}" stroke="#33465e"{(start * 2 > report.Dossiers || end * 2 > report.Dossiers ? " stroke-width=\"2.5\"" : "")}/>""");
            foreach (var (i, line) in lines.Index())
                Add($"""<text x="{spot.X:0.0}" y="{spot.Top + (lines.Count == 1 ? 22 : 16) + (i * 14):0.0}" text-anchor="middle" fill="#10161f">{Escaped(line)}</text>""");
            Add($"""<text x="{spot.X:0.0}" y="{spot.Top + Height - 7:0.0}" text-anchor="middle" font-size="11" fill="#2c3a4d">{Escaped($"{node.Count:N0}{(loops.TryGetValue(node.Activity, out var loop) ? $" ↻ {loop.Count:N0}" : "")}{(start > 0 ? $" ▶ {start:N0}" : "")}{(end > 0 ? $" ■ {end:N0}" : "")}")}</text></g>""");
        }
        var taken = new List<(double X, double Y)>();
        foreach (var arrow in arrows)
        {
            var text = $"{arrow.Edge.Count:N0}{(arrow.Edge.Median is { } median ? $" · {Time(median)}" : "")}";
            var (x, y) = Free(arrow, taken);
            Add($"""<rect x="{x - (3.2 * text.Length):0.0}" y="{y - 10.5:0.0}" width="{6.4 * text.Length:0.0}" height="14" rx="3" fill="#fff" fill-opacity="0.88"/>""");
            Add($"""<text x="{x:0.0}" y="{y:0.0}" text-anchor="middle" font-size="11" fill="{(arrow.Up ? "#7d3510" : "#1b2430")}">{Escaped(text)}</text>""");
        }
        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>Beside its arrow, where no other stands yet.</summary>
    private static (double X, double Y) Free(Arrow arrow, List<(double X, double Y)> taken)
    {
        var ends = Ends(arrow);
        var best = (X: 0d, Y: 0d);
        foreach (var along in (ReadOnlySpan<double>)[0.5, 0.38, 0.62, 0.28, 0.72, 0.2, 0.8])
        {
            var at = along * (ends.Count - 1);
            var (one, next) = (ends[(int)at], ends[Math.Min((int)at + 1, ends.Count - 1)]);
            var part = at - (int)at;
            var ease = part * part * (3 - (2 * part));
            best = (one.X + ((next.X - one.X) * ease), one.Y + ((next.Y - one.Y) * part) + 4);
            if (!taken.Exists(t => Math.Abs(t.X - best.X) < 64 && Math.Abs(t.Y - best.Y) < 13))
                break;
        }
        taken.Add(best);
        return best;
    }

    /// <summary>Points of the arrow from above: it leaves below one box and reaches the next at its top. Two of one layer are joined by a bow over them.</summary>
    private static List<(double X, double Y)> Ends(Arrow arrow)
    {
        var (first, last, aside) = (arrow.Path[0], arrow.Path[^1], arrow.Up ? 22 : 0);
        if (first.Layer == last.Layer)
            return [(first.X, first.Top), ((first.X + last.X) / 2, first.Top - 26), (last.X, last.Top - 2)];
        return [(first.X + aside, first.Top + Height + (arrow.Up ? 3 : 0)), .. arrow.Path.Skip(1).SkipLast(1).Select(s => (s.X, s.Middle)), (last.X + aside, last.Top - (arrow.Up ? 0 : 3))];
    }

    private static string Curve(Arrow arrow)
    {
        var ends = Ends(arrow);
        var path = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"M{ends[0].X:0.0} {ends[0].Y:0.0}"));
        if (arrow.Path[0].Layer == arrow.Path[^1].Layer)
            return path.Append(CultureInfo.InvariantCulture, $"Q{ends[1].X:0.0} {ends[1].Y - 26:0.0} {ends[2].X:0.0} {ends[2].Y:0.0}").ToString();
        foreach (var ((x0, y0), (x1, y1)) in ends.Zip(ends.Skip(1)))
            path.Append(CultureInfo.InvariantCulture, $"C{x0:0.0} {(y0 + y1) / 2:0.0} {x1:0.0} {(y0 + y1) / 2:0.0} {x1:0.0} {y1:0.0}");
        return path.ToString();
    }

    /// <summary>The picture in words, for who does not see it.</summary>
    private static string Words(ProcessReport report, Language language, List<Arrow> arrows, Dictionary<string, ProcessEdge> loops)
    {
        var words = new StringBuilder();
        foreach (var node in report.Nodes.Take(MostNodes))
            words.Append(Said(node, language, loops, report.Starts.GetValueOrDefault(node.Activity), report.Ends.GetValueOrDefault(node.Activity))).Append(". ");
        foreach (var (edge, _, up) in arrows)
        {
            var (from, to) = (Name(edge.From, language), Name(edge.To, language));
            words.Append(language == Language.Vi
                ? string.Create(CultureInfo.InvariantCulture, $"Từ {from} {(up ? "quay lại" : "đến")} {to} {edge.Count:N0} lần{(edge.Median is { } vi ? $", trung vị {Time(vi)}" : "")}. ")
                : string.Create(CultureInfo.InvariantCulture, $"From {from} {(up ? "back " : "")}to {to} {edge.Count:N0} times{(edge.Median is { } en ? $", median {Time(en)}" : "")}. "));
        }
        return words.ToString().TrimEnd();
    }

    private static string Said(ProcessNode node, Language language, Dictionary<string, ProcessEdge> loops, long start, long end)
    {
        var again = loops.TryGetValue(node.Activity, out var loop) ? loop.Count : 0;
        return language == Language.Vi
            ? string.Create(CultureInfo.InvariantCulture, $"{Name(node.Activity, language)}: {node.Count:N0} lần trong {node.Dossiers:N0} hồ sơ{(again > 0 ? $", lặp liền {again:N0} lần" : "")}{(start > 0 ? $", đầu tiên trong {start:N0}" : "")}{(end > 0 ? $", cuối cùng trong {end:N0}" : "")}")
            : string.Create(CultureInfo.InvariantCulture, $"{Name(node.Activity, language)}: {node.Count:N0} times in {node.Dossiers:N0} dossiers{(again > 0 ? $", {again:N0} times right after itself" : "")}{(start > 0 ? $", first in {start:N0}" : "")}{(end > 0 ? $", last in {end:N0}" : "")}");
    }

    /// <summary>Of working time; a day has eight hours.</summary>
    public static string Time(int minutes) => minutes switch
    {
        < 90 => $"{minutes} min",
        < 960 => (minutes / 60m).ToString("0.# 'h'", CultureInfo.InvariantCulture),
        _ => (minutes / 480m).ToString("0.# 'd'", CultureInfo.InvariantCulture),
    };

    /// <summary>An event's name in words; a step has its own.</summary>
    public static string Name(string activity) => activity.Replace('_', ' ');

    private static string Name(string activity, Language language) => language == Language.Vi && EventWording.Of(activity) is var wording && wording.Vi != activity ? wording.Vi : Name(activity);

    private static List<string> Lines(string activity, Language language)
    {
        var lines = new List<string>();
        foreach (var word in Name(activity, language).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (lines.Count > 0 && lines[^1].Length + word.Length < 26)
                lines[^1] += $" {word}";
            else
                lines.Add(word);
        }
        return lines.Count <= 2 ? lines.ConvertAll(line => line.Length > 27 ? line[..26] + "…" : line) : [lines[0], (lines[1].Length > 24 ? lines[1][..24] : lines[1]) + "…"];
    }

    private static string Shade(double share) => string.Create(CultureInfo.InvariantCulture, $"rgb({238 - (90 * share):0},{244 - (60 * share):0},{252 - (14 * share):0})");

    private static string Escaped(string text) => SecurityElement.Escape(text)!;
}
