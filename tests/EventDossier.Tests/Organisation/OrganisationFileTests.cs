using System.Text;
using EventDossier.Organisation;

namespace EventDossier.Tests.Organisation;

using Organisation = EventDossier.Organisation.Organisation;

public sealed class OrganisationFileTests
{
    private static readonly DateTimeOffset _now = new(2026, 5, 4, 9, 0, 0, TimeSpan.FromHours(7));
    private static readonly OrganisationFile _file = OrganisationFile.Sample();
    private static readonly Organisation _sample = Organisation.Fold(_file.Differences(Organisation.Empty));

    [Fact]
    public void The_sample_has_twenty_four_agencies_each_with_clerks_officers_a_supervisor_and_heads()
    {
        var units = _sample.UnitsAt(_now);
        var agencies = units.Where(u => u.Parent == "H49" && u.Kind is UnitKind.Department or UnitKind.Office && u.Code != "H49.62").Select(u => u.Code).ToList();

        agencies.Count.ShouldBe(24);
        foreach (var agency in agencies)
        {
            var roles = _sample.PostsOfAgency(agency, _now).CountBy(p => p.Role).ToDictionary();
            roles[PostRole.Clerk].ShouldBeGreaterThanOrEqualTo(2, agency);
            roles[PostRole.Officer].ShouldBeInRange(4, 8, agency);
            roles.Keys.ShouldBe([PostRole.Clerk, PostRole.Officer, PostRole.Supervisor, PostRole.DeputyHead, PostRole.Head], ignoreOrder: true, agency);
        }
        units.Count(u => u.Kind == UnitKind.CommuneCentre).ShouldBeGreaterThanOrEqualTo(20);
        units.Where(u => u.Kind == UnitKind.StateCompany).ShouldAllBe(u => !u.InForm06 && u.Numbering == Numbering.Local);
        _sample.NearestPost("H49.62", _now, PostRole.Director)!.Level.ShouldBe(3);
    }

    [Fact]
    public void The_districts_of_the_sample_ended_on_1_July_2025_and_a_commune_stands_for_each()
    {
        var july = new DateTimeOffset(2025, 7, 1, 0, 0, 0, TimeSpan.FromHours(7));
        var districts = _sample.UnitsAt(july.AddTicks(-1)).Where(u => u.Kind == UnitKind.DistrictCentre).Select(u => u.Code).ToList();

        districts.Count.ShouldBe(13);
        districts.ShouldAllBe(d => _sample.UnitAt(d, july) == null && _sample.UnitAt(_sample.SuccessorOf(d, july)!, july)!.Kind == UnitKind.CommuneCentre);
        _sample.SuccessorOf("H49.19", _now).ShouldBe("H49.12");
        _sample.UnitAt("H49.08", july.AddYears(-1))!.Name.En.ShouldBe("Department of Agriculture and Rural Development");
    }

    [Fact]
    public void Throughout_two_years_somebody_acts_for_every_post_of_the_sample()
    {
        for (var at = _now.AddYears(-1); at < _now.AddYears(1); at = at.AddDays(7))
            _sample.UnitsAt(at).SelectMany(u => _sample.PostsOfUnit(u.Code, at)).Where(p => p.Role is not (PostRole.Auditor or PostRole.TransparencyOfficer or PostRole.Administrator))
                .Where(p => _sample.ActingHolder(p.Code, at) is null).Select(p => p.Code).ShouldBeEmpty($"{at}");
    }

    [Fact]
    public void The_same_file_differs_from_itself_in_nothing() => _file.Differences(_sample).ShouldBeEmpty();

    [Fact]
    public void A_holder_who_changed_is_the_only_difference_and_goes_before_the_next_comes()
    {
        var changed = Parse(Json("""{ "person": "ab", "to": "2026-01-01T00:00:00+07:00" }, { "person": "cd", "from": "2026-01-01T00:00:00+07:00" }"""));
        var known = Organisation.Fold(Parse(Json("""{ "person": "ab" }""")).Differences(Organisation.Empty));

        changed.Differences(known).Select(e => e.GetType()).ShouldBe([typeof(HolderRelieved), typeof(HolderAppointed)]);
    }

    [Theory]
    [InlineData("""{ "units": 3 }""", "line 1")]
    [InlineData("{ \"units\": [],\n \"people\": [] }", "line 2")]
    [InlineData("{ \"units\": [\n null ] }", "line 2: null is no entry of units")]
    [InlineData("null", "null is no organisation")]
    [InlineData("{ \"units\": [],\n\"delegations\": [\n{ \"number\": \"1\", \"post\": \"p\", \"person\": \"ab\", \"from\": \"2026-01-01T00:00:00Z\" }] }", "line 3")]
    public void A_file_that_is_none_is_refused_with_the_line(string json, string place) => Fault(() => Parse(json)).ShouldContain(place);

    [Fact]
    public void What_the_rules_refuse_is_told_with_line_and_code()
    {
        var fault = Fault(() => Parse(Json("""{ "person": "ab" }, { "person": "cd" }""").Replace("\"unit\": \"A\"", "\"unit\": \"X\"")).Differences(Organisation.Empty));
        fault.ShouldContain("line 3: there is no unit X");
        fault.ShouldContain("(no-such-unit)");
        Fault(() => Parse(Json("""{ "person": "ab" }, { "person": "cd" }""")).Differences(Organisation.Empty)).ShouldContain("line 3: ab holds p; relieve first (post-held)");
    }

    [Fact]
    public void A_unit_that_is_there_twice_is_refused() =>
        Fault(() => Parse(Json("").Replace("\"units\": [", "\"units\": [ " + Unit + ","))).ShouldContain("the unit A is there twice");

    private const string Unit = """{ "code": "A", "name": { "en": "A", "vi": "A" }, "kind": "office", "numbering": "local", "inForm06": true, "from": "2025-01-01T00:00:00+07:00" }""";

    private static string Json(string holders) => $$"""
        { "units": [ {{Unit}} ],
          "posts": [
            { "code": "p", "unit": "A", "title": { "en": "P", "vi": "P" }, "role": "officer", "holders": [ {{holders}} ] } ] }
        """;

    private static OrganisationFile Parse(string json) => OrganisationFile.Parse(Encoding.UTF8.GetBytes(json), "organisation.json");

    private static string Fault(Action act)
    {
        var error = Should.Throw<UserError>(act);
        error.Code.ShouldBe("bad-file");
        return error.Message;
    }
}
