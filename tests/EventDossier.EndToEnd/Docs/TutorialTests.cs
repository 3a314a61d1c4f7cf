using System.Text.RegularExpressions;
using EventDossier.Dossiers;
using EventDossier.EndToEnd.Pages;
using EventDossier.EndToEnd.Web;
using EventDossier.StoreTests;
using Microsoft.Playwright;

namespace EventDossier.EndToEnd.Docs;

/// <summary>The first hour of the tutorial, walked as it is told. Its pictures are made here, into <c>.data/screenshots/tutorial</c>; the tutorial shows copies of them.</summary>
[Collection(OneBrowser.Name)]
public sealed partial class TutorialTests(Browser browser)
{
    private const int Most = 60_000;
    private static readonly string Made = Path.Combine(TestDatabase.RepositoryRoot, ".data", "screenshots", "tutorial");
    private static readonly string Tutorial = Path.Combine(TestDatabase.RepositoryRoot, "docs", "tutorial");

    private static async Task TakeAsync(IPage page, string name, int height = 480)
    {
        await page.ScreenshotAsync(new() { Path = Path.Combine(Made, $"{name}.png"), Clip = new() { Width = 960, Height = height } });
        new FileInfo(Path.Combine(Made, $"{name}.png")).Length.ShouldBeLessThan(Most, name);
    }

    private async Task<IPage> SignInAsync(string role, string person) => await browser.SignInAsync(role, person, "en", 960, 620);

    [Fact]
    public async Task The_first_hour_goes_as_it_is_told()
    {
        Directory.CreateDirectory(Made);
        var door = await browser.OpenAsync("en", 960, 620);
        await door.GotoAsync("/sign-in");
        await TakeAsync(door, "1-sign-in");

        var clerk = await SignInAsync(Role.Clerk, "xd-quay-1");
        await clerk.GotoAsync("/receive");
        await clerk.Keyboard.TypeAsync("nha o rieng le");
        await clerk.Keyboard.PressAsync("Tab");
        await clerk.Keyboard.TypeAsync("Nguyễn Thị Mai");
        await TakeAsync(clerk, "2-receive");
        await clerk.Keyboard.PressAsync("Enter");
        var code = (await clerk.TextContentAsync(".notice.good strong"))!;
        await TakeAsync(clerk, "3-received");
        var assigned = await browser.Server.PostAsync(WebServer.Director, $"/api/dossiers/{code}/assign", new { to = "xd-thamdinh-3", unit = "H49.12-01" });
        assigned.Status.ShouldBe(200, assigned.Text);

        var officer = await SignInAsync(Role.Officer, "xd-thamdinh-3");
        await officer.GotoAsync($"/work?after={assigned["position"]}");
        await TakeAsync(officer, "4-work");
        await officer.ClickAsync($"text={code}");
        await officer.ClickAsync(".do[open] button");
        await TakeAsync(officer, "5-dossier", 380);

        await browser.Server.ReceiveAsync(Browser.Procedure, "H49.12-01", "xd-thamdinh-3", "2026-05-04T09:00:00+07:00");
        var supervisor = await SignInAsync(Role.Supervisor, "xd-thamdinh-truong");
        await supervisor.GotoAsync($"/board?after={browser.Server.Position}");
        await Assertions.Expect(supervisor.Locator("table")).ToContainTextAsync("xd-thamdinh-3");
        await TakeAsync(supervisor, "6-board");

        var auditor = await SignInAsync(Role.Auditor, "kiem-toan-1");
        await auditor.GotoAsync($"/audit/{code}");
        await TakeAsync(auditor, "7-history", 420);

        var figures = await SignInAsync(Role.TransparencyOfficer, "tt-congkhai-1");
        await figures.GotoAsync("/releases");
        await TakeAsync(figures, "8-releases");
        browser.Complaints.ShouldBeNone();
    }

    [Fact]
    public void Its_pictures_are_there_with_words_for_who_does_not_see_them_and_small()
    {
        var shown = Picture().Matches(File.ReadAllText(Path.Combine(Tutorial, "README.md"))).Select(m => (Words: m.Groups["words"].Value, File: m.Groups["file"].Value)).ToList();
        shown.Count.ShouldBeInRange(6, 12);
        foreach (var (words, file) in shown)
        {
            words.Length.ShouldBeGreaterThan(20, file);
            new FileInfo(Path.Combine(Tutorial, file)).Length.ShouldBeLessThan(Most, file);
        }
        Directory.EnumerateFiles(Path.Combine(Tutorial, "pictures")).Select(file => $"pictures/{Path.GetFileName(file)}").Order().ShouldBe(shown.Select(s => s.File).Order());
    }

    [GeneratedRegex(@"!\[(?<words>[^\]]*)\]\((?<file>[^)]+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Picture();
}
