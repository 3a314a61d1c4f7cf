using System.Globalization;
using EventDossier.Dossiers;
using EventDossier.Figures;
using EventDossier.Questionnaires;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>Satisfaction as it is asked for, apart from the ratings of single dossiers.</summary>
public sealed partial class QuestionnairesPage
{
    [Parameter, EditorRequired] public string Period { get; set; } = "";
    [Parameter] public string? Agency { get; set; }
    [Parameter] public IReadOnlyList<(string Code, string Name)> Agencies { get; set; } = [];
    [Parameter] public bool MustChoose { get; set; }
    [Parameter] public IReadOnlyList<(Questionnaire Questionnaire, QuestionnaireFigures.Report Report)> Reports { get; set; } = [];

    /// <summary>Null for who may only look.</summary>
    [Parameter] public FormModel? Invite { get; set; }
    [Parameter] public string? Invited { get; set; }

    internal static void Map(Site site)
    {
        site.Get("/questionnaires", Rights.Figures, (Visit visit) => ShowAsync(visit, null), "Questionnaires: who was asked and answered, and how many are satisfied, beside the targets").InMenu("Questionnaires", "Khảo sát hài lòng");
        site.Post("/questionnaires", Rights.Questionnaires, InviteAsync, "Asks those whose result was returned");
    }

    private static async Task<IResult> ShowAsync(Visit visit, FormModel? again)
    {
        var (scope, rules, period, agency) = (await visit.ScopeAsync(Rights.Figures), await visit.RulesAsync(), visit.Query("period") ?? $"{visit.Now:yyyy-MM}", visit.Query("agency"));
        if (scope.Units is { } units && agency is not null && !units.Contains(agency))
            throw new UserError("not-allowed", "name the agency whose figures you want, one of yours");
        var (from, to) = Deadlines.CentreTime.ReadPeriod(period) ?? throw new UserError("bad-query", "period: 2026, 2026-Q1 or 2026-10");
        var agencies = rules.Organisation.UnitsAt(visit.Now).Where(u => u.Kind != Organisation.UnitKind.Division && scope.Units?.Contains(u.Code) is not false).Select(u => (u.Code, visit.Say[u.Name])).ToList();
        if (scope.Units is not null && agency is null && agencies is [var (only, _)])
            agency = only;
        var (mustChoose, all, reports) = (scope.Units is not null && agency is null, await Questionnaire.AllAsync(visit.Centre.Database, visit.Cancel), new List<(Questionnaire, QuestionnaireFigures.Report)>());
        foreach (var questionnaire in mustChoose ? [] : all)
            reports.Add((questionnaire, await QuestionnaireFigures.OfAsync(visit.Centre.Database, questionnaire.Code, from, to, agency, visit.Cancel)));
        return visit.Page<QuestionnairesPage>(visit.Say["Questionnaires", "Khảo sát hài lòng"], new
        {
            Period = period, Agency = agency, Agencies = agencies, MustChoose = mustChoose, Reports = reports, Invited = visit.Query("invited"),
            Invite = Rights.Of(visit.Caller, Rights.Questionnaires) > Reach.Nothing && all.Count > 0 ? again ?? InviteForm(visit, all) : null,
        }, again is null ? 200 : 422);
    }

    private static FormModel InviteForm(Visit visit, IReadOnlyList<Questionnaire> all) => new("invite", "/questionnaires", null, null,
    [
        new("questionnaire", visit.Say["Questionnaire", "Phiếu khảo sát"], FieldShape.Choice, true, [.. all.Select(q => (q.Code, visit.Say[q.Decided.Title]))]),
        new("period", visit.Say["Result returned in", "Trả kết quả trong kỳ"], FieldShape.Text, true, []),
        new("agency", visit.Say["Agency", "Cơ quan"], FieldShape.Text, false, []),
        new("every", visit.Say["One in so many", "Cứ bao nhiêu hồ sơ hỏi một"], FieldShape.Number, false, []),
    ]) { Values = new Dictionary<string, string> { ["period"] = visit.Now.ToString("yyyy-MM", CultureInfo.InvariantCulture) } };

    private static async Task<IResult> InviteAsync(Visit visit) =>
        await PlainForms.SendAsync(visit, InviteForm(visit, await Questionnaire.AllAsync(visit.Centre.Database, visit.Cancel)), async form =>
        {
            var (from, to) = QuestionnaireRoutes.Period(form.Text("period"), visit.Centre);
            var result = await QuestionnaireRoutes.DeskOf(visit.Centre).InviteAsync(
                form.Text("questionnaire") ?? throw PlainForms.Bad("questionnaire", "missing"), from, to, form.Text("agency"), form.Number("every") ?? 1, PlainForms.Context(visit, form, Role.Administrator), visit.Cancel);
            return ($"/questionnaires?invited={result.Invited}", result.Refusal);
        }, again => ShowAsync(visit, again));

    private string Name(ServiceLevel? level) => level switch
    {
        ServiceLevel.Centre => Say["centre", "trung tâm tỉnh"],
        ServiceLevel.Locality => Say["localities", "địa phương"],
        _ => Say["both", "chung"],
    };

    private string? Told(string? invited) => int.TryParse(invited, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? Say[$"Asked now about {count} dossiers.", $"Đã mời trả lời cho {count} hồ sơ."] : null;

    private string Told(long? count) => count is { } told ? $"{told:N0}" : Say["hidden", "ẩn"];

    private string Told(Promises.Share share) => share.Part is null || share.Of is null ? Say["hidden", "ẩn"]
        : share.Percent is { } percent ? $"{percent.ToString(CultureInfo.InvariantCulture)} % ({share.Part:N0} / {share.Of:N0})" : Say["none yet", "chưa có"];
}
