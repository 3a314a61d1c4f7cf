using System.Text;
using EventDossier.Cli;

namespace EventDossier.EndToEnd;

public sealed class OutputTests
{
    [Fact]
    public void A_table_is_aligned_by_what_is_seen_and_numbers_stand_to_the_right()
    {
        // The second name is written with combining marks: more characters, no more columns.
        var text = Written(json: false, output => output.Table(["name", "days", "unit"], [["Cấp giấy phép", "5", "A"], ["Ca\u0302\u0301p", "120", "B"], ["許可", "", "C"]]));
        text.ShouldBe(
            "name           days  unit\n"
            + "Cấp giấy phép     5  A\n"
            + "Ca\u0302\u0301p             120  B\n"
            + "許可                 C\n");
    }

    [Fact]
    public void What_steers_a_terminal_is_shown_and_not_sent()
    {
        Written(json: false, output => output.Line("a\u001b[2Jb")).ShouldBe("a\uFFFD[2Jb\n");
    }

    [Fact]
    public void A_document_is_camel_case_with_RFC_3339_times_and_legible_Vietnamese()
    {
        var due = new DateTimeOffset(2026, 5, 6, 17, 0, 0, TimeSpan.FromHours(7));
        Written(json: true, output => output.Answer(new { DueAt = due, Unit = "Sở Y tế" }, () => output.Line("not this"))).ShouldBe("""
            {
              "dueAt": "2026-05-06T17:00:00+07:00",
              "unit": "Sở Y tế"
            }

            """);
    }

    private static string Written(bool json, Action<Output> write)
    {
        using var stream = new MemoryStream();
        using (var output = new Output(json, stream)) write(output);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
