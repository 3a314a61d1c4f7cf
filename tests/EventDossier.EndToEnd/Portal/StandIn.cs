using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace EventDossier.EndToEnd.Portal;

/// <summary>A stand-in for the national portal, in a process of its own: <c>portal.py</c>. It speaks the six calls, and a test plays the citizen and the owner systems at it.</summary>
internal sealed class StandIn : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;

    private StandIn(Process process, int port) => (_process, _http) = (process, new() { BaseAddress = new($"http://127.0.0.1:{port}/") });

    public Uri Url => _http.BaseAddress!;

    /// <summary>What the product is told of it.</summary>
    public (string Name, string Value)[] Settings =>
        [("Portal__Url", $"{Url}"), ("Portal__User", "H49"), ("Portal__Secret", "s3cret"), ("Portal__PollSeconds", "1"), ("Delivery__BackoffSeconds", "0"), ("Delivery__TimeoutSeconds", "5")];

    public static async Task<StandIn> StartAsync()
    {
        var python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
        var process = Process.Start(new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, "Portal", "portal.py")]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        return new(process, int.Parse((await process.StandardOutput.ReadLineAsync())!));
    }

    /// <summary>Somebody applies there.</summary>
    public Task SubmitAsync(string external, string procedure, DateTimeOffset at, object? applicant = null) =>
        PlayAsync("submit", new { externalCode = external, procedure, submittedAt = at, applicant });

    /// <summary>An owner system tells.</summary>
    public Task TrackAsync(string external, string system, int status, long number, DateTimeOffset at, string? step = null) =>
        PlayAsync("track", new { externalCode = external, system, status, number, at, step });

    public async Task<JsonNode> PlayAsync(string what, object? body = null)
    {
        using var answer = await _http.PostAsJsonAsync($"stand-in/{what}", body ?? new { });
        answer.EnsureSuccessStatusCode();
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }

    /// <summary>What it has of a dossier.</summary>
    public async Task<JsonNode> OfAsync(string external) => (await PlayAsync("state"))["dossiers"]![external].ShouldNotBeNull(external);

    /// <summary>The statuses that it was told, one after the other.</summary>
    public async Task<string> ToldAsync(string external) => string.Join(' ', (await OfAsync(external))["told"]!.AsArray().Select(t => $"{t!["number"]}:{t["status"]}"));

    public async Task ShouldBeInOrderAsync() => (await PlayAsync("state"))["violations"]!.AsArray().Select(v => $"{v}").ShouldBeEmpty();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
