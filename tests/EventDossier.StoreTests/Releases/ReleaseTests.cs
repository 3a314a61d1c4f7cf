using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Figures;
using EventDossier.Import;
using EventDossier.OpenData;
using EventDossier.Record;
using EventDossier.Releases;
using EventDossier.Store;
using EventDossier.Tests.Exports;

namespace EventDossier.StoreTests.Releases;

/// <summary>A published log of 1,434 applications, released: by two persons, through the gate, and again.</summary>
public sealed class ReleaseTests(ReleaseTests.Centres centres) : IClassFixture<ReleaseTests.Centres>
{
    private static readonly DateTimeOffset From = new(2010, 10, 1, 0, 0, 0, TimeSpan.FromHours(7)), To = From.AddMonths(18);
    private static int _commands;

    private ReleaseDesk Desk => centres.Desk;

    private Database Database => centres.Centre.Database;

    public sealed class Centres : IAsyncLifetime
    {
        internal Centre Centre { get; private set; } = null!;
        internal ReleaseDesk Desk { get; private set; } = null!;
        internal string Folder { get; } = Directory.CreateTempSubdirectory("eventdossier-release-").FullName;
        internal string OpenData => Path.Combine(Folder, "open-data");

        public async Task InitializeAsync()
        {
            Centre = await Centre.OpenAsync();
            await ImportAsync(Path.Combine(TestDatabase.RepositoryRoot, "..", "shared", "data", "receipt.xes"));
            Desk = new(Centre.Database, Path.Combine(Folder, "signing.key"), Path.Combine(Folder, "drafts"), OpenData);
            var drafted = await Desk.DraftAsync(new(From, To), By("mai"));
            await Desk.CheckAsync(drafted.Release!.Number, By("mai"));
            await Desk.ApproveAsync(drafted.Release.Number, new(), By("hoa"));
            (await Desk.PublishAsync(drafted.Release.Number, By("mai"))).Refusal.ShouldBeNull();
        }

        internal async Task ImportAsync(string file) => (await new LogImport(Centre.Database, WorkCalendar.Vietnam).RunAsync(
            new(file, LogFile.Open(file, null, null, TimeZoneInfo.Utc), null, "UTC", Centre.Command(), Centre.Now))).Faults.ShouldBeEmpty();

        async Task IAsyncLifetime.DisposeAsync()
        {
            await Centre.DisposeAsync();
            Directory.Delete(Folder, recursive: true);
        }
    }

    [Fact]
    public async Task What_is_out_is_what_was_checked_signed_and_counted()
    {
        var (release, folder) = ((await Desk.FindAsync("2026-0001"))!, Desk.PublishedOf("2026-0001"));
        var (judged, published) = (release.Checked!, release.Published!);

        judged.Kept.ShouldBeInRange(1434 * 6 / 10, 1434);
        judged.Cases.ShouldBe(1434);
        var log = XDocument.Load(new GZipStream(File.OpenRead(Path.Combine(folder, "log.xes.gz")), CompressionMode.Decompress)).Root!;
        var traces = log.Elements().Where(e => e.Name.LocalName == "trace").ToList();
        (traces.Count, traces.Sum(t => (long)t.Elements().Count(e => e.Name.LocalName == "event"))).ShouldBe((judged.Kept, judged.Events));

        await using (var xes = new GZipStream(File.OpenRead(Path.Combine(folder, "log.xes.gz")), CompressionMode.Decompress))
            Schemas.OfXes(xes).ShouldBeEmpty();
        using (var ocel = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "log.jsonocel"))))
            Schemas.OfOcel(ocel.RootElement).ShouldBeEmpty();

        var sums = await File.ReadAllTextAsync(Path.Combine(folder, "SHA256SUMS"));
        Hash(Encoding.UTF8.GetBytes(sums)).ShouldBe(published.Sha256);
        foreach (var line in sums.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            line.ShouldBe($"{Hash(await File.ReadAllBytesAsync(Path.Combine(folder, line[66..])))}  {line[66..]}");
        var keys = (await RecordKeys.LoadAsync(Database)).Known;
        var note = SignedNote.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "SHA256SUMS.sig")))!;
        (note.Text, note.SignedBy(keys)!.Count).ShouldBe((sums, 1));
        SignedCheckpoint.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "checkpoint")), "").By(keys, "").ShouldNotBeNull();
        var report = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "disclosure.json")))!;
        (report["kept"]!.GetValue<int>(), report["leftOut"]!.GetValue<int>(), report["fewest"]!.GetValue<int>() >= 5).ShouldBe((judged.Kept, 1434 - judged.Kept, true));
        report["inWords"]!.AsArray()[0]!.ToString().ShouldBe($"{judged.Kept:N0} of 1,434 cases are published, {100m * judged.Kept / 1434:0.0} %; {1434 - judged.Kept} are left out.");
        (await Desk.VerifyAsync("2026-0001")).ShouldBeEmpty();
        File.Exists(Path.Combine(centres.OpenData, "catalog.jsonld")).ShouldBeTrue();
    }

    [Fact]
    public async Task The_same_release_built_anywhere_again_is_the_same_bytes()
    {
        var again = Directory.CreateTempSubdirectory("eventdossier-again-").FullName;
        (await Desk.BuildAsync("2026-0001", again)).Sha256.ShouldBe((await Desk.FindAsync("2026-0001"))!.Published!.Sha256);

        var names = Directory.EnumerateFiles(Desk.PublishedOf("2026-0001")).Select(f => Path.GetFileName(f)!).Order().ToList();
        Directory.EnumerateFiles(again).Select(f => Path.GetFileName(f)!).Order().ShouldBe(names);
        names.Count.ShouldBe(13);
        foreach (var name in names)
            (await File.ReadAllBytesAsync(Path.Combine(again, name))).ShouldBe(await File.ReadAllBytesAsync(Path.Combine(Desk.PublishedOf("2026-0001"), name)), name);
        Directory.Delete(again, recursive: true);
    }

    [Fact]
    public async Task Its_figures_are_counted_again_from_its_files_by_a_script()
    {
        var (exit, told) = await RecountAsync(Desk.PublishedOf("2026-0001"));
        exit.ShouldBe(0, told);
        told.ShouldContain("figures.json tells the same");

        // The script can say no.
        var other = Directory.CreateTempSubdirectory("eventdossier-recount-").FullName;
        foreach (var file in (string[])["dossiers.csv", "events.csv", "figures.json", "disclosure.json"])
            File.Copy(Path.Combine(Desk.PublishedOf("2026-0001"), file), Path.Combine(other, file));
        var rows = (await File.ReadAllLinesAsync(Path.Combine(other, "dossiers.csv"))).ToList();
        await File.WriteAllLinesAsync(Path.Combine(other, "dossiers.csv"), rows[..^1]);
        (await RecountAsync(other)).Exit.ShouldBe(1);
        Directory.Delete(other, recursive: true);
    }

    [Fact]
    public async Task The_official_figures_are_those_of_form_06_where_they_are_told()
    {
        var official = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Desk.PublishedOf("2026-0001"), "figures.json")))!["official"]!;
        var form = await Form06.OfAsync(Database, From, To);
        var (told, hidden) = (0, 0);
        foreach (var row in official["agencies"]!.AsArray().Where(r => r!["of"] is null || r["of"]!.ToString() == "all"))
        {
            var of = row!["key"]!.ToString() == "all" ? form.Total : form.Rows.Single(r => r.Agency == row["key"]!.ToString());
            foreach (var (name, count) in row["counts"]!.AsObject())
            {
                var exact = of[Enum.Parse<Bucket>(name, ignoreCase: true)];
                if (count is null)
                    hidden++;
                else
                    (count.GetValue<long>(), exact is 0 or >= 5).ShouldBe((exact, true), $"{row["key"]} {name}");
                told += count is null || exact == 0 ? 0 : 1;
            }
        }
        (told > 5, hidden > 3).ShouldBe((true, true), $"{told} {hidden}");
    }

    [Fact]
    public async Task A_file_that_was_touched_is_named()
    {
        var folder = Desk.PublishedOf("2026-0001");
        var (csv, bytes) = (Path.Combine(folder, "events.csv"), await File.ReadAllBytesAsync(Path.Combine(folder, "events.csv")));
        try
        {
            bytes[^5] ^= 1;
            await File.WriteAllBytesAsync(csv, bytes);
            (await Desk.VerifyAsync("2026-0001")).ShouldBe([new("events.csv", "was changed")]);
            File.Delete(csv);
            await File.WriteAllTextAsync(Path.Combine(folder, "more.txt"), "x");
            (await Desk.VerifyAsync("2026-0001")).ShouldBe([new("events.csv", "is missing"), new("more.txt", "does not belong there")]);
        }
        finally
        {
            bytes[^5] ^= 1;
            await File.WriteAllBytesAsync(csv, bytes);
            File.Delete(Path.Combine(folder, "more.txt"));
        }
        (await Desk.VerifyAsync("2026-0001")).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_the_gate_does_not_let_through_leaves_its_report_alone_and_goes_nowhere()
    {
        var number = await DraftAsync(new(From, To) { K = 400, Request = await AskAsync("k 400") });
        var judged = (await Desk.CheckAsync(number, By("mai"))).Release!;

        judged.Stage.ShouldBe(ReleaseStage.Failed);
        judged.Checked!.Findings.ShouldContain(f => f.Kind == "kept-too-few");
        Directory.EnumerateFiles(Desk.DraftOf(number)).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal).ShouldBe(["SHA256SUMS", "disclosure.json"]);
        (await Desk.ApproveAsync(number, new(), By("hoa"))).Refusal!.Code.ShouldBe("gate-failed");
        (await Desk.PublishAsync(number, By("mai"))).Refusal!.Code.ShouldBe("gate-failed");
        // Even where somebody writes a verdict and an approval into the log, the gate is asked again.
        var stream = Release.Stream(number);
        await Database.Log.AppendAsync([new(stream, Release.StreamType, judged.Version, Centre.Command(), [judged.Checked with { Findings = [] }, new ReleaseApproved(Now, "hoa", judged.Checked.Sha256)])]);
        (await Desk.PublishAsync(number, By("mai"))).Refusal!.Code.ShouldBe("gate-failed");
        Directory.Exists(Desk.PublishedOf(number)).ShouldBeFalse();
        (await Desk.FindAsync(number))!.Published.ShouldBeNull();
    }

    [Fact]
    public async Task Two_releases_of_one_time_tell_together_of_nobody_or_of_five()
    {
        // One dossier more than when the first went out: it is like many, and would be found by subtracting.
        var file = Path.Combine(centres.Folder, "one-more.xes");
        var log = XDocument.Load(Path.Combine(TestDatabase.RepositoryRoot, "..", "shared", "data", "receipt.xes"));
        var traces = log.Root!.Elements().Where(e => e.Name.LocalName == "trace").ToList();
        var copied = traces.First(t => t.Elements().Count(e => e.Name.LocalName == "event") == 6);
        copied.Elements().Single(a => a.Attribute("key")?.Value == "concept:name").SetAttributeValue("value", "case-one-more");
        foreach (var trace in traces.Where(t => t != copied))
            trace.Remove();
        log.Save(file);
        await centres.ImportAsync(file);

        var number = await DraftAsync(new(From, To) { Request = await AskAsync("once more") });
        var judged = (await Desk.CheckAsync(number, By("mai"))).Release!.Checked!;
        judged.Findings.ShouldBeEmpty();
        judged.Earlier.ShouldContain("2026-0001");
        judged.Cases.ShouldBe(1435);
        await Desk.ApproveAsync(number, new(), By("hoa"));
        (await Desk.PublishAsync(number, By("mai"))).Refusal.ShouldBeNull();

        await using var command = Database.App.CreateCommand(
            """
            SELECT count(*)::int FROM (SELECT dossier, class FROM dossier_release.member WHERE release = '2026-0001') a
            FULL JOIN (SELECT dossier, class FROM dossier_release.member WHERE release = $1) b USING (dossier) GROUP BY a.class, b.class
            """);
        command.Parameters.Add(new() { Value = number });
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
            row.GetInt32(0).ShouldBeGreaterThanOrEqualTo(5);

        // Nothing in the files joins the one with the other but what five or more share; no code is in both.
        var (one, other) = (Cases(Desk.PublishedOf("2026-0001")), Cases(Desk.PublishedOf(number)));
        one.Keys.Intersect(other.Keys).ShouldBeEmpty();
        var there = other.Values.CountBy(c => c).ToDictionary();
        one.Values.CountBy(c => c).Where(c => c.Value < 5 || there.GetValueOrDefault(c.Key, 5) < 5).ShouldBeEmpty();

        // Nor with the public log: no text or day of a release, nor its hash, is a commitment in it.
        await using var leaves = Database.App.CreateCommand("SELECT commitment FROM dossier_record.leaf");
        var commitments = new HashSet<string>();
        await using var leaf = await leaves.ExecuteReaderAsync();
        while (await leaf.ReadAsync())
            commitments.Add(Convert.ToHexStringLower(leaf.GetFieldValue<byte[]>(0)));
        commitments.Count.ShouldBeGreaterThan(10_000);
        var texts = one.Keys.Concat(other.Keys).Concat(one.Values.Distinct()).Concat(File.ReadLines(Path.Combine(Desk.PublishedOf(number), "events.csv")).SelectMany(line => line.Split(',')).Distinct());
        texts.Where(text => commitments.Contains(text) || commitments.Contains(Hash(Encoding.UTF8.GetBytes(text)))).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_name_typed_where_a_step_belongs_stops_the_release_until_somebody_answers_for_it()
    {
        await using var centre = await Centre.OpenAsync();
        var desk = new ReleaseDesk(centre.Database, Path.Combine(centres.Folder, "other.key"), Path.Combine(centres.Folder, "other"), Path.Combine(centres.Folder, "other-open"));
        for (var i = 0; i < 8; i++)
        {
            var code = await centre.ReceiveAsync();
            (await centre.Desk.DoAsync(code, new CompleteStep("Gọi ông Nguyễn Văn An"), centre.Context<CompleteStep>())).Refusal.ShouldBeNull();
            (await centre.Desk.DoAsync(code, new WithdrawDossier("theo đơn của Trần Thị Bình, 0912345678"), centre.Context<WithdrawDossier>())).Refusal.ShouldBeNull();
        }
        var (day, name) = (centre.Now.AddDays(-1), "Gọi ông Nguyễn Văn An");
        var number = (await desk.DraftAsync(new(day, centre.Now.AddHours(1)), By("mai", centre.Now.AddDays(1)))).Release!.Number;

        var judged = (await desk.CheckAsync(number, By("mai", centre.Now.AddDays(1)))).Release!.Checked!;
        judged.Findings.Select(f => f.Kind).ShouldBe(["personal-text"]);
        judged.Findings[0].What.ShouldNotContain("An");
        var accepted = (await desk.DraftAsync(new(day, centre.Now.AddHours(1)) { Accepted = [name] }, By("mai", centre.Now.AddDays(1)))).Release!.Number;
        (await desk.CheckAsync(accepted, By("mai", centre.Now.AddDays(1)))).Release!.Stage.ShouldBe(ReleaseStage.Checked);
        foreach (var file in Directory.EnumerateFiles(desk.DraftOf(accepted)).Where(f => !f.EndsWith(".gz", StringComparison.Ordinal)))
            (await File.ReadAllTextAsync(file)).ShouldSatisfyAllConditions(t => t.ShouldNotContain("Bình"), t => t.ShouldNotContain("0912345678"), t => t.ShouldNotContain("clerk-7"));
    }

    [Fact]
    public async Task An_unknown_agency_or_one_person_twice_is_refused_and_a_withdrawn_release_keeps_its_place_in_the_catalogue()
    {
        (await Desk.DraftAsync(new(From, To) { Agency = "nowhere" }, By("mai"))).Refusal!.Code.ShouldBe("no-such-agency");
        (await Desk.DraftAsync(new(From, To) { Agency = "General" }, By("mai"))).Refusal!.Code.ShouldBe("overlaps-published");
        (await Desk.DraftAsync(new(From, Now.AddDays(1)), By("mai"))).Refusal!.Code.ShouldBe("period-not-over");
        (await Desk.CheckAsync("2026-9999", By("mai"))).Refusal!.Code.ShouldBe("no-such-release");

        var request = await AskAsync("General alone");
        var number = await DraftAsync(new(From, To) { Agency = "General", Request = request });
        (await Desk.CheckAsync(number, By("mai"))).Release!.Stage.ShouldBe(ReleaseStage.Checked);
        (await Desk.ApproveAsync(number, new(), By("mai"))).Refusal!.Code.ShouldBe("approver-is-drafter");
        await Desk.ApproveAsync(number, new(), By("hoa"));
        (await Desk.PublishAsync(number, By("mai"))).Refusal.ShouldBeNull();
        (await Desk.AnswerAsync(request, new(number, null), By("mai"))).Request!.Answer!.Release.ShouldBe(number);

        (await Desk.WithdrawAsync(number, new("the wrong agency"), By("hoa"))).Release!.Stage.ShouldBe(ReleaseStage.Withdrawn);
        Directory.Exists(Desk.PublishedOf(number)).ShouldBeFalse();
        (await File.ReadAllTextAsync(Path.Combine(centres.OpenData, "catalog.jsonld"))).ShouldContain("the wrong agency");
        (await Desk.PublishAsync(number, By("mai"))).Refusal!.Code.ShouldBe("release-closed");
    }

    [Fact]
    public async Task A_publication_that_is_late_is_told_once()
    {
        var (from, due) = (new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.FromHours(7)), new DateTimeOffset(2026, 4, 20, 17, 0, 0, TimeSpan.FromHours(7)));
        (await PublicationTimetable.PlanAsync(Database, from, from.AddMonths(3), from.AddMonths(2), By("mai"))).ShouldNotBeNull().Code.ShouldBe("bad-period");
        (await PublicationTimetable.PlanAsync(Database, From, To, due, By("mai"))).ShouldBeNull("it is out: never late");
        (await PublicationTimetable.PlanAsync(Database, from, from.AddMonths(3), due, By("mai"))).ShouldBeNull();
        (await PublicationTimetable.TellLateAsync(Database, due.AddMinutes(-1))).ShouldBeEmpty();
        (await PublicationTimetable.TellLateAsync(Database, due)).ShouldHaveSingleItem().From.ShouldBe(from);
        (await PublicationTimetable.TellLateAsync(Database, due.AddDays(1))).ShouldBeEmpty();
        (await PublicationTimetable.LoadAsync(Database)).Entries.Single(e => e.From == from).LateAt.ShouldBe(due);
    }

    private static DateTimeOffset Now => new(2026, 5, 4, 9, 0, 0, TimeSpan.FromHours(7));

    private static ActContext By(string who, DateTimeOffset? at = null) =>
        new(at ?? Now, Centre.Command($"release {Interlocked.Increment(ref _commands)}") with { Actor = who, Role = Role.TransparencyOfficer }, at ?? Now);

    private async Task<string> DraftAsync(DraftRelease act)
    {
        var drafted = await Desk.DraftAsync(act, By("mai"));
        drafted.Refusal.ShouldBeNull();
        return drafted.Release!.Number;
    }

    private async Task<string> AskAsync(string scope)
    {
        (await Desk.EnterAsync($"{scope}/YC", new(Requester.Court, scope, "Law 104", null), By("mai"))).Refusal.ShouldBeNull();
        return $"{scope}/YC";
    }

    /// <summary>All that the tables tell of each case, by its code.</summary>
    private static Dictionary<string, string> Cases(string folder) => File.ReadLines(Path.Combine(folder, "events.csv")).Skip(1)
        .GroupBy(line => line[..20], line => line[20..]).ToDictionary(g => g.Key, g => string.Join('\n', g));

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static async Task<(int Exit, string Told)> RecountAsync(string folder)
    {
        var python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
        using var process = Process.Start(new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, "Releases", "recount.py"), folder])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }
}
