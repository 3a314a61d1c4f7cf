using EventDossier.Dossiers;
using FsCheck;
using FsCheck.Fluent;

namespace EventDossier.Tests.Dossiers;

public sealed class FoldTests
{
    private static readonly DateTimeOffset _start = new(2026, 5, 4, 9, 0, 0, TimeSpan.FromHours(7));

    [Fact]
    public void Every_subset_of_a_history_folds_to_its_last_version_and_knows_no_more_than_its_events()
    {
        var cases = from seed in Gen.Choose(0, int.MaxValue - 1) from kept in Gen.Choose(0, int.MaxValue - 1) select (seed, kept);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var subset = RandomLife.Of(new Random(c.seed)).Select(e => (Event: (DossierEvent)e.Event, e.Version)).Where((_, i) => (c.kept >> (i % 31) & 1) == 1).ToList();
            var dossier = subset.Aggregate(new Dossier("D-1"), (d, e) => d.After(e.Event, e.Version));

            return dossier.Version == subset.Select(e => e.Version).LastOrDefault()
                && dossier.Steps.Count == subset.Count(e => e.Event is StepCompleted)
                && dossier.ReceivedAt.HasValue == subset.Any(e => e.Event is DossierReceived)
                && dossier.ReturnedAt == subset.Select(e => e.Event).OfType<ResultReturned>().LastOrDefault()?.OccurredAt
                && dossier.Links.Count == subset.Count(e => e.Event is DossierLinked)
                && dossier.Pauses.Count <= subset.Count(e => e.Event is DossierSuspended or SlipDelivered)
                && dossier.Stage == subset.Select(e => new Dossier("D-1").After(e.Event, e.Version).Stage).DefaultIfEmpty().Max();
        }));
    }

    [Fact]
    public void A_stage_is_never_taken_back_by_an_event_of_an_earlier_one()
    {
        var dossier = new Dossier("D-1").After(new ResultReady(_start), 5).After(new DossierAssigned(_start, "late", null), 6);
        dossier.Stage.ShouldBe(Stage.ResultReady);
    }
}
