using System.Text.Json.Nodes;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd;

/// <summary>A dossier's life at a terminal: acts, refusals, and the questions that are asked afterwards.</summary>
public sealed class LifeTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("eventdossier-life-").FullName;
    private TestDatabase database = null!;

    public async Task InitializeAsync()
    {
        database = await TestDatabase.CreateAsync();
        (await Dossier.RunAsync(database, "migrate")).Exit.ShouldBe(0);
    }

    public async Task DisposeAsync()
    {
        await database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_dossier_lives_from_receipt_to_return_and_answers_for_each_moment()
    {
        var procedures = Path.Combine(folder, "procedures.json");
        await File.WriteAllTextAsync(procedures, """
            [{"code": "1.004", "name": "Cấp giấy phép xây dựng", "agency": "H49.12", "limit": "5 days", "inForceFrom": "2020-01-01T00:00:00+07:00", "basis": "QĐ 1"}]
            """);
        (await AnswerAsync("procedures", "import", procedures))["published"]!.GetValue<int>().ShouldBe(1);
        (await AnswerAsync("procedures", "import", procedures))["published"]!.GetValue<int>().ShouldBe(0);

        string[] receive = ["receive", "--procedure", "1.004", "--agency", "H49.12", "--channel", "online", "--key", "form 17"];
        var received = await AnswerAsync(receive);
        (await AnswerAsync(receive)).ToJsonString().ShouldBe(received.ToJsonString(), "the same key is the same command");
        var code = received["code"]!.ToString();
        code.ShouldMatch("^H49\\.12-[0-9]{6}-0001$");
        (await AnswerAsync("receive", "--procedure", "1.004", "--agency", "H49.12"))["code"]!.ToString().ShouldBe(code[..^1] + "2");

        (await RefusalAsync("return", code)).ShouldBe("no-result");
        string[][] acts =
        [
            ["assign", code, "--to", "officer-3"], ["complete-step", code, "--step", "Thẩm định"], ["decide", code, "--outcome", "approved"],
            ["make-ready", code], ["return", code, "--by", "post"],
        ];
        var version = 1;
        foreach (var act in acts)
        {
            string[] once = [.. act, "--key", act[0]];
            (await AnswerAsync(once))["version"]!.GetValue<int>().ShouldBe(++version);
            (await AnswerAsync(once))["version"]!.GetValue<int>().ShouldBe(version, $"{act[0]} again under its key");
        }
        (await RefusalAsync("assign", code, "--to", "officer-4")).ShouldBe("not-open");
        (await RefusalAsync("assign", "H49.12-000101-0001", "--to", "officer-4")).ShouldBe("no-such-dossier");
        (await RefusalAsync("receive", "--procedure", "none", "--agency", "H49.12")).ShouldBe("no-such-procedure");

        var history = (await AnswerAsync("history", code)).AsArray();
        history.Select(e => e!["name"]!.ToString()).ShouldBe(["dossier_received", "dossier_assigned", "step_completed", "dossier_decided", "result_ready", "result_returned"]);
        (await StageAsync(code)).ShouldBe("returned");
        (await StageAsync(code, "--at-version", "1")).ShouldBe("received");
        (await StageAsync(code, "--as-of", history[3]!["occurredAt"]!.ToString())).ShouldBe("decided");
        (await StageAsync(code, "--known-at", history[2]!["recordedAt"]!.ToString())).ShouldBe("inProgress");
        (await Dossier.RunAsync(database, "show", code, "--as-of", "2020-01-01")).Exit.ShouldBe(1, "nothing had happened yet");
        var difference = (await AnswerAsync("diff", code, "1", "2")).AsObject();
        difference.Select(p => p.Key).Order().ShouldBe(["officer", "stage", "version"]);
        difference["officer"]!["to"]!.ToString().ShouldBe("officer-3");

        (await OverdueAsync("2026-01-01")).ShouldBeEmpty();
        (await OverdueAsync("2030-01-01")).ShouldBe([code[..^1] + "2"], "the first was finished in time");
        (await Dossier.RunAsync(database, "verify")).Exit.ShouldBe(0);
    }

    [Fact]
    public async Task The_deadline_that_skips_three_holidays_is_computed_day_by_day_without_a_database()
    {
        var run = await Dossier.RunAsync(["deadline", "compute", "--limit", "5 days", "--received", "2026-04-24T16:10"], ("ConnectionStrings__EventDossier", "Host=127.0.0.1;Port=1"));

        run.Exit.ShouldBe(0, run.Error);
        run.Output.TrimEnd().Split('\n')[^1].ShouldBe("Due: Wed 6 May 2026 17:00");
        foreach (var counted in (string[])["Tue 28 Apr", "Wed 29 Apr", "Mon 4 May", "Tue 5 May", "Wed 6 May"])
            run.Output.ShouldMatch($"{counted} 2026  counted");
    }

    [Theory]
    [InlineData(1, "show", "nobody")]
    [InlineData(1, "history", "nobody")]
    [InlineData(1, "deadline", "explain", "nobody")]
    [InlineData(1, "procedures", "import", "/nowhere.json")]
    [InlineData(2, "show")]
    [InlineData(2, "show", "X", "--as-of", "soon")]
    [InlineData(2, "rebuild")]
    [InlineData(2, "rebuild", "overview", "--all")]
    [InlineData(2, "deadline", "compute", "--limit", "some days", "--received", "2026-04-24")]
    [InlineData(2, "import", "/nowhere.xes", "--format", "docx")]
    [InlineData(2, "import", "/nowhere.xes", "--zone", "Nowhere/At_all")]
    public async Task What_cannot_be_done_is_one_line_and_its_exit_code(int exit, params string[] arguments)
    {
        var run = await Dossier.RunAsync(database, arguments);
        (run.Exit, run.Output).ShouldBe((exit, ""), run.Error);
        run.Error.ShouldMatch(@"\Adossier: [^\n]+\n\z");
    }

    [Theory]
    [InlineData("show", "X")]
    [InlineData("verify")]
    [InlineData("overdue")]
    [InlineData("migrate")]
    public async Task Without_a_database_every_verb_that_needs_one_is_exit_3(params string[] arguments)
    {
        var run = await Dossier.RunAsync(arguments, ("ConnectionStrings__EventDossier", "Host=127.0.0.1;Port=1;Username=nobody;Database=none"));
        (run.Exit, run.Output).ShouldBe((3, ""));
        run.Error.ShouldMatch(@"\Adossier: [^\n]+\n\z");
    }

    private async Task<JsonNode> AnswerAsync(params string[] arguments)
    {
        var run = await Dossier.RunAsync(database, [.. arguments, "--json"]);
        (run.Exit, run.Error).ShouldBe((0, ""), string.Join(' ', arguments));
        return JsonNode.Parse(run.Output)!;
    }

    private async Task<string> RefusalAsync(params string[] arguments)
    {
        var run = await Dossier.RunAsync(database, [.. arguments, "--json"]);
        (run.Exit, run.Output).ShouldBe((1, ""), string.Join(' ', arguments));
        return JsonNode.Parse(run.Error)!["error"]!["code"]!.ToString();
    }

    private async Task<string> StageAsync(string code, params string[] when) => (await AnswerAsync(["show", code, .. when]))["stage"]!.ToString();

    private async Task<string[]> OverdueAsync(string asOf) => [.. (await AnswerAsync("overdue", "--as-of", asOf))["dossiers"]!.AsArray().Select(d => d!["code"]!.ToString())];
}
