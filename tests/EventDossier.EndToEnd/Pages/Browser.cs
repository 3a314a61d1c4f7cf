using EventDossier.EndToEnd.Web;
using EventDossier.StoreTests;
using Microsoft.Playwright;

namespace EventDossier.EndToEnd.Pages;

/// <summary>The distribution's Chromium before a server with the development sign-in. What is seen on the way is kept in <c>.data/screenshots</c>.</summary>
public sealed class Browser : IAsyncLifetime
{
    /// <summary>A procedure of the Department of Construction with steps and documents.</summary>
    public const string Procedure = "2.001";
    public const string ProcedureName = "Cấp giấy phép xây dựng nhà ở riêng lẻ";

    private static readonly string Axe = Path.Combine(TestDatabase.RepositoryRoot, ".data", "npm", "node_modules", "axe-core", "axe.min.js");
    private static readonly string Screenshots = Path.Combine(TestDatabase.RepositoryRoot, ".data", "screenshots");
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public WebServer Server { get; } = new() { Settings = [("SignIn__Development", "true"), ("ASPNETCORE_ENVIRONMENT", "Development"), ("LookUp__PerMinute", "2000")] };

    public async Task InitializeAsync()
    {
        await Server.InitializeAsync();
        var file = Path.Combine(Server.Folder, "with-steps.json");
        await File.WriteAllTextAsync(file, $$"""
            [{"code": "{{Procedure}}", "name": "{{ProcedureName}}", "agency": "H49.12", "limit": "7 days", "generalLimit": "15 days", "inForceFrom": "2020-01-01T00:00:00+07:00", "basis": "QĐ 1",
              "steps": [{"name": "Thẩm định hồ sơ", "budgetHours": 16}, {"name": "Kiểm tra thực địa", "budgetHours": 8}, {"name": "Trình ký", "budgetHours": 4}],
              "documents": ["Đơn đề nghị", "Bản vẽ thiết kế"]}]
            """);
        var run = await Dossier.RunAsync(Server.Database, "procedures", "import", file);
        run.Exit.ShouldBe(0, run.Error);
        Directory.CreateDirectory(Screenshots);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = "/usr/bin/chromium", Args = ["--no-sandbox", "--disable-dev-shm-usage"] });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        await Server.DisposeAsync();
    }

    /// <summary>A fresh visitor. Whatever the page's own rules forbid it (a script or style that is not ours) fails the test.</summary>
    public async Task<IPage> OpenAsync(string language = "vi", int width = 1280, int height = 900, bool scripts = true)
    {
        var context = await _browser!.NewContextAsync(new()
        {
            BaseURL = Server.Client.BaseAddress!.ToString(), Locale = language == "vi" ? "vi-VN" : "en-GB", ViewportSize = new() { Width = width, Height = height }, JavaScriptEnabled = scripts,
        });
        context.SetDefaultTimeout(30_000);
        var page = await context.NewPageAsync();
        page.Console += (_, message) =>
        {
            // Another server's pages are its own affair.
            if (page.Url.StartsWith($"{Server.Client.BaseAddress}", StringComparison.Ordinal))
                Complaints.Add($"{page.Url}: {message.Text}", message);
        };
        return page;
    }

    /// <summary>What browsers complained of.</summary>
    public ComplaintList Complaints { get; } = new();

    /// <summary>Signs in as somebody of the imagined centre.</summary>
    public async Task<IPage> SignInAsync(string role, string person, string language = "vi", int width = 1280, int height = 900, bool scripts = true)
    {
        var page = await OpenAsync(language, width, height, scripts);
        await page.GotoAsync("/sign-in");
        await page.FillAsync("#person", person);
        await page.SelectOptionAsync("#role", role);
        await page.ClickAsync("main form.act button");
        // Where it has come to, not when it was loaded: that may have been told before anybody listened.
        await Assertions.Expect(page).ToHaveURLAsync($"{Server.Client.BaseAddress}");
        return page;
    }

    /// <summary>Keeps how a page looks, and holds it to WCAG 2.2 AA.</summary>
    public static async Task LookAsync(IPage page, string name) => (await FaultsAsync(page, name)).ShouldBeEmpty();

    /// <summary>The same, telling what is wrong with it.</summary>
    public static async Task<IReadOnlyList<string>> FaultsAsync(IPage page, string name)
    {
        await page.ScreenshotAsync(new() { Path = Path.Combine(Screenshots, $"{name}.png"), FullPage = true });
        File.Exists(Axe).ShouldBeTrue("ops/test installs axe-core from npm");
        // Through the debugger, so that the page's own rules stay as they are.
        await page.EvaluateAsync(await File.ReadAllTextAsync(Axe));
        var violations = await page.EvaluateAsync<string[]>(
            """
            async () => (await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })).violations
              .map(v => `${v.id}: ${v.help}: ${v.nodes.map(n => n.target.join(' ')).join(', ')}`)
            """);
        var fits = await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth + 1");
        return [.. (fits ? violations : violations.Append("wider than its window")).Select(fault => $"{name} at {page.Url}: {fault}")];
    }
}

/// <summary>What a browser said in its console that is an error.</summary>
public sealed class ComplaintList
{
    private readonly List<string> _said = [];

    public void Add(string said, IConsoleMessage message)
    {
        // A page that is refused, or a form that was sent back, is told as a failed load of itself.
        var itself = message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal) && message.Text.Contains("status of 4", StringComparison.Ordinal)
            && message.Location.StartsWith(said[..said.IndexOf(": ", StringComparison.Ordinal)], StringComparison.Ordinal);
        if (message.Type == "error" && !itself)
        {
            lock (_said)
                _said.Add(said);
        }
    }

    public void ShouldBeNone()
    {
        lock (_said)
            _said.ShouldBeEmpty();
    }
}

[CollectionDefinition(Name)]
public sealed class OneBrowser : ICollectionFixture<Browser>
{
    public const string Name = "one browser";
}
