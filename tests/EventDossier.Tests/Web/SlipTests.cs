using System.Text.RegularExpressions;
using System.Xml.Linq;
using EventDossier.Applicants;
using EventDossier.Dossiers;
using EventDossier.Store;
using EventDossier.Tests.Dossiers;
using EventDossier.Web;
using EventDossier.Web.LookUp;
using EventDossier.Web.Slips;
using QRCoder;

namespace EventDossier.Tests.Web;

/// <summary>What stands on each form, and that it says the same whenever it is printed.</summary>
public sealed partial class SlipTests
{
    private static readonly Applicant _lan = new("Trần <b>Lan</b> & con") { Address = "12 Lê Lợi", Phone = "0912 345 678" };
    private static readonly LookUpOnSlip _lookUp = new(new("https://hoso.example.vn/look-up"), Lives.Code, "7K2M-9QXT-04WB", [.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    /// <summary>Acts in turn, as the log would hold them.</summary>
    private static List<StoredEvent> Events(params (Func<Dossier, Decision> Act, DateTimeOffset At)[] acts)
    {
        var (dossier, events) = (new Dossier(Lives.Code), new List<StoredEvent>());
        foreach (var (act, at) in acts)
        {
            var decision = act(dossier);
            decision.Refusal.ShouldBeNull();
            foreach (var e in decision.Events)
            {
                dossier = dossier.After(e, dossier.Version + 1);
                events.Add(RandomLife.Stored(Lives.Code, dossier.Version, e, at));
            }
        }
        return events;
    }

    private static (Func<Dossier, Decision>, DateTimeOffset) Do<T>(T act, int day, int hour = 9) where T : IAct<T> =>
        (dossier => dossier.Ask(act, Lives.On(4, day, hour)), Lives.On(4, day, hour));

    private static readonly (Func<Dossier, Decision>, DateTimeOffset) _received = Do(new ReceiveDossier("P-1", Unit: "u1", Officer: "officer-1", Applicant: Lives.Lan), 20, 8);

    private static string Print(IReadOnlyList<StoredEvent> events, string number, bool sample = false, LookUpOnSlip? lookUp = null)
    {
        var html = Slip.Find($"{Lives.Code}/{number}", events).ShouldNotBeNull(number).Print(Lives.Rules, _lan, lookUp, sample).Text;
        html.ShouldContain("Trần &lt;b&gt;Lan&lt;/b&gt; &amp; con");
        html.ShouldNotContain("<b>");
        html.ShouldContain($"<strong>{Lives.Code}/{number}</strong>");
        // All but the doctype is XML too, so nothing is left open.
        XDocument.Parse(html["<!doctype html>".Length..].Replace("<meta charset=\"utf-8\">", "", StringComparison.Ordinal).Replace("initial-scale=1\">", "initial-scale=1\"/>", StringComparison.Ordinal));
        return html;
    }

    [Fact]
    public void Form_01_has_receipt_limit_and_promise_and_how_to_look_the_dossier_up()
    {
        var html = Print(Events(_received), "01-1", lookUp: _lookUp);
        foreach (var part in (string[])["GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ", "08:00 ngày 20/04/2026", "17:00 ngày 21/05/2026", "20 ngày làm việc", "20 working days", "12 Lê Lợi", "Đăng ký (P-1)", "7K2M-9QXT-04WB", "https://hoso.example.vn/look-up"])
            html.ShouldContain(part);
        html.ShouldNotContain("MẪU THỬ");
        html.ShouldNotContain("tạm tính");
    }

    [Fact]
    public void The_code_that_is_drawn_is_the_code_that_was_made()
    {
        var link = $"https://hoso.example.vn/look-up?code={Lives.Code}&key=7K2M-9QXT-04WB#secret={string.Concat(Enumerable.Range(0, 32).Select(i => $"{i:x2}"))}";
        using var generator = new QRCodeGenerator();
        using var made = generator.CreateQrCode(link, QRCodeGenerator.ECCLevel.M);
        var path = Path().Match(Print(Events(_received), "01-1", lookUp: _lookUp)).Groups["path"].Value;
        var drawn = new HashSet<(int X, int Y)>();
        foreach (Match run in Run().Matches(path))
        {
            for (var i = 0; i < int.Parse(run.Groups["n"].Value); i++)
                drawn.Add((int.Parse(run.Groups["x"].Value) + i, int.Parse(run.Groups["y"].Value))).ShouldBeTrue();
        }
        for (var y = 0; y < made.ModuleMatrix.Count; y++)
        {
            for (var x = 0; x < made.ModuleMatrix.Count; x++)
                drawn.Contains((x, y)).ShouldBe(made.ModuleMatrix[y][x], $"{x} {y}");
        }
    }

    [Fact]
    public void Every_other_form_says_what_it_was_issued_for()
    {
        var asked = Events(_received, Do(new AssignDossier("officer-2", "u2"), 20), Do(new RequestSupplement(["bản vẽ <1:500>", "đơn"]), 21));
        Print(asked, "02-1").ShouldContain("<li>bản vẽ &lt;1:500&gt;</li><li>đơn</li>");
        Print(Events(Do(new SubmitDossier("P-1", "online", Applicant: Lives.Lan), 20), Do(new RefuseSubmission("thiếu đơn"), 20, 10)), "03-1").ShouldContain("thiếu đơn");
        var stopped = Print(Events(_received, Do(new AssignDossier("officer-2", "u2"), 20), Do(new StopDossier("NĐ 118, điều 20", "tranh chấp"), 21)), "05-1");
        stopped.ShouldContain("NĐ 118, điều 20");
        stopped.ShouldContain("tranh chấp");
        Print(Events(_received, Do(new AssignDossier("officer-2", "u2"), 20), Do(new AskFee(1_150_000, "TT 85"), 21)), "fee-1").ShouldContain("1.150.000 đồng");
    }

    [Fact]
    public void An_apology_names_the_date_that_is_not_kept_and_the_new_one()
    {
        var html = Print(Events(_received, Do(new AssignDossier("officer-2", "u2"), 20), Do(new ExtendDossier(Lives.On(6, 1, 17), "chờ đo đạc"), 22)), "04-1");
        foreach (var part in (string[])["17:00 ngày 21/05/2026", "17:00 ngày 01/06/2026", "chờ đo đạc", "xin lỗi"])
            html.ShouldContain(part);
        html.ShouldNotContain("quá hạn theo ngày hẹn cũ");
    }

    [Fact]
    public void A_slip_that_was_cancelled_says_so_and_the_one_in_its_place_says_what_it_said()
    {
        var events = Events(_received, Do(new AssignDossier("officer-2", "u2"), 20), Do(new RequestSupplement(["bản vẽ"]), 21), Do(new ReissueSlip($"{Lives.Code}/02-1", "in mờ"), 21, 10), Do(new ReissueSlip($"{Lives.Code}/01-1", "mất"), 21, 11));
        Print(events, "02-1").ShouldContain("ĐÃ HỦY");
        Print(events, "02-2").ShouldSatisfyAllConditions(html => html.ShouldContain("bản vẽ"), html => html.ShouldNotContain("ĐÃ HỦY"));
        Print(events, "01-2").ShouldContain("17:00 ngày 21/05/2026");
        Print(events.Take(1).ToList(), "01-1").ShouldNotContain("ĐÃ HỦY");
        Slip.Find($"{Lives.Code}/01-3", events).ShouldBeNull();
    }

    [Fact]
    public void A_sample_is_labelled_on_every_form()
    {
        Print(Events(_received), "01-1", sample: true).ShouldContain("MẪU THỬ");
        ControlSlip.Of(Lives.Accepted, Lives.Rules, sample: true).Text.ShouldContain("MẪU THỬ");
        Register.Of("H49.12", new(2026, 4, 20), [Lives.Accepted], new Dictionary<string, string?>(), Lives.Rules, Lives.Now, sample: true).Text.ShouldContain("MẪU THỬ");
    }

    [Fact]
    public void The_control_slip_has_a_row_for_each_hand_over_and_judges_it_by_its_budget()
    {
        Dossier.HandOver Row(int accepted, int budget) => new("u1", "a", "u2", "b", Lives.On(4, 20), Lives.On(4, 21, budget)) { AcceptedAt = Lives.On(4, 21, accepted) };
        ControlSlip.Judge(Row(9, 11), Lives.Rules.Calendar).ShouldBe(EventDossier.Deadlines.Judgement.Early);
        ControlSlip.Judge(Row(10, 11), Lives.Rules.Calendar).ShouldBe(EventDossier.Deadlines.Judgement.OnTime);
        ControlSlip.Judge(Row(11, 10), Lives.Rules.Calendar).ShouldBe(EventDossier.Deadlines.Judgement.Late);
        ControlSlip.Judge(Row(11, 10) with { AcceptedAt = null }, Lives.Rules.Calendar).ShouldBeNull("it is still with the giver");
        var html = ControlSlip.Of(Lives.SentBack, Lives.Rules, sample: false).Text;
        html.ShouldContain("không thuộc thẩm quyền");
        html.ShouldNotContain("Trần");
    }

    [Fact]
    public void The_register_has_each_dossier_with_its_applicant_and_says_who_was_erased()
    {
        var names = new Dictionary<string, string?> { [Lives.Code] = "Trần Lan" };
        string Text(IReadOnlyDictionary<string, string?>? known) => Register.Of("H49.12", new(2026, 4, 20), [Lives.Returned], known, Lives.Rules, Lives.Now, false).Text;
        Text(names).ShouldSatisfyAllConditions(html => html.ShouldContain("Trần Lan"), html => html.ShouldContain("2026-05-21 17:00"), html => html.ShouldContain("bưu chính"));
        Text(new Dictionary<string, string?> { [Lives.Code] = null }).ShouldContain("đã xóa");
        Text(null).ShouldContain("không kết nối được kho khóa");
    }

    [Fact]
    public void Markup_escapes_whatever_is_put_in_but_markup() =>
        Markup.Of($"<p title=\"{"\"><script>"}\">{Markup.Of($"<b>{"<"}</b>")}{1.25}{12}{(string?)null}</p>").Text.ShouldBe("<p title=\"&quot;&gt;&lt;script&gt;\"><b>&lt;</b>1.312</p>");

    [GeneratedRegex("""<path d="(?<path>[^"]+)" fill="#000"/>""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Path();

    [GeneratedRegex(@"M(?<x>\d+) (?<y>\d+)h(?<n>\d+)v1h-\k<n>z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Run();
}
