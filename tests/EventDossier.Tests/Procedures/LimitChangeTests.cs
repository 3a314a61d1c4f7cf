using EventDossier.Deadlines;
using EventDossier.Procedures;

namespace EventDossier.Tests.Procedures;

public sealed class LimitChangeTests
{
    private static readonly ProcedurePublished _before = new(new(2026, 1, 1, 0, 0, 0, TimeSpan.FromHours(7)), "P-1", "Cấp phép", "H49.08", Limit.Parse("5 days"), "QĐ 1")
    {
        Documents = ["Đơn"],
    };

    private static (string, Func<Limit, DateTimeOffset?>) Received(string code, int day, int hour) =>
        (code, limit => DueDate.Of(new(2026, 5, day, hour, 0, 0, TimeSpan.FromHours(7)), limit, WorkCalendar.Vietnam));

    [Fact]
    public void The_fields_that_differ_are_named_and_lists_are_compared_by_what_they_hold()
    {
        new LimitChange(_before, _before with { Documents = ["Đơn"] }).Fields().ShouldBeEmpty();
        new LimitChange(_before, _before with { Limit = Limit.Parse("16 hours"), Fee = 0, Documents = null }).Fields().ShouldBe(["limit", "documents", "fee"], ignoreOrder: true);
    }

    [Fact]
    public void Dossiers_whose_due_date_would_be_another_are_listed()
    {
        var change = new LimitChange(_before, _before with { Limit = Limit.Parse("40 hours") });

        change.Moves([Received("D-1", 4, 9), Received("D-2", 4, 17)]).ShouldBe(
            [new LimitChange.Move("D-1", At(11, 17), At(11, 9))], "received at closing time, five days and forty hours end together");
        new LimitChange(_before, _before with { Fee = 1 }).Moves([Received("D-1", 4, 9)]).ShouldBeEmpty();
        change.Moves([("D-3", _ => null)]).ShouldBeEmpty("its clock stands");

        static DateTimeOffset At(int day, int hour) => new(2026, 5, day, hour, 0, 0, TimeSpan.FromHours(7));
    }
}
