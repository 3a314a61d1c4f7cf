using EventDossier.Deadlines;
using EventDossier.Procedures;
using EventDossier.Store;

namespace EventDossier.StoreTests;

public sealed class CatalogueTests
{
    private static readonly DateTimeOffset _from = new(2026, 1, 1, 0, 0, 0, TimeSpan.FromHours(7));

    private static ProcedurePublished Procedure(string code, string limit = "5 days", int month = 1) =>
        new(_from.AddMonths(month - 1), code, "Cấp phép", "H49.08", Limit.Parse(limit), "QĐ 1") { Documents = ["Đơn"] };

    private static async Task<(Database Database, Catalogue Catalogue, TestDatabase Test)> OpenAsync()
    {
        var test = await TestDatabase.CreateMigratedAsync();
        var database = await Database.OpenAsync(test.ConnectionString, ProductEvents.Names, TestDatabase.Time);
        return (database, new(database), test);
    }

    [Fact]
    public async Task Only_what_says_something_new_becomes_a_version()
    {
        var (database, catalogue, test) = await OpenAsync();
        await using var _ = test;
        await using var __ = database;

        (await catalogue.PublishAsync([Procedure("P-1"), Procedure("P-2"), Procedure("P-1", "4 days", month: 6)], Centre.Command())).ShouldBe(3);
        (await catalogue.PublishAsync([Procedure("P-1"), Procedure("P-1", "4 days", month: 6)], Centre.Command())).ShouldBe(0, "lists are compared by what they hold");
        (await catalogue.PublishAsync([Procedure("P-1", "3 days", month: 6), Procedure("P-3")], Centre.Command())).ShouldBe(2);

        (await catalogue.InForceAsync(_from.AddMonths(8))).Select(p => (p.Published.Code, p.Number, $"{p.Published.Limit}"))
            .ShouldBe([("P-1", 3, "3 days"), ("P-2", 1, "5 days"), ("P-3", 1, "5 days")]);
        (await catalogue.InForceAsync(_from)).Select(p => p.Number).ShouldBe([1, 1, 1]);
        (await catalogue.InForceAsync(_from.AddDays(-1))).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_tells_no_day_is_new_only_if_it_says_something_else()
    {
        var (database, catalogue, test) = await OpenAsync();
        await using var _ = test;
        await using var __ = database;

        (await catalogue.PublishAsync(new ProcedureFile([Procedure("P-1", month: 1)], [], [], Dated: false), Centre.Command())).ShouldBe(1);
        (await catalogue.PublishAsync(new ProcedureFile([Procedure("P-1", month: 2)], [], [], Dated: false), Centre.Command())).ShouldBe(0);
        (await catalogue.PublishAsync(new ProcedureFile([Procedure("P-1", "4 days", month: 3)], [], [], Dated: false), Centre.Command())).ShouldBe(1);
    }

    [Fact]
    public async Task Two_who_publish_at_once_publish_each_version_once()
    {
        var (database, catalogue, test) = await OpenAsync();
        await using var _ = test;
        await using var __ = database;
        var many = Enumerable.Range(0, 1435).Select(i => Procedure($"P-{i:0000}")).ToList();

        var published = await Task.WhenAll(catalogue.PublishAsync(many, Centre.Command()), catalogue.PublishAsync(many, Centre.Command()));

        published.Sum().ShouldBe(1435);
        (await catalogue.InForceAsync(_from)).Count.ShouldBe(1435);
    }

    [Fact]
    public async Task Decisions_are_entered_once_and_corrected_by_their_number()
    {
        var (database, _, test) = await OpenAsync();
        await using var __ = test;
        await using var ___ = database;
        var now = new DateTimeOffset(2026, 11, 22, 9, 0, 0, TimeSpan.FromHours(7));
        var decision = new CalendarDecision("1/TB-BNV", new(2026, 11, 10), 2027, [new(new(2027, 2, 5), new("Tết", "Tết"))], [], "test");
        CalendarDecision corrected = decision with { DaysOff = [new(new(2027, 2, 11), new("Tết", "Tết"))] };

        (await Calendars.EnterAsync(database, [decision, .. CalendarData.Vietnam.Decisions], now, Centre.Command())).ShouldBe(1, "the product knows the others");
        (await Calendars.EnterAsync(database, [decision], now, Centre.Command())).ShouldBe(0);
        (await Calendars.LoadAsync(database))[new(2027, 3, 3)].Provisional.ShouldBeFalse();
        (await Calendars.EnterAsync(database, [corrected], now, Centre.Command())).ShouldBe(1);

        var calendar = await Calendars.LoadAsync(database);
        calendar[new(2027, 2, 5)].IsWorked.ShouldBeTrue();
        calendar[new(2027, 2, 11)].IsWorked.ShouldBeFalse();
        (await database.Log.ReadStreamAsync(Calendars.Stream)).Count.ShouldBe(2);
        await Should.ThrowAsync<UserError>(() => Calendars.EnterAsync(database, [decision with { Number = "2/TB-BNV" }], now, Centre.Command()));
    }
}
