using System.Globalization;
using EventDossier.Alerts;
using EventDossier.Audit;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Web.Pages;

namespace EventDossier.Web.Pictures;

/// <summary>
/// A dossier's life by legal time, as it stood at one of its steps: its stages, with whom it lay, when its clock ran and stood, each event by its number, the due dates and the alerts.
/// What followed the step is drawn pale.
/// </summary>
internal static class Timeline
{
    private static readonly Words _vi = new(Language.Vi), _en = new(Language.En);
    private const double Wide = 960, Left = 108, Right = 16, Lane = 26, Events = 132;

    /// <param name="at">Version of the step that is looked at.</param>
    public static Picture Of(IReadOnlyList<ReplayStep> steps, long at, Language language)
    {
        var drawing = new Drawing(Wide, language);
        var shown = steps.Last(s => s.Event.Version <= at || s == steps[0]);
        var (from, to) = Span(steps);
        double X(DateTimeOffset moment) => Left + ((Wide - Left - Right) * Math.Clamp((moment - from) / (to - from), 0, 1));
        Axis(drawing, from, to, X, language);
        Bands(drawing, 40, drawing["Stage", "Trạng thái"], steps, at, s => new(_en.Stage(s.Stage), _vi.Stage(s.Stage)), to, X);
        Bands(drawing, 40 + Lane, drawing["With", "Nơi xử lý"], steps, at, s => (s.Officer ?? s.Unit ?? s.State.Agency) is { } who ? new(who, who) : null, to, X);
        Clock(drawing, 40 + (2 * Lane), shown, X);
        var deepest = Numbers(drawing, steps, at, X);
        var y = Dates(drawing, deepest + 22, shown, X);
        y = Alerts(drawing, y, shown, X);
        drawing.Under($"""<path d="M{X(shown.Event.OccurredAt)} 34V{y - 4}" stroke="{Picture.Ink}" stroke-width="1.5" stroke-dasharray="4 3"/>""");
        var words = string.Join(" ", steps.Select(s => $"{s.Event.Version}: {Moment(s.Event.OccurredAt, language)}, {drawing[EventWording.Of(s.Event.Name)]}."));
        return drawing.Done(y + 4, drawing[$"Timeline, step {shown.Event.Version} of {steps[^1].Event.Version}", $"Dòng thời gian, bước {shown.Event.Version}/{steps[^1].Event.Version}"], words);
    }

    /// <summary>From the first event to the last, or to the due date where that lies later; an hour at least.</summary>
    private static (DateTimeOffset From, DateTimeOffset To) Span(IReadOnlyList<ReplayStep> steps)
    {
        var moments = steps.SelectMany(s => new[] { s.Event.OccurredAt, s.Due.Promised, s.Due.KnownThen, s.State.FinishedAt }).OfType<DateTimeOffset>().ToList();
        var (from, to) = (moments.Min(), moments.Max());
        var margin = to - from < TimeSpan.FromHours(1) ? TimeSpan.FromHours(1) : (to - from) / 40;
        return (from - margin, to + margin);
    }

    private static void Axis(Drawing drawing, DateTimeOffset from, DateTimeOffset to, Func<DateTimeOffset, double> x, Language language)
    {
        var days = (to - from).TotalDays;
        var every = days switch { <= 14 => 1, <= 60 => 7, <= 420 => 30.4375, _ => 365.25 };
        for (var i = 0; ; i++)
        {
            var first = WorkCalendar.Vietnam.Local(from).Date.AddDays(1);
            var day = every switch { 1 => first.AddDays(i), 7 => first.AddDays((8 - (int)first.DayOfWeek) % 7).AddDays(7 * i), < 31 => new DateTime(first.Year, first.Month, 1).AddMonths(i + 1), _ => new DateTime(first.Year + i + 1, 1, 1) };
            var moment = new DateTimeOffset(day, CalendarData.Vietnam.Hours.UtcOffset);
            if (moment > to)
                break;
            drawing.Add($"""<path d="M{x(moment)} 22V{Events - 10}" stroke="{Picture.Grey}"/>""");
            drawing.Text(x(moment), 16, language == Language.Vi ? $"{day:dd/MM}{(every > 31 ? $"/{day:yyyy}" : "")}" : day.ToString(every > 31 ? "yyyy" : "d MMM", CultureInfo.InvariantCulture), Picture.Soft, size: 11);
        }
    }

    /// <summary>What stayed the same from one step to the next, as one band.</summary>
    private static void Bands(Drawing drawing, double y, string name, IReadOnlyList<ReplayStep> steps, long at, Func<ReplayStep, Wording?> what, DateTimeOffset to, Func<DateTimeOffset, double> x)
    {
        drawing.Text(8, y + 16, name, Picture.Soft, "start");
        var shade = 0;
        for (var i = 0; i < steps.Count;)
        {
            var (begin, now) = (i, what(steps[i]));
            while (i < steps.Count && what(steps[i]) == now)
                i++;
            if (now is null)
                continue;
            var (left, right) = (x(steps[begin].Event.OccurredAt), i < steps.Count ? x(steps[i].Event.OccurredAt) : x(to));
            if (right - left < 1)
                continue;
            var passed = steps[begin].Event.Version <= at;
            drawing.Box(left, y + 2, right - left, Lane - 6, passed ? shade++ % 2 == 0 ? Picture.PaleBlue : "#c3d6f0" : Picture.Grey, Picture.Paper);
            var text = drawing[now];
            if (right - left > 6.4 * Math.Min(text.Length, 4) + 8)
                drawing.Text((left + right) / 2, y + 16, text.Length * 6.4 < right - left - 6 ? text : text[..Math.Max(1, (int)((right - left - 12) / 6.4))] + "…", passed ? Picture.Ink : Picture.Soft, size: 11);
        }
    }

    private static void Clock(Drawing drawing, double y, ReplayStep shown, Func<DateTimeOffset, double> x)
    {
        drawing.Text(8, y + 16, drawing["Clock", "Đồng hồ"], Picture.Soft, "start");
        foreach (var stretch in shown.Clock?.Stretches ?? [])
        {
            var (left, wide) = (x(stretch.From), Math.Max(1, x(stretch.To) - x(stretch.From)));
            var stood = stretch.StoodBy.Count > 0;
            drawing.Box(left, y + 2, wide, Lane - 6, stood ? Picture.PaleAmber : Picture.Green);
            if (stood)
                drawing.Stripes(left, y + 2, wide, Lane - 6, "#d9a441");
        }
        if (shown.Clock is null)
            drawing.Text(Left, y + 16, drawing["not running yet", "chưa chạy"], Picture.Soft, "start", 11);
    }

    /// <summary>Each event by its version, where it happened, below one another where they crowd.</summary>
    private static double Numbers(Drawing drawing, IReadOnlyList<ReplayStep> steps, long at, Func<DateTimeOffset, double> x)
    {
        drawing.Text(8, Events + 4, drawing["Events", "Sự kiện"], Picture.Soft, "start");
        var rows = new List<double>();
        foreach (var step in steps)
        {
            var left = x(step.Event.OccurredAt);
            var row = rows.FindIndex(end => left - end > 19);
            if (row < 0 && rows.Count < 8)
            {
                rows.Add(double.MinValue);
                row = rows.Count - 1;
            }
            else if (row < 0)
                row = rows.IndexOf(rows.Min());
            rows[row] = left;
            var y = Events + (row * 20);
            var (fill, ink) = step.Event.Version == at ? (Picture.Ink, Picture.Paper) : step.Event.Version < at ? (Picture.Blue, Picture.Paper) : (Picture.Grey, Picture.Soft);
            drawing.Add($"""<g><title>{$"{step.Event.Version}: {drawing[EventWording.Of(step.Event.Name)]}"}</title><rect x="{left - 9}" y="{y - 9}" width="18" height="18" rx="9" fill="{fill}"/></g>""");
            drawing.Text(left, y + 4, $"{step.Event.Version}", ink, size: step.Event.Version < 100 ? 11 : 9);
        }
        return Events + (rows.Count * 20) - 10;
    }

    private static double Dates(Drawing drawing, double y, ReplayStep shown, Func<DateTimeOffset, double> x)
    {
        foreach (var (name, moment, colour) in ((string, DateTimeOffset?, string)[])
        [
            (drawing["Promised", "Hẹn trên phiếu"], shown.Due.Promised, Picture.Soft), (drawing["Due then", "Hạn khi đó"], shown.Due.KnownThen, Picture.Red),
            (drawing["Due, known now", "Hạn, nay biết"], shown.Due.KnownNow, Picture.Amber), (drawing["Answer due", "Hạn trả lời"], shown.Due.Answer, Picture.Blue),
        ])
        {
            if (moment is not { } at)
                continue;
            drawing.Text(8, y + 4, name, Picture.Soft, "start");
            drawing.Add($"""<path d="M{x(at)} {y + 8}V{y - 8}L{x(at) + 11} {y - 3}L{x(at)} {y + 1}" fill="{colour}" stroke="{colour}"/>""");
            Beside(drawing, x(at), 6, 14, y + 4, CentreTime.Show(at), leftFirst: true);
            y += 21;
        }
        return y;
    }

    private static double Alerts(Drawing drawing, double y, ReplayStep shown, Func<DateTimeOffset, double> x)
    {
        if (shown.Alerts.Count == 0)
            return y;
        drawing.Text(8, y + 4, drawing["Alerts", "Cảnh báo"], Picture.Soft, "start");
        var (end, row, lowest) = (double.MinValue, 0, y);
        foreach (var alert in shown.Alerts)
        {
            var left = x(alert.DueAt);
            row = left - end < 70 ? row + 1 : 0;
            end = left;
            var at = y + (row * 18);
            lowest = Math.Max(lowest, at);
            var ahead = alert.Standing is AlertStanding.Ahead;
            var colour = alert.Standing is AlertStanding.Withdrawn or AlertStanding.Over ? Picture.Line : ahead ? Picture.Amber : Picture.Red;
            drawing.Add($"""<path d="M{left} {at - 7}L{left + 7} {at + 6}H{left - 7}Z" fill="{(ahead ? Picture.Paper : colour)}" stroke="{colour}" stroke-width="1.5"/>""");
            Beside(drawing, left, 10, 10, at + 5, drawing[_en.Level(alert.Level), _vi.Level(alert.Level)], leftFirst: false);
        }
        return lowest + 20;
    }

    /// <summary>Words beside a mark: on the other side of it where they would run over the edge, or over the names at the left.</summary>
    private static void Beside(Drawing drawing, double x, double toLeft, double toRight, double y, string text, bool leftFirst)
    {
        var wide = text.Length * 6.4;
        var left = leftFirst ? x - toLeft - wide >= Left : x + toRight + wide > Wide;
        drawing.Text(left ? x - toLeft : x + toRight, y, text, Picture.Ink, left ? "end" : "start", 11);
    }

    private static string Moment(DateTimeOffset at, Language language) => (language == Language.Vi ? _vi : _en).Moment(at);
}
