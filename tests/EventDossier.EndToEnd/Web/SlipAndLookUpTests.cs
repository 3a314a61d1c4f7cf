using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using EventDossier.Dossiers;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Web;

/// <summary>From the counter's printer to the citizen who holds the slip and signs in nowhere.</summary>
[Collection(OneServer.Name)]
public sealed partial class SlipAndLookUpTests(WebServer server) : IDisposable
{
    private static int _visitors = 1;

    // Each visitor comes from an address of their own, so that none uses up another's tries.
    private readonly HttpClient _visitor = VisitorOf(server.Client.BaseAddress!, IPAddress.Parse($"127.0.1.{Interlocked.Increment(ref _visitors)}"));

    private static HttpClient VisitorOf(Uri address, IPAddress from) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancel) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Bind(new IPEndPoint(from, 0));
            await socket.ConnectAsync(context.DnsEndPoint, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    { BaseAddress = address };

    public void Dispose() => _visitor.Dispose();

    private async Task<Answer> AskAsync(string path, object body)
    {
        using var response = await _visitor.PostAsync(path, System.Net.Http.Json.JsonContent.Create(body));
        return await Answer.OfAsync(response);
    }

    private async Task<string> PrintAsync(string code, string slip, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/dossiers/{code}/slips/{slip}") { Headers = { Authorization = new("Bearer", token ?? WebServer.Director) } };
        using var response = await server.Client.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        (response.Content.Headers.ContentType!.ToString(), response.Headers.CacheControl!.NoStore).ShouldBe(("text/html; charset=utf-8", true));
        response.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("default-src 'none'; style-src 'sha256-");
        return await response.Content.ReadAsStringAsync();
    }

    private static string KeyOn(string slip) => Key().Match(slip).Groups["key"].Value;

    private async Task<Answer> DoAsync(string code, string act, object? body = null)
    {
        var answer = await server.PostAsync(WebServer.Director, $"/api/dossiers/{code}/{act}", body ?? new { });
        answer.Status.ShouldBe(200, answer.Text);
        return answer;
    }

    [Fact]
    public async Task Who_holds_the_slip_sees_where_the_dossier_stands_rates_it_once_and_proves_its_history()
    {
        var code = await server.ReceiveAsync(applicant: new { name = "Đỗ Thị <Hoà>", identityNumber = "022091000111", phone = "0912000111" });
        var slip = await PrintAsync(code, "01-1");
        slip.ShouldContain("Đỗ Thị &lt;Hoà&gt;");
        slip.ShouldNotContain("MẪU THỬ");
        var key = KeyOn(slip);

        var told = await AskAsync("/api/look-up?lang=en", new { code, key });
        (told.Status, told["stage"]?.ToString(), told["rating"]).ShouldBe((200, "received", null), told.Text);
        told["explanation"]!.AsArray().Select(l => l!.ToString()).ShouldContain("Limit: 5 working days");
        told.Text.ShouldNotContain("Hoà");
        (await AskAsync("/api/look-up/rating", new { code, key, level = 5 })).Code.ShouldBe("not-returned");

        await DoAsync(code, "assign", new { to = "xd-thamdinh-1", unit = "H49.12-01" });
        var head = WebServer.Token("xd-thutruong-1", [Role.Supervisor], ["H49.12"]);
        (await server.PostAsync(head, $"/api/dossiers/{code}/decide", new { outcome = "approved", authority = "xd-thutruong" })).Status.ShouldBe(200);
        await DoAsync(code, "make-ready");
        await DoAsync(code, "return", new { by = "counter" });
        var rated = await AskAsync("/api/look-up/rating", new { code, key, level = 4, comment = "nhanh" });
        rated.Status.ShouldBe(200, rated.Text);
        (await AskAsync("/api/look-up/rating", new { code, key, level = 4, comment = "nhanh" }))["version"]!.ToString().ShouldBe(rated["version"]!.ToString(), "sent twice, rated once");
        (await AskAsync("/api/look-up/rating", new { code, key, level = 1 })).Code.ShouldBe("rated-already");
        told = await AskAsync("/api/look-up", new { code, key });
        (told["stage"]!.ToString(), told["rating"]!.GetValue<int>(), told["mayRate"]!.GetValue<bool>()).ShouldBe(("returned", 4, false));
        told["steps"]!.AsArray().Select(s => s!["what"]!["en"]!.ToString()).ShouldBe(["Received", "Decided", "Result ready", "Result returned", "Rated"], "who worked on it is not told");

        var secret = Secret().Match(WebUtility.HtmlDecode(slip)).Groups["secret"].Value;
        var path = $"/api/record/dossiers/{code}?event=5";
        await Centre.UntilAsync(async () => (await server.GetAsync(WebServer.Director, path)).Status == 200, "the dossier's leaves");
        var proof = (await AskAsync("/api/look-up/proof", new { code, key })).Text;
        var check = await AskAsync("/api/record/check", new { proof });
        check["proofs"]!.AsArray().ShouldAllBe(p => p!["keyKnown"]!.GetValue<bool>());
        check["proofs"]![0]!["event"]!["stream"]!.ToString().ShouldBe(code);
        (await AskAsync("/api/record/check", new { proof, secret = new string('a', 64) })).Code.ShouldBe("bad-proof");
        (await AskAsync("/api/record/check", new { proof, secret = "abc" })).Code.ShouldBe("bad-field");
        (await AskAsync("/api/record/check", new { proof = proof.Replace("dossier_received", "dossier_rejected", StringComparison.Ordinal) })).Code.ShouldBe("bad-proof");
        (await AskAsync("/api/record/check", new { proof = "nonsense" })).Code.ShouldBe("bad-proof");
        (await AskAsync("/api/record/check", new { prof = "x" })).Code.ShouldBe("bad-json");
    }

    [Fact]
    public async Task A_slip_that_was_lost_opens_nothing_once_another_is_issued()
    {
        var code = await server.ReceiveAsync();
        var first = KeyOn(await PrintAsync(code, "01-1"));
        (await AskAsync("/api/look-up", new { code, key = first.ToLowerInvariant().Replace("-", "", StringComparison.Ordinal) })).Status.ShouldBe(200, "however it is typed");
        await DoAsync(code, "reissue-slip", new { slip = $"{code}/01-1", reason = "mất phiếu" });
        var cancelled = await PrintAsync(code, "01-1");
        cancelled.ShouldContain("ĐÃ HỦY");
        KeyOn(cancelled).ShouldBeEmpty();
        (await AskAsync("/api/look-up", new { code, key = first })).Code.ShouldBe("look-up-failed");
        (await AskAsync("/api/look-up", new { code, key = KeyOn(await PrintAsync(code, "01-2")) })).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Ten_thousand_guesses_learn_nothing_not_even_which_codes_exist()
    {
        var code = await server.ReceiveAsync();
        var key = KeyOn(await PrintAsync(code, "01-1"));
        var nobodys = code[..^4] + "9999";
        async Task<(HttpStatusCode Status, string Body, string Headers)> GuessAsync(object body)
        {
            using var response = await _visitor.PostAsync("/api/look-up", System.Net.Http.Json.JsonContent.Create(body));
            var headers = string.Join("\n", response.Headers.Concat(response.Content.Headers).Where(h => h.Key != "Date").Select(h => $"{h.Key}: {string.Join(",", h.Value)}").Order(StringComparer.Ordinal));
            return (response.StatusCode, await response.Content.ReadAsStringAsync(), headers);
        }
        var wrongKey = await GuessAsync(new { code, key = "0000-0000-0000" });
        wrongKey.Status.ShouldBe(HttpStatusCode.NotFound);
        (await GuessAsync(new { code = nobodys, key })).ShouldBe(wrongKey, "a dossier that is not there answers as one that is");
        (await GuessAsync(new { code, key = "not a key" })).ShouldBe(wrongKey);
        (await GuessAsync(new { code = "/access/2026-01-01", key })).ShouldBe(wrongKey);

        var random = new Random(3);
        var answers = new Dictionary<(HttpStatusCode, string), int>();
        for (var i = 0; i < 10_000; i += 50)
        {
            foreach (var (status, body, _) in await Task.WhenAll(Enumerable.Range(i, 50).Select(n => GuessAsync(new
            {
                code = n % 2 == 0 ? code : nobodys, key = string.Concat(Enumerable.Range(0, 12).Select(_ => "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[random.Next(32)])),
            }))))
                answers[(status, body)] = answers.GetValueOrDefault((status, body)) + 1;
        }
        answers.Keys.Select(a => a.Item1).ToList().ShouldBe(new List<HttpStatusCode> { HttpStatusCode.NotFound, HttpStatusCode.TooManyRequests }, ignoreOrder: true, "one answer to every guess, and one to too many");
        answers[answers.Keys.Single(a => a.Item1 == HttpStatusCode.TooManyRequests)].ShouldBeGreaterThan(9_000);
        (await GuessAsync(new { code, key })).Status.ShouldBe(HttpStatusCode.TooManyRequests, "the same for whoever has the key, until a minute has passed");
    }

    [Fact]
    public async Task Slips_go_to_whom_the_names_go_and_the_access_log_tells_of_each()
    {
        var code = await server.ReceiveAsync(applicant: new { name = "Vũ Văn Nam", identityNumber = "022091000222" });
        await DoAsync(code, "request-supplement", new { items = new[] { "bản vẽ" } });
        var items = (await server.GetAsync(WebServer.Director, $"/api/dossiers/{code}/slips"))["items"]!.AsArray();
        items.Select(s => s!["form"]!.ToString()).ShouldBe(["01", "02", "06"]);
        items.Select(s => s!["print"]!.ToString()).ShouldBe([$"/dossiers/{code}/slips/01-1", $"/dossiers/{code}/slips/02-1", $"/dossiers/{code}/slips/06"]);
        (await PrintAsync(code, "02-1")).ShouldSatisfyAllConditions(html => html.ShouldContain("<li>bản vẽ</li>"), html => html.ShouldContain("Vũ Văn Nam"));
        var control = await PrintAsync(code, "06", WebServer.Token("kiem-toan", [Role.Auditor]));
        control.ShouldNotContain("Vũ Văn Nam");

        var auditor = WebServer.Token("kiem-toan", [Role.Auditor]);
        (await server.GetAsync(auditor, $"/api/dossiers/{code}/slips/02-1")).Code.ShouldBe("not-allowed");
        (await server.GetAsync(WebServer.Token("x", [Role.Officer], ["H49.08"]), $"/api/dossiers/{code}/slips/02-1")).Code.ShouldBe("not-allowed");
        (await server.GetAsync(WebServer.Director, $"/api/dossiers/{code}/slips/02-7")).Code.ShouldBe("no-such-slip");
        (await server.GetAsync(WebServer.Director, $"/api/dossiers/{code}/slips/..%2F..%2Fetc")).Code.ShouldBe("no-such-slip");

        var position = (await DoAsync(code, "assign", new { to = "slips" }))["position"];
        var opened = (await server.GetAsync(auditor, $"/api/access?code={code}&after={position}"))["items"]!.AsArray().Select(row => row!["where"]!.ToString()).ToList();
        opened.ShouldBe(["GET /api/dossiers/{code}/slips/{slip}"]);

        var register = await server.GetAsync(WebServer.Director, "/api/register?agency=H49.12");
        register.Text.ShouldContain(code);
        register.Text.ShouldContain("Vũ Văn Nam");
        (await server.GetAsync(auditor, "/api/register?agency=H49.12")).Code.ShouldBe("not-allowed");
        (await server.GetAsync(WebServer.Token("x", [Role.Supervisor], ["H49.08"]), "/api/register?agency=H49.12")).Text.ShouldNotContain(code);
        (await server.GetAsync(WebServer.Director, "/api/register")).Code.ShouldBe("bad-query");
        (await server.GetAsync(WebServer.Director, "/api/register?agency=H49.12&day=gestern")).Code.ShouldBe("bad-query");
    }

    [GeneratedRegex(@"<code>(?<key>[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})</code>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Key();

    [GeneratedRegex(@"#secret=(?<secret>[0-9a-f]{64})", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Secret();
}
