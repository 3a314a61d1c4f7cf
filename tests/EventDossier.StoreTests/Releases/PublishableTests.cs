using System.IO.Compression;
using System.Text.Json.Nodes;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Figures;
using EventDossier.Procedures;
using EventDossier.Releases;

namespace EventDossier.StoreTests.Releases;

/// <summary>What a release leaves out, and what its official figures hide.</summary>
public sealed class PublishableTests : IAsyncLifetime
{
    private const string Police = "P-police", PoliceAgency = "H49.99";
    private static int _commands;
    private readonly string _folder = Directory.CreateTempSubdirectory("eventdossier-publishable-").FullName;
    private Centre _centre = null!;
    private ReleaseDesk _desk = null!;

    public async Task InitializeAsync()
    {
        _centre = await Centre.OpenAsync();
        _desk = new(_centre.Database, Path.Combine(_folder, "signing.key"), Path.Combine(_folder, "drafts"), Path.Combine(_folder, "open-data"));
        await PublishAsync(publishable: false);
    }

    public async Task DisposeAsync()
    {
        await _centre.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private DateTimeOffset From => _centre.Now.AddDays(-1);

    private DateTimeOffset To => _centre.Now.AddHours(1);

    private Task<int> PublishAsync(bool publishable) => new Catalogue(_centre.Database).PublishAsync(
        [new(new(2025, 1, 1, 0, 0, 0, TimeSpan.FromHours(7)), Police, "Xac nhan", PoliceAgency, Limit.Parse("5 days"), null) { Publishable = publishable }],
        Centre.Command($"publishable {publishable}"));

    [Fact]
    public async Task A_procedure_that_is_not_publishable_is_in_no_file_of_a_release_nor_in_the_open_data()
    {
        await ReceiveAsync(Centre.Procedure, Centre.Agency, 8);
        await ReceiveAsync(Police, PoliceAgency, 9);
        (await Form06.OfAsync(_centre.Database, From, To)).Total.CameIn.ShouldBe(17);

        (await _desk.DraftAsync(new(From, To) { Procedure = Police }, By("mai"))).Refusal!.Code.ShouldBe("not-publishable");
        var release = await ReleaseAsync();
        (release.Checked!.Cases, release.Checked.Kept, release.IsCurrent).ShouldBe((8, 8, true));
        var figures = await FiguresAsync(release.Number);
        Cell(figures, "all", "receivedAtCounter").ShouldBe(8);
        figures["official"]!["promises"]!["online"]!["of"]!.GetValue<long>().ShouldBe(8);

        var files = Directory.EnumerateFiles(Path.Combine(_folder, "open-data"), "*", SearchOption.AllDirectories).ToList();
        files.Count.ShouldBeGreaterThan(13);
        foreach (var file in files)
        {
            var text = await TextAsync(file);
            text.ShouldNotContain(Police, customMessage: file);
            text.ShouldNotContain(PoliceAgency, customMessage: file);
        }
        (await TextAsync(files.Single(f => f.EndsWith(".xes.gz", StringComparison.Ordinal)))).ShouldContain(Centre.Procedure, customMessage: "the reader of the files reads them");

        // Opened again, it is in the next.
        await PublishAsync(publishable: true);
        (await _desk.DraftAsync(new(From, To) { Supersedes = release.Number, Reason = "more" }, By("mai"))).Refusal.ShouldBeNull();
        (await _desk.CheckAsync("2026-0002", By("mai"))).Release!.Checked!.Cases.ShouldBe(17);
    }

    [Fact]
    public async Task A_count_from_which_an_earlier_one_could_be_subtracted_is_hidden()
    {
        await ReceiveAsync(Centre.Procedure, Centre.Agency, 12);
        var drafted = new ReleaseDrafted(_centre.Now, "mai", From, To, await _centre.HeadAsync(), 5, 60, DraftRelease.Definitions, "centre", "licence");
        var figures = new OfficialFigures(drafted, await Rulebook.LoadAsync(_centre.Database));
        await figures.FollowAsync(_centre.Database, drafted.Position, default);
        var cell = "";
        cell = OfficialFigures.Cells(Tell([])).Single(c => c is { Count: 12 } && c.Cell.StartsWith("agency", StringComparison.Ordinal)
            && c.Cell.EndsWith("all receivedAtCounter", StringComparison.Ordinal)).Cell;

        foreach (var (before, hidden) in ((long, bool)[])[(12, false), (10, true), (14, true), (7, false), (8, true), (17, false)])
        {
            var told = OfficialFigures.Cells(Tell([before])).ToDictionary(c => c.Cell, c => c.Count);
            told[cell].ShouldBe(hidden ? null : 12, $"{before} was told before");
            // Nor does another table give it back.
            told.Where(c => c.Key.EndsWith("all receivedAtCounter", StringComparison.Ordinal)).ShouldAllBe(c => c.Value == told[cell], $"{before}");
        }
        Tell([12, 10]).Hidden.ShouldBeGreaterThan(0, "each earlier one counts");

        OfficialFigures.Report Tell(long[] before) => figures.Tell(5, before.ToLookup(_ => cell, count => count));
    }

    [Fact]
    public async Task The_official_figures_of_a_release_are_compared_with_those_that_went_out_before()
    {
        await ReceiveAsync(Centre.Procedure, Centre.Agency, 10);
        var first = await ReleaseAsync();
        Cell(await FiguresAsync(first.Number), "all", "receivedAtCounter").ShouldBe(10);
        var (from, to) = (From, To);

        // Two more of the same period, recorded since.
        await ReceiveAsync(Centre.Procedure, Centre.Agency, 2);
        var second = await ReleaseAsync(new(from, to) { Supersedes = first.Number, Reason = "two more" });
        second.Checked!.Findings.ShouldBeEmpty();
        Cell(await FiguresAsync(second.Number), "all", "receivedAtCounter").ShouldBeNull("12 - 10 are two");
        (await Form06.OfAsync(_centre.Database, from, to)).Total.CameIn.ShouldBe(12);

        await ReceiveAsync(Centre.Procedure, Centre.Agency, 8);
        var third = await ReleaseAsync(new(from, to) { Supersedes = second.Number, Reason = "eight more" });
        Cell(await FiguresAsync(third.Number), "all", "receivedAtCounter").ShouldBe(20, "ten more than the first told; the second told none");
    }

    private async Task<Release> ReleaseAsync(DraftRelease? act = null)
    {
        var drafted = await _desk.DraftAsync(act ?? new(From, To), By("mai"));
        drafted.Refusal.ShouldBeNull();
        var number = drafted.Release!.Number;
        var judged = (await _desk.CheckAsync(number, By("mai"))).Release!;
        judged.Stage.ShouldBe(ReleaseStage.Checked, string.Join("; ", judged.Checked!.Findings));
        await _desk.ApproveAsync(number, new(), By("hoa"));
        var published = await _desk.PublishAsync(number, By("mai"));
        published.Refusal.ShouldBeNull();
        return published.Release!;
    }

    private async Task ReceiveAsync(string procedure, string agency, int dossiers)
    {
        for (var i = 0; i < dossiers; i++)
            (await _centre.Desk.BeginAsync(new ReceiveDossier(procedure, "counter", Agency: agency), _centre.Context())).Refusal.ShouldBeNull();
    }

    private ActContext By(string who) =>
        new(_centre.Now.AddDays(1), Centre.Command($"publishable {Interlocked.Increment(ref _commands)}") with { Actor = who, Role = Role.TransparencyOfficer }, _centre.Now.AddDays(1));

    private async Task<JsonNode> FiguresAsync(string number) =>
        JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_desk.PublishedOf(number), "figures.json")))!;

    private static long? Cell(JsonNode figures, string agency, string bucket) =>
        figures["official"]!["agencies"]!.AsArray().Single(row => row!["key"]!.ToString() == agency)!["counts"]![bucket]?.GetValue<long>();

    /// <summary>All that is in a file, unpacked.</summary>
    private static async Task<string> TextAsync(string file)
    {
        await using var bytes = File.OpenRead(file);
        await using Stream unpacked = file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(bytes, CompressionMode.Decompress) : bytes;
        using var text = new StreamReader(unpacked, System.Text.Encoding.Latin1);
        return await text.ReadToEndAsync();
    }
}
