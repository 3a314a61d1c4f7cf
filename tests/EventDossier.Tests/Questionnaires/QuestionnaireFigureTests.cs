using EventDossier.Questionnaires;

namespace EventDossier.Tests.Questionnaires;

/// <summary>Figures of questionnaires say what they may, and nothing that tells who answered.</summary>
public sealed class QuestionnaireFigureTests
{
    private static IReadOnlyList<QuestionnaireFigures.Row> Tell(long[] centre, long[] locality) => QuestionnaireFigures.Tell(
        new Dictionary<ServiceLevel, long[]> { [ServiceLevel.Centre] = centre, [ServiceLevel.Locality] = locality }, SatisfactionTargets.Product);

    [Fact]
    public void Each_level_is_told_with_n_and_response_rate_beside_its_target()
    {
        var rows = Tell([970, 30, 1000], [180, 20, 50]);
        rows.Select(r => (r.Level, r.Asked, r.Responses.Percent, r.Satisfied.Percent, r.Target?.Percent, r.Met)).ShouldBe(
        [
            (null, 2250, 53.3m, 95.8m, null, null), (ServiceLevel.Centre, 2000, 50m, 97m, 96L, true), (ServiceLevel.Locality, 250, 80m, 90m, 95L, false),
        ]);
        SatisfactionTargets.Product.ShouldAllBe(t => t.Basis.StartsWith("unverified:", StringComparison.Ordinal), "nobody has checked it against the text");
    }

    [Fact]
    public void A_small_count_is_hidden_and_no_sum_gives_it_back()
    {
        var rows = Tell([970, 3, 1000], [180, 20, 50]);
        rows[1].Satisfied.Percent.ShouldBeNull("3 who were not satisfied");
        rows[1].Met.ShouldBeNull();
        (rows[0].Satisfied.Percent is null || rows[2].Satisfied.Percent is null).ShouldBeTrue("the whole less the localities would be the centre");
        Tell([2, 1, 4], [0, 0, 0]).ShouldAllBe(r => r.Met == null);
        var none = Tell([0, 0, 0], [0, 0, 0]);
        (none[0].Asked, none[0].Satisfied.Percent).ShouldBe((0, null));
    }
}
