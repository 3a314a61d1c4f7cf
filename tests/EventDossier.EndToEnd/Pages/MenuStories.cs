using EventDossier.Dossiers;
using Microsoft.Playwright;

namespace EventDossier.EndToEnd.Pages;

/// <summary>The menu of who has many pages, by keyboard, from a telephone to a wall and without scripts.</summary>
[Collection(OneBrowser.Name)]
public sealed class MenuStories(Browser browser)
{
    [Theory]
    [InlineData("vi", 320)]
    [InlineData("en", 1280)]
    [InlineData("en", 3840)]
    public async Task A_director_finds_every_page_in_groups_that_open_by_keyboard_one_at_a_time(string language, int width)
    {
        var page = await browser.SignInAsync("director", "tt-giamdoc-1", language, width);
        await page.GotoAsync("/portal");
        var (groups, open) = (page.Locator("nav.menu summary"), page.Locator("nav.menu details[open]"));
        (await open.CountAsync()).ShouldBe(0);
        (await groups.CountAsync()).ShouldBeInRange(5, 8);
        (await page.Locator("nav.menu summary[aria-current]").CountAsync()).ShouldBe(1, "where one is");
        for (var i = 0; i < await groups.CountAsync(); i++)
        {
            await groups.Nth(i).FocusAsync();
            await page.Keyboard.PressAsync("Enter");
            (await open.CountAsync()).ShouldBe(1);
            (await open.Locator("a").First.IsVisibleAsync()).ShouldBeTrue();
            var box = (await open.Locator("ul").BoundingBoxAsync())!;
            (box.X >= 0 && box.X + box.Width <= width).ShouldBeTrue($"group {i} stays on the page: {box.X} to {box.X + box.Width} of {width}");
            await Browser.LookAsync(page, $"menu-{i}-{language}-{width}");
        }
        await page.Keyboard.PressAsync("Escape");
        (await open.CountAsync()).ShouldBe(0);
        await groups.First.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync($"{browser.Server.Client.BaseAddress}work");
        await page.GotoAsync("/");
        await Browser.LookAsync(page, $"director-home-{language}-{width}");
        browser.Complaints.ShouldBeNone();
    }

    [Fact]
    public async Task Without_scripts_a_group_opens_too_and_closes_the_one_before()
    {
        var page = await browser.SignInAsync("director", "tt-giamdoc-1", "vi", 1280, scripts: false);
        await page.ClickAsync("nav.menu summary >> nth=1");
        await page.ClickAsync("nav.menu summary >> nth=3");
        (await page.Locator("nav.menu details[open]").CountAsync()).ShouldBe(1);
        await page.ClickAsync("nav.menu details[open] a[href='/process']");
        (await page.TitleAsync()).ShouldContain("EventDossier");
        page.Url.ShouldEndWith("/process");
    }

    [Fact]
    public async Task A_short_menu_has_no_groups()
    {
        var page = await browser.SignInAsync(Role.TransparencyOfficer, "tt-giamdoc-1", "en");
        (await page.Locator("nav.menu summary").CountAsync()).ShouldBe(0);
        (await page.Locator("nav.menu a").CountAsync()).ShouldBeInRange(2, 8);
    }
}
