using EventDossier.Releases;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>The register of requests for information: who asks stays in their letter.</summary>
public sealed partial class RequestsPage
{
    [Parameter, EditorRequired] public IReadOnlyList<InformationRequest> Requests { get; set; } = [];

    /// <summary>Null for who may only look; so is <see cref="Answer"/>.</summary>
    [Parameter] public FormModel? Enter { get; set; }
    [Parameter] public FormModel? Answer { get; set; }

    internal static void Map(Site site)
    {
        site.Get("/releases/requests", Rights.Releases, (Visit visit) => ShowAsync(visit, null, null), "The register of requests for information");
        site.Post("/releases/requests", Rights.ReleaseActs, EnterAsync, "Enters a request for information");
        site.Post("/releases/requests/answers", Rights.ReleaseActs, AnswerAsync, "Answers a request, or says why not");
    }

    private static async Task<IResult> ShowAsync(Visit visit, FormModel? enter, FormModel? answer)
    {
        var may = Rights.Of(visit.Caller, Rights.ReleaseActs) > Reach.Nothing;
        var requests = await InformationRequest.AllAsync(visit.Centre.Database, visit.Cancel);
        return visit.Page<RequestsPage>(visit.Say["Requests for information", "Yêu cầu cung cấp thông tin"], new
        {
            Requests = requests.OrderByDescending(r => r.Asked.OccurredAt).ToList(), Enter = may ? enter ?? EnterForm(visit) : null, Answer = may ? answer ?? await AnswerFormAsync(visit) : null,
        }, enter is null && answer is null ? 200 : 422);
    }

    private static FormModel EnterForm(Visit visit) => new("request", "/releases/requests", null, null,
    [
        new("number", visit.Say["Number of the letter", "Số văn bản"], FieldShape.Text, true, []),
        new("requester", visit.Say["Who asks", "Người yêu cầu"], FieldShape.Choice, true, [.. Enum.GetValues<Requester>().Select(r => ($"{r}", Name(visit.Say, r)))]),
        new("scope", visit.Say["What they want to know", "Nội dung yêu cầu"], FieldShape.Lines, true, []),
        new("basis", visit.Say["Provision that they rest on", "Căn cứ pháp lý"], FieldShape.Text, true, []),
        new("answerBy", visit.Say["To be answered by", "Hạn trả lời"], FieldShape.Date, false, []),
    ]);

    private static async Task<FormModel> AnswerFormAsync(Visit visit)
    {
        var (say, database) = (visit.Say, visit.Centre.Database);
        return new("answer-request", "/releases/requests/answers", null, null,
        [
            new("number", say["Request", "Yêu cầu"], FieldShape.Choice, true, [.. (await InformationRequest.AllAsync(database, visit.Cancel)).Where(r => r.Answer is null).Select(r => (r.Number, $"{r.Number}, {r.Asked.Scope}"))]),
            new("release", say["With the release", "Bằng bản công bố"], FieldShape.Choice, false,
                [.. (await Release.AllAsync(database, visit.Cancel)).Where(r => r.IsCurrent).Select(r => (r.Number, $"{r.Number}, {ReleasesPage.PeriodOf(say, r.Drafted)}"))]),
            new("refused", say["Or why not", "Hoặc lý do từ chối"], FieldShape.Lines, false, []),
        ]);
    }

    private static async Task<IResult> EnterAsync(Visit visit) => await PlainForms.SendAsync(visit, EnterForm(visit), async form =>
    {
        var requester = form.Text("requester") is not { } told ? throw PlainForms.Bad("requester", "missing")
            : Enum.GetNames<Requester>().Contains(told) ? Enum.Parse<Requester>(told) : throw PlainForms.Bad("requester", string.Join(", ", Enum.GetNames<Requester>()));
        var number = form.Text("number") is { } given ? ReleaseRoutes.Number(given) : throw PlainForms.Bad("number", "missing");
        var result = await visit.Centre.Releases.EnterAsync(
            number, new ReleaseRoutes.Asking(number, requester, form.Text("scope"), form.Text("basis"), form.Text("answerBy")).Act(), ReleaseRoutes.Context(visit, form), visit.Cancel);
        return ("/releases/requests", result.Refusal);
    }, again => ShowAsync(visit, again, null));

    private static async Task<IResult> AnswerAsync(Visit visit) => await PlainForms.SendAsync(visit, await AnswerFormAsync(visit), async form =>
    {
        var result = await visit.Centre.Releases.AnswerAsync(
            form.Text("number") ?? throw PlainForms.Bad("number", "missing"), new(form.Text("release"), form.Text("refused")), ReleaseRoutes.Context(visit, form), visit.Cancel);
        return ("/releases/requests", result.Refusal);
    }, again => ShowAsync(visit, null, again));

    private static string Name(Words say, Requester requester) => requester switch
    {
        Requester.Citizen => say["citizen", "công dân"],
        Requester.Journalist => say["journalist", "nhà báo"],
        Requester.Researcher => say["researcher", "nhà nghiên cứu"],
        Requester.Court => say["court", "tòa án"],
        Requester.Inspection => say["inspection", "thanh tra"],
        Requester.Police => say["police", "công an"],
        _ => say["authority", "cơ quan nhà nước"],
    };
}
