using System.Text;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Tests.Samples;

public sealed class SampleTests
{
    public static TheoryData<string> Names => new(ProductEvents.Names.All.Select(n => n.Name));

    public static TheoryData<string> Files => new(Sample.Files);

    [Fact]
    public void Every_event_name_has_a_sample_and_every_sample_a_name() =>
        Sample.Files.Select(Sample.NameOf).Distinct().Order(StringComparer.Ordinal).ShouldBe(ProductEvents.Names.All.Select(n => n.Name).Order(StringComparer.Ordinal));

    [Theory, MemberData(nameof(Files))]
    public void What_was_written_once_is_decoded_and_written_again_as_it_was(string sample)
    {
        var name = Sample.NameOf(sample);
        var again = ProductEvents.Names.Encode(Sample.Event(sample));

        if (ProductEvents.Names.All.Single(n => n.Name == name).Upcast is not null)
            return; // A retired name is read, and written under the newer one.
        again.Name.ShouldBe(name);
        Text(Encoding.UTF8.GetBytes(again.Json)).ShouldBe(Text(Sample.Json(sample)));
    }

    [Theory, MemberData(nameof(Names))]
    public void The_samples_of_a_name_give_every_property_of_its_record_a_value_except_who_approved(string name)
    {
        var samples = Sample.Files.Where(s => Sample.NameOf(s) == name).Select(Sample.Event).ToList();
        samples[0].GetType().GetProperties().Where(p => samples.TrueForAll(s => p.GetValue(s) is null)).Select(p => p.Name)
            .ShouldBeSubsetOf([nameof(DossierEvent.BackDatingApprovedBy)]);
    }

    [Theory, MemberData(nameof(Files))]
    public void A_dossiers_event_folds_alone_and_after_any_other(string sample)
    {
        if (Sample.Event(sample) is not DossierEvent @event)
            return;
        Dossier.Fold("D-1", [Sample.Stored(sample)]).Version.ShouldBe(1);
        foreach (var before in Sample.Files.Select(Sample.Event).OfType<DossierEvent>())
            new Dossier("D-1").After(before, 1).After(@event, 2).Version.ShouldBe(2);
    }

    private static string Text(byte[] json) => Encoding.UTF8.GetString(CanonicalJson.Canonicalize(json));
}
