using System.Security.Cryptography;
using System.Text;
using EventDossier.Alerts;
using EventDossier.Applicants;
using EventDossier.Audit;
using EventDossier.Collecting;
using EventDossier.Deadlines;
using EventDossier.Deliveries;
using EventDossier.Dossiers;
using EventDossier.Import;
using EventDossier.Organisation;
using EventDossier.Releases;
using EventDossier.Store;
using EventDossier.StoreTests;
using EventDossier.StoreTests.Applicants;

namespace EventDossier.EndToEnd.Deliveries;

/// <summary>Messages on their way from the log to a real mail server and a real receiver of webhooks.</summary>
public sealed class DeliveryTests : IAsyncLifetime, IDisposable
{
    private static readonly Applicant Hoa = new("Đỗ Thị Hoà") { IdentityNumber = "022090001234", Address = "12 Lê Lợi, Hạ Long", Phone = "0912 345 678", Mail = "hoa@example.vn" };
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("a master secret of tests, 32 byte");

    private readonly TestCentre _centre = new();
    private readonly Clock _clock = new();
    private readonly Receiver _receiver = new();
    private SmtpServer _smtp = null!;
    private Database _database = null!;

    /// <summary>Moved by the test; timers are real.</summary>
    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 5, 4, 9, 0, 0, TimeSpan.FromHours(7)); // a Monday morning
        public override DateTimeOffset GetUtcNow() => Now.ToUniversalTime();
    }

    private DeliverySettings Settings => new()
    {
        Smtp = new("127.0.0.1", _smtp.Port, Tls: false, null, null, "motcua@quangninh.example"), WebhookSecret = Secret, Timeout = TimeSpan.FromSeconds(2),
    };

    private Outbox Outbox => new(_database.App, _clock);

    public async Task InitializeAsync()
    {
        await _centre.InitializeAsync();
        _smtp = await SmtpServer.StartAsync();
        _database = await Database.OpenAsync(_centre.Centre.ConnectionString, ProductEvents.Names, _clock);
    }

    public async Task DisposeAsync()
    {
        await _database.DisposeAsync();
        await _smtp.DisposeAsync();
        await _centre.DisposeAsync();
    }

    public void Dispose() => _receiver.Dispose();

    [Fact]
    public async Task An_alert_comes_as_a_mail_in_two_languages_and_as_a_webhook_whose_signature_verifies()
    {
        await StaffAsync("lan", "lan@quangninh.example", _receiver.Url);
        var code = await DossierAsync();
        await RaiseAsync(code, "lan");

        (await SendAsync()).ShouldBe((0, 0), "alerts gather first");
        _clock.Now += TimeSpan.FromSeconds(31);
        (await SendAsync()).ShouldBe((2, 0));

        var mail = _smtp.Mails.ShouldHaveSingleItem();
        mail.To.ShouldBe(["lan@quangninh.example"]);
        mail.Subject.ShouldBe($"Quá hạn: {code} / Overdue: {code}");
        mail.Text.ShouldContain("đề nghị ông/bà xem xét");
        mail.Text.ShouldContain("it falls to you");
        mail.Html.ShouldContain($"<td>{code}</td>");
        mail.Auto.ShouldBe("auto-generated");
        mail.Raw.ShouldNotContain("đề nghị", Case.Sensitive, "headers and bodies are ASCII on the wire");

        var (id, timestamp, signature, body) = _receiver.Got.ShouldHaveSingleItem();
        var key = Convert.FromBase64String(Webhook.SecretOf(Secret, _receiver.Url)["whsec_".Length..]);
        signature.ShouldBe("v1," + Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}"))));
        timestamp.ShouldBe(_clock.Now.ToUnixTimeSeconds());
        _receiver.Bodies.Single()["type"]!.ToString().ShouldBe("alert.raised");
        _receiver.Bodies.Single()["data"]!["alerts"]![0]!["code"]!.ToString().ShouldBe(code);

        var raised = (await _database.Log.ReadStreamAsync(code)).Single(e => e.Event is AlertRaised);
        mail.Id.ShouldBe($"<{Uuid.V5(raised.Id, "mail lan")}@quangninh.example>");
        id.ShouldBe($"{Uuid.V5(raised.Id, "webhook lan")}");
        (await SendAsync()).ShouldBe((0, 0), "once");
    }

    [Fact]
    public async Task Two_hundred_alerts_at_once_for_one_person_are_one_mail_with_a_list()
    {
        await StaffAsync("lan", "lan@quangninh.example", _receiver.Url);
        await StaffAsync("minh", "minh@quangninh.example", null);
        for (var i = 0; i < 200; i++)
            await RaiseAsync($"H49.12-260504-{i:0000}", "lan", "minh");
        _clock.Now += TimeSpan.FromSeconds(31);

        (await SendAsync()).ShouldBe((600, 0));

        _smtp.Mails.Select(m => m.To.Single()).Order().ShouldBe(["lan@quangninh.example", "minh@quangninh.example"]);
        _smtp.Mails.ShouldAllBe(m => m.Subject.StartsWith("200 hồ sơ"));
        _smtp.Mails[0].Text.ShouldContain("H49.12-260504-0199");
        _receiver.Bodies.ShouldHaveSingleItem()["data"]!["alerts"]!.AsArray().Count.ShouldBe(200);
    }

    [Fact]
    public async Task What_a_receiver_missed_while_it_was_down_comes_when_it_is_back_and_others_did_not_wait()
    {
        await StaffAsync("lan", "lan@quangninh.example", null);
        await StaffAsync("minh", null, _receiver.Url);
        await _smtp.StopAsync();
        await RaiseAsync(await DossierAsync(), "lan", "minh");
        _clock.Now += TimeSpan.FromSeconds(31);

        (await SendAsync()).ShouldBe((1, 1));
        _receiver.Got.Count.ShouldBe(1);
        (await Outbox.ListAsync("waiting")).ShouldHaveSingleItem().ShouldSatisfyAllConditions(m => m.Attempts.ShouldBe(1), m => m.Error.ShouldNotBeNullOrEmpty());
        (await SendAsync()).ShouldBe((0, 0), "not before its time");

        await _smtp.StartAsync();
        _clock.Now += TimeSpan.FromSeconds(13);
        (await SendAsync()).ShouldBe((1, 0));
        _smtp.Mails.Count.ShouldBe(1);

        _receiver.Stop();
        await RaiseAsync(await DossierAsync(), "minh");
        _clock.Now += TimeSpan.FromSeconds(31);
        (await SendAsync()).ShouldBe((0, 1));
        _receiver.Start();
        _clock.Now += TimeSpan.FromSeconds(13);
        (await SendAsync()).ShouldBe((1, 0));
        _receiver.Got.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_receiver_that_never_answers_delays_nobody_else_and_is_tried_with_one_message_at_a_time()
    {
        using var dead = new Receiver { Status = 0 };
        await StaffAsync("lan", null, dead.Url);
        await StaffAsync("minh", null, _receiver.Url);
        for (var i = 0; i < 2; i++)
        {
            await RaiseAsync(await DossierAsync(), "lan", "minh");
            _clock.Now += TimeSpan.FromSeconds(31);
            await Centre.WhileAsync(cancel => WithServiceAsync(service => service.RunAsync(cancel), Settings with { Timeout = TimeSpan.FromSeconds(20) }), async () =>
            {
                var began = TestDatabase.Time.GetTimestamp();
                await Centre.UntilAsync(() => Task.FromResult(_receiver.Got.Count == i + 1), $"webhook {i + 1}");
                TestDatabase.Time.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(10), "the dead one takes twenty");
            });
        }

        var impatient = Settings with { Timeout = TimeSpan.FromMilliseconds(100) };
        for (var i = 0; i < Outbox.GivenUpAfter; i++)
        {
            _clock.Now += TimeSpan.FromMinutes(10);
            await SendAsync(impatient);
        }
        await AddDigestsAsync("lan", dead.Url, 5);
        _clock.Now += TimeSpan.FromMinutes(10);
        (await SendAsync(impatient)).Failed.ShouldBe(1, "given up: one trial");
    }

    [Fact]
    public async Task A_message_that_is_refused_again_and_again_is_dead_until_it_is_sent_again()
    {
        await StaffAsync("lan", null, _receiver.Url);
        _receiver.Status = 400;
        await RaiseAsync(await DossierAsync(), "lan");
        for (var i = 0; i < 3; i++)
        {
            _clock.Now += TimeSpan.FromMinutes(2);
            (await SendAsync(Settings with { Attempts = 3 })).ShouldBe((0, 1));
        }
        var dead = (await Outbox.ListAsync("dead")).ShouldHaveSingleItem();
        (dead.Attempts, dead.Error).ShouldBe((3, "answered 400"));
        _clock.Now += TimeSpan.FromDays(7);
        (await SendAsync()).ShouldBe((0, 0), "dead is dead");

        _receiver.Status = 204;
        (await Outbox.ResendAsync(null)).ShouldBe(1);
        (await SendAsync()).ShouldBe((1, 0));
        _receiver.Got.ShouldHaveSingleItem().Id.ShouldBe($"{dead.Id}", "under the id that it had");
    }

    [Fact]
    public async Task An_address_that_the_mail_server_refuses_is_dead_at_once_and_holds_up_no_other()
    {
        await StaffAsync("gone", "gone@refused.example", null);
        await StaffAsync("lan", "lan@quangninh.example", null);
        await RaiseAsync(await DossierAsync(), "gone", "lan");
        _clock.Now += TimeSpan.FromSeconds(31);

        (await SendAsync()).ShouldBe((1, 1));

        (await Outbox.ListAsync("dead")).ShouldHaveSingleItem().ShouldSatisfyAllConditions(m => m.Recipient.ShouldBe("gone"), m => m.Error!.ShouldNotContain("@"));
    }

    [Fact]
    public async Task At_night_alerts_wait_for_the_morning_but_the_gravest_do_not()
    {
        await StaffAsync("lan", "lan@quangninh.example", null);
        _clock.Now = new(2026, 5, 8, 20, 0, 0, TimeSpan.FromHours(7)); // a Friday evening
        var (soon, grave) = (await DossierAsync(), await DossierAsync());
        await RaiseAsync(soon, AlertLevel.L1, "lan");
        await SendAsync();
        _clock.Now += TimeSpan.FromSeconds(31);
        (await SendAsync()).ShouldBe((0, 0));
        (await Outbox.ListAsync("waiting")).ShouldHaveSingleItem().DueAt.ShouldBe(new(2026, 5, 11, 7, 30, 0, TimeSpan.FromHours(7)));

        await RaiseAsync(grave, AlertLevel.L3, "lan");
        await SendAsync();
        _clock.Now += TimeSpan.FromSeconds(31);
        (await SendAsync()).ShouldBe((2, 0), "who is woken anyway is told all");
    }

    [Fact]
    public async Task An_alert_withdrawn_before_it_was_sent_is_not_sent()
    {
        await StaffAsync("lan", "lan@quangninh.example", null);
        var code = await DossierAsync();
        await RaiseAsync(code, "lan");
        await SendAsync();
        await AppendAsync(code, new AlertWithdrawn(_clock.Now, "handling.l1", 1, "paused"));
        _clock.Now += TimeSpan.FromSeconds(31);

        (await SendAsync()).ShouldBe((0, 0));
        (await Outbox.ListAsync()).ShouldHaveSingleItem().ShouldSatisfyAllConditions(m => m.State.ShouldBe("void"), m => m.Error.ShouldBe("withdrawn"));

        await RaiseAsync(code, "lan");
        await SendAsync();
        _clock.Now += TimeSpan.FromSeconds(31);
        (await SendAsync()).ShouldBe((1, 0), "raised again, it is told again");
    }

    [Fact]
    public async Task An_alert_that_somebody_sees_to_is_mailed_to_nobody_any_more_but_the_gravest_to_the_others()
    {
        await StaffAsync("lan", "lan@quangninh.example", null);
        await StaffAsync("minh", "minh@quangninh.example", null);
        var code = await DossierAsync();
        await RaiseAsync(code, AlertLevel.L1, "lan", "minh");
        await RaiseAsync(code, AlertLevel.L3, "lan", "minh");
        foreach (var rule in (string[])["handling.l1", "handling.l3"])
            await AppendAsync(code, new AlertAcknowledged(_clock.Now, rule, 1, "lan"));
        await SendAsync();
        _clock.Now += TimeSpan.FromSeconds(31);

        (await SendAsync()).ShouldBe((1, 0));
        _smtp.Mails.ShouldHaveSingleItem().To.ShouldBe(["minh@quangninh.example"]);
        (await Outbox.ListAsync("void")).Select(m => (m.FactsAs<AlertFacts>().Rule, m.Recipient, m.Error)).ShouldBe(
            [("handling.l1", "lan", "acknowledged"), ("handling.l1", "minh", "acknowledged"), ("handling.l3", "lan", "acknowledged")], ignoreOrder: true);
        (await DeliveriesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_message_that_an_alert_owed_and_that_is_not_there_or_without_a_reason_not_sent_is_named()
    {
        await StaffAsync("lan", "lan@quangninh.example", _receiver.Url);
        await StaffAsync("hoa", null, null);
        var codes = new[] { await DossierAsync(), await DossierAsync() };
        foreach (var code in codes)
            await RaiseAsync(code, "lan", "hoa");
        await RaiseAsync("H49.12-260504-8888", "nobody");
        _clock.Now += TimeSpan.FromSeconds(31);
        (await SendAsync()).ShouldBe((4, 0));
        (await DeliveriesAsync()).ShouldBeEmpty();

        await _centre.Centre.TamperAsync($"DELETE FROM dossier_outbox.message WHERE stream = '{codes[0]}' AND channel = 'webhook'");
        await _centre.Centre.TamperAsync($"UPDATE dossier_outbox.message SET state = 'void', error = 'withdrawn' WHERE stream = '{codes[1]}' AND channel = 'mail'");
        (await DeliveriesAsync()).Select(f => (f.Kind, f.Stream, f.Expected)).ShouldBe(
        [
            ("delivery-missing", codes[0], "webhook to lan of handling.l1 cycle 1"), ("delivery-wrongly-void", codes[1], "mail to lan of handling.l1 cycle 1"),
        ]);

        // Once mail is no longer served, none is owed for what is raised from then on; and what came before the outbox, never was.
        await AppendAsync(codes[0], Raised(AlertLevel.L2, "lan"));
        await new OutboxFollower(_database, Settings with { Smtp = null }).FollowPageAsync(default);
        (await DeliveriesAsync()).Count.ShouldBe(2);
        await _centre.Centre.TamperAsync("DELETE FROM dossier_outbox.message; DELETE FROM dossier_outbox.served WHERE after = (SELECT min(after) FROM dossier_outbox.served)");
        (await DeliveriesAsync()).ShouldHaveSingleItem().Expected.ShouldBe("webhook to lan of handling.l2 cycle 1");
    }

    [Fact]
    public async Task The_backlog_of_a_cut_over_is_one_mail_and_one_webhook_and_one_that_is_missing_is_found()
    {
        await StaffAsync("lan", "lan@quangninh.example", _receiver.Url);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "case:concept:name,concept:name,time:timestamp,case:startdate,case:deadline,case:responsible,case:department\n"
            + string.Concat(Enumerable.Range(0, 300).Select(i => $"OLD-{i:000},one,2026-04-01T09:00:00+07:00,2026-04-01T09:00:00+07:00,2026-04-08T17:00:00+07:00,lan,H49.12\n")));
        var request = new LogImport.Request(file, LogFile.Open(file, "csv", null, TimeZoneInfo.Utc), null, "UTC", Centre.Command(role: Role.Administrator), _clock.Now);
        (await new LogImport(_database, WorkCalendar.Vietnam).RunAsync(request)).Backlog.ShouldBe(300);
        File.Delete(file);

        (await SendAsync()).Sent.ShouldBe(2);
        var mail = _smtp.Mails.ShouldHaveSingleItem();
        mail.Subject.ShouldStartWith("Hồ sơ chuyển từ hệ thống cũ: 300 hồ sơ đến hạn hoặc quá hạn, trong đó 300 quá hạn");
        mail.Text.ShouldContain("The first 200 are listed");
        var told = _receiver.Bodies.ShouldHaveSingleItem();
        (told["type"]!.ToString(), told["data"]!["backlog"]!["count"]!.GetValue<int>()).ShouldBe(("backlog.told", 300));
        (await SendAsync()).ShouldBe((0, 0), "once");
        (await DeliveriesAsync()).ShouldBeEmpty();
        await _centre.Centre.TamperAsync("DELETE FROM dossier_outbox.message WHERE kind = 'backlog' AND channel = 'mail'");
        (await DeliveriesAsync()).ShouldHaveSingleItem().Expected.ShouldBe("mail to lan of the backlog");
    }

    [Fact]
    public async Task Who_does_not_fetch_a_result_is_reminded_by_mail_once_with_proof_in_the_dossier()
    {
        var code = await ReceiveAsync(Hoa);
        await _centre.Centre.FinishAsync(code);
        await SendAsync();
        var before = _smtp.Mails.Count;
        var by = Centre.Command(role: Role.Administrator);
        (await Uncollected.RemindAsync(_database, _clock.Now.AddDays(10), by)).ShouldBe([code]);
        (await Uncollected.RemindAsync(_database, _clock.Now.AddDays(10), by)).ShouldBeEmpty();
        (await SendAsync()).ShouldBe((1, 0));
        _smtp.Mails.Skip(before).ShouldHaveSingleItem().Subject.ShouldStartWith($"Kết quả đang chờ ông/bà đến nhận: {code}");
        EventDossier.Dossiers.Dossier.Fold(code, await _database.Log.ReadStreamAsync(code)).Notices[^1].Kind.ShouldBe(NoticeKind.ResultWaiting);
    }

    /// <summary>What verification finds of messages; the alerts themselves are the test's own and not the ladder's.</summary>
    private async Task<IReadOnlyList<Finding>> DeliveriesAsync()
    {
        var report = await new AlertVerification(_database, TestDatabase.Time.GetUtcNow().AddMinutes(1), TimeSpan.Zero).RunAsync();
        return [.. report.Findings.Where(f => f.Kind.StartsWith("delivery-", StringComparison.Ordinal)).OrderBy(f => f.Stream, StringComparer.Ordinal)];
    }

    [Fact]
    public async Task The_applicant_is_told_of_receipt_supplement_and_result_with_proof_in_the_dossier_and_nothing_personal_in_the_outbox()
    {
        var code = await ReceiveAsync(Hoa);
        (await _centre.Centre.DoAsync(code, new RequestSupplement(["Bản sao giấy khai sinh"]))).Refusal.ShouldBeNull();
        (await SendAsync()).ShouldBe((2, 0));
        (await _centre.Centre.DoAsync(code, new DecideDossier(DecisionOutcome.Approved))).Refusal.ShouldBeNull();
        (await _centre.Centre.DoAsync(code, new MakeResultReady())).Refusal.ShouldBeNull();
        (await SendAsync()).ShouldBe((1, 0));
        (await OpenedAsync()).ShouldBe([("delivery", code), ("delivery", code), ("delivery", code)], "one for each notice: choosing its way hands nothing out");

        _smtp.Mails.ShouldAllBe(m => m.To.Single() == "hoa@example.vn" && m.Text.Contains("Kính gửi ông/bà Đỗ Thị Hoà"));
        _smtp.Mails.Select(m => m.Subject).ShouldContain($"Yêu cầu bổ sung hồ sơ: {code} / Something is missing in your dossier: {code}");
        _smtp.Mails.Single(m => m.Subject.StartsWith("Yêu cầu")).Text.ShouldContain("Bản sao giấy khai sinh");
        var told = EventDossier.Dossiers.Dossier.Fold(code, await _database.Log.ReadStreamAsync(code)).Notices;
        told.Select(n => (n.Kind, n.Channel)).ShouldBe(
            [(NoticeKind.Received, NoticeChannel.Mail), (NoticeKind.SupplementWanted, NoticeChannel.Mail), (NoticeKind.ResultReady, NoticeChannel.Mail)], ignoreOrder: true);
        told.Select(n => $"<{n.MessageId}@quangninh.example>").Order().ShouldBe(_smtp.Mails.Select(m => m.Id).Order());
        told.Single(n => n.Kind == NoticeKind.SupplementWanted).Slip.ShouldBe($"{code}/02-1");
        var rows = (string)(await _centre.Centre.AskAsync("SELECT string_agg(to_jsonb(m)::text, ' ') FROM dossier_outbox.message m"))!;
        foreach (var personal in (string[])["Hoà", "example.vn", "0912", "Lê Lợi"])
            rows.ShouldNotContain(personal);
    }

    [Fact]
    public async Task Who_has_no_mail_gets_a_text_message_by_day_and_who_has_no_phone_a_letter_to_print()
    {
        var settings = Settings with { Sms = _receiver.Url };
        _clock.Now = new(2026, 5, 8, 20, 0, 0, TimeSpan.FromHours(7));
        var texted = await ReceiveAsync(Hoa with { Mail = null, IdentityNumber = "1" });
        var written = await ReceiveAsync(Hoa with { Mail = "no address", Phone = null, IdentityNumber = "2" });
        (await SendAsync(settings)).ShouldBe((0, 0));
        _clock.Now = new(2026, 5, 11, 7, 30, 0, TimeSpan.FromHours(7));
        (await SendAsync(settings)).ShouldBe((1, 0));

        var message = _receiver.Bodies.ShouldHaveSingleItem()["data"]!;
        message["to"]!.ToString().ShouldBe(Hoa.Phone);
        message["text"]!.ToString().ShouldStartWith($"Đã tiếp nhận hồ sơ: {texted}.");

        var letter = (await Outbox.ListAsync("printing")).ShouldHaveSingleItem();
        letter.Recipient.ShouldBe(written);
        using var service = new DeliveryService(_database, _centre.Keys, settings);
        var html = "";
        await service.PrintAsync(letter.Id, new(Guid.Parse("3f0c1b52-8e0f-4f43-8f6a-6f0f2b8f7c99"), "lan", Role.Clerk, "outbox print"), printed =>
        {
            html = printed.Html;
            return Task.CompletedTask;
        });
        html.ShouldContain("12 L&#234; Lợi, Hạ Long");
        (await OpenedAsync()).ShouldBe([("delivery", texted), ("lan", written)], "the gateway's, and the letter's, before they were handed out");
        (await NoticesAsync(written)).ShouldHaveSingleItem().Channel.ShouldBe(NoticeChannel.Letter);
        (await Outbox.FindAsync(letter.Id))!.State.ShouldBe("sent");
    }

    [Fact]
    public async Task An_applicant_whose_address_is_refused_gets_a_letter()
    {
        await ReceiveAsync(Hoa with { Mail = "hoa@refused.example" });
        (await SendAsync()).ShouldBe((0, 1));
        (await Outbox.ListAsync()).ShouldHaveSingleItem().ShouldSatisfyAllConditions(m => m.State.ShouldBe("printing"), m => m.Channel.ShouldBe("letter"));
    }

    [Fact]
    public async Task An_erased_applicant_is_sent_nothing_and_that_is_recorded()
    {
        var code = await ReceiveAsync(Hoa);
        await _smtp.StopAsync();
        (await SendAsync()).ShouldBe((0, 1));
        var applicant = EventDossier.Dossiers.Dossier.Fold(code, await _database.Log.ReadStreamAsync(code)).Applicant!.Applicant;
        (await _centre.Centre.DoAsync(code, new WithdrawDossier("rút"))).Refusal.ShouldBeNull();
        await _centre.Keys.DestroyAsync([applicant], default);
        await _smtp.StartAsync();
        _clock.Now += TimeSpan.FromHours(1);

        (await SendAsync()).ShouldBe((0, 0));

        _smtp.Mails.ShouldBeEmpty();
        (await Outbox.ListAsync()).ShouldHaveSingleItem().ShouldSatisfyAllConditions(m => m.State.ShouldBe("void"), m => m.Error.ShouldBe("applicant-erased"));
    }

    [Fact]
    public async Task A_notice_that_events_have_overtaken_is_not_sent()
    {
        await _smtp.StopAsync();
        var code = await ReceiveAsync(Hoa);
        (await _centre.Centre.DoAsync(code, new RequestSupplement(["x"], Delivery.Counter))).Refusal.ShouldBeNull();
        (await _centre.Centre.DoAsync(code, new ProvideSupplement())).Refusal.ShouldBeNull();
        await SendAsync();

        (await Outbox.ListAsync("void")).ShouldHaveSingleItem().Error.ShouldBe("answered");
    }

    [Fact]
    public async Task A_notice_sent_by_a_sender_who_died_before_the_outbox_knew_is_not_sent_again()
    {
        var code = await ReceiveAsync(Hoa);
        await SendAsync();
        await _centre.Centre.TamperAsync("UPDATE dossier_outbox.message SET state = 'waiting', leased_until = '2020-01-01', ended_at = NULL");

        (await SendAsync()).ShouldBe((1, 0));

        _smtp.Mails.Count.ShouldBe(1);
        (await NoticesAsync(code)).Count.ShouldBe(1);
        (await Outbox.ResendAsync((await Outbox.ListAsync("sent")).Single().Id)).ShouldBe(1);
        (await SendAsync()).ShouldBe((1, 0));
        _smtp.Mails.Select(m => m.Id).Distinct().Count().ShouldBe(1);
        _smtp.Mails.Count.ShouldBe(2, "on purpose it is");
        (await NoticesAsync(code)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_publication_that_is_late_comes_once_to_the_transparency_officers_and_the_director_and_lies_before_them_until_it_is_out()
    {
        var (at, friday) = (new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.FromHours(7)), new DateTimeOffset(2026, 5, 8, 17, 0, 0, TimeSpan.FromHours(7)));
        await OrganiseAsync(
            new UnitOpened(at, "H49", new("Centre", "Trung tâm"), UnitKind.Office, null, Numbering.Local, true),
            new PostCreated(at, "tra", "H49", new("Transparency officer", "Cán bộ công khai"), PostRole.TransparencyOfficer, 1), new HolderAppointed(at, "tra", "mai"),
            new PostCreated(at, "dir", "H49", new("Director", "Giám đốc"), PostRole.Director, null), new HolderAppointed(at, "dir", "hoa"),
            new PostCreated(at, "sup", "H49", new("Supervisor", "Trưởng phòng"), PostRole.Supervisor, null), new HolderAppointed(at, "sup", "minh"),
            new ContactGiven(at, "mai", "mai@quangninh.example", $"{_receiver.Url}"), new ContactGiven(at, "hoa", "hoa@quangninh.example", null),
            new ContactGiven(at, "minh", "minh@quangninh.example", null));
        var context = new ActContext(_clock.Now, Centre.Command() with { Actor = "mai", Role = Role.TransparencyOfficer }, _clock.Now);
        (await PublicationTimetable.PlanAsync(_database, at, at.AddMonths(3), friday, context)).ShouldBeNull();

        // Two processes look at once, on the evening and once more; the mail waits for Monday.
        _clock.Now = friday.AddMinutes(30);
        await Task.WhenAll(PublicationTimetable.TellLateAsync(_database, _clock.Now), PublicationTimetable.TellLateAsync(_database, _clock.Now));
        (await SendAsync()).ShouldBe((0, 0));
        (await Outbox.ListAsync("waiting")).Select(m => (m.Kind, m.Channel, m.Recipient)).ShouldBe(
            [("publication", "mail", "mai"), ("publication", "webhook", "mai"), ("publication", "mail", "hoa")], ignoreOrder: true);
        _clock.Now = friday.AddDays(3).AddHours(-9); // 08:00
        (await SendAsync()).ShouldBe((3, 0));
        (await PublicationTimetable.TellLateAsync(_database, _clock.Now)).ShouldBeEmpty();
        (await SendAsync()).ShouldBe((0, 0), "once");

        _smtp.Mails.Select(m => m.To.Single()).Order().ShouldBe(["hoa@quangninh.example", "mai@quangninh.example"]);
        _smtp.Mails.ShouldAllBe(m => m.Subject == "Chậm công bố dữ liệu: 01/01/2026 – 31/03/2026 / Publication is late: 01/01/2026 – 31/03/2026");
        _smtp.Mails[0].Text.ShouldContain("was to be out by 17:00 08/05/2026");
        var late = (await _database.Log.ReadStreamAsync(PublicationTimetable.Stream)).Single(e => e.Event is PublicationLate);
        _smtp.Mails.Select(m => m.Id).ShouldContain($"<{Uuid.V5(late.Id, "mail mai")}@quangninh.example>");
        _receiver.Bodies.ShouldHaveSingleItem()["type"]!.ToString().ShouldBe("publication.late");
        _receiver.Got.Single().Id.ShouldBe($"{Uuid.V5(late.Id, "webhook mai")}");

        (await PublicationTimetable.InboxAsync(_database, "mai", _clock.Now)).ShouldHaveSingleItem().Told.ShouldBe(["hoa", "mai"]);
        (await PublicationTimetable.InboxAsync(_database, "minh", _clock.Now)).ShouldBeEmpty("a supervisor is not told");
        await ReleasedAsync(at, at.AddMonths(3));
        (await PublicationTimetable.InboxAsync(_database, "mai", _clock.Now)).ShouldBeEmpty("it is out");
    }

    [Fact]
    public async Task Nothing_is_sent_of_a_late_publication_that_came_out_before_the_mail_went()
    {
        var (at, due) = (new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.FromHours(7)), _clock.Now.AddHours(1));
        await OrganiseAsync(
            new UnitOpened(at, "H49", new("Centre", "Trung tâm"), UnitKind.Office, null, Numbering.Local, true),
            new PostCreated(at, "tra", "H49", new("Transparency officer", "Cán bộ công khai"), PostRole.TransparencyOfficer, 1), new HolderAppointed(at, "tra", "mai"),
            new ContactGiven(at, "mai", "mai@quangninh.example", null));
        var context = new ActContext(_clock.Now, Centre.Command() with { Actor = "mai", Role = Role.TransparencyOfficer }, _clock.Now);
        (await PublicationTimetable.PlanAsync(_database, at, at.AddMonths(3), due, context)).ShouldBeNull();
        _clock.Now = due;
        (await PublicationTimetable.TellLateAsync(_database, due)).Count.ShouldBe(1);
        await ReleasedAsync(at, at.AddMonths(3));

        (await SendAsync()).ShouldBe((0, 0));
        _smtp.Mails.ShouldBeEmpty();
        (await Outbox.ListAsync("void")).ShouldHaveSingleItem().Error.ShouldBe("not late any more");
    }

    /// <summary>A release of the whole centre that is out; how it came to be is told elsewhere.</summary>
    private async Task ReleasedAsync(DateTimeOffset from, DateTimeOffset to) => await _database.Log.AppendAsync([new(Release.Stream("2026-0001"), Release.StreamType, 0, Centre.Command(),
    [
        new ReleaseDrafted(_clock.Now, "mai", from, to, 1, 5, 60, DraftRelease.Definitions, "centre", "licence"),
        new ReleasePublished(_clock.Now, "mai", new string('0', 64), "note"),
    ])]);

    [Fact]
    public async Task The_morning_digest_goes_once_to_who_acts_for_each_supervisor()
    {
        var at = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.FromHours(7));
        await OrganiseAsync(
            new UnitOpened(at, "H49.12", new("Department", "Sở"), UnitKind.Department, null, Numbering.Qcvn102, true),
            new PostCreated(at, "sup", "H49.12", new("Supervisor", "Trưởng phòng"), PostRole.Supervisor, 1), new HolderAppointed(at, "sup", "lan"),
            new PostCreated(at, "dep", "H49.12", new("Deputy", "Phó phòng"), PostRole.DeputyHead, null), new HolderAppointed(at, "dep", "minh"), new DeputyNamed(at, "sup", "minh", null),
            new ContactGiven(at, "lan", "lan@quangninh.example", null), new ContactGiven(at, "minh", "minh@quangninh.example", null),
            new AbsenceReported(_clock.Now.AddDays(6), "lan", null));
        var code = await _centre.Centre.ReceiveAsync(); // due on Monday, 11 May
        await _centre.Centre.CatchUpAsync();

        (await Digest.MakeAsync(_database, Settings, new(2026, 5, 5))).ShouldBe(0, "nothing is in danger");
        (await Digest.MakeAsync(_database, Settings, new(2026, 5, 8))).ShouldBe(1);
        (await Digest.MakeAsync(_database, Settings, new(2026, 5, 8))).ShouldBe(0, "once a day");
        (await Digest.MakeAsync(_database, Settings, new(2026, 5, 12))).ShouldBe(1);
        _clock.Now = new(2026, 5, 12, 7, 30, 0, TimeSpan.FromHours(7));
        (await SendAsync()).ShouldBe((2, 0));

        _smtp.Mails.OrderBy(m => m.Subject).Select(m => (m.To.Single(), m.Subject.Split(" / ")[0])).ShouldBe(
        [
            ("lan@quangninh.example", "Sáng 08/05/2026: 0 hồ sơ quá hạn, 1 hồ sơ sắp đến hạn"),
            ("minh@quangninh.example", "Sáng 12/05/2026: 1 hồ sơ quá hạn, 0 hồ sơ sắp đến hạn"),
        ]);
        _smtp.Mails.ShouldAllBe(m => m.Text.Contains(code));
    }

    [Fact]
    public async Task Two_followers_and_two_senders_at_once_lose_and_double_nothing()
    {
        await StaffAsync("lan", null, _receiver.Url);
        await using var other = await Database.OpenAsync(_centre.Centre.ConnectionString, ProductEvents.Names, _clock);
        var codes = new List<string>();
        await Centre.WhileAsync(
            cancel => Task.WhenAll(
                WithServiceAsync(service => service.RunAsync(cancel), Settings with { Gather = TimeSpan.Zero }),
                WithServiceAsync(service => service.RunAsync(cancel), Settings with { Gather = TimeSpan.Zero }, other)),
            async () =>
            {
                for (var i = 0; i < 60; i++)
                {
                    codes.Add($"H49.12-260504-{i:0000}");
                    await AppendAsync(codes[^1], Raised(AlertLevel.L1, "lan"));
                }
                await Centre.UntilAsync(async () => (await Outbox.DepthAsync())["waiting"] == 0 && Told().Count >= codes.Count, "all are told");
            });
        Told().Order().ShouldBe(codes);

        List<string> Told() => [.. _receiver.Bodies.SelectMany(b => b["data"]!["alerts"]!.AsArray().Select(a => a!["code"]!.ToString()))];
    }

    private Task<(long Sent, long Failed)> SendAsync(DeliverySettings? settings = null) => WithServiceAsync(service => service.SendOnceAsync(), settings ?? Settings);

    private async Task<T> WithServiceAsync<T>(Func<DeliveryService, Task<T>> work, DeliverySettings settings)
    {
        using var service = new DeliveryService(_database, _centre.Keys, settings);
        return await work(service);
    }

    private async Task WithServiceAsync(Func<DeliveryService, Task> work, DeliverySettings settings, Database? database = null)
    {
        using var service = new DeliveryService(database ?? _database, _centre.Keys, settings);
        await work(service);
    }

    /// <summary>A member of staff who can be reached.</summary>
    private Task StaffAsync(string person, string? mail, Uri? webhook)
    {
        var at = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.FromHours(7));
        return OrganiseAsync(
            new UnitOpened(at, "H49.12", new("Department", "Sở"), UnitKind.Department, null, Numbering.Qcvn102, true),
            new PostCreated(at, $"post-{person}", "H49.12", new("Officer", "Chuyên viên"), PostRole.Officer, null), new HolderAppointed(at, $"post-{person}", person),
            new ContactGiven(at, person, mail, webhook?.AbsoluteUri));
    }

    private async Task OrganiseAsync(params OrganisationEvent[] events) =>
        (await new OrganisationRegister(_database).DoAsync(_ => events, Centre.Command())).Refusal.ShouldBeNull();

    private Task<string> DossierAsync() => _centre.Centre.ReceiveAsync();

    /// <summary>By whom, of which dossier, in order.</summary>
    private async Task<IReadOnlyList<(string By, string Code)>> OpenedAsync() => [.. (await _database.Log.ReadAllAsync(0, 10_000)).Events
        .Select(e => e.Event).OfType<PersonalDataOpened>().Select(opened => (opened.By, opened.Dossiers.Single()))];

    private async Task<string> ReceiveAsync(Applicant applicant)
    {
        var data = await _centre.Keys.SealAsync(applicant, Uuid.V5(Guid.Parse("3f0c1b52-8e0f-4f43-8f6a-6f0f2b8f7c01"), applicant.IdentityNumber!));
        var received = await _centre.Centre.Desk.BeginAsync(new ReceiveDossier(Centre.Procedure, Agency: Centre.Agency, Applicant: data), _centre.Centre.Context());
        received.Refusal.ShouldBeNull();
        return received.Code;
    }

    private Task RaiseAsync(string code, params string[] people) => RaiseAsync(code, AlertLevel.L1, people);

    /// <summary>Raised, and followed into the outbox at this moment.</summary>
    private async Task RaiseAsync(string code, AlertLevel level, params string[] people)
    {
        await AppendAsync(code, Raised(level, people));
        await new OutboxFollower(_database, Settings).FollowPageAsync(default);
    }

    private AlertRaised Raised(AlertLevel level, params string[] people) => new(
        _clock.Now, $"handling.{level}".ToLowerInvariant(), 0, level, 1, _clock.Now, [.. people.Select(p => new AlertRecipient($"post-{p}", "H49.12", p))]);

    private async Task AppendAsync(string code, DossierEvent e) => await _database.Log.AppendAsync([new(code, Desk.StreamType, StreamAppend.Any, Centre.Command(), [e])]);

    private async Task AddDigestsAsync(string person, Uri url, int count)
    {
        await using var connection = await _database.App.OpenConnectionAsync();
        await Outbox.AddAsync(connection, [.. Enumerable.Range(0, count).Select(_ => new Message(
            Centre.Command().CommandId, "digest", "webhook", person, $"webhook {url.Authority}", true, null, null,
            """{"day": "2026-05-04", "overdue": 1, "endangered": 0, "dossiers": []}""", _clock.Now))], _clock.Now, default);
    }

    private async Task<IReadOnlyList<EventDossier.Dossiers.Dossier.Notice>> NoticesAsync(string code) =>
        EventDossier.Dossiers.Dossier.Fold(code, await _database.Log.ReadStreamAsync(code)).Notices;
}
