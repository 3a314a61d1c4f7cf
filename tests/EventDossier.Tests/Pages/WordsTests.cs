using System.Text.Json;
using System.Text.RegularExpressions;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Tests.Samples;
using EventDossier.Web.Pages;

namespace EventDossier.Tests.Pages;

/// <summary>Whatever can come up on a page has words in both languages.</summary>
public sealed partial class WordsTests
{
    private static readonly Words English = new(Language.En), Vietnamese = new(Language.Vi);

    [Fact]
    public void Every_act_every_field_of_it_and_every_choice_has_words()
    {
        foreach (var kind in Acts.All)
        {
            ActWords.Acts.Keys.ShouldContain(kind.Rule.Name);
            foreach (var parameter in kind.Constructor.GetParameters())
            {
                Vietnamese.Field(kind.Rule.Name, JsonNamingPolicy.CamelCase.ConvertName(parameter.Name!)).ShouldNotBeNullOrEmpty();
                if ((Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType) is { IsEnum: true } type)
                    Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName).ShouldAllBe(word => ActWords.Choices.ContainsKey(word), $"{kind.Rule.Name} {parameter.Name}");
            }
        }
        ActWords.Acts.Keys.Order().ShouldBe(Acts.All.Select(kind => kind.Rule.Name).Order());
    }

    [Fact]
    public void Every_refusal_of_an_act_has_Vietnamese_words() =>
        Acts.All.SelectMany(kind => kind.Rule.Refusals).Concat(Acts.CommonRefusals).Append("version-mismatch").Distinct().Order().ShouldBe(ActWords.Refusals.Keys.Order());

    [Fact]
    public void Every_refusal_of_a_release_a_request_and_a_fact_of_the_organisation_has_Vietnamese_words()
    {
        string[] sources =
        [
            .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "EventDossier", "Releases"), "*.cs"), Path.Combine(Repository.Root, "src", "EventDossier", "Organisation", "OrganisationRules.cs"),
            .. ((string[])["Complaints", "Outages", "Questionnaires", "Queues", "Requests", "Retention"]).SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "EventDossier", folder), "*.cs")),
        ];
        var codes = sources.Where(file => !file.EndsWith("GateTest.cs", StringComparison.Ordinal)).SelectMany(file => Code().Matches(File.ReadAllText(file)).Select(m => m.Groups["code"].Value)).ToHashSet();
        codes.Count.ShouldBeGreaterThan(30);
        codes.Where(code => !ActWords.Refusals.ContainsKey(code) && !DeskWords.Refusals.ContainsKey(code)).ShouldBeEmpty();
        DeskWords.Refusals.Keys.Where(code => !codes.Contains(code)).ShouldBe(["unit-open"], "of handing a unit's work over, which is no fact of the organisation");
        DeskWords.Refusals.Keys.Intersect(ActWords.Refusals.Keys).ShouldBeEmpty("told once");
    }

    [GeneratedRegex("""(Refuse\(|new(\sDossiers\.Refusal)?\()"(?<code>[a-z]+(-[a-z]+)+)",\s+(string\.Create\(CultureInfo\.InvariantCulture, )?\$?"[^"]+ """, RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Code();

    [Fact]
    public void Every_event_of_a_dossier_is_told_in_both_languages()
    {
        foreach (var e in Sample.Files.Select(file => Sample.Stored(file)).Where(e => e.Event is DossierEvent))
            Vietnamese.Happened(e).Split(':')[0].ShouldNotBe(English.Happened(e).Split(':')[0], e.Name);
    }

    [Theory]
    [InlineData(0, "0 min", "0 phút")]
    [InlineData(59, "59 min", "59 phút")]
    [InlineData(-90, "1 h 30 min", "1 giờ 30 phút")]
    [InlineData(480, "1 d", "1 ngày")]
    [InlineData(1000, "2 d", "2 ngày")]
    [InlineData(1080, "2 d 2 h", "2 ngày 2 giờ")]
    public void A_duration_is_told_by_its_two_greatest_parts(int minutes, string en, string vi) => (English.Duration(minutes), Vietnamese.Duration(minutes)).ShouldBe((en, vi));
}
