using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EventDossier.Alerts;
using EventDossier.Deliveries;
using EventDossier.Dossiers;
using EventDossier.EndToEnd.Drills;
using EventDossier.Organisation;
using EventDossier.Store;
using EventDossier.StoreTests;
using EventDossier.StoreTests.Applicants;

namespace EventDossier.EndToEnd.Deliveries;

/// <summary>The outbox at a terminal: sent with TLS and a login, killed at any moment, listed, printed.</summary>
[Collection(Drill.OneAtATime)]
public sealed partial class OutboxProcessTests : IAsyncLifetime
{
    private readonly TestCentre _centre = new();

    public async Task InitializeAsync()
    {
        await _centre.InitializeAsync();
        var at = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.FromHours(7));
        OrganisationEvent[] lan =
        [
            new UnitOpened(at, "H49.12", new("Department", "Sở"), UnitKind.Department, null, Numbering.Qcvn102, true),
            new PostCreated(at, "post", "H49.12", new("Officer", "Chuyên viên"), PostRole.Officer, null), new HolderAppointed(at, "post", "lan"),
            new ContactGiven(at, "lan", "lan@quangninh.example", null),
        ];
        (await new OrganisationRegister(_centre.Database).DoAsync(_ => lan, Centre.Command())).Refusal.ShouldBeNull();
    }

    public Task DisposeAsync() => _centre.DisposeAsync();

    [Fact]
    public async Task Mail_goes_over_TLS_with_a_login_and_not_to_a_server_without()
    {
        var (certificate, key) = Certificate();
        await using var secure = await SmtpServer.StartAsync(certificate, key);
        await using var open = await SmtpServer.StartAsync();
        await RaiseAsync("H49.12-260504-0001");

        // An untrusted certificate, no STARTTLS, a wrong password: each is an attempt that failed, and nothing was told.
        (await RunAsync(secure, ["outbox", "send-once"])).Exit.ShouldBe(1);
        await _centre.Centre.TamperAsync("UPDATE dossier_outbox.message SET due_at = '2020-01-01'");
        (await RunAsync(open, ["outbox", "send-once"], ("SSL_CERT_FILE", certificate))).Exit.ShouldBe(1);
        await _centre.Centre.TamperAsync("UPDATE dossier_outbox.message SET due_at = '2020-01-01'; DELETE FROM dossier_outbox.receiver");
        (await RunAsync(secure, ["outbox", "send-once"], ("SSL_CERT_FILE", certificate), ("Delivery__Smtp__Password", "guessed"))).Exit.ShouldBe(1);
        await _centre.Centre.TamperAsync("UPDATE dossier_outbox.message SET due_at = '2020-01-01'; DELETE FROM dossier_outbox.receiver");
        secure.Mails.Concat(open.Mails).ShouldBeEmpty();

        (await RunAsync(secure, ["outbox", "send-once", "--json"], ("SSL_CERT_FILE", certificate))).Output.ShouldContain("\"sent\": 1");

        secure.Mails.ShouldHaveSingleItem().ShouldSatisfyAllConditions(m => m.Tls.ShouldBeTrue(), m => m.Login.ShouldBeTrue());
        var listed = JsonNode.Parse((await RunAsync(secure, ["outbox", "list", "--state", "sent", "--json"])).Output)!.AsArray().ShouldHaveSingleItem()!;
        (listed["recipient"]!.ToString(), listed["channel"]!.ToString()).ShouldBe(("lan", "mail"));
    }

    [Fact]
    public async Task A_sender_that_is_killed_at_any_moment_loses_nothing_and_sends_nothing_under_two_ids()
    {
        await using var smtp = await SmtpServer.StartAsync();
        var (codes, random) = (new List<string>(), new Random(7));
        for (var round = 0; round < Drill.Rounds(inTests: 3); round++)
        {
            using var sender = Start(smtp);
            for (var i = 0; i < 30; i++)
            {
                codes.Add($"H49.12-26050{round % 10}-{codes.Count:00000}");
                await RaiseAsync(codes[^1]);
            }
            await Drill.UntilAsync("something was sent", () => Task.FromResult(smtp.Mails.Count > round));
            await Drill.KillAfterAsync(sender, TimeSpan.FromMilliseconds(random.Next(200)));
        }
        using (var last = Start(smtp))
        {
            await Drill.UntilAsync("all are sent", async () => (long)(await _centre.Centre.AskAsync(
                "SELECT count(*) FROM dossier_outbox.message WHERE state = 'sent'"))! == codes.Count);
            await Drill.KillAsync(last);
        }

        var told = smtp.Mails.SelectMany(m => Codes().Matches(m.Text).Select(c => (Code: c.Value, m.Id))).Distinct().ToList();
        told.Select(t => t.Code).Order().ShouldBe(codes.Order(), "each, and each under one id alone");
    }

    [Fact]
    public async Task Settings_that_make_no_sense_are_named()
    {
        await using var smtp = await SmtpServer.StartAsync();
        foreach (var (name, value) in ((string, string)[])
            [("Delivery__Smtp__From", "nobody"), ("Delivery__Smtp__Port", "-1"), ("Delivery__Webhook__Secret", "short"), ("Delivery__Sms__Url", "http://sms.example")])
        {
            var run = await RunAsync(smtp, ["outbox", "send-once", "--json"], (name, value));
            (run.Exit, JsonNode.Parse(run.Error)!["error"]!["code"]!.ToString()).ShouldBe((1, "bad-setting"));
            run.Error.ShouldContain(name);
        }
        (await RunAsync(smtp, ["outbox", "secret", "https://chat.example/lan"], ("Delivery__Webhook__Secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))).Output.ShouldStartWith("whsec_");
    }

    private async Task RaiseAsync(string code)
    {
        var now = TestDatabase.Time.GetUtcNow();
        await _centre.Database.Log.AppendAsync([new(code, Desk.StreamType, StreamAppend.Any, Centre.Command(),
            [new AlertRaised(now, "handling.l1", 0, AlertLevel.L1, 1, now, [new("post", "H49.12", "lan")])])]);
    }

    private (string, string)[] Environment(SmtpServer smtp, (string Name, string Value)[] more) =>
    [
        ("ConnectionStrings__EventDossier", _centre.Centre.ConnectionString), ("ConnectionStrings__Keys", _centre.KeysConnection), ("EVENTDOSSIER_DATA", _centre.Folder),
        ("Delivery__Smtp__Host", "localhost"), ("Delivery__Smtp__Port", $"{smtp.Port}"), ("Delivery__Smtp__Tls", "true"),
        ("Delivery__Smtp__User", "clerk"), ("Delivery__Smtp__Password", "secret"), ("Delivery__Smtp__From", "motcua@quangninh.example"),
        ("Delivery__GatherSeconds", "0"), ("Delivery__QuietHours", "false"), ("Delivery__TimeoutSeconds", "2"), .. more,
    ];

    private Task<Dossier> RunAsync(SmtpServer smtp, string[] arguments, params (string, string)[] environment) => Dossier.RunAsync(arguments, Environment(smtp, environment));

    private System.Diagnostics.Process Start(SmtpServer smtp) => Dossier.Start(["outbox", "run"], [.. Environment(smtp, []), ("Delivery__Smtp__User", ""), ("Delivery__Smtp__Tls", "false")]);

    private (string Certificate, string Key) Certificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = TestDatabase.Time.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var (file, keyFile) = (Path.Combine(_centre.Folder, "smtp.crt"), Path.Combine(_centre.Folder, "smtp.key"));
        File.WriteAllText(file, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return (file, keyFile);
    }

    [GeneratedRegex(@"H49\.12-\d{6}-\d{4,5}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Codes();
}
