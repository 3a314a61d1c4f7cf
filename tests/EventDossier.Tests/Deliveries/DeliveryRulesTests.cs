using EventDossier.Alerts;
using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Deliveries;
using EventDossier.Dossiers;
using EventDossier.Organisation;
using EventDossier.Tests.Samples;

namespace EventDossier.Tests.Deliveries;

public sealed class DeliveryRulesTests
{
    private static readonly DateTimeOffset At = new(2026, 5, 4, 9, 0, 0, TimeSpan.FromHours(7));

    [Fact]
    public void A_signature_is_that_of_the_example_of_standard_webhooks() =>
        Webhook.Sign(Webhook.Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")!, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}""")
            .ShouldBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");

    [Fact]
    public void Each_receiver_has_a_key_of_its_own()
    {
        var master = new byte[32];
        var one = Webhook.SecretOf(master, new("https://chat.example/lan"));
        one.ShouldBe(Webhook.SecretOf(master, new("https://chat.example/lan")));
        one.ShouldNotBe(Webhook.SecretOf(master, new("https://chat.example/minh")));
        Webhook.Secret(one)!.Length.ShouldBe(32);
    }

    [Theory]
    [InlineData("whsec_")]
    [InlineData("whsec_c2hvcnQ=")]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_not base64 at all, but long enough")]
    public void What_is_no_secret(string text) => Webhook.Secret(text).ShouldBeNull();

    [Fact]
    public void Attempts_are_twice_as_far_apart_each_time_within_a_quarter_and_the_same_for_the_same_message()
    {
        var messages = Enumerable.Range(1, 200).Select(i => new Guid(i, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8])).ToList();
        for (var attempts = 1; attempts <= 28; attempts++)
        {
            var middle = TimeSpan.FromSeconds(Math.Min(10 * Math.Pow(2, attempts - 1), 4 * 3600));
            var waits = messages.Select(m => Outbox.Backoff(m, attempts, TimeSpan.FromSeconds(10))).ToList();
            waits.ShouldAllBe(wait => wait >= middle * 0.75 && wait < middle * 1.25);
            waits.Distinct().Count().ShouldBeGreaterThan(80, "who failed together does not come back together");
            waits.ShouldBe(messages.Select(m => Outbox.Backoff(m, attempts, TimeSpan.FromSeconds(10))));
        }
        Enumerable.Range(1, 27).Sum(n => Outbox.Backoff(messages[0], n, TimeSpan.FromSeconds(10)).TotalDays).ShouldBeInRange(2.2, 3.7, "a weekend and more");
    }

    [Theory]
    [InlineData("2026-05-04T09:00:00+07:00", "2026-05-04T09:00:00+07:00")]
    [InlineData("2026-05-04T11:29:59+07:00", "2026-05-04T11:29:59+07:00")]
    [InlineData("2026-05-04T11:30:00+07:00", "2026-05-04T13:00:00+07:00")]
    [InlineData("2026-05-04T03:00:00+07:00", "2026-05-04T07:30:00+07:00")]
    [InlineData("2026-04-24T17:00:00+07:00", "2026-04-28T07:30:00+07:00")] // the weekend, and Monday for the Hùng Kings
    public void Quiet_hours_end_when_work_begins(string moment, string open) =>
        QuietHours.Open(DateTimeOffset.Parse(moment), WorkCalendar.Vietnam).ShouldBe(DateTimeOffset.Parse(open));

    [Fact]
    public void Every_event_that_applicants_are_told_of_has_its_notice_with_words_and_no_other_has()
    {
        var dossier = new Dossier("H49.12-260424-0001");
        foreach (var sample in Sample.Files.Select(Sample.Event).OfType<DossierEvent>())
        {
            if (Notices.Of(sample) is not null)
            {
                Notices.Events.ShouldContain(sample.GetType());
                Notices.Letter(new("Đỗ Thị Hoà"), sample, dossier, "Đăng ký biến động").Text.ShouldContain(dossier.Code);
                Notices.Text(sample, dossier).Length.ShouldBeInRange(40, 400);
            }
        }
        Sample.Files.Select(Sample.Event).Where(e => Notices.Of(e) is not null).Select(e => e.GetType()).Distinct().Count().ShouldBe(Notices.Events.Count);
        Notices.Of(new DossierReceived(At, null, null, null, null, null, null, null, null)).ShouldBeNull("an older system received it");
    }

    [Fact]
    public void A_notice_goes_by_mail_else_to_the_phone_else_by_letter()
    {
        var both = new DeliverySettings { Smtp = new("h", 25, false, null, null, "a@b.example"), Sms = new("https://sms.example"), WebhookSecret = new byte[24] };
        var all = new Applicant("Hoà") { Mail = "hoa@example.vn", Phone = "0912345678" };
        Notices.Choose(all, both).ShouldBe(NoticeChannel.Mail);
        Notices.Choose(all with { Mail = "hoa@example.vn, minh@example.vn" }, both).ShouldBe(NoticeChannel.Sms);
        Notices.Choose(all, both with { Smtp = null }).ShouldBe(NoticeChannel.Sms);
        Notices.Choose(all with { Mail = null, Phone = null }, both).ShouldBe(NoticeChannel.Letter);
        Notices.Choose(all, new()).ShouldBe(NoticeChannel.Letter);
    }

    [Fact]
    public void What_stands_in_a_letter_is_text_and_never_markup()
    {
        var letter = Notices.Letter(new("<b>Hoà</b>"), new SupplementRequested(At, "D-1/02-1", ["<script>"]), new("D-1"), null);
        letter.Html.ShouldContain("&lt;script&gt;");
        letter.Html.ShouldNotContain("<b>");
        letter.Text.ShouldContain("<script>");
    }

    [Fact]
    public void The_gravest_alert_comes_first_with_the_date_that_the_dossier_has_now()
    {
        AlertFacts Alert(string code, AlertLevel level) => new(code, "r", 1, level, At);
        var text = Letters.Of([Alert("D-1", AlertLevel.Warning), Alert("D-2", AlertLevel.L2)], new Dictionary<string, DateTimeOffset?> { ["D-2"] = At }).Text;
        text.ShouldContain("- D-2; Quá hạn, cấp 2; 09:00 04/05/2026");
        text.IndexOf("D-2").ShouldBeLessThan(text.IndexOf("D-1"));
    }

    [Fact]
    public void Contacts_stand_in_the_file_of_the_organisation() => OrganisationFile.Parse(
        """
        { "units": [], "contacts": [{ "person": "stc-lan", "from": "2026-05-04T09:00:00+07:00", "mail": "lan@quangninh.example", "basis": "Danh bạ" }] }
        """u8, "organisation.json").Facts.ShouldBe([new ContactGiven(At, "stc-lan", "lan@quangninh.example", null) { Basis = "Danh bạ" }]);

    [Theory]
    [InlineData("stc-lan", "lan@quangninh.example", "https://chat.example/lan", null)]
    [InlineData("stc-lan", null, "http://127.0.0.1:8080/lan", null)]
    [InlineData("nobody", "lan@quangninh.example", null, "unknown-person")]
    [InlineData("stc-lan", "lan", null, "bad-mail")]
    [InlineData("stc-lan", "Lan <lan@quangninh.example>", null, "bad-mail")]
    [InlineData("stc-lan", "lan@a.example,minh@a.example", null, "bad-mail")]
    [InlineData("stc-lan", "lan@a.example\r\nBcc: x@a.example", null, "bad-mail")]
    [InlineData("stc-lan", null, "http://chat.example/lan", "bad-webhook")]
    [InlineData("stc-lan", null, "https://user:pass@chat.example/lan", "bad-webhook")]
    [InlineData("stc-lan", null, "file:///etc/passwd", "bad-webhook")]
    public void A_contact_is_a_bare_address_and_a_webhook_an_encrypted_one(string person, string? mail, string? webhook, string? refusal)
    {
        var organisation = EventDossier.Organisation.Organisation.Fold((OrganisationEvent[])
        [
            new UnitOpened(At, "H49.12", new("Department", "Sở"), UnitKind.Department, null, Numbering.Qcvn102, true),
            new PostCreated(At, "p", "H49.12", new("Officer", "Chuyên viên"), PostRole.Officer, null), new HolderAppointed(At, "p", "stc-lan"),
        ]);
        var given = new ContactGiven(At, person, mail, webhook);
        OrganisationRules.Decide(given, organisation).Refusal?.Code.ShouldBe(refusal);
        OrganisationRules.Decide(given, organisation).Event.ShouldBe(refusal is null ? given : null);
        if (refusal is null)
        {
            var after = organisation.After(given);
            after.ContactOf(person, At.AddSeconds(-1)).ShouldBeNull();
            after.ContactOf(person, At).ShouldBe(given);
            OrganisationRules.Decide(given with { OccurredAt = At.AddDays(1) }, after).Event.ShouldBeNull("it is so already");
        }
    }
}
