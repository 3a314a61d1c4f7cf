using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>Where everybody begins: what there is for them; on an empty database, what is to be done first.</summary>
public sealed partial class Home
{
    [Parameter, EditorRequired] public IReadOnlyList<(string What, string Command)> FirstSteps { get; set; } = [];

    internal static void Map(Site site) => site.Get("/", (string?)null, ShowAsync, "Where everybody begins");

    private static async Task<IResult> ShowAsync(Visit visit)
    {
        if (!visit.IsSignedIn)
            return Results.LocalRedirect("/sign-in");
        var say = visit.Say;
        var rules = await visit.RulesAsync();
        var steps = new List<(string, string)>();
        if (rules.Organisation.IsEmpty)
            steps.Add((say["Import the organisation: units, posts and who holds them", "Nhập tổ chức: đơn vị, chức vụ và người đảm nhiệm"], "dossier organisation import FILE"));
        if (rules.Procedures.Count == 0)
            steps.Add((say["Import the procedures", "Nhập danh mục thủ tục"], "dossier procedures import FILE"));
        if (await visit.Centre.Database.HeadAsync(visit.Cancel) is 0 || (steps.Count > 0 && !visit.IsSample))
            steps.Add((say["Or look around first: a year of an imagined centre, in a database of its own", "Hoặc xem thử: một năm của trung tâm giả định, trong cơ sở dữ liệu riêng"], "dossier migrate --sample && dossier simulate --dossiers 5000"));
        return visit.Page<Home>(say["What there is to do", "Công việc"], new { FirstSteps = steps });
    }
}
