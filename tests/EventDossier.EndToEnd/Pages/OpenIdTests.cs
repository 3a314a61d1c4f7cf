using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EventDossier.EndToEnd.Web;
using EventDossier.StoreTests;
using Microsoft.Playwright;
using Npgsql;

namespace EventDossier.EndToEnd.Pages;

/// <summary>Signing in with a provider that somebody else wrote, on a database in which nothing is yet.</summary>
[Collection(OneBrowser.Name)]
public sealed class OpenIdTests(Browser browser)
{
    private const string Secret = "a secret of the tests alone, long enough";

    [Fact]
    public async Task Who_signs_in_with_the_provider_is_who_it_says_in_the_roles_it_says()
    {
        var port = FreePort();
        var folder = Directory.CreateTempSubdirectory("eventdossier-openid-").FullName;
        var (events, keys) = (await TestDatabase.CreateAsync(), await TestDatabase.CreateAsync());
        foreach (var database in (TestDatabase[])[events, keys])
            await OnAsync(database, "CREATE DATABASE {0}_sample");
        var (process, client) = await WebServer.StartAsync(events, keys, folder,
            ("sample", "true"), ("ASPNETCORE_ENVIRONMENT", "Development"), ("Oidc__Authority", $"http://127.0.0.1:{port}"), ("Oidc__ClientId", "dossier"), ("Oidc__ClientSecret", Secret));
        using var provider = Provider(port, $"{client.BaseAddress}sign-in/callback", "roles=director");
        (await provider.StandardOutput.ReadLineAsync()).ShouldBe("listening");
        try
        {
            var page = await browser.OpenAsync("en");
            await page.GotoAsync($"{client.BaseAddress}work");
            (await page.Locator("form[action='/sign-in/development']").CountAsync()).ShouldBe(0, "the development sign-in is not switched on");

            // Who turns back at the provider is told so, and is nobody.
            await page.ClickAsync("main a.button");
            await page.ClickAsync("a[href$='/abort']");
            (await page.TextContentAsync("main .notice.bad"))!.ShouldContain("did not sign you in");

            await page.GotoAsync($"{client.BaseAddress}");
            await page.ClickAsync("main a.button");
            await page.FillAsync("[name=login]", "tt-giamdoc-1");
            await page.FillAsync("[name=password]", "anything");
            await page.ClickAsync("button[type=submit]");
            await page.ClickAsync("text=Continue");
            await Assertions.Expect(page.Locator(".who")).ToContainTextAsync("tt-giamdoc-1 director");
            (await page.TextContentAsync("main"))!.ShouldContain("This database is empty");
            (await page.TextContentAsync(".sample"))!.ShouldContain("Sample database");
            await Browser.LookAsync(page, "first-run-en");
            (await page.Context.CookiesAsync()).Single(cookie => cookie.Name == "session").SameSite.ShouldBe(SameSiteAttribute.Strict);

            // A callback that answers no request of ours signs nobody in.
            using var stranger = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
            using var callback = await stranger.GetAsync($"{client.BaseAddress}sign-in/callback?code=stolen&state=invented");
            callback.Headers.Location!.ToString().ShouldBe("/sign-in?failed=provider");
            callback.Headers.TryGetValues("Set-Cookie", out var cookies).ShouldBeFalse(string.Join(' ', cookies ?? []));
        }
        finally
        {
            provider.Kill();
            client.Dispose();
        }
        (await WebServer.StopAsync(process)).ShouldBe(0);
        foreach (var database in (TestDatabase[])[events, keys])
            await OnAsync(database, "DROP DATABASE {0}_sample WITH (FORCE)");
        await events.DisposeAsync();
        await keys.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <param name="sql">With the database's name in it.</param>
    private static async Task OnAsync(TestDatabase database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand(string.Format(CultureInfo.InvariantCulture, sql, database.Name));
        await command.ExecuteNonQueryAsync();
    }

    private static Process Provider(int port, params string[] arguments)
    {
        var start = new ProcessStartInfo("node", [Path.Combine(TestDatabase.RepositoryRoot, "tests", "EventDossier.EndToEnd", "Pages", "provider.mjs"), $"{port}", .. arguments])
        {
            UseShellExecute = false, RedirectStandardOutput = true,
        };
        start.Environment["NPM_FOLDER"] = Path.Combine(TestDatabase.RepositoryRoot, ".data", "npm");
        return Process.Start(start)!;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
