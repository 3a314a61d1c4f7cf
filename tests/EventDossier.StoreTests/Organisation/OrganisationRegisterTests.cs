using System.Text;
using EventDossier.Dossiers;
using EventDossier.Organisation;
using EventDossier.Store;

namespace EventDossier.StoreTests.Organisation;

using Organisation = EventDossier.Organisation.Organisation;

public sealed class OrganisationRegisterTests
{
    private static readonly DateTimeOffset _now = new(2026, 5, 4, 9, 0, 0, TimeSpan.FromHours(7));

    [Fact]
    public async Task The_same_file_again_adds_nothing_and_a_changed_one_its_differences()
    {
        await using var centre = await Centre.OpenAsync();
        var register = new OrganisationRegister(centre.Database);
        var file = OrganisationFile.Sample();

        (await Organisation.VersionAsync(centre.Database)).ShouldBe(0);
        (await register.ImportAsync(file, Centre.Command())).Added.ShouldBe(file.Count);
        (await Organisation.VersionAsync(centre.Database)).ShouldBe(file.Count);
        var again = await register.ImportAsync(file, Centre.Command());
        (again.Added, again.Unchanged, again.NotInFile.Count).ShouldBe((0, file.Count, 0));

        var less = await register.ImportAsync(File("""{ "units": [{ "code": "NEW", "name": { "en": "New", "vi": "Mới" }, "kind": "office", "numbering": "local", "inForm06": false, "from": "2026-05-04T00:00:00+07:00" }] }"""), Centre.Command());
        less.Added.ShouldBe(1);
        less.NotInFile.ShouldContain("H49.12");
        (await Organisation.LoadAsync(centre.Database)).UnitAt("H49.12", _now).ShouldNotBeNull();
    }

    [Fact]
    public async Task Two_imports_at_once_are_one()
    {
        await using var centre = await Centre.OpenAsync();
        await using var other = await Database.OpenAsync(centre.ConnectionString, ProductEvents.Names, TestDatabase.Time);
        var file = OrganisationFile.Sample();

        var results = await Task.WhenAll(
            Task.Run(() => new OrganisationRegister(centre.Database).ImportAsync(file, Centre.Command())),
            Task.Run(() => new OrganisationRegister(other).ImportAsync(file, Centre.Command())));

        results.Sum(r => r.Added).ShouldBe(file.Count);
        (await Organisation.VersionAsync(centre.Database)).ShouldBe(file.Count);
    }

    [Fact]
    public async Task A_post_that_two_are_appointed_to_at_once_gets_one_of_them()
    {
        await using var centre = await Centre.OpenAsync();
        var register = new OrganisationRegister(centre.Database);
        await register.ImportAsync(OrganisationFile.Sample(), Centre.Command());
        (await register.DoAsync(_ => [new HolderRelieved(_now, "xd-thamdinh-1", "xd-thamdinh-1")], Centre.Command())).Refusal.ShouldBeNull();

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() =>
            register.DoAsync(_ => [new HolderAppointed(_now, "xd-thamdinh-1", $"new-{i}")], Centre.Command()))));

        results.Count(r => r.Events.Count == 1).ShouldBe(1);
        results.Count(r => r.Refusal is { Code: "post-held" }).ShouldBe(7);
    }

    [Fact]
    public async Task What_was_known_then_is_the_fold_of_what_was_recorded_by_then()
    {
        await using var centre = await Centre.OpenAsync(sample: true);
        var register = new OrganisationRegister(centre.Database);
        await register.ImportAsync(OrganisationFile.Sample(), Centre.Command(), recordedAt: _now.AddDays(-300));
        await register.DoAsync(_ => [new AbsenceReported(_now.AddDays(-10), "xd-thamdinh-1", _now)], Centre.Command(), recordedAt: _now.AddDays(-5));
        var events = (await centre.Database.Log.ReadAllAsync(0, 10_000)).Events.Where(e => e.Event is OrganisationEvent).ToList();

        Organisation.Fold(events.Where(e => e.RecordedAt <= _now.AddDays(-6))).ActingHolder("xd-thamdinh-1", _now.AddDays(-7)).ShouldBe("xd-thamdinh-1");
        Organisation.Fold(events).ActingHolder("xd-thamdinh-1", _now.AddDays(-7)).ShouldBe("xd-thamdinh-2");
    }

    [Fact]
    public async Task Acts_that_belong_together_are_all_done_or_none()
    {
        await using var centre = await Centre.OpenAsync();
        var register = new OrganisationRegister(centre.Database);
        await register.ImportAsync(OrganisationFile.Sample(), Centre.Command());
        var before = await Organisation.VersionAsync(centre.Database);

        OrganisationEvent[] acts = [new AbsenceReported(_now, "xd-thamdinh-1", null), new DeputyNamed(_now, "xd-thamdinh-1", "stranger", null)];
        (await register.DoAsync(_ => acts, Centre.Command())).Refusal.ShouldBe(new Refusal("unknown-person", "stranger was never appointed to anything"));

        (await Organisation.VersionAsync(centre.Database)).ShouldBe(before);
    }

    private static OrganisationFile File(string json) => OrganisationFile.Parse(Encoding.UTF8.GetBytes(json), "organisation.json");
}
