using System.Text.Json.Nodes;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd;

/// <summary>Due dates that explain themselves at a terminal, through all that may happen to a clock.</summary>
public sealed class DeadlineTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventdossier-deadlines-").FullName;
    private TestDatabase _database = null!;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateMigratedAsync();
        await File.WriteAllTextAsync(Path.Combine(_folder, "procedures.json"), """
            [{"code": "1.004", "name": "Cấp giấy phép xây dựng", "agency": "H49.12", "limit": "5 days", "generalLimit": "15 days", "inForceFrom": "2020-01-01T00:00:00+07:00", "basis": "QĐ 1", "generalBasis": "NĐ 15"}]
            """);
        await AnswerAsync("procedures", "import", Path.Combine(_folder, "procedures.json"));
    }

    public async Task DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_due_date_is_explained_at_receipt_after_a_supplement_after_an_extension_and_after_a_late_decision()
    {
        var (code, other) = (await ReceiveAsync(), await ReceiveAsync());
        await ShouldExplainAsync(code,
            "  Sat 25 Apr 2026  skipped: weekend",
            "  Mon 27 Apr 2026  skipped: holiday, Hùng Kings' Commemoration Day, in lieu of Sun 26 Apr 2026 (Labour Code 45/2019/QH14, art. 111(3))",
            "  Tue 28 Apr 2026  counted, 1 of 5",
            "  Wed 29 Apr 2026  counted, 2 of 5",
            "  Thu 30 Apr 2026  skipped: holiday, Reunification Day (Labour Code 45/2019/QH14, art. 112)",
            "  Mon 4 May 2026  counted, 3 of 5",
            "  Wed 6 May 2026  counted, 5 of 5",
            "Due: Wed 6 May 2026 17:00",
            "General limit: 15 working days, Wed 20 May 2026 17:00");

        foreach (var dossier in (string[])[code, other])
        {
            await AnswerAsync("request-supplement", dossier, "--items", "bản vẽ", "--delivered-by", "online", "--at", "2026-04-28T09:00", "--approved-by", "truong-phong");
            (await AnswerAsync("show", dossier))["due"].ShouldBeNull("the clock stands");
            await AnswerAsync("provide-supplement", dossier, "--at", "2026-05-05T10:00", "--approved-by", "truong-phong");
            await ShouldExplainAsync(dossier,
                "  Tue 5 May 2026  counted, 1 of 5",
                "  Mon 11 May 2026  counted, 5 of 5",
                "Due: Mon 11 May 2026 17:00",
                "Promised: Wed 6 May 2026 17:00; that date stands on the slip and stays there");
        }

        (await RefusalAsync("extend", code, "--until", "2026-05-15", "--reason", "chờ ý kiến", "--at", "2026-05-12T09:00", "--approved-by", "truong-phong")).ShouldBe("expired");
        await AnswerAsync("extend", code, "--until", "2026-05-15", "--reason", "chờ ý kiến", "--at", "2026-05-08T09:00", "--approved-by", "truong-phong");
        await ShouldExplainAsync(code, "Without extension: Mon 11 May 2026 17:00", "Due: Fri 15 May 2026 17:00", "Promised: Wed 6 May 2026 17:00; that date stands on the slip and stays there");
        (await RefusalAsync("extend", code, "--until", "2026-05-20", "--reason", "lần nữa", "--at", "2026-05-08T09:00", "--approved-by", "truong-phong")).ShouldBe("extended-already");

        await File.WriteAllTextAsync(Path.Combine(_folder, "storm.json"), """
            [{"number": "77/CĐ-TTg", "announced": "2026-05-05", "settles": null, "daysOff": [{"date": "2026-05-08", "reason": {"en": "typhoon", "vi": "bão"}}], "makeUpDays": [], "source": "test"}]
            """);
        var moved = (await AnswerAsync("calendar", "import", Path.Combine(_folder, "storm.json")))["moved"]!.AsArray().ToDictionary(m => m!["code"]!.ToString(), m => m!);
        moved.Keys.Order().ShouldBe([code, other]); // The general limit moves both.
        moved[code]["to"]!.ToString().ShouldBe(moved[code]["from"]!.ToString(), "extended to a day that is worked as before");
        moved[other]["to"]!.ToString().ShouldStartWith("2026-05-12");
        await ShouldExplainAsync(other,
            "  Fri 8 May 2026  skipped: holiday, typhoon (77/CĐ-TTg)",
            "Due: Tue 12 May 2026 17:00",
            "Promised: Wed 6 May 2026 17:00; that date stands on the slip and stays there",
            "Moved by decision 77/CĐ-TTg, announced Tue 5 May 2026, after receipt.");
        (await Dossier.RunAsync(_database, "verify")).Exit.ShouldBe(0);
    }

    private async Task<string> ReceiveAsync() => (await AnswerAsync(
        "receive", "--procedure", "1.004", "--at", "2026-04-24T16:10", "--approved-by", "truong-phong"))["code"]!.ToString();

    private async Task ShouldExplainAsync(string code, params string[] lines)
    {
        var run = await Dossier.RunAsync(_database, "deadline", "explain", code);
        run.Exit.ShouldBe(0, run.Error);
        lines.ShouldBeSubsetOf(run.Output.Split('\n'), run.Output);
    }

    private async Task<JsonNode> AnswerAsync(params string[] arguments)
    {
        var run = await Dossier.RunAsync(_database, [.. arguments, "--json"]);
        (run.Exit, run.Error).ShouldBe((0, ""), string.Join(' ', arguments));
        return JsonNode.Parse(run.Output)!;
    }

    private async Task<string> RefusalAsync(params string[] arguments)
    {
        var run = await Dossier.RunAsync(_database, [.. arguments, "--json"]);
        run.Exit.ShouldBe(1, run.Output);
        return JsonNode.Parse(run.Error)!["error"]!["code"]!.ToString();
    }
}
