using System.Globalization;
using System.Text.Json;
using EventDossier.Deadlines;
using EventDossier.Store;

namespace EventDossier.Tests.Deadlines;

public sealed class CalendarsTests
{
    private static readonly DateOnly Today = On("2026-11-20");

    private static readonly CalendarDecision Of2027 = new(
        "1/TB-BNV", On("2026-11-10"), 2027,
        [new(On("2027-02-05"), Tet), new(On("2027-02-08"), Tet), new(On("2027-02-09"), Tet), new(On("2027-02-10"), Tet), new(On("2027-09-03"), Tet)], [], "test");

    private static Wording Tet => new("Tết", "Tết");

    private static DateOnly On(string date) => DateOnly.ParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static StoredEvent Entered(CalendarDecision decision, long version, string recorded) => new(
        version, Guid.Empty, Calendars.Stream, version, "calendar_decided",
        System.Text.Encoding.UTF8.GetBytes(ProductEvents.Names.Encode(new CalendarDecided(new(2026, 11, 10, 0, 0, 0, TimeSpan.FromHours(7)), decision)).Json),
        DateTimeOffset.Parse(recorded, CultureInfo.InvariantCulture), null, null, null, ProductEvents.Names);

    /// <summary>What the library of the file takes for days off, weekends left out.</summary>
    private static IEnumerable<DateOnly> Published(int year)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Shared.Path("vn", $"date-holidays-VN-{year}.json")));
        foreach (var holiday in json.RootElement.EnumerateArray().Where(h => h.GetProperty("type").GetString() == "public").ToList())
        {
            // A period of several days has its first day's date and, in UTC, the moments at which it begins and ends.
            var begins = On(holiday.GetProperty("date").GetString()![..10]);
            var days = (holiday.GetProperty("end").GetDateTimeOffset() - holiday.GetProperty("start").GetDateTimeOffset()).Days;
            for (var i = 0; i < days; i++)
            {
                if (begins.AddDays(i).DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday))
                    yield return begins.AddDays(i);
            }
        }
    }

    [Theory]
    [InlineData(2024, "2024-02-08 2024-02-14 2024-04-29 2024-09-03", "")]
    [InlineData(2025, "2025-01-27 2025-05-02 2025-09-01", "")]
    [InlineData(2026, "2026-01-02 2026-04-27 2026-08-31 2026-09-01", "")]
    public void Days_off_are_those_of_a_library_and_what_only_a_decision_could_tell(int year, string onlyOurs, string onlyTheirs)
    {
        var ours = Enumerable.Range(0, 366).Select(i => new DateOnly(year, 1, 1).AddDays(i))
            .Where(d => d.Year == year && WorkCalendar.Vietnam[d].Kind == DayKind.Holiday).ToList();
        var theirs = Published(year).Distinct().ToList();

        string.Join(' ', ours.Except(theirs).Select(d => $"{d:yyyy-MM-dd}")).ShouldBe(onlyOurs);
        string.Join(' ', theirs.Except(ours).Select(d => $"{d:yyyy-MM-dd}")).ShouldBe(onlyTheirs);
    }

    [Fact]
    public void The_holidays_and_Saturdays_of_2024_are_the_decided_ones()
    {
        var days = Enumerable.Range(0, 366).Select(i => WorkCalendar.Vietnam[new DateOnly(2024, 1, 1).AddDays(i)]).ToList();
        days.Where(d => d.Kind == DayKind.Holiday).Select(d => d.Date).ShouldBe(new[]
        {
            "2024-01-01", "2024-02-08", "2024-02-09", "2024-02-12", "2024-02-13", "2024-02-14", "2024-04-18", "2024-04-29", "2024-04-30", "2024-05-01",
            "2024-09-02", "2024-09-03",
        }.Select(On));
        days.Where(d => d.Kind == DayKind.MakeUp).Select(d => d.Date).ShouldBe([On("2024-05-04")]);
        days.ShouldAllBe(d => !d.Provisional);
    }

    [Fact]
    public void What_was_entered_late_is_known_from_its_entry_and_not_from_its_announcement()
    {
        var calendar = Calendars.Of([Entered(Of2027, 1, "2026-11-19T18:00:00Z")]);

        calendar[On("2027-02-10")].Kind.ShouldBe(DayKind.Holiday);
        calendar[On("2027-03-03")].Provisional.ShouldBeFalse();
        calendar.AsKnownOn(On("2026-11-19"))[On("2027-03-03")].Provisional.ShouldBeTrue("in the centre's time it was recorded on the 20th");
        calendar.AsKnownOn(On("2026-11-20"))[On("2027-03-03")].Provisional.ShouldBeFalse();
    }

    [Fact]
    public void A_correction_replaces_what_it_corrects_from_its_entry_on()
    {
        var corrected = Of2027 with { DaysOff = [.. Of2027.DaysOff.Take(4), new(On("2027-09-01"), Tet)] };
        var calendar = Calendars.Of([Entered(Of2027, 1, "2026-11-10T03:00:00Z"), Entered(corrected, 2, "2026-11-12T03:00:00Z")]);

        calendar[On("2027-09-03")].IsWorked.ShouldBeTrue();
        calendar[On("2027-09-01")].IsWorked.ShouldBeFalse();
        calendar.AsKnownOn(On("2026-11-11"))[On("2027-09-03")].IsWorked.ShouldBeFalse();
        calendar.Decisions.Count(d => d.Number == Of2027.Number).ShouldBe(1);
    }

    [Fact]
    public void A_late_entry_still_gives_way_to_what_was_announced_after_it()
    {
        var exchange = new CalendarDecision("2/VPCP", On("2026-11-11"), null, [], [new(On("2027-09-03"), On("2027-09-06"))], "test");
        var calendar = Calendars.Of([Entered(exchange, 1, "2026-11-11T03:00:00Z"), Entered(Of2027, 2, "2026-11-15T03:00:00Z")]);

        calendar[On("2027-09-03")].Kind.ShouldBe(DayKind.MakeUp);
    }

    [Fact]
    public void Only_what_says_something_new_is_entered()
    {
        Calendars.Decide([Of2027], WorkCalendar.Vietnam, Today).ShouldBe([Of2027]);
        Calendars.Decide([Of2027], WorkCalendar.Vietnam.With(Of2027), Today).ShouldBeEmpty();
        Calendars.Decide(CalendarData.Vietnam.Decisions, WorkCalendar.Vietnam, Today).ShouldBeEmpty("the product knows them");
        Calendars.Decide([Of2027 with { Source = "other" }], WorkCalendar.Vietnam.With(Of2027), Today).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("a number and a source", "")]
    [InlineData("named twice", "1", "1")]
    [InlineData("settled by 9441/TB-BNV already", "settles 2026")]
    [InlineData("names no day off in it", "settles 2028")]
    [InlineData("has not come yet", "announced 2026-11-21")]
    [InlineData("which it does not take off", "makes up 2027-03-06")]
    [InlineData("working day anyway", "works 2027-03-03")]
    [InlineData("2450/VPCP-KGVX, not announced before it, says the opposite of 2024-05-04", "off 2024-05-04")]
    public void A_decision_that_contradicts_itself_or_another_is_refused_by_its_number(string why, params string[] decisions)
    {
        Should.Throw<UserError>(() => Calendars.Decide([.. decisions.Select(Make)], WorkCalendar.Vietnam, Today)).Message.ShouldContain(why);

        static CalendarDecision Make(string spec)
        {
            var plain = Of2027 with { Number = spec };
            return spec.Split(' ') switch
            {
                ["settles", var year] => plain with { Settles = int.Parse(year, CultureInfo.InvariantCulture) },
                ["announced", var day] => plain with { Announced = On(day) },
                ["makes", "up", var day] => plain with { MakeUpDays = [new(On(day), On("2027-03-08"))] },
                ["works", var day] => plain with { MakeUpDays = [new(On(day), On("2027-02-10"))] },
                ["off", var day] => plain with { Announced = On("2024-04-01"), Settles = null, DaysOff = [new(On(day), Tet)] },
                _ => plain,
            };
        }
    }

    [Fact]
    public void When_it_was_recorded_is_not_for_a_file_to_say() => Should.Throw<JsonException>(() => CalendarData.ParseDecisions(
        """[{"number":"1","announced":"2026-12-01","settles":null,"daysOff":[],"makeUpDays":[],"source":"","recorded":"2026-01-01"}]"""u8));
}
