using System.Diagnostics;
using System.IO.Compression;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Organisation;
using EventDossier.Procedures;
using EventDossier.Record;
using EventDossier.Store;

namespace EventDossier.Cli.Bench;

/// <summary>Every page that somebody looks at, by the built server with its work going on behind it, as a browser asks for it: how long until the last byte, and how many bytes it is, compressed.</summary>
internal static partial class PagesBench
{
    // The server finds a database of samples by this ending.
    private const string Name = "eventdossier_bench_pages", Keys = "eventdossier_bench_pages_keys", Sample = "_sample";
    private const int Asks = 100, MostBytes = 100_000;
    private static readonly TimeSpan _most = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// By role. <c>CODE</c> is another dossier each time, <c>KEY</c> the key on its slip; <c>PROCEDURE</c>, <c>COMPLAINT</c> and <c>RELEASE</c> are one of each; <c>YEAR</c> is this year.
    /// </summary>
    public static readonly (string Role, string[] Paths)[] Pages =
    [
        ("clerk",
        [
            "/", "/receive", "/dossiers?search=H49.07", "/dossiers/CODE", "/dossiers/CODE/slips/06", "/register", "/register/print?agency=H49.07&day=2025-01-05", $"/queue?unit={BenchYear.Place}", "/batch", "/uncollected",
            "/complaints/paper",
        ]),
        ("officer", ["/work"]),
        ("director",
        [
            "/board", "/alerts", "/workload", "/coming", "/dossiers/CODE/act/assign", "/complaints", "/complaints?all=true", "/complaints/COMPLAINT", "/cut-over", "/cut-over?import=bench&to=7", "/questionnaires",
            "/questionnaires?period=YEAR", "/portal", "/outages", $"/outages?block={BenchYear.Block}", "/authority-requests",
        ]),
        ("auditor", ["/audit", "/audit/CODE", "/audit/verify", "/process", "/access"]),
        ("administrator", ["/procedures", "/procedures/PROCEDURE", "/procedures/edit", "/calendar", "/ladder", "/organisation", "/organisation/appoint", "/jobs", "/archives", "/retention"]),
        ("transparency officer", ["/releases", "/releases/RELEASE", "/releases/requests", "/figures"]),
        ("citizen", ["/look-up", "/look-up?code=CODE&key=KEY", "/check-proof", "/public", "/sign-in", "/complain"]),
    ];

    /// <summary>Routes that nobody waits for as for a page, and why.</summary>
    public static readonly IReadOnlyDictionary<string, string> Unmeasured = new Dictionary<string, string>
    {
        ["/alerts/live"] = "has no end",
        ["/audit/{code}/pack"] = "a file to be kept",
        ["/sign-in/provider"] = "leads to the OpenID provider, and there is none",
        ["/outages/slips"] = "up to 500 sheets for the printer",
        ["/procedures/preview"] = "what a task of some minutes found, and nothing without it",
        ["/calendar/preview"] = "what a task of some minutes found, and nothing without it",
        ["/ladder/preview"] = "what a task of some minutes found, and nothing without it",
    };

    /// <param name="program">The server's.</param>
    public static async Task<IReadOnlyList<BenchRow>> RunAsync(BenchServer server, int dossiers, string program, TimeProvider time, Action<string> progress, CancellationToken cancel)
    {
        var database = await server.NewDatabaseAsync(Name + Sample);
        await server.NewEmptyAsync(Keys + Sample);
        var now = time.GetUtcNow();
        progress($"preparing {dossiers:N0} open dossiers");
        await using (var owner = await server.OwnerAsync(Name + Sample))
        {
            await BenchLog.CopyAsync(owner, dossiers, n => Life(n, now), cancel);
            progress("and what else a year brings");
            await BenchLog.CopyAsync(owner, BenchYear.Streams(dossiers, WorkCalendar.Vietnam.Local(now)), cancel);
            await BenchYear.FillOutboxAsync(owner, dossiers, now, cancel);
        }
        var by = new CommandMetadata(BenchLog.Command("pages").CommandId, "bench", Role.Administrator);
        await new OrganisationRegister(database).ImportAsync(OrganisationFile.Sample(), by, cancel: cancel);
        var procedures = ProcedureFile.OfTheSample();
        await new Catalogue(database).PublishAsync(procedures, by, cancel);
        await Rebuild.RunAsync(ProductViews.All, database.App, database.Names, time, cancel: cancel);
        await server.SettleAsync();

        progress("the server seals the log and raises what is due");
        var folder = Directory.CreateTempSubdirectory("eventdossier-bench-").FullName;
        using var process = Start(program, folder, server);
        try
        {
            if ((await process.StandardOutput.ReadLineAsync(cancel))?.Split(' ') is not ["listening", var address])
                throw new UserError("server-missing", $"{program} did not start: {await process.StandardError.ReadToEndAsync(cancel)}");
            _ = process.StandardError.ReadToEndAsync(cancel);
            if ((await process.StandardOutput.ReadLineAsync(cancel))?.Split(' ') is not ["token", var token])
                throw new UserError("server-missing", $"{program} gave no token");
            await ReadyAsync(new(address), database, time, cancel);
            var (secret, (complaint, release)) = (await new RecordTree(database.App).SecretAsync(LookUpKey.Secret, cancel), await WriteAsync(new(address), token, cancel));
            string Filled(string path, int number) => path
                .Replace("CODE", Uri.EscapeDataString(BenchLog.Code(number)), StringComparison.Ordinal).Replace("KEY", LookUpKey.Of(secret, $"{BenchLog.Code(number)}/01-1"), StringComparison.Ordinal)
                .Replace("PROCEDURE", procedures[0].Code, StringComparison.Ordinal).Replace("COMPLAINT", complaint, StringComparison.Ordinal).Replace("RELEASE", release, StringComparison.Ordinal)
                .Replace("YEAR", $"{now.Year}", StringComparison.Ordinal);
            var rows = new List<BenchRow>();
            foreach (var (role, paths) in Pages)
            {
                using var browser = await EnterAsync(new(address), role, cancel);
                foreach (var path in paths)
                    rows.AddRange(await MeasureAsync(browser, role, path, number => Filled(path, number), dossiers, time, cancel));
            }
            return rows;
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Process Start(string program, string folder, BenchServer server)
    {
        var start = new ProcessStartInfo(program, ["--sample", "--urls", "http://127.0.0.1:0", "--data", folder]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in ((string, string)[])
        [
            ("ConnectionStrings__EventDossier", server.Of(Name)), ("ConnectionStrings__Keys", server.Of(Keys)), ("ASPNETCORE_ENVIRONMENT", "Development"), ("SignIn__Development", "true"),
            ("LookUp__PerMinute", "10000"),
        ])
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Until the log is sealed and no alarm waits: then what goes on is what a day brings.</summary>
    private static async Task ReadyAsync(Uri address, Database database, TimeProvider time, CancellationToken cancel)
    {
        using var client = new HttpClient { BaseAddress = address };
        for (var tries = 0; tries < 3_600; tries++)
        {
            using var answer = await client.GetAsync("/health/ready", cancel);
            await using var command = database.App.CreateCommand("SELECT (SELECT max(seq_id) FROM dossier.mt_events) - (SELECT coalesce(max(position), 0) FROM dossier_record.leaf)");
            if (answer.IsSuccessStatusCode && (long)(await command.ExecuteScalarAsync(cancel))! < 100)
                return;
            await Task.Delay(TimeSpan.FromSeconds(1), time, cancel);
        }
        throw new UserError("busy", "the server has not sealed the log and raised what is due within an hour");
    }

    /// <summary>A complaint, whose text is sealed under a key that is there, and a release: their numbers.</summary>
    private static async Task<(string Complaint, string Release)> WriteAsync(Uri address, string token, CancellationToken cancel)
    {
        using var client = new HttpClient { BaseAddress = address, DefaultRequestHeaders = { Authorization = new("Bearer", token) } };
        async Task<string> NumberAsync(string path, object body)
        {
            using var answer = await client.PostAsJsonAsync(path, body, cancel);
            return answer.IsSuccessStatusCode ? $"{(await answer.Content.ReadFromJsonAsync<JsonNode>(cancel))!["number"]}"
                : throw new UserError("page-failed", $"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancel)}");
        }
        return (
            await NumberAsync("/api/complaints", new { kind = "feedback", text = string.Concat(Enumerable.Repeat("Tôi chờ lâu ở quầy số 4. ", 40)), name = "Nguyễn Thị Hoa", address = "Hạ Long" }),
            await NumberAsync("/api/releases", new { period = "2025", k = 10 }));
    }

    private static async Task<HttpClient> EnterAsync(Uri address, string role, CancellationToken cancel)
    {
        var browser = new HttpClient { BaseAddress = address };
        browser.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        browser.DefaultRequestHeaders.AcceptEncoding.ParseAdd("br");
        if (role == "citizen")
            return browser;
        using var answer = await browser.GetAsync("/sign-in", cancel);
        var token = Token().Match(await TextAsync(answer, cancel));
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { [token.Groups["name"].Value] = token.Groups["value"].Value, ["person"] = role == "officer" ? "officer-17" : $"bench-{role}", ["role"] = role, ["to"] = "/" });
        using var entered = await browser.PostAsync("/sign-in/development", form, cancel);
        entered.EnsureSuccessStatusCode();
        return browser;
    }

    private static async Task<IEnumerable<BenchRow>> MeasureAsync(HttpClient browser, string role, string path, Func<int, string> filled, int dossiers, TimeProvider time, CancellationToken cancel)
    {
        var (times, random, bytes) = (new List<double>(), new Random(766), 0L);
        for (var i = -5; i < Asks; i++)
        {
            var address = filled(random.Next(dossiers));
            var began = time.GetTimestamp();
            using var answer = await browser.GetAsync(address, cancel);
            var length = (await answer.Content.ReadAsByteArrayAsync(cancel)).LongLength;
            var took = time.GetElapsedTime(began).TotalMilliseconds;
            // Whoever asks too fast is told to wait; that is no page.
            if ((int)answer.StatusCode == 429)
            {
                await Task.Delay(TimeSpan.FromSeconds(5), time, cancel);
                i--;
                continue;
            }
            if (!answer.IsSuccessStatusCode)
                throw new UserError("page-failed", $"{role} {address}: {(int)answer.StatusCode}");
            bytes = Math.Max(bytes, length);
            if (i >= 0)
                times.Add(took);
        }
        var (p50, p95) = (At(times, 0.5), At(times, 0.95));
        return
        [
            new($"{role} {path}", p95, "ms p95", $"p50 {p50:N0}; 200 ms", _most.TotalMilliseconds / p95, 1),
            new($"{role} {path}, compressed", bytes, "bytes", $"{MostBytes:N0}", (double)MostBytes / bytes, 1),
        ];
    }

    private static async Task<string> TextAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        await using var body = await answer.Content.ReadAsStreamAsync(cancel);
        await using var plain = answer.Content.Headers.ContentEncoding.Contains("br") ? new BrotliStream(body, CompressionMode.Decompress) : body;
        using var text = new StreamReader(plain);
        return await text.ReadToEndAsync(cancel);
    }

    private static double At(List<double> times, double share) => times.Order().ElementAt((int)(times.Count * share));

    /// <summary>Within its limit for the most part; a fiftieth is late, and a tenth was late and is finished.</summary>
    private static DossierEvent[] Life(int n, DateTimeOffset now)
    {
        var (agency, unit, officer) = ($"H49.{n % 24:00}", $"H49.{n % 24:00}-{n % 5}", $"officer-{n % 2_000}");
        var due = now.AddHours(n % 50 == 7 ? -(n % 200) : 24 + (n % 700));
        var received = new DossierReceived(due.AddDays(-28), new($"1.{n % 1435:000000}.000.00.00.H49", 1), "online", agency, unit, null, new(20, CountingRule.Days), due, null) { Slip = $"{BenchLog.Code(n)}/01-1" };
        DossierEvent[] life = [received, new DossierAssigned(due.AddDays(-27), officer, unit), new StepCompleted(due.AddDays(-26), "Thẩm định hồ sơ", officer, unit)];
        return n % 10 == 0 ? [.. life, new DossierDecided(due.AddHours(1), DecisionOutcome.Approved, null), new ResultReady(due.AddHours(2))] : life;
    }

    [GeneratedRegex("""<input type="hidden" name="(?<name>__RequestVerificationToken|form)" value="(?<value>[^"]+)"\s*/?>""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Token();
}
