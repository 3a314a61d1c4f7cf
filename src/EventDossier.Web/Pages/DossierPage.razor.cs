using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Procedures;
using EventDossier.Store;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>A dossier, for whoever may see it.</summary>
public sealed partial class DossierPage
{
    /// <summary>What is wanted most often stands there with its form, the first of them unfolded; the other acts are a step away.</summary>
    private static readonly Type[] _first =
    [
        typeof(AcceptHandOver), typeof(ReceiveSubmission), typeof(ProvideSupplement), typeof(CompleteStep), typeof(ReturnResult), typeof(MakeResultReady), typeof(DecideDossier),
        typeof(RequestSupplement), typeof(OfferHandOver), typeof(AssignDossier),
    ];

    [Parameter, EditorRequired] public Dossier Dossier { get; set; } = null!;
    [Parameter, EditorRequired] public IReadOnlyList<StoredEvent> Events { get; set; } = [];
    [Parameter] public Applicant? Applicant { get; set; }
    [Parameter] public bool MayName { get; set; }
    [Parameter] public ProcedurePublished? Procedure { get; set; }
    [Parameter] public int? MinutesLeft { get; set; }
    [Parameter] public IReadOnlyList<string> Explained { get; set; } = [];
    [Parameter] public IReadOnlyList<(FormModel Form, bool Open)> Forms { get; set; } = [];
    [Parameter] public IReadOnlyList<string> Others { get; set; } = [];
    [Parameter] public string? Done { get; set; }
    [Parameter] public Func<string?, string> Unit { get; set; } = code => code ?? "–";

    internal static void Map(Site site) => site.Get("/dossiers/{code}", Rights.Dossiers, ShowAsync, "A dossier: how it stands, what can be done with it, what happened");

    private static async Task<IResult> ShowAsync(Visit visit, string code, string? done)
    {
        code = Asked.Code(code);
        var (dossier, events) = await visit.DossierAsync(code);
        var (rules, now, say) = (await visit.RulesAsync(), visit.Now, visit.Say);
        var scope = Rights.Of(visit.Caller, Rights.Names) > Reach.Nothing ? await visit.ScopeAsync(Rights.Names) : null;
        var mayName = scope is not null && Rights.Reaches(scope, dossier);
        Applicant? applicant = null;
        if (mayName && dossier.Applicant is { } data && Asked.Flag(visit.Http.Request, "names") is true)
            applicant = (await visit.Centre.Personal.OpenAsync(Asked.Reader(visit.Http, visit.Caller, Rights.Names), [(code, data)], cancel: visit.Cancel))[0];

        var possible = Acts.All.Where(kind => Rights.For(visit.Caller, kind.Rule) is var (_, reach) && ActForms.Fits(kind, dossier, now)).ToList();
        var forms = new List<(FormModel, bool)>();
        foreach (var kind in _first.Select(type => possible.Find(kind => kind.Request == type)).OfType<Acts.Kind>())
            forms.Add((await ActForms.MakeAsync(visit, kind, dossier), forms.Count == 0));
        return visit.Page<DossierPage>(code, new
        {
            Dossier = dossier, Events = events.Reverse().ToList(), Applicant = applicant, MayName = mayName, Procedure = rules.Procedure(dossier.Procedure)?.Published,
            MinutesLeft = (dossier.Due ?? (dossier.ReceivedAt is null ? dossier.AnswerDue : null)) is { } due ? Visit.MinutesLeft(rules.Calendar, now, due) : null,
            Explained = ExplainedDate.Of(dossier, rules.Calendar)?.ToLines(say.Language) ?? [], Forms = forms,
            Others = possible.Where(kind => !_first.Contains(kind.Request)).Select(kind => kind.Rule.Name).ToList(),
            Done = done is not null && ActWords.Acts.ContainsKey(done) ? done : null,
            Unit = (Func<string?, string>)(unit => unit is null ? "–" : rules.Organisation.UnitAt(unit, now) is { } known ? say[known.Name] : unit),
        });
    }
}
