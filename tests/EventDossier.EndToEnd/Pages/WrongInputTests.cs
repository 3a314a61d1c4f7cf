using System.Text.RegularExpressions;
using EventDossier.Dossiers;
using EventDossier.EndToEnd.Web;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Pages;

/// <summary>Every form of every page, filled in wrongly and not at all.</summary>
[Collection(OneBrowser.Name)]
public sealed partial class WrongInputTests(Browser browser)
{
    /// <summary>So many forms would use up what others may look up.</summary>
    private const string Elsewhere = "127.0.0.2";

    /// <summary>Of a form: its name, and what may be entered.</summary>
    private sealed record Field(string Name, string Tag)
    {
        public bool IsText => !Tag.StartsWith("<select", StringComparison.Ordinal) && !IsRead;
        public bool IsRead => Type is "date" or "datetime-local" || Tag.Contains("inputmode=\"numeric\"", StringComparison.Ordinal);
        public bool IsRequired => !Tag.StartsWith("<select", StringComparison.Ordinal) && Tag.Contains(" required", StringComparison.Ordinal);
        public string? Type => TypeOf().Match(Tag) is { Success: true } match ? match.Groups["type"].Value : null;
    }

    [Fact]
    public async Task Wrong_input_is_told_at_its_field_and_kept_on_every_form_of_every_page()
    {
        var code = await browser.Server.ReceiveAsync(Browser.Procedure, "H49.12-01", "xd-thamdinh-2");
        var (walked, wrong) = (new HashSet<string>(), new List<string>());
        var acts = Acts.All.Select(act => $"/dossiers/{code}/act/{act.Rule.Name}");
        // What is live has no end.
        var pages = (await PageRoutes.OfAsync()).Where(p => p is { Method: "GET", Path: not "/alerts/live" }).ToLookup(p => p.For == "everybody", p => PageRoutes.Filled(p.Path, code));
        var within = pages[false].Concat(acts).Append($"/procedures/edit?code={Browser.Procedure}").Distinct().ToList();
        foreach (var (role, person) in PageRoutes.People)
        {
            using var visitor = role is null ? new Visitor(browser.Server, from: Elsewhere) : await Visitor.OfAsync(browser.Server, role, person, from: Elsewhere);
            var waiting = new Queue<string>(role is null ? pages[true] : within);
            var seen = new HashSet<string>(waiting);
            while (waiting.TryDequeue(out var path))
            {
                var page = await PatientlyAsync(() => visitor.GetAsync(path));
                foreach (var link in Link().Matches(page.Html).Select(m => m.Groups["to"].Value).Where(seen.Add))
                    waiting.Enqueue(link);
                foreach (var form in page.Status == 200 ? PostForm().Matches(page.Html).AsEnumerable() : [])
                {
                    var action = form.Groups["action"].Value;
                    var fields = Input().Matches(form.Value).Select(m => new Field(m.Groups["name"].Value, m.Value)).ToList();
                    if (fields.Count == 0 || !walked.Add($"{role is null} {action} {string.Join(' ', fields.Select(f => f.Name))}"))
                        continue;
                    foreach (var fault in await FaultsAsync(visitor, page, action, fields))
                        wrong.Add($"{role} {path}, form {action}: {fault}");
                }
            }
        }
        walked.Count.ShouldBeGreaterThan(60);
        wrong.ShouldBeEmpty();
    }

    private static async Task<List<string>> FaultsAsync(Visitor visitor, Visitor.Seen page, string action, List<Field> fields)
    {
        // Where one of several things is done with what was chosen, what it wants is asked for once something is chosen.
        var (faults, chosen) = (new List<string>(), action is "/alerts" or "/work");
        var entered = fields.Where(f => f.Type is not ("checkbox" or "radio")).DistinctBy(f => f.Name)
            .Select((f, i) => (f.Name, Value: f.IsRead ? "hôm kia" : $"<sai> & \"{i}\"")).ToArray();
        var told = await PatientlyAsync(() => visitor.PostAsync(action, page, entered));
        // Words may say anything; what is read as a number, a day or one of a few may not. A sheet may name what it could not print.
        if (told.Status != 422 && !(told.Status == 200 && entered.All(e => told.Html.Contains(e.Value, StringComparison.Ordinal))) && !(told.Status == 302 && fields.TrueForAll(f => f.IsText)))
            faults.Add($"nonsense is answered with {told.Status}");
        else if (told.Status == 422)
        {
            foreach (var field in fields.Where(f => f.IsText || f.IsRead))
            {
                var value = entered.Where(e => e.Name == field.Name).Select(e => e.Value).FirstOrDefault();
                if (value is not null && !told.Html.Contains(value, StringComparison.Ordinal))
                    faults.Add($"{field.Name} is not kept");
            }
            faults.AddRange(ToldWhere(told, atField: !chosen && fields.Exists(f => f.IsRead)));
        }

        var nothing = await PatientlyAsync(() => visitor.PostAsync(action, page, [.. entered.Select(e => (e.Name, ""))]));
        if (nothing.Status is not (302 or 422))
            faults.Add($"nothing is answered with {nothing.Status}");
        else if (nothing.Status == 302 && fields.Exists(f => f.IsRequired))
            faults.Add("nothing is taken for something");
        else if (nothing.Status == 422)
            faults.AddRange(ToldWhere(nothing, atField: !chosen && fields.Exists(f => f.IsRequired)).Select(f => $"with nothing entered, {f}"));
        return faults;
    }

    /// <summary>What is wrong with how it is told that something is wrong.</summary>
    private static IEnumerable<string> ToldWhere(Visitor.Seen told, bool atField)
    {
        if (!told.Html.Contains("class=\"fault\"", StringComparison.Ordinal))
            yield return "no fault is told";
        else if (atField && DescribedBy().Match(told.Html) is var field && !(field.Success && told.Html.Contains($"id=\"{field.Groups["id"].Value}\"", StringComparison.Ordinal)))
            yield return "the fault is not told at a field";
    }

    /// <summary>Nobody turns pages as fast as this.</summary>
    private static async Task<Visitor.Seen> PatientlyAsync(Func<Task<Visitor.Seen>> ask)
    {
        while (true)
        {
            var seen = await ask();
            if (seen.Status != 429)
                return seen;
            await Task.Delay(TimeSpan.FromSeconds(1), TestDatabase.Time);
        }
    }

    [GeneratedRegex("""<form (?=[^>]*method="post")[^>]*action="(?<action>[^"]*)"[^>]*>.*?</form>""", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex PostForm();

    [GeneratedRegex("""<(input|textarea|select)\b(?![^>]*type="(hidden|file|submit)")[^>]*\bname="(?<name>[^"]*)"[^>]*>""", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Input();

    /// <summary>To a form that has no address of its own in the list.</summary>
    [GeneratedRegex("""href="(?<to>/(organisation|releases)/[^"?]+)["]""", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Link();

    [GeneratedRegex("""\btype="(?<type>[^"]*)"\B?""", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex TypeOf();

    [GeneratedRegex("""aria-invalid="true"[^>]*aria-describedby="(?<id>[^"]*)"|aria-describedby="(?<id>[^"]*-fault)" """, RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex DescribedBy();
}
