using System.Text.Json;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Tests.Samples;
using EventDossier.Web.Pages;

namespace EventDossier.Tests.Pages;

/// <summary>Whatever can come up on a page has words in both languages.</summary>
public sealed class WordsTests
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
    public void Every_event_of_a_dossier_is_told_in_both_languages()
    {
        foreach (var @event in Sample.Files.Select(Sample.Event).OfType<DossierEvent>())
        {
            var (en, vi) = (English.Happened(@event), Vietnamese.Happened(@event));
            en.ShouldNotBeNullOrEmpty();
            vi.ShouldNotBe(en, @event.GetType().Name);
        }
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
