using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd;

/// <summary>What an auditor asks at a terminal: step by step, as of then, what if, and how it really goes.</summary>
public sealed class AuditTests : IAsyncLifetime
{
    private const string Late = "H49.12-260504-0001";
    private readonly string _folder = Directory.CreateTempSubdirectory("eventdossier-audit-").FullName;
    private TestDatabase _database = null!;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateMigratedAsync();
        var samples = Path.Combine(TestDatabase.RepositoryRoot, "docs", "samples");
        await AnswerAsync("import", Path.Combine(samples, "service-centre.csv"), "--map", Path.Combine(samples, "service-centre.map.json"));
    }

    public async Task DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_history_is_replayed_step_by_step_and_between_any_two_moments()
    {
        var steps = (await AnswerAsync("replay", Late))["steps"]!.AsArray();
        var history = (await AnswerAsync("history", Late)).AsArray();
        steps.Select(s => s!["event"]!["version"]!.GetValue<long>()).ShouldBe(history.Select(e => e!["version"]!.GetValue<long>()));
        steps[0]!["due"]!["promised"]!.ToString().ShouldStartWith("2026-05-11T17:00");
        steps[0]!["changed"]!.AsArray().Select(c => c!["fact"]!.ToString()).ShouldContain("due");

        var told = await Dossier.RunAsync(_database, "replay", Late);
        told.Output.ShouldContain($"1 of {steps.Count}  dossier_received");
        told.Output.ShouldContain("promised 2026-05-11 17:00; known then 2026-05-11 17:00; known now 2026-05-11 17:00");

        var (forth, back) = (await AnswerAsync("replay", Late, "--from", "1", "--to", "3"), await AnswerAsync("replay", Late, "--from", "3", "--to", "1"));
        forth["came"]!.AsArray().Select(e => e!["version"]!.GetValue<long>()).ShouldBe([2, 3]);
        (back["came"]!.AsArray().Count, back["gone"]!.AsArray().Count).ShouldBe((0, 2));
        (await Dossier.RunAsync(_database, "replay", Late, "--from", "2026-05-05@2026-05-05")).Output.ShouldContain("  receivedAt: ", customMessage: "nothing of it was recorded then");
        (await Dossier.RunAsync(_database, "replay", Late, "--from", "yesterday")).Exit.ShouldBe(2);
        (await Dossier.RunAsync(_database, "replay")).Exit.ShouldBe(2);
        (await Dossier.RunAsync(_database, "replay", "H49.12-260504-9999")).Exit.ShouldBe(1);
    }

    [Fact]
    public async Task On_a_terminal_the_arrow_keys_step_forwards_and_back_and_the_screen_is_given_back()
    {
        var count = (await AnswerAsync("history", Late)).AsArray().Count;
        // A terminal of its own, as script(1) makes one.
        var start = new ProcessStartInfo("script", ["-qefc", $"{Path.Combine(AppContext.BaseDirectory, "dossier")} replay {Late}", "/dev/null"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        (start.Environment["ConnectionStrings__EventDossier"], start.Environment["TERM"]) = (_database.ConnectionString, "xterm");
        using var terminal = Process.Start(start)!;
        var shown = "";
        async Task UntilAsync(string text)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60), TestDatabase.Time);
            var (buffer, seen) = (new char[4096], "");
            while (!seen.Contains(text, StringComparison.Ordinal))
            {
                var read = await terminal.StandardOutput.ReadAsync(buffer, patience.Token);
                read.ShouldBeGreaterThan(0, $"'{text}' never came: {shown}");
                seen += new string(buffer, 0, read);
                shown += new string(buffer, 0, read);
            }
        }
        async Task PressAsync(string keys)
        {
            await terminal.StandardInput.WriteAsync(keys);
            await terminal.StandardInput.FlushAsync();
        }
        await UntilAsync("q quit");
        shown.ShouldContain($"1 of {count}  dossier_received");
        await PressAsync("\e[C");
        await UntilAsync($"2 of {count}  activity_imported");
        await PressAsync("\e[F");
        await UntilAsync($"{count} of {count}  dossier_imported");
        await PressAsync("\e[D");
        await UntilAsync($"{count - 1} of {count}  ");
        await PressAsync("q");
        await UntilAsync("\e[?1049l");
        await terminal.WaitForExitAsync();
        terminal.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task Lists_board_and_figures_are_told_as_they_stood()
    {
        // All of it was recorded just now, and happened in spring.
        (await AnswerAsync("overdue", "--as-of", "2026-05-15T17:00"))["count"]!.GetValue<long>().ShouldBe(3);
        (await AnswerAsync("overdue", "--as-of", "2026-05-15T17:00", "--known-at", "2026-05-15T17:00"))["count"]!.GetValue<long>().ShouldBe(0, "nobody could have known that then");
        var then = DateTimeOffset.Parse("2026-05-05T12:00+07:00");
        DateTimeOffset? Time(JsonNode row, string name) => row[name] is { } time ? DateTimeOffset.Parse(time.ToString()) : null;
        var open = (await AnswerAsync("list", "--limit", "100")).AsArray().Where(d => Time(d!, "receivedAt") <= then && !(Time(d!, "finishedAt") <= then)).Select(d => d!["code"]!.ToString()).ToList();
        (await AnswerAsync("work", "--as-of", "2026-05-05T12:00", "--limit", "100")).AsArray().Select(d => d!["code"]!.ToString()).ShouldBe(open, ignoreOrder: true);
        open.Count.ShouldBeInRange(1, 39);
        (await AnswerAsync("list", "--known-at", "2026-05-15")).AsArray().ShouldBeEmpty();
        var position = (await AnswerAsync("history", Late)).AsArray()[0]!["position"]!.GetValue<long>();
        (await AnswerAsync("list", "--position", $"{position}", "--limit", "100")).AsArray().Count.ShouldBeInRange(1, 39);
        (await AnswerAsync("show", Late, "--position", $"{position}"))["version"]!.GetValue<long>().ShouldBe(1);
        var (whole, before) = (await AnswerAsync("figures", "--period", "2026"), await AnswerAsync("figures", "--period", "2026", "--as-of", "2026-05-01"));
        whole["rows"]!.AsArray().Sum(r => r!["cameIn"]!.GetValue<long>()).ShouldBe(40);
        before["rows"]!.AsArray().Sum(r => r!["cameIn"]!.GetValue<long>()).ShouldBeInRange(1, 39);
        before["reconciles"]!.GetValue<bool>().ShouldBeTrue();

        foreach (var by in (string[])["agency", "procedure", "channel", "month"])
        {
            var divided = await AnswerAsync("figures", "--period", "2026", "--by", by, "--list", "receivedOnline");
            divided["rows"]!.AsArray().Sum(r => r!["counts"]!["receivedOnline"]!.GetValue<long>()).ShouldBe(whole["total"]!["receivedOnline"]!.GetValue<long>(), by);
            divided["rows"]!.AsArray().Sum(r => r!["dossiers"]!.AsArray().Count).ShouldBe(whole["total"]!["receivedOnline"]!.GetValue<int>(), by);
            (divided["by"]!.ToString(), divided["position"]!.ToString(), divided["definition"]!.ToString()).ShouldBe((by, whole["position"]!.ToString(), whole["definition"]!.ToString()));
        }
        var promises = await AnswerAsync("figures", "promises", "--period", "2026", "--by", "month", "--as-of", "2026-05-01");
        promises["rows"]!.AsArray().Select(r => r!["key"]!.ToString()).ShouldBe(["2026-01", "2026-02", "2026-03", "2026-04"]);
        (await AnswerAsync("figures", "promises", "--period", "2026", "--as-of", "2026-05-01"))["promises"]!["online"]!["of"]!.ToString().ShouldBe(promises["all"]!["promises"]!["online"]!["of"]!.ToString());
    }

    [Fact]
    public async Task What_would_differ_under_another_rule_is_listed_and_counted()
    {
        var ladder = await WriteAsync("ladder.json", """{"shortUnderHours": 32, "rules": [{"name": "overdue", "clock": "handling", "level": "l2", "hours": 0, "to": ["director"]}]}""");
        var all = await AnswerAsync("replay", "--all", "--ladder", ladder, "--past", "--limit", "2");
        all["counts"]!["dossiers"]!.GetValue<long>().ShouldBe(40);
        all["counts"]!["alertsFewer"]!.GetValue<long>().ShouldBeGreaterThan(0);
        all["dossiers"]!.AsArray().Count.ShouldBe(2);
        (await AnswerAsync("replay", "--all", "--ladder", ladder))["counts"]!["differing"]!.GetValue<long>().ShouldBe(0, "what an older system kept owes no alert before its cut-over");

        var calendar = await WriteAsync("calendar.json", """[{"number": "77", "announced": "2026-05-05", "settles": null, "daysOff": [{"date": "2026-05-11", "reason": {"en": "storm", "vi": "bão"}}], "makeUpDays": [], "source": "test"}]""");
        var storm = await Dossier.RunAsync(_database, "replay", Late, "--calendar", calendar);
        storm.Output.ShouldContain("due 2026-05-11 17:00 → 2026-05-12 17:00");
        (await Dossier.RunAsync(_database, "replay", Late, "--calendar", ladder)).Exit.ShouldBe(1);
    }

    [Fact]
    public async Task The_process_is_told_in_numbers_and_drawn()
    {
        var svg = Path.Combine(_folder, "map.svg");
        var process = await AnswerAsync("process", "--svg", svg);
        process["dossiers"]!.GetValue<long>().ShouldBe(40);
        process["activities"]!.GetValue<long>().ShouldBe(247);
        XDocument.Load(svg).Root!.Value.ShouldContain(process["nodes"]![0]!["activity"]!.ToString());
        (await Dossier.RunAsync(_database, "process")).Output.ShouldContain("40 dossiers, 247 activities");
    }

    private async Task<string> WriteAsync(string name, string text)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, name), text);
        return Path.Combine(_folder, name);
    }

    private async Task<JsonNode> AnswerAsync(params string[] arguments)
    {
        var run = await Dossier.RunAsync(_database, [.. arguments, "--json"]);
        // On a busy machine long work tells its progress there.
        run.Exit.ShouldBe(0, $"{string.Join(' ', arguments)}: {run.Error}");
        return JsonNode.Parse(run.Output)!;
    }
}
