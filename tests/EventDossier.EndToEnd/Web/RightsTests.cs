using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EventDossier.Dossiers;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Web;

/// <summary>Who may see and do what, by their tokens.</summary>
[Collection(OneServer.Name)]
public sealed class RightsTests(WebServer server)
{
    private static readonly string Supervisor = WebServer.Token("truong-phong-12", [Role.Supervisor], ["H49.12"]);

    [Fact]
    public async Task A_token_that_is_forged_over_or_for_somebody_else_signs_nobody_in()
    {
        string[] tokens =
        [
            "nonsense", WebServer.Token("x", [Role.Clerk], key: RandomNumberGenerator.GetBytes(32)), WebServer.Token("x", [Role.Clerk], algorithm: "none"),
            WebServer.Token("x", [Role.Clerk], audience: "another"), WebServer.Token("", [Role.Clerk]),
            WebServer.Token("x", [Role.Clerk], expires: TestDatabase.Time.GetUtcNow().AddMinutes(-5)),
        ];
        foreach (var token in tokens)
            (await server.GetAsync(token, "/api/procedures")).Code.ShouldBe("not-signed-in", token);
        (await server.GetAsync(WebServer.Token("x", [Role.Clerk]), "/api/procedures")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_supervisor_sees_and_touches_what_lies_with_their_units_and_the_director_all()
    {
        var (own, other) = (await server.ReceiveAsync(WebServer.Building, officer: "rights"), await server.ReceiveAsync(WebServer.Land, officer: "rights"));
        var head = (await server.PostAsync(WebServer.Director, $"/api/dossiers/{other}/assign", new { to = "rights", unit = "H49.08-02" }))["position"];

        async Task<string[]> SeenAsync(string token, string path) => [.. (await server.GetAsync(token, path))["items"]!.AsArray().Select(d => d!["code"]!.ToString())];
        (await SeenAsync(Supervisor, $"/api/dossiers?officer=rights&after={head}")).ShouldBe([own]);
        (await SeenAsync(WebServer.Director, $"/api/dossiers?officer=rights&after={head}")).ShouldBe([own, other], ignoreOrder: true);
        (await SeenAsync(Supervisor, $"/api/deadlines?officer=rights&asOf=2030-01-01&after={head}")).ShouldBe([own]);
        (await SeenAsync(WebServer.Token("p", [Role.Officer], ["H49.08-02"]), $"/api/deadlines?officer=rights&asOf=2030-01-01&after={head}")).ShouldBe([other], "by its division");

        foreach (var path in (string[])["", "/history"])
        {
            (await server.GetAsync(Supervisor, $"/api/dossiers/{own}{path}")).Status.ShouldBe(200);
            (await server.GetAsync(Supervisor, $"/api/dossiers/{other}{path}")).Code.ShouldBe("not-allowed");
        }
        (await server.GetAsync(Supervisor, $"/api/deadlines/{other}")).Code.ShouldBe("not-allowed");
        (await server.PostAsync(Supervisor, $"/api/dossiers/{other}/assign", new { to = "mine" })).Code.ShouldBe("not-allowed");
        (await server.PostAsync(Supervisor, $"/api/dossiers/{own}/assign", new { to = "mine" })).Status.ShouldBe(200);
        (await server.PostAsync(Supervisor, "/api/dossiers", new { procedure = WebServer.Building })).Code.ShouldBe("not-allowed", "receiving is for clerks");
        (await server.PostAsync(Supervisor, $"/api/dossiers/{own}/assign", new { to = "mine", role = Role.Administrator })).Code.ShouldBe("not-allowed", "a role that the token does not give");
        (await server.GetAsync(Supervisor, "/api/figures?period=2026&agency=H49.08")).Code.ShouldBe("not-allowed");
        (await server.GetAsync(Supervisor, "/api/figures?period=2026&agency=H49.12")).Status.ShouldBe(200);
        foreach (var by in (string[])["agency", "procedure", "channel", "month"])
        {
            (await server.GetAsync(Supervisor, $"/api/figures?period=2026&by={by}")).Code.ShouldBe("not-allowed", "all agencies'");
            (await server.GetAsync(Supervisor, $"/api/figures?period=2026&agency=H49.08&by={by}")).Code.ShouldBe("not-allowed");
            (await server.GetAsync(WebServer.Token("x", [Role.Officer], ["H49.12"]), $"/api/figures?period=2026&agency=H49.12&by={by}")).Code.ShouldBe("not-allowed");
            var theirs = await server.GetAsync(Supervisor, $"/api/figures?period=2026&agency=H49.12&by={by}");
            (theirs.Status, theirs["reconciles"]!.GetValue<bool>(), theirs["all"]!["promises"]!["definition"]!.ToString()).ShouldBe((200, true, "promises/1"));
            var then = await server.GetAsync(WebServer.Director, $"/api/figures?period=2026&by={by}&position={theirs["position"]}");
            then["position"]!.ToString().ShouldBe(theirs["position"]!.ToString());
        }
        (await server.GetAsync(WebServer.Director, "/api/figures?by=weather")).Code.ShouldBe("bad-query");
    }

    [Fact]
    public async Task What_is_personal_and_packs_go_to_whom_the_table_says_and_the_access_log_tells_of_each()
    {
        var citizen = Guid.Parse("5f0f3b6a-9f53-4a6f-8f6e-2f0a6b1d7c02");
        var code = await server.ReceiveAsync(officer: "access", applicant: new { name = "Phạm Thị Hiên", identityNumber = "022090009876" });
        var path = $"/api/dossiers/{code}";
        (await server.SendAsync(WebServer.Director, new(HttpMethod.Post, $"{path}/attach?kind=don") { Content = new StringContent("đơn của Hiên") })).Status.ShouldBe(200);
        var hash = (await server.GetAsync(WebServer.Director, path))["documents"]![0]!["sha256"]!.ToString();
        var auditor = WebServer.Token("kiem-toan", [Role.Auditor]);

        (await server.GetAsync(WebServer.Director, $"{path}/applicant?reason=hỏi"))["name"]!.ToString().ShouldBe("Phạm Thị Hiên");
        (await server.GetAsync(WebServer.Director, $"{path}/documents/{hash}")).Text.ShouldBe("đơn của Hiên");
        (await server.GetAsync(WebServer.Director, $"{path}/documents/{new string('a', 64)}")).Code.ShouldBe("no-such-document");
        foreach (var personal in (string[])[$"{path}/applicant", $"{path}/documents/{hash}", $"/api/audit/{code}/pack?names=true"])
            (await server.GetAsync(auditor, personal)).Code.ShouldBe("not-allowed", personal);
        (await server.GetAsync(auditor, $"/api/audit/{code}/pack")).ShouldSatisfyAllConditions(pack => pack.Status.ShouldBe(200), pack => pack.Text.ShouldStartWith("PK"), pack => pack.Text.ShouldNotContain("Hiên"));
        (await server.GetAsync(WebServer.Director, $"/api/audit/{code}/pack?names=true")).Text.ShouldContain("Hiên");
        (await server.GetAsync(WebServer.Token("x", [Role.Officer], ["H49.08"]), $"/api/audit/{code}/pack")).Code.ShouldBe("not-allowed");

        var head = (await server.PostAsync(WebServer.Director, $"{path}/assign", new { to = "access" }))["position"];
        var seen = await server.GetAsync(auditor, $"/api/access?code={code}&after={head}");
        seen["items"]!.AsArray().Select(row => $"{row!["actor"]} {row["role"]} {row["what"]} {row["where"]} {row["reason"]}").ShouldBe(
        [
            "tt-giamdoc-1 director pack GET /api/audit/{code}/pack ",
            "tt-giamdoc-1 director document GET /api/dossiers/{code}/documents/{sha256} ",
            "tt-giamdoc-1 director applicant GET /api/dossiers/{code}/applicant hỏi",
        ]);
        (await server.GetAsync(auditor, "/api/access?actor=tt-giamdoc-1&limit=1"))["next"].ShouldNotBeNull();
        (await server.GetAsync(WebServer.Token("x", [Role.Clerk]), $"/api/access?code={code}")).Code.ShouldBe("not-allowed");
        (await server.GetAsync(WebServer.Token("c", [Role.Citizen], applicant: $"{citizen}"), $"/api/access?code={code}")).Code.ShouldBe("not-allowed", "it is another's");
        (await server.GetAsync(WebServer.Token("c", [Role.Citizen], applicant: $"{citizen}"), "/api/access")).Code.ShouldBe("not-allowed");
    }

    [Fact]
    public async Task Without_units_in_the_token_the_posts_held_tell_them_and_a_closed_unit_belongs_to_its_successor()
    {
        var code = await server.ReceiveAsync(WebServer.Building, unit: "H49.12-01", officer: "posts");
        var holder = WebServer.Token("xd-thamdinh-truong", [Role.Supervisor]);
        (await server.GetAsync(holder, $"/api/dossiers/{code}")).Status.ShouldBe(200);
        (await server.GetAsync(WebServer.Token("nobody-known", [Role.Supervisor]), $"/api/dossiers/{code}")).Code.ShouldBe("not-allowed");
        var moved = await server.PostAsync(WebServer.Director, "/api/dossiers", new { procedure = WebServer.Building, agency = "H49.19" });
        moved.Status.ShouldBe(201, moved.Text);
        (await server.GetAsync(Supervisor, $"/api/dossiers/{moved["code"]}")).Status.ShouldBe(200, "H49.12 took over from H49.19");
    }

    [Fact]
    public async Task Names_are_for_those_who_deal_with_the_applicant_and_of_the_dossiers_they_reach()
    {
        async Task<string> OfAsync(string procedure, string name, string number) =>
            await server.ReceiveAsync(procedure, officer: "names", applicant: new { name, identityNumber = number });
        var (own, other) = (await OfAsync(WebServer.Building, "Phạm Thị Hiên", "022090007001"), await OfAsync(WebServer.Land, "Vũ Văn Khải", "022090007002"));
        var nobody = await server.ReceiveAsync(officer: "names");
        var head = (await server.PostAsync(WebServer.Director, $"/api/dossiers/{own}/complete-step", new { step = "Thẩm định" }))["position"];
        var list = $"/api/dossiers?officer=names&after={head}";

        var all = await server.GetAsync(WebServer.Director, $"{list}&names=true");
        all["items"]!.AsArray().Count.ShouldBe(3);
        all["names"]!.AsObject().ToDictionary(n => n.Key, n => $"{n.Value}").ShouldBe(new Dictionary<string, string> { [own] = "Phạm Thị Hiên", [other] = "Vũ Văn Khải" }, ignoreOrder: true);
        all["withoutNames"].ShouldBeNull();
        (await server.GetAsync(WebServer.Director, list)).Text.ShouldNotContain("Phạm", customMessage: "who does not ask is not told");
        (await server.GetAsync(Supervisor, $"{list}&names=true"))["names"]!.AsObject().Select(n => n.Key).ShouldBe([own]);
        foreach (var role in (string[])[Role.Auditor, Role.Administrator, Role.TransparencyOfficer])
        {
            (await server.GetAsync(WebServer.Token("x", [role]), $"{list}&names=true")).Code.ShouldBe("not-allowed", role);
            (await server.GetAsync(WebServer.Token("x", [role]), $"/api/dossiers/{own}/slips/04")).Code.ShouldBe("not-allowed", $"{role}: the slip is addressed to the applicant");
        }
        var both = await server.GetAsync(WebServer.Token("x", [Role.Auditor, Role.Supervisor], ["H49.12"]), $"{list}&names=true");
        both["items"]!.AsArray().Select(d => d!["code"]!.ToString()).ShouldBe([own, nobody], ignoreOrder: true, "an auditor sees all, but this page is of those whose names a supervisor may know");
    }

    [Fact]
    public async Task A_page_comes_without_names_and_says_so_where_the_key_store_is_down()
    {
        var code = await server.ReceiveAsync(officer: "down", applicant: new { name = "Phạm Thị Hiên", identityNumber = "022090007001" });
        var head = (await server.PostAsync(WebServer.Director, $"/api/dossiers/{code}/complete-step", new { step = "Thẩm định" }))["position"];
        var keys = await TestDatabase.CreateAsync();
        var (process, client) = await WebServer.StartAsync(server.Database, keys, server.Folder, ("EVENTDOSSIER_MASTER_KEY_FILE", Path.Combine(server.Folder, "another.key")), ("Jwt__Key", WebServer.Secret));
        using (client)
        {
            await keys.DisposeAsync();
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/dossiers?officer=down&after={head}&names=true");
            request.Headers.Authorization = new("Bearer", WebServer.Director);
            using var response = await client.SendAsync(request);
            var page = await Answer.OfAsync(response);
            (page.Status, page["withoutNames"]?.ToString(), page["names"]).ShouldBe((200, "keys-unreachable", null), page.Text);
            page["items"]!.AsArray().Single()!["code"]!.ToString().ShouldBe(code);
        }
        (await WebServer.StopAsync(process)).ShouldBe(0);
    }

    [Fact]
    public async Task A_citizen_sees_their_own_and_nobody_elses()
    {
        var code = await server.ReceiveAsync(applicant: new { name = "Lê Thị Chung", identityNumber = "022091000777" });
        var applicant = (await server.GetAsync(WebServer.Director, $"/api/dossiers/{code}"))["applicant"]!["applicant"]!.ToString();
        var citizen = WebServer.Token("citizen-1", [Role.Citizen], applicant: applicant);
        (await server.GetAsync(citizen, $"/api/dossiers/{code}")).Status.ShouldBe(200);
        (await server.GetAsync(citizen, $"/api/deadlines/{code}")).Status.ShouldBe(200);
        (await server.GetAsync(citizen, $"/api/dossiers/{await server.ReceiveAsync()}")).Code.ShouldBe("not-allowed");
        (await server.GetAsync(citizen, "/api/deadlines")).Code.ShouldBe("not-allowed");
        (await server.GetAsync(citizen, "/api/alerts")).Code.ShouldBe("not-allowed");
        (await server.GetAsync(WebServer.Token("citizen-2", [Role.Citizen]), "/api/dossiers"))["items"]!.AsArray().ShouldBeEmpty("without an applicant's id nothing is one's own");
        (await server.GetAsync(WebServer.Token("x", []), "/api/dossiers")).Code.ShouldBe("not-allowed");
    }

    [Fact]
    public async Task A_provider_is_asked_for_its_keys_and_nothing_real_is_served_without_any()
    {
        using var rsa = RSA.Create(2048);
        using var provider = new HttpListener();
        var port = FreePort();
        var url = $"http://127.0.0.1:{port}/";
        provider.Prefixes.Add(url);
        provider.Start();
        var serving = ServeAsync(provider, url, rsa);
        var folder = Directory.CreateTempSubdirectory("eventdossier-oidc-").FullName;
        var (process, client) = await WebServer.StartAsync(server.Database, server.Keys, folder, ("Jwt__Authority", url), ("EVENTDOSSIER_MASTER_KEY_FILE", MasterKeyOf(server)));
        using (client)
        {
            var claims = new { sub = "auditor-1", roles = new[] { Role.Auditor }, aud = "eventdossier", iss = url, exp = TestDatabase.Time.GetUtcNow().AddHours(1).ToUnixTimeSeconds() };
            var text = $"{WebServer.Encode("""{"alg":"RS256","kid":"one","typ":"JWT"}"""u8.ToArray())}.{WebServer.Encode(JsonSerializer.SerializeToUtf8Bytes(claims))}";
            var token = $"{text}.{WebServer.Encode(rsa.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
            async Task<HttpStatusCode> StatusAsync(string bearer)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/api/jobs") { Headers = { Authorization = new("Bearer", bearer) } };
                using var response = await client.SendAsync(request);
                return response.StatusCode;
            }
            (await StatusAsync(token)).ShouldBe(HttpStatusCode.OK);
            (await StatusAsync(WebServer.Director)).ShouldBe(HttpStatusCode.Unauthorized, "a key that is not the provider's");
        }
        (await WebServer.StopAsync(process)).ShouldBe(0);
        provider.Stop();
        await serving;

        using var unset = WebServer.Launch([], ["--data", folder], ("ConnectionStrings__EventDossier", server.Database.ConnectionString), ("ConnectionStrings__Keys", server.Keys.ConnectionString),
            ("EVENTDOSSIER_MASTER_KEY_FILE", MasterKeyOf(server)));
        var error = await unset.StandardError.ReadToEndAsync();
        await unset.WaitForExitAsync();
        (unset.ExitCode, error).ShouldBe((1, "dossier-web: nobody could sign in: name an OpenID provider in Jwt__Authority, or a key in Jwt__Key or Jwt__KeyFile\n"));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("PS256")]
    [InlineData("ES256")]
    public async Task A_token_signed_by_the_key_whose_public_half_lies_in_a_file_is_taken_and_no_other(string algorithm)
    {
        using var rsa = RSA.Create(2048);
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (keyFile, folder) = (Path.GetTempFileName(), Directory.CreateTempSubdirectory("eventdossier-pem-").FullName);
        await File.WriteAllTextAsync(keyFile, algorithm == "ES256" ? ec.ExportSubjectPublicKeyInfoPem() : rsa.ExportSubjectPublicKeyInfoPem());
        var (process, client) = await WebServer.StartAsync(server.Database, server.Keys, folder, ("Jwt__KeyFile", keyFile), ("EVENTDOSSIER_MASTER_KEY_FILE", MasterKeyOf(server)));
        using (client)
        {
            byte[] Sign(byte[] text, string by) => by switch
            {
                "ES256" => ec.SignData(text, HashAlgorithmName.SHA256),
                "PS256" => rsa.SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
                "RS256" => rsa.SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
                // The trick of old: the public key as everybody has it, for a secret.
                _ => HMACSHA256.HashData(File.ReadAllBytes(keyFile), text),
            };
            async Task<HttpStatusCode> StatusAsync(string by)
            {
                var claims = new { sub = "auditor-1", roles = new[] { Role.Auditor }, aud = "eventdossier", exp = TestDatabase.Time.GetUtcNow().AddHours(1).ToUnixTimeSeconds() };
                var text = $"{WebServer.Encode(JsonSerializer.SerializeToUtf8Bytes(new { alg = by, typ = "JWT" }))}.{WebServer.Encode(JsonSerializer.SerializeToUtf8Bytes(claims))}";
                using var request = new HttpRequestMessage(HttpMethod.Get, "/api/jobs") { Headers = { Authorization = new("Bearer", $"{text}.{WebServer.Encode(Sign(Encoding.ASCII.GetBytes(text), by))}") } };
                using var response = await client.SendAsync(request);
                return response.StatusCode;
            }
            (await StatusAsync(algorithm)).ShouldBe(HttpStatusCode.OK);
            (await StatusAsync("HS256")).ShouldBe(HttpStatusCode.Unauthorized);
            (await StatusAsync(algorithm == "ES256" ? "RS256" : "ES256")).ShouldBe(HttpStatusCode.Unauthorized, "another key");
        }
        (await WebServer.StopAsync(process)).ShouldBe(0);

        if (algorithm == "ES256")
        {
            foreach (var (content, why) in ((string?, string)[])[("no key", "holds no public key of RSA or ECDSA in PEM"), (null, "Could not find file")])
            {
                File.Delete(keyFile);
                if (content is not null)
                    await File.WriteAllTextAsync(keyFile, content);
                using var refused = WebServer.Launch([("Jwt__KeyFile", keyFile)], ["--urls", "http://127.0.0.1:0", "--data", folder], ("ConnectionStrings__EventDossier", server.Database.ConnectionString),
                    ("ConnectionStrings__Keys", server.Keys.ConnectionString), ("EVENTDOSSIER_MASTER_KEY_FILE", MasterKeyOf(server)));
                var told = await refused.StandardOutput.ReadLineAsync();
                if (told is not null)
                    refused.Kill();
                told.ShouldBeNull("it does not start");
                var error = await refused.StandardError.ReadToEndAsync();
                await refused.WaitForExitAsync();
                refused.ExitCode.ShouldBe(1, error);
                error.ShouldContain(why);
            }
        }
        File.Delete(keyFile);
        Directory.Delete(folder, recursive: true);
    }

    private static string MasterKeyOf(WebServer server) => Applicants.MasterKey.FileIn(server.Folder, false);

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task ServeAsync(HttpListener provider, string url, RSA rsa)
    {
        var key = rsa.ExportParameters(false);
        while (true)
        {
            HttpListenerContext http;
            try
            {
                http = await provider.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            object answer = http.Request.Url!.AbsolutePath == "/.well-known/openid-configuration"
                ? new { issuer = url, jwks_uri = $"{url}jwks" }
                : new { keys = new[] { new { kty = "RSA", use = "sig", alg = "RS256", kid = "one", n = WebServer.Encode(key.Modulus!), e = WebServer.Encode(key.Exponent!) } } };
            http.Response.ContentType = "application/json";
            await http.Response.OutputStream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(answer));
            http.Response.Close();
        }
    }
}
