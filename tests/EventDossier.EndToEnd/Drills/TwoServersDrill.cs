using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using EventDossier.Audit;
using EventDossier.Dossiers;
using EventDossier.EndToEnd.Deliveries;
using EventDossier.EndToEnd.Web;
using EventDossier.Store;
using EventDossier.StoreTests;
using Npgsql;

namespace EventDossier.EndToEnd.Drills;

[Collection(Drill.OneAtATime)]
public partial class TwoServersDrill : IAsyncLifetime
{
    private const int Callers = 4, DueInARound = 100;
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);
    private static readonly string Token = WebServer.Token("tt-giamdoc-1", ["director", Role.Clerk, Role.Officer], key: Key, expires: TestDatabase.Time.GetUtcNow().AddDays(1));
    private static readonly string[] Officers = ["xd-thamdinh-1", "xd-thamdinh-2", "xd-thamdinh-3", "xd-thamdinh-4"];

    private readonly string folder = Directory.CreateTempSubdirectory("eventdossier-drill-").FullName;
    private readonly Random random = new(20260427);
    private readonly ConcurrentBag<(string Code, long Version, long Position)> acknowledged = [];
    private TestDatabase database = null!, keys = null!;
    private SmtpServer smtp = null!;
    private Node[] nodes = [];

    /// <summary>A server with a login of its own, by which the database tells who leads.</summary>
    /// <param name="program">Null for the one of these tests' edition.</param>
    private sealed class Node(string login, string? program)
    {
        public string Login => login;
        public string? Program => program;
        public string Password { get; } = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        public Process? Process { get; set; }
        public HttpClient Client { get; set; } = null!;
    }

    public async Task InitializeAsync()
    {
        (database, keys, smtp) = (await TestDatabase.CreateMigratedAsync(), await TestDatabase.CreateAsync(), await SmtpServer.StartAsync());
        var procedures = Path.Combine(folder, "procedures.json");
        await File.WriteAllTextAsync(procedures, $$"""
            [{"code": "{{WebServer.Building}}", "name": "Cấp giấy phép xây dựng", "agency": "H49.12", "limit": "5 days", "inForceFrom": "2020-01-01T00:00:00+07:00", "basis": "QĐ 1"}]
            """);
        foreach (var import in (string[][])[["procedures", "import", procedures], ["organisation", "import", "sample"]])
            (await Dossier.RunAsync(database, import)).ShouldSatisfyAllConditions(run => run.Error.ShouldBeEmpty(), run => run.Exit.ShouldBe(0));
        var many = int.TryParse(Environment.GetEnvironmentVariable("EVENTDOSSIER_DRILL_NODES"), out var wanted) ? wanted : 2;
        // Where another edition is tested, every second server is of the default one: the lead goes from edition to edition with each kill.
        nodes = [.. Enumerable.Range(1, many).Select(n => new Node($"drill_{Environment.ProcessId}_{n}", n % 2 == 0 ? WebServer.Default : null))];
        foreach (var node in nodes)
            await Drill.AskAsync<object?>(database.ConnectionString, $"CREATE ROLE {node.Login} LOGIN PASSWORD '{node.Password}' IN ROLE dossier_app");
    }

    public async Task DisposeAsync()
    {
        foreach (var node in nodes)
        {
            if (node.Process is { HasExited: false } running)
                await Drill.KillAsync(running);
            await Drill.AskAsync<object?>(database.ConnectionString, $"DROP ROLE {node.Login}");
        }
        await smtp.DisposeAsync();
        await database.DisposeAsync();
        await keys.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task While_the_server_that_leads_is_killed_again_and_again_every_alert_is_raised_once_and_every_mail_arrives()
    {
        var rounds = Drill.Rounds(inTests: 3);
        await Task.WhenAll(nodes.Select(StartAsync));
        var due = await ImportAsync(rounds);
        using var over = new CancellationTokenSource();
        var callers = Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(caller, over.Token))).ToList();
        for (var round = 0; round < rounds; round++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(500, 3_000)), TestDatabase.Time);
            var leader = (await LeaderAsync()).ShouldNotBeNull();
            await Drill.KillAsync(leader.Process!);
            await Drill.UntilAsync("another leads", async () => await LeaderAsync() is { } next && next != leader);
            await StartAsync(leader);
        }
        await over.CancelAsync();
        await Task.WhenAll(callers);
        await Drill.UntilAsync("all that was imported has fallen due", () => Task.FromResult(TestDatabase.Time.GetUtcNow() > due));
        await Drill.UntilAsync("everything is raised, followed and sent", async () => await Drill.AskAsync<bool>(
            database.ConnectionString,
            """
            SELECT (SELECT min(last_seq_id) FROM dossier.mt_event_progression WHERE name NOT LIKE 'dossier:job:%') >= (SELECT max(seq_id) FROM dossier.mt_events)
               AND NOT EXISTS (SELECT FROM dossier_views.alarms WHERE next_at <= clock_timestamp())
               AND NOT EXISTS (SELECT FROM dossier_outbox.message WHERE state = 'waiting')
            """));
        foreach (var node in nodes)
        {
            var process = node.Process!;
            node.Process = null;
            (await WebServer.StopAsync(process)).ShouldBe(0, "it stops as it should");
        }

        await CheckActsAsync();
        await CheckAlertsAsync();
        await CheckMailsAsync();
        await Drill.VerifyAsync(Dossier.On(database));
    }

    private async Task StartAsync(Node node)
    {
        (string, string)[] settings =
        [
            ("Jwt__Key", Convert.ToBase64String(Key)),
            ("ConnectionStrings__EventDossier", new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = node.Login, Password = node.Password }.ConnectionString),
            ("Delivery__Smtp__Host", "localhost"), ("Delivery__Smtp__Port", $"{smtp.Port}"), ("Delivery__Smtp__Tls", "false"), ("Delivery__Smtp__From", "motcua@quangninh.example"),
            ("Delivery__GatherSeconds", "1"), ("Delivery__QuietHours", "false"), ("Delivery__TimeoutSeconds", "2"),
        ];
        (node.Process, node.Client) = node.Program is null
            ? await WebServer.StartAsync(database, keys, folder, settings) : await WebServer.StartAsync(node.Program, database, keys, folder, settings);
    }

    /// <summary>Which server raises the alerts just now.</summary>
    private async Task<Node?> LeaderAsync()
    {
        var login = await Drill.AskAsync<string>(
            database.ConnectionString,
            """
            SELECT coalesce(min(a.usename), '') FROM pg_locks l JOIN pg_stat_activity a USING (pid)
            WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND (l.classid::bigint << 32) | l.objid::bigint = hashtextextended('dossier:waker', 0)
            """);
        return Array.Find(nodes, node => node.Login == login);
    }

    /// <summary>A log of an older system whose dates, promised to the second, pass while the servers are killed; the last of them.</summary>
    private async Task<DateTimeOffset> ImportAsync(int rounds)
    {
        var (log, map) = (Path.Combine(folder, "due.csv"), Path.Combine(folder, "due.map.json"));
        var (many, begin) = (rounds * DueInARound, TestDatabase.Time.GetUtcNow().AddSeconds(5));
        var last = begin.AddSeconds(rounds * 4);
        var rows = Enumerable.Range(0, many).Select(i =>
            $"H49.12-260415-{i:0000},2026-04-15T09:00:00+07:00,H49.12,H49.12-01,{Officers[i % Officers.Length]},{begin + ((last - begin) * i / many):yyyy-MM-ddTHH:mm:ss.fffzzz},Tiếp nhận,2026-04-15T09:00:00+07:00");
        await File.WriteAllLinesAsync(log, ["code,received,agency,unit,officer,due,activity,at", .. rows]);
        await File.WriteAllTextAsync(map, """
            {"caseId": "code", "receivedAt": "received", "agency": "agency", "unit": "unit", "officer": "officer", "promisedDue": "due", "activity": "activity", "time": "at"}
            """);
        var import = await Dossier.RunAsync(database, "import", log, "--map", map);
        import.Exit.ShouldBe(0, import.Error);
        return last;
    }

    /// <summary>Now a dossier whose applicant is told that it came in, now one whose paper lay so long that every alert is due at once, of which one is acknowledged.</summary>
    private async Task CallAsync(int caller, CancellationToken over)
    {
        for (var life = 0; !over.IsCancellationRequested; life++)
        {
            var (number, key, officer) = (0, $"{caller} {life}", Officers[(caller + life) % Officers.Length]);
            Task<Answer> ActAsync(string path, object body, string? meanwhile = null) => SendAsync(caller, path, body, $"{key} {number++}", meanwhile);
            if ((caller + life) % 2 == 0)
            {
                var received = await ActAsync("/api/dossiers", new { procedure = WebServer.Building, unit = "H49.12-01", officer, applicant = new { name = "Đỗ Thị Hoà", mail = $"hoa-{caller}-{life}@dan.example" } });
                foreach (var (act, body) in ((string, object)[])[("start-step", new { step = "Thẩm định" }), ("complete-step", new { step = "Thẩm định" })])
                    await ActAsync($"/api/dossiers/{received["code"]}/{act}", body);
            }
            else
            {
                var received = await ActAsync("/api/dossiers", new { procedure = WebServer.Building, unit = "H49.12-01", officer, at = "2026-05-04T09:00:00+07:00", approvedBy = "xd-thamdinh-truong" });
                await ActAsync($"/api/dossiers/{received["code"]}/assign", new { to = Officers[life % Officers.Length], unit = "H49.12-01" });
                await ActAsync($"/api/dossiers/{received["code"]}/acknowledge", new { alert = "overdue" }, "no-such-alert");
            }
        }
    }

    /// <summary>Sends a command under its key to one server after the other until it is acknowledged.</summary>
    /// <param name="meanwhile">A refusal that passes.</param>
    private async Task<Answer> SendAsync(int caller, string path, object body, string key, string? meanwhile)
    {
        var began = TestDatabase.Time.GetTimestamp();
        for (var turn = caller; ; turn++)
        {
            TestDatabase.Time.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromMinutes(1), $"{key}: {path}");
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
                request.Headers.Add("Idempotency-Key", key);
                using var response = await nodes[turn % nodes.Length].Client.SendAsync(request);
                var answer = await Answer.OfAsync(response);
                if (answer.Status is 200 or 201)
                {
                    acknowledged.Add(($"{answer["code"]}", answer["version"]!.GetValue<long>(), answer["position"]!.GetValue<long>()));
                    return answer;
                }
                (answer.Status == 503 || (answer.Code is { } code && code == meanwhile)).ShouldBeTrue($"{path}: {answer.Text}");
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                // It was killed, and may have carried it out.
            }
            await Task.Delay(TimeSpan.FromMilliseconds(50), TestDatabase.Time);
        }
    }

    private async Task CheckActsAsync()
    {
        acknowledged.ShouldNotBeEmpty();
        (await Drill.AskAsync<long>(
            database.ConnectionString,
            """
            SELECT count(*) FROM unnest(@codes, @versions, @positions) AS a (code, version, position)
            JOIN dossier.mt_events e ON e.stream_id = a.code AND e.version = a.version AND e.seq_id = a.position
            """,
            ("codes", acknowledged.Select(a => a.Code).ToArray()), ("versions", acknowledged.Select(a => a.Version).ToArray()), ("positions", acknowledged.Select(a => a.Position).ToArray())))
            .ShouldBe(acknowledged.Count, "acknowledged acts that are in the log");
        acknowledged.Select(a => a.Position).ShouldBeUnique();
    }

    private async Task CheckAlertsAsync()
    {
        const string Owed = "SELECT count(*) FROM dossier.mt_events r JOIN dossier.mt_events i USING (stream_id) WHERE r.type = 'dossier_received' AND i.type = 'dossier_imported' AND (r.data->>'due')::timestamptz > (i.data->>'occurredAt')::timestamptz";
        (await Drill.AskAsync<long>(database.ConnectionString, Owed)).ShouldBeGreaterThan(DueInARound / 2, "fell due while servers were killed");
        (await Drill.AskAsync<long>(database.ConnectionString, "SELECT count(*) FROM (SELECT FROM dossier.mt_events WHERE type = 'alert_raised' GROUP BY stream_id, data->>'rule', data->>'cycle' HAVING count(*) > 1) twice")).ShouldBe(0);

        // None missed and none wrong, however short the time; how late is the machine's affair, up to a minute.
        await using var open = await Database.OpenAsync(database.ConnectionString, ProductEvents.Names, TestDatabase.Time);
        var report = await new AlertVerification(open, TestDatabase.Time.GetUtcNow(), TimeSpan.Zero).RunAsync();
        report.Findings.ShouldAllBe(f => f.Kind == "alert-late");
        report.Checked["alerts"].ShouldBeGreaterThan(0);
        var verify = await Dossier.RunAsync(database, "verify", "--alerts", "--tolerance", "60");
        verify.Exit.ShouldBe(0, verify.Output + verify.Error);
    }

    private async Task CheckMailsAsync()
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        async Task<List<T>> ReadAsync<T>(string sql, Func<NpgsqlDataReader, T> row)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await using var rows = await command.ExecuteReaderAsync();
            var read = new List<T>();
            while (await rows.ReadAsync())
                read.Add(row(rows));
            return read;
        }

        var messages = await ReadAsync("SELECT id, coalesce(batch, id), kind, recipient, stream, state, error FROM dossier_outbox.message",
            r => (Id: r.GetGuid(0), Batch: r.GetGuid(1), Kind: r.GetString(2), Recipient: r.GetString(3), Stream: r.GetString(4), State: r.GetString(5), Error: r.IsDBNull(6) ? null : r.GetString(6)));
        // What somebody saw to before it went out did not have to any more.
        messages.ShouldAllBe(m => m.State == "sent" || (m.State == "void" && m.Kind == "alert" && m.Error == "acknowledged"));
        messages.ShouldContain(m => m.Kind == "alert" && m.State == "sent");
        // Who was told is in the events, and everybody of the organisation has an address.
        var told = await ReadAsync("SELECT DISTINCT id, t->>'person' FROM dossier.mt_events, jsonb_array_elements(data->'to') t WHERE type = 'alert_raised' AND t ? 'person'", r => (Event: r.GetGuid(0), Person: r.GetString(1)));
        messages.Where(m => m.Kind == "alert").Select(m => m.Id).Order().ShouldBe(told.Select(t => Uuid.V5(t.Event, $"mail {t.Person}")).Order(), "a message for each alert and each who is told");
        var notices = await ReadAsync("SELECT (data->>'messageId')::uuid FROM dossier.mt_events WHERE type = 'notice_sent'", r => r.GetGuid(0));
        notices.Order().ShouldBe(messages.Where(m => m.Kind == "notice").Select(m => m.Id).Order(), "a proof for each notice");
        notices.ShouldNotBeEmpty();

        var mails = smtp.Mails.GroupBy(mail => Guid.Parse(mail.Id[1..mail.Id.IndexOf('@')])).ToDictionary(g => g.Key, g => g.ToList());
        messages.Where(m => m.State == "sent").Select(m => m.Batch).Except(mails.Keys).ShouldBeEmpty("every mail arrived");
        mails.Keys.Except(messages.Select(m => m.Batch)).ShouldBeEmpty("and none under an id that the outbox does not know");
        foreach (var batch in messages.GroupBy(m => m.Batch).Where(batch => mails.ContainsKey(batch.Key)))
        {
            foreach (var mail in mails[batch.Key])
            {
                var codes = Codes().Matches(mail.Text).Select(c => c.Value).Distinct().ToList();
                // What was due already when it was imported is told in one mail.
                if (batch.First().Kind == "backlog")
                {
                    codes.ShouldNotBeEmpty();
                    continue;
                }
                batch.Where(m => m.State == "sent").Select(m => m.Stream).Except(codes).ShouldBeEmpty("the same again, where it came again");
                codes.Except(batch.Select(m => m.Stream)).ShouldBeEmpty();
                mail.To.ShouldBe(mails[batch.Key][0].To);
                if (batch.First() is { Kind: "alert" } alert)
                    mail.To.ShouldBe([$"{alert.Recipient}@quangninh.example"]);
            }
        }
    }

    [GeneratedRegex(@"H49\.12-\d{6}-\d{4,5}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Codes();
}
