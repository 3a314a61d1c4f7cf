using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventDossier.Dossiers;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Web;

/// <summary>The built server as its own process, on a database with the imagined centre's organisation and two procedures.</summary>
public sealed class WebServer : IAsyncLifetime
{
    public const string Building = "1.004", Land = "1.005";
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    /// <summary>As a setting, that tokens are signed with.</summary>
    public static string Secret => Convert.ToBase64String(Key);

    // Built beside these tests, in either edition's folder.
    private static readonly string Program = Path.Combine(
        AppContext.BaseDirectory.Replace("/tests/", "/src/", StringComparison.Ordinal).Replace("/EventDossier.EndToEnd/", "/EventDossier.Web/", StringComparison.Ordinal)
            .Replace("/EventDossier.Marten.Tests/", "/EventDossier.Web/", StringComparison.Ordinal), "dossier-web");

    /// <summary>The server of the default edition, to run beside the other's; null where these tests are of the default edition.</summary>
    public static string? Default { get; } = !AppContext.BaseDirectory.Contains("/.data/marten/", StringComparison.Ordinal) ? null
        : Path.Combine(TestDatabase.RepositoryRoot, "src", "EventDossier.Web", "bin", "Release", "net10.0", "dossier-web");

    private readonly string _folder = Directory.CreateTempSubdirectory("eventdossier-web-").FullName;
    private Process? _process;

    public string Folder => _folder;

    /// <summary>Besides those that it needs.</summary>
    public (string Name, string Value)[] Settings { get; init; } = [];
    public TestDatabase Database { get; private set; } = null!;
    public TestDatabase Keys { get; private set; } = null!;
    public HttpClient Client { get; private set; } = null!;

    public static string Director => Token("tt-giamdoc-1", ["director", Role.Clerk, Role.Officer]);

    public async Task InitializeAsync()
    {
        (Database, Keys) = (await TestDatabase.CreateMigratedAsync(), await TestDatabase.CreateAsync());
        var procedures = Path.Combine(_folder, "procedures.json");
        await File.WriteAllTextAsync(procedures, $$"""
            [{"code": "{{Building}}", "name": "Cấp giấy phép xây dựng", "agency": "H49.12", "limit": "5 days", "inForceFrom": "2020-01-01T00:00:00+07:00", "basis": "QĐ 1"},
             {"code": "{{Land}}", "name": "Đăng ký biến động đất", "agency": "H49.08", "limit": "3 days", "inForceFrom": "2020-01-01T00:00:00+07:00", "basis": "QĐ 2"}]
            """);
        foreach (var import in (string[][])[["procedures", "import", procedures], ["organisation", "import", "sample"]])
        {
            var run = await Dossier.RunAsync(Database, import);
            run.Exit.ShouldBe(0, run.Error);
        }
        (_process, Client) = await StartAsync(Database, Keys, _folder, [.. Settings, ("Jwt__Key", Secret)]);
    }

    public async Task DisposeAsync()
    {
        Client?.Dispose();
        if (_process is not null)
            (await StopAsync(_process)).ShouldBe(0, "it stops as it should");
        await Database.DisposeAsync();
        await Keys.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A server of its own on a free port of this machine.</summary>
    public static Task<(Process Process, HttpClient Client)> StartAsync(TestDatabase events, TestDatabase keys, string folder, params (string Name, string Value)[] settings) =>
        StartAsync(Program, events, keys, folder, settings);

    public static async Task<(Process Process, HttpClient Client)> StartAsync(
        string program, TestDatabase events, TestDatabase keys, string folder, params (string Name, string Value)[] settings)
    {
        var process = Launch(program, settings, ["--urls", "http://127.0.0.1:0", "--data", folder], ("ConnectionStrings__EventDossier", events.ConnectionString), ("ConnectionStrings__Keys", keys.ConnectionString));
        var told = await process.StandardOutput.ReadLineAsync();
        if (told?.Split(' ') is not ["listening", var url])
            throw new InvalidOperationException($"the server did not start: {told}{await process.StandardError.ReadToEndAsync()}");
        process.BeginErrorReadLine();
        return (process, new() { BaseAddress = new(url), Timeout = TimeSpan.FromSeconds(30) });
    }

    public static Process Launch((string Name, string Value)[] settings, string[] arguments, params (string Name, string Value)[] databases) =>
        Launch(Program, settings, arguments, databases);

    private static Process Launch(string program, (string Name, string Value)[] settings, string[] arguments, params (string Name, string Value)[] databases)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(n => n.StartsWith("ConnectionStrings__", StringComparison.Ordinal) || n.StartsWith("EVENTDOSSIER_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in (IEnumerable<(string, string)>)[.. databases, .. settings])
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Asked to stop, as a service manager asks; the exit code.</summary>
    public static async Task<int> StopAsync(Process process)
    {
        using (var kill = Process.Start("kill", $"-TERM {process.Id}"))
            await kill.WaitForExitAsync();
        await process.WaitForExitAsync();
        var exit = process.ExitCode;
        process.Dispose();
        return exit;
    }

    public static string Token(string sub, string[] roles, string[]? units = null, string? applicant = null, byte[]? key = null, DateTimeOffset? expires = null, string audience = "eventdossier", string algorithm = "HS256")
    {
        var claims = new Dictionary<string, object?>
        {
            ["sub"] = sub, ["roles"] = roles, ["aud"] = audience, ["exp"] = (expires ?? TestDatabase.Time.GetUtcNow().AddHours(1)).ToUnixTimeSeconds(),
        };
        if (units is not null)
            claims["units"] = units;
        if (applicant is not null)
            claims["applicant"] = applicant;
        var text = $"{Encode(JsonSerializer.SerializeToUtf8Bytes(new { alg = algorithm, typ = "JWT" }))}.{Encode(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        return $"{text}.{(algorithm == "none" ? "" : Encode(HMACSHA256.HashData(key ?? Key, Encoding.ASCII.GetBytes(text))))}";
    }

    public static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    public async Task<Answer> GetAsync(string? token, string path) => await SendAsync(token, new(HttpMethod.Get, path));

    public Task<Answer> PostAsync(string token, string path, object? body = null, string? key = null, string? match = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        if (match is not null)
            request.Headers.TryAddWithoutValidation("If-Match", match);
        return SendAsync(token, request);
    }

    public async Task<Answer> SendAsync(string? token, HttpRequestMessage request)
    {
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using (request)
        using (var response = await Client.SendAsync(request))
            return await Answer.OfAsync(response);
    }

    /// <summary>Of the last receipt: what is asked after it has it in.</summary>
    public string Position { get; private set; } = "0";

    /// <summary>A dossier received just now, or at a moment long past that a supervisor answers for.</summary>
    public async Task<string> ReceiveAsync(string procedure = Building, string? unit = null, string? officer = null, string? at = null, object? applicant = null)
    {
        var body = new Dictionary<string, object?> { ["procedure"] = procedure };
        foreach (var (name, value) in ((string, object?)[])[("unit", unit), ("officer", officer), ("at", at), ("approvedBy", at is null ? null : "truong-phong"), ("applicant", applicant)])
        {
            if (value is not null)
                body[name] = value;
        }
        var answer = await PostAsync(Director, "/api/dossiers", body);
        answer.Status.ShouldBe(201, answer.Text);
        Position = answer["position"]!.ToString();
        return answer["code"]!.ToString();
    }
}

/// <param name="Code">Of a problem; null where it went well.</param>
public sealed record Answer(int Status, string Text, JsonNode? Json, string? ETag, string? Code)
{
    public JsonNode? this[string name] => Json![name];

    public static async Task<Answer> OfAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        var type = response.Content.Headers.ContentType?.MediaType;
        var json = text.Length > 0 && type is "application/json" or "application/problem+json" ? JsonNode.Parse(text) : null;
        if ((int)response.StatusCode >= 400)
        {
            type.ShouldBe("application/problem+json", $"{(int)response.StatusCode} {text}");
            json!.AsObject().Select(p => p.Key).Order().ShouldBe(["code", "detail", "status", "title"]);
            json["status"]!.GetValue<int>().ShouldBe((int)response.StatusCode);
        }
        return new((int)response.StatusCode, text, json, response.Headers.ETag?.ToString(), (int)response.StatusCode >= 400 ? json!["code"]!.ToString() : null);
    }
}

[CollectionDefinition(Name)]
public sealed class OneServer : ICollectionFixture<WebServer>
{
    public const string Name = "one server";
}
