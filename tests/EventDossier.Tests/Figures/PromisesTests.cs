using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Figures;

namespace EventDossier.Tests.Figures;

public sealed class PromisesTests
{
    private static readonly DateTimeOffset _monday = new(2026, 5, 11, 7, 30, 0, TimeSpan.FromHours(7));

    [Fact]
    public void Promises_are_told_over_what_was_received_and_resolved_in_the_period()
    {
        var promises = new Promises(_monday.AddDays(-10), _monday.AddDays(30), Rulebook.Empty);
        var fast = Resolved(_monday.AddHours(3), Judgement.Early, rating: 5);
        promises.Count(fast, 1);
        promises.Count(Resolved(_monday.AddDays(7), Judgement.OnTime, rating: 2) with { Channel = "post" }, 1);
        promises.Count(Resolved(_monday.AddDays(15), Judgement.Late), 1);
        promises.Count(fast with { Stage = Stage.InProgress, FinishedAt = null, ReturnedAt = null, Rating = null }, 1);
        // Not of the period, or not a dossier at all.
        promises.Count(fast with { ReceivedAt = _monday.AddDays(-20) }, 1);
        promises.Count(fast with { Stage = Stage.Voided }, 1);

        var told = promises.Tell();
        (told.SameDay, told.AheadOfSchedule, told.InTime).ShouldBe((new(1, 3), new(1, 3), new(2, 3)));
        (told.Satisfied, told.Responses, told.Online).ShouldBe((new(1, 2), new(2, 3), new(3, 4)));
        told.Satisfaction.ShouldBe([0, 1, 0, 0, 1]);
        told.InTime.Percent.ShouldBe(66.7m);
        // Six days of work with the day of receipt, where the general rule gives eleven.
        told.ReductionPromised.ShouldBe(100 - (int)Math.Round(100m * 6 / 11));
        told.ReductionAchieved.ShouldBe(100 - (int)Math.Round(100m * 5 / 11));
    }

    [Fact]
    public void A_part_of_the_index_without_facts_is_not_measured_and_not_made_up()
    {
        var promises = new Promises(_monday, _monday.AddDays(30), Rulebook.Empty);
        Decision766.Of(promises.Tell()).OutOf.ShouldBe(0);
        promises.Count(Resolved(_monday.AddHours(3), Judgement.Early, rating: 5), 1);

        var index = Decision766.Of(promises.Tell());
        index.Parts.Select(p => (p.Name, p.Weight, p.Score)).ShouldBe([("transparency", 18, null), ("progress", 20, 20), ("digitisation", 22, null), ("online", 22, 22), ("satisfaction", 18, 18)]);
        (index.Score, index.OutOf).ShouldBe((60, 60));
    }

    private static Dossier Resolved(DateTimeOffset finished, Judgement judgement, int? rating = null) => new("D-1")
    {
        Version = 1, Stage = Stage.Returned, ReceivedAt = _monday, Channel = "online", GeneralLimit = new(10, CountingRule.Days), Promised = DueDate.Of(_monday, new(5, CountingRule.Days), WorkCalendar.Vietnam),
        FinishedAt = finished, ReturnedAt = finished, Judgement = judgement, Rating = rating,
    };
}
