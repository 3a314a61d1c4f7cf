using System.Text.Json;
using EventDossier.Deadlines;
using EventDossier.Organisation;
using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>The form of a change of people and units.</summary>
public sealed partial class OrganisationChangePage
{
    [Parameter, EditorRequired] public FormModel Form { get; set; } = null!;
    [Parameter, EditorRequired] public string Button { get; set; } = "";

    internal static void Map(Site site)
    {
        site.Get("/organisation/{change}", Rights.Rules, ShowAsync, "The form of a change of people and units");
        site.Post("/organisation/{change}", Rights.Rules, DoAsync, "A change of people and units, from its form");
    }

    private static async Task<IResult> ShowAsync(Visit visit, string change) => Show(visit, OrganisationChanges.Of(change), await FormAsync(visit, OrganisationChanges.Of(change)), 200);

    private static Microsoft.AspNetCore.Http.HttpResults.RazorComponentResult<OrganisationChangePage> Show(Visit visit, OrganisationChanges.Change change, FormModel form, int status) =>
        visit.Page<OrganisationChangePage>(visit.Say[change.Title], new { Form = form, Button = visit.Say[change.Title] }, status);

    private static async Task<IResult> DoAsync(Visit visit, string change)
    {
        var wanted = OrganisationChanges.Of(change);
        return await PlainForms.SendAsync(visit, await FormAsync(visit, wanted), async form =>
        {
            var (told, refusal) = await OrganisationChanges.DoAsync(wanted, FactOf(form), AdministrationRoutes.By(visit.Caller), visit.Centre, visit.Cancel);
            var unit = form.Text("unit") ?? (form.Text("post") is { } post ? (await visit.RulesAsync()).Organisation.PostAt(post, visit.Now)?.Unit : null);
            return ($"/organisation{QueryString.Create(new Dictionary<string, string?>
            {
                ["unit"] = unit, ["done"] = wanted.Name, ["count"] = wanted.Events is null ? $"{told.Moved.Count}" : null,
            }.Where(q => q.Value is not null))}", refusal);
        }, again => Task.FromResult<IResult>(Show(visit, wanted, again, 422)));
    }

    private static OrganisationFact FactOf(IFormCollection form) => new(
        form.Text("unit"), form.Text("nameVi"), form.Text("nameEn"), Word<UnitKind>(form, "kind"), form.Text("parent"), Word<Numbering>(form, "numbering"),
        form.Text("inForm06") is { } counted ? counted == "true" : null, form.Text("successor"), form.Text("post"), form.Text("titleVi"), form.Text("titleEn"), Word<PostRole>(form, "role"),
        form.Number("level"), form.Text("person"), form.Text("deputy"), form.Text("heir"), form.Text("number"), form.Lines("agencies"), form.Lines("acts"), form.Text("mail"), form.Text("webhook"),
        form.Text("from"), form.Text("to"), form.Text("reason"), form.Text("basis"));

    private static T? Word<T>(IFormCollection form, string name) where T : struct, Enum => form.Text(name) is not { } text ? null
        : Enum.GetNames<T>().FirstOrDefault(word => JsonNamingPolicy.CamelCase.ConvertName(word) == text) is { } known ? Enum.Parse<T>(known)
        : throw PlainForms.Bad(name, string.Join(", ", Words<T>()));

    private static IEnumerable<string> Words<T>() where T : struct, Enum => Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName);

    private static async Task<FormModel> FormAsync(Visit visit, OrganisationChanges.Change change)
    {
        var (organisation, now, say) = ((await visit.RulesAsync()).Organisation, visit.Now, visit.Say);
        var fields = change.Needed.Select(name => Field(name, true)).Concat(change.Optional.Select(name => Field(name, false))).ToList();
        return new(change.Name, $"/organisation/{change.Name}", null, null, fields)
        {
            Values = fields.Where(f => visit.Query(f.Name) is not null).ToDictionary(f => f.Name, f => visit.Query(f.Name)!),
        };

        FormField Field(string name, bool required) => new(name, say[OrganisationWords.Field(change.Name, name)], name switch
        {
            "kind" or "numbering" or "role" or "inForm06" => FieldShape.Choice,
            "level" => FieldShape.Number,
            "agencies" or "acts" or "reason" => FieldShape.Lines,
            "from" or "to" => FieldShape.Moment,
            _ => FieldShape.Text,
        }, required, [.. Choices(name)]);

        IEnumerable<(string, string)> Choices(string name) => name switch
        {
            "unit" when change.Name == "open-unit" => [],
            "unit" when change.Name == "transfer-work" => organisation.UnitCodes.Where(code => organisation.SuccessorOf(code, now) is not null).Select(code => (code, organisation.SuccessorOf(code, now)!)),
            "unit" or "parent" or "successor" => organisation.UnitsAt(now).Select(u => (u.Code, say[u.Name])),
            "post" when change.Name != "create-post" => Posts().Select(p => (p.Code, say[p.Title])),
            "person" or "deputy" or "heir" => Posts().Select(p => organisation.HolderOf(p.Code, now)).OfType<string>().Distinct().Order(StringComparer.Ordinal).Select(person => (person, "")),
            "number" when change.Name == "revoke" => organisation.DelegationsAt(now).Select(d => (d.Number, $"{d.Post}, {d.Person}")),
            "kind" => Words<UnitKind>().Select(word => (word, say[OrganisationWords.Choices[word]])),
            "numbering" => Words<Numbering>().Select(word => (word, say[OrganisationWords.Choices[word]])),
            "role" => Words<PostRole>().Select(word => (word, say[OrganisationWords.Choices[word]])),
            "inForm06" => [("true", say["yes", "có"]), ("false", say["no", "không"])],
            _ => [],
        };

        IEnumerable<Post> Posts() => organisation.UnitsAt(now).SelectMany(unit => organisation.PostsOfUnit(unit.Code, now));
    }
}
