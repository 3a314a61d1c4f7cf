using System.Globalization;
using EventDossier.Deadlines;
using EventDossier.Import;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>After a cut-over: what was late or due already, as it was told, and for who sees the whole centre a comparison with the older system.</summary>
public sealed partial class CutOverPage
{
    private const int MostListed = 200;

    [Parameter, EditorRequired] public IReadOnlyList<CutOver> Imports { get; set; } = [];

    /// <summary>Import and digest that are looked at, of several.</summary>
    [Parameter] public (string? Import, string? To) Chosen { get; set; }

    /// <summary>Null for who sees a part only.</summary>
    [Parameter] public FormModel? Compare { get; set; }
    [Parameter] public DueComparison? Compared { get; set; }

    internal static void Map(Site site)
    {
        site.Get("/cut-over", Rights.CutOver, (Visit visit) => ShowAsync(visit, null, null), "What was late or due already at a cut-over")
            .InMenu("Cut-over", "Chuyển hệ thống", caller => Rights.Of(caller, Rights.CutOver) == Reach.All);
        site.Post("/cut-over", Rights.CutOver, CompareAsync, "The older system's due dates against ours");
    }

    private static async Task<IResult> ShowAsync(Visit visit, FormModel? form, DueComparison? compared)
    {
        var scope = await visit.ScopeAsync(Rights.CutOver);
        return visit.Page<CutOverPage>(visit.Say["Taken over from an older system", "Chuyển từ hệ thống cũ"], new
        {
            Imports = await CutOverRoutes.OfAsync(scope, visit.Centre, visit.Cancel), Compare = scope.Reach == Reach.All ? form ?? Form(visit) : null, Compared = compared, Chosen = (visit.Query("import"), visit.Query("to")),
        }, form?.Faults.Count > 0 ? 422 : 200);
    }

    private static FormModel Form(Visit visit) => new("compare", "/cut-over", null, null,
    [
        new("dates", visit.Say["One dossier a line: code, date or time of the older system, apart by a comma", "Mỗi dòng một hồ sơ: mã, ngày hoặc giờ hạn trả ở hệ thống cũ, cách nhau bằng dấu phẩy"], FieldShape.Lines, true, []),
    ]);

    /// <summary>It is shown at once: nothing is changed, and nothing kept.</summary>
    private static async Task<IResult> CompareAsync(Visit visit)
    {
        var form = await visit.Http.Request.ReadFormAsync(visit.Cancel);
        var model = ActForms.Sent(Form(visit), form);
        try
        {
            var lines = form.Lines("dates") ?? throw PlainForms.Bad("dates", "missing");
            return await ShowAsync(visit, model, await CutOverRoutes.ComparedAsync([.. lines.Select(Read)], visit.Caller, visit.Centre, visit.Cancel));
        }
        catch (UserError e) when (e.Code == "bad-field")
        {
            return await ShowAsync(visit, ActForms.Told(visit, model, e), null);
        }
    }

    private static OlderDue Read(string line, int index)
    {
        try
        {
            return line.LastIndexOfAny([',', ';', '\t']) is > 0 and var at ? OlderDue.Of(line[..at], line[(at + 1)..]) : throw new FormatException("a comma is wanted");
        }
        catch (FormatException e)
        {
            throw PlainForms.Bad("dates", $"line {index + 1}: {e.Message}");
        }
    }

    /// <summary>The digest that is looked at; one that stands alone is.</summary>
    private BacklogTold? Shown(CutOver import) => import.Backlog is [var alone] ? alone
        : Chosen.Import == import.Id && int.TryParse(Chosen.To, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? import.Backlog.ElementAtOrDefault(index) : null;

    private static string Link(string import, int index) => $"/cut-over{QueryString.Create("import", import).Add("to", $"{index}")}#told-{import}";

    private static string NameOf(BacklogTold told) => $"{told.To.Post ?? told.To.Unit} {told.To.Person}".Trim();

    private static IEnumerable<ComparedDue> Told(DueComparison compared) =>
        compared.Rows.Where(r => r.Agreement is not (DueAgreement.Agree or DueAgreement.NotComputed)).Take(MostListed);

    private string NameOf(DueAgreement agreement) => agreement switch
    {
        DueAgreement.Agree => Say["the same date", "khớp"],
        DueAgreement.Differ => Say["different", "khác"],
        DueAgreement.Stands => Say["our clock stands", "ở đây đang tạm dừng"],
        DueAgreement.NotComputed => Say["no limit known here", "không có thời hạn để tính"],
        _ => Say["no such dossier", "không có hồ sơ này"],
    };

    private string What(DayBetween day)
    {
        var what = day.What switch
        {
            "counted" => Say["counted", "tính"],
            "paused" => Say["not counted, the clock stood", "không tính, đang tạm dừng"],
            "due" => Say["due", "đến hạn"],
            "beyond" when day.Worked => Say["a working day after our date", "ngày làm việc sau hạn"],
            "beyond" => Say["a day off after our date", "ngày nghỉ sau hạn"],
            _ => Say["not counted", "không tính"],
        };
        return $"{day.Date:dd/MM/yyyy}: {what}{(day.Why is { } why ? $" ({Say[why]})" : "")}";
    }
}
