using System.Text;
using System.Text.Json.Nodes;
using EventDossier.Alerts;
using EventDossier.Applicants;
using EventDossier.Archives;
using EventDossier.Audit;
using EventDossier.Complaints;
using EventDossier.Collecting;
using EventDossier.Deadlines;
using EventDossier.Deliveries;
using EventDossier.Dossiers;
using EventDossier.Figures;
using EventDossier.Import;
using EventDossier.Organisation;
using EventDossier.Outages;
using EventDossier.Portal;
using EventDossier.Procedures;
using EventDossier.Questionnaires;
using EventDossier.Queues;
using EventDossier.Record;
using EventDossier.Releases;
using EventDossier.Requests;
using EventDossier.Retention;
using EventDossier.Store;
using EventDossier.Web.LookUp;
using EventDossier.Web.Slips;

namespace EventDossier.Web;

/// <summary>Examples for the description of the routes: one dossier's life, told by the same functions that tell the real ones.</summary>
internal static class Examples
{
    public const string Code = "H49.12-260424-0001";
    private const string Officer = "xd-thamdinh-1", Unit = "H49.12-01", Agency = "H49.12";

    /// <summary>By the name of a query or path parameter.</summary>
    public static IReadOnlyDictionary<string, string> Asked { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["block"] = "Ba Chẽ 1", ["code"] = Code, ["search"] = "xay dung", ["agency"] = Agency, ["unit"] = Unit, ["officer"] = Officer, ["stage"] = "inProgress", ["state"] = "dead", ["names"] = "true", ["asOf"] = "2026-05-15T17:00:00+07:00",
        ["knownAt"] = "2026-05-15T17:00:00+07:00", ["version"] = "3", ["position"] = "1204", ["at"] = "2026-04-24", ["from"] = "2026-04-01", ["to"] = "2026-05-01", ["procedure"] = "1.004", ["lang"] = "vi",
        ["day"] = "2026-04-24", ["period"] = "2026-Q2", ["person"] = Officer, ["level"] = "l1", ["acknowledged"] = "false", ["list"] = "resolvedLate", ["by"] = "month", ["reason"] = "khiếu nại 12/2026", ["actor"] = "quay-04",
        ["index"] = "0", ["event"] = "1", ["witnessed"] = "true", ["cursor"] = "WyJINDkuMTItMjYwNDI0LTAwMDEiXQ", ["limit"] = "50", ["after"] = "1204", ["slip"] = "01-1", ["kind"] = "bản vẽ",
        ["sha256"] = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", ["path"] = "0/000", ["name"] = "daily-digest", ["id"] = "5f0f3b6a-9f53-4a6f-8f6e-2f0a6b1d7c02", ["task"] = "verification", ["number"] = "2026-0001", ["past"] = "true", ["all"] = "true",
        ["change"] = "appoint", ["provision"] = "QĐ 901/QĐ-UBND, Điều 2",
    };

    /// <summary>By the name of a field of an act; where an act means something of its own by it, by <c>act.field</c>.</summary>
    private static readonly Dictionary<string, JsonNode> _fields = new(StringComparer.Ordinal)
    {
        ["procedure"] = "1.004", ["channel"] = "counter", ["agency"] = Agency, ["numberedBy"] = Agency, ["place"] = "Trung tâm, quầy 4", ["unit"] = Unit, ["officer"] = Officer,
        ["applicant"] = new JsonObject { ["name"] = "Nguyễn Thị Mai", ["identityNumber"] = "022090001234", ["phone"] = "0912345678" }, ["reason"] = "nhập nhầm", ["to"] = Officer, ["hand-over.to"] = "H49.08-02",
        ["change-version.to"] = 2, ["step"] = "Thẩm định", ["question"] = "Có vướng quy hoạch không?", ["number"] = 1, ["answer"] = "Không vướng", ["answerBy"] = "2026-04-28T17:00:00+07:00",
        ["other"] = "H49.12-260420-0003", ["kind"] = "related", ["attach.kind"] = "bản vẽ", ["items"] = new JsonArray("bản vẽ mặt bằng"), ["slip"] = $"{Code}/01-1", ["by"] = "counter", ["proof"] = "EB123456789VN",
        ["deliveredBy"] = "counter", ["amount"] = 150_000, ["provision"] = "TT 85/2019/TT-BTC", ["receipt"] = "BL-0001", ["basis"] = "QĐ 12/QĐ-TA", ["until"] = "2026-05-08T17:00:00+07:00",
        ["appointment"] = "2026-05-08T17:00:00+07:00", ["decision"] = "TB 1/2026", ["decisions"] = "TB 1/2026", ["outcome"] = "approved", ["agent"] = "Nguyễn Văn Bình", ["powerOfAttorney"] = "GUQ 7/2026", ["level"] = 5, ["comment"] = "nhanh", ["alert"] = "warning",
        ["rule"] = "warning", ["cycle"] = 1, ["outage"] = "SC-2026-01", ["externalCode"] = "G22.99.08-260424-0001", ["status"] = 9, ["system"] = "thue", ["track.number"] = 3, ["sha256"] = Asked["sha256"], ["size"] = 4_096, ["mediaType"] = "application/pdf",
    };

    /// <summary>A body that the act takes; with <c>code</c> where it is one of many.</summary>
    public static JsonObject Body(Acts.Kind kind, bool withCode = false)
    {
        var body = withCode ? new JsonObject { ["code"] = Code } : [];
        foreach (var (name, _, _) in ActBody.Fields(kind))
            body[name] = (_fields.GetValueOrDefault($"{kind.Rule.Name}.{name}") ?? _fields[name]).DeepClone();
        if (body.Count == 0)
            body["at"] = "2026-05-07T09:00:00+07:00";
        return body;
    }

    private static DateTimeOffset On(int month, int day, int hour, int minute = 0) => new(2026, month, day, hour, minute, 0, TimeSpan.FromHours(7));

    private static readonly DateTimeOffset _now = On(5, 7, 9);

    private static readonly Sealed _applicant = new(new("5f0f3b6a-9f53-4a6f-8f6e-2f0a6b1d7c02"), "kpSIKp2lXzYb3S1v…");

    private static readonly Procedure.Version _procedure = new(new(On(1, 1, 0), "1.004", "Cấp giấy phép xây dựng", Agency, Limit.Parse("5 days"), "QĐ 766/QĐ-UBND")
    {
        GeneralLimit = Limit.Parse("15 days"), GeneralBasis = "Luật Xây dựng", Steps = [new("Thẩm định", Unit, 16)], Documents = ["Đơn đề nghị", "Bản vẽ thiết kế"], Fee = 150_000, Grade = ServiceGrade.Full, RetentionYears = 10,
    }, 1);

    private static readonly Rulebook _rules = Rulebook.Empty with { Procedures = new Dictionary<string, IReadOnlyList<Procedure.Version>> { ["1.004"] = [_procedure] } };

    private static readonly (DossierEvent Event, string Actor, string Role)[] _life =
    [
        (new DossierReceived(On(4, 24, 16, 10), new("1.004", 1), "counter", Agency, Unit, Officer, _procedure.Published.Limit, On(5, 6, 17), null)
        {
            Slip = $"{Code}/01-1", NumberedBy = Agency, Place = "Trung tâm, quầy 4", Applicant = _applicant, GeneralLimit = _procedure.Published.GeneralLimit, GeneralDue = On(5, 20, 17),
        }, "quay-04", Role.Clerk),
        (new StepCompleted(On(5, 5, 10, 30), "Thẩm định", Officer, Unit), Officer, Role.Officer),
        (new AlertRaised(On(5, 6, 17), "l1", 0, AlertLevel.L1, 1, On(5, 6, 17), [new("xd-thamdinh-truong", Unit, "xd-thamdinh-truong")]), "eventdossier", Role.Administrator),
    ];

    private static readonly List<StoredEvent> _events = [.. _life.Index().Select(e => Stored(e.Index + 1, e.Item.Event, e.Item.Actor, e.Item.Role))];

    private static StoredEvent Stored(int version, DossierEvent @event, string actor, string role)
    {
        var encoded = ProductEvents.Names.Encode(@event);
        var id = Uuid.V5(Guid.Empty, $"{Code} {version}");
        return new(1200 + version, id, Code, version, encoded.Name, Encoding.UTF8.GetBytes(encoded.Json), @event.OccurredAt.ToUniversalTime(),
            Encoding.UTF8.GetBytes($$"""{"commandId":"{{id}}","actor":"{{actor}}","role":"{{role}}"}"""), null, null, ProductEvents.Names);
    }

    public static Dossier Dossier() => EventDossier.Dossiers.Dossier.Fold(Code, _events);

    public static IReadOnlyList<Told> History() => [.. _events.Select(Told.Of)];

    public static Done Done() => new(Code, 3, 1203);

    public static Listed<DoneOrRefused> DoneMany() => new([new(Code, 4, 1204, null), new("H49.08-260506-0002", 0, 0, new("no-such-dossier", "there is no dossier H49.08-260506-0002"))]);

    public static DossierPage Dossiers() => new([_events.Aggregate(default(Overview.Row), Overview.View.Apply)!], Asked["cursor"], null, null);

    public static Page<WorkList.Row> Work() => new([_events.Aggregate(default(WorkList.Row), WorkList.View.Apply)!], null);

    public static Applicant Applicant() => new("Nguyễn Thị Mai") { IdentityNumber = "022090001234", Address = "12 Lê Lợi", Phone = "0912345678" };

    public static Slip04Told Slip04()
    {
        var slip = Deliveries.Slip04.Of(Code, _events, _rules, _now);
        return new(slip, slip.Letter(Dossier(), Applicant(), new("Department of Construction", "Sở Xây dựng"), _procedure.Published.Name));
    }

    public static Listed<SlipTold> SlipList() => new([new($"{Code}/01-1", "01", Slip.Title("01"), On(4, 24, 16, 10), On(4, 24, 16, 15), null, false, SlipRoutes.Address(Code, $"{Code}/01-1"))]);

    public static Page<OverdueRow> Overdue() => new([new(Code, On(5, 6, 17), On(4, 24, 16, 10), null, Agency, Unit, Officer, "1.004", WorkCalendar.Vietnam.WorkingMinutes(On(5, 6, 17), _now))], null);

    public static Explained Explanation() => ExplainedDate.Of(Dossier(), WorkCalendar.Vietnam)! is var date ? new(date, date.ToLines(Language.En)) : throw new InvalidOperationException();

    public static Page<AlertTold> Alerts() => new(
        [new(Code, "l1", 1, 0, AlertLevel.L1, On(5, 6, 17), On(5, 6, 17), "xd-thamdinh-truong", "xd-thamdinh-truong", Unit, Agency, "1.004", On(5, 6, 17), null, null, null)], null);

    public static Page<AccessLog.Row> Access() => new([new(Code, 1210, _now, _now, "quay-04", Role.Clerk, "applicant", "GET /api/dossiers/{code}/applicant", null, "khiếu nại 12/2026")], null);

    public static Page<Procedure.Version> Procedures() => new([_procedure], null);

    public static IReadOnlyList<Procedure.Version> Versions() => [_procedure];

    public static DividedFigures.Report DividedFigures()
    {
        var counts = Enum.GetValues<Bucket>().ToDictionary(
            b => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName($"{b}"),
            b => b is Bucket.ReceivedAtCounter or Bucket.PendingOverdue ? 1L : 0);
        var promises = new Promises(On(4, 1, 0), On(7, 1, 0), _rules);
        promises.Count(Dossier(), 1);
        var told = promises.Tell() with { Position = 1203 };
        var row = new DividedFigures.Row(Agency, 1, 1, counts, told, Decision766.Of(told), [Code]);
        return new(
            On(4, 1, 0), On(7, 1, 0), null, 1203, Division.Agency, EventDossier.Figures.Form06.CurrentDefinition, 0, true, [row], row with { Key = "" });
    }

    public static AlertFigures.Report AlertFigures()
    {
        var row = new AlertFigures.Row("xd-thamdinh-truong", 1, 0.1m, 1, 0, 0, 0, 35, 35);
        return new(On(4, 1, 0), On(7, 1, 0), 1203, Figures.AlertFigures.Definition, 25, row with { Person = null }, [row]);
    }

    public static Replayed Replayed() => new(Code, [.. Replay.Steps(Code, _events, EventDossier.Alerts.Ladders.None, WorkCalendar.Vietnam, _now)]);

    public static ProcessReport Process() => ProcessView.Of(new(), _rules, [_events]);

    private static readonly byte[] _hash = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private const string Vkey = "eventdossier/42771290+5b1b0b1c+AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g", Checkpoint = "eventdossier/42771290\n1203\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n— eventdossier/42771290 WxsLHAAB…\n";

    public static string TextCheckpoint() => Checkpoint;

    public static IReadOnlyList<KeyTold> Keys() => [new(Vkey, On(1, 1, 0), true)];

    public static InclusionProof LeafProof() => new(Vkey, Checkpoint, 1200, Commitment.Leaf(_hash), [_hash]);

    public static IReadOnlyList<InclusionProof> EventProofs() => [LeafProof() with { Opening = Opening.Of(_events[0], _hash) }];

    public static ConsistencyProof Growth() => new(Vkey, Checkpoint, Checkpoint, [_hash]);

    public static CheckedProofs Checked() => new([new(Vkey, true, 1203, [], Index: 1200, Event: EventProofs()[0].Opening!.Event)]);

    public static LookedUp LookedUp() => LookUp.LookedUp.Of(_events, _rules, _now, Language.Vi);

    public static SlipHolder Holder() => new(Code, "7K2M-9QXT-04WB");

    public static SlipHolderRating Rating() => new(Code, "7K2M-9QXT-04WB", 5, "nhanh");

    public static ProofToCheck ToCheck() => new("[{\"vkey\":…}]", null);

    public static JobsTold Jobs() => new([new("daily-digest", On(5, 8, 7, 30), On(5, 7, 7, 30), [new(On(5, 7, 7, 30), "node-1", 412, true, null, "3 digests")])]);

    public static JobNamed Job() => new("daily-digest");

    public static Listed<Undelivered> Undelivered() => new([new(Uuid.V5(Guid.Empty, "undelivered"), _now, "no-such-dossier", "there is no dossier H49.12-260424-0009")]);

    public static Health Live() => new("live");

    public static Readiness Ready() => new("ready", [new("database", "ready", null)]);

    public static IReadOnlyList<DecisionTold> Calendar() =>
        [.. WorkCalendar.Vietnam.Decisions.Take(1).Select(d => new DecisionTold(d.Number, d.Announced, d.KnownFrom(), d.Settles, d.DaysOff, d.MakeUpDays, d.Source))];

    public static IReadOnlyList<CalendarDecision> Decisions() =>
        [new("TB 9/2026", new(2026, 5, 4), null, [new(new(2026, 5, 8), new("Day off in exchange", "Nghỉ hoán đổi"))], [new(new(2026, 5, 16), new(2026, 5, 8))], "Thông báo 9/2026")];

    public static Entered Entered() => new(1, 1);

    public static TaskTold Task() => new("verification", "kiem-toan-1", _now, null, 120_000, 480_000, null, null);

    public static IReadOnlyList<Ladders.Version> Ladders() => [EventDossier.Alerts.Ladders.Product];

    public static LadderToDecide Ladder() => new(32, [.. EventDossier.Alerts.Ladders.Product.Decided.Rules.Take(2)], "QĐ 15/QĐ-TTHCC");

    public static LadderTold LadderDecided() => new(EventDossier.Alerts.Ladders.Default, 2);

    public static IReadOnlyList<ProcedureToPublish> ToPublish() =>
        [new("1.004", "Cấp giấy phép xây dựng", Agency, Limit.Parse("4 days"), On(6, 1, 0), "QĐ 900/QĐ-UBND") { GeneralLimit = Limit.Parse("15 days"), Documents = ["Đơn đề nghị"], Steps = [new("Thẩm định", 16)] }];

    public static PublishedTold Published() => new(1, 0, 0);

    public static IReadOnlyList<UnitTold> Organisation() =>
        [new(Unit, new("Division of Construction Activities", "Phòng Quản lý hoạt động xây dựng"), UnitKind.Division, Agency, true, [new(Officer, new("Officer", "Chuyên viên"), PostRole.Officer, Officer, Officer, ["xd-thamdinh-2"])])];

    public static OrganisationFact OrganisationFact() => new(Post: "xd-thamdinh-2", Person: "xd-thamdinh-2", From: "2026-05-04T00:00:00+07:00", Basis: "QĐ 12/QĐ-SXD");

    public static OrganisationTold OrganisationTold() => new(1, []);

    public static Page<MessageTold> Outbox() => new([new(_messageId, "alert", "mail", "xd-thamdinh-1", "dead", _now, _now, _now, 28, "550 no such user", Code)], null);

    public static Resent Resent() => new(_messageId);

    public static PublicForm06 PublicFigures() =>
        new(_now, $"form06/{Form06Definition.Current.Version}", [new("2026-Q1", Enum.GetValues<Bucket>().ToDictionary(b => b, b => b is Bucket.ReceivedOnline or Bucket.ResolvedEarly ? 118_240L : 0), 118_240)]);

    public static CounterfactualReport Counterfactual() => new(1203, new Dictionary<string, long> { ["dossiers"] = 1, ["differing"] = 1, ["dueMoved"] = 1, ["becameLate"] = 0, ["becameInTime"] = 1, ["alertsMore"] = 0, ["alertsFewer"] = 1, ["alertsOther"] = 0 },
        new Dictionary<string, long[]> { ["l1"] = [0, 1, 0] }, [new(Code, "1.004", Agency, Unit, Officer, On(5, 6, 17), On(5, 7, 17), Lateness.Late, Lateness.Early, [])]);

    public static Workload Workload() => new(_now, [On(5, 7, 17), On(5, 8, 17)], [new(Unit, Officer, [0, 1, 0, 3, 12])]);

    public static ReleaseRoutes.Draft ReleaseDraft() => new(Period: "2026-Q1");

    public static Release Release() => new("2026-0001")
    {
        Version = 2, Stage = ReleaseStage.Checked,
        Drafted = new(_now, "tt-congkhai-1", On(1, 1, 0), On(4, 1, 0), 91_294, 5, 60, DraftRelease.Definitions, "Trung tâm Phục vụ hành chính công", "https://creativecommons.org/licenses/by/4.0/"),
        Checked = new(_now, "tt-congkhai-1", Asked["sha256"], [], 1_180, 1_022, 9_417, "dossier.example/log\n91294\n…", []),
    };

    public static Disclosure Disclosure() => new(
        "2026-0001", On(1, 1, 0), On(4, 1, 0), null, null, 91_294, 5, DraftRelease.Definitions, 1_180, 1_022, 9_417, 41, [new("hands", "the unit and role of each event are left out", 311)], 158, 7, 5, 1.4m, [], [], []);

    public static Listed<Release> Releases() => new([Release()]);

    public static Listed<ReleaseDesk.Tampered> TamperedFiles() => new([new("events.csv", "its checksum is another")]);

    public static ReleaseRoutes.Withdrawal ReleaseWithdrawal() => new("a field was told too exactly");

    public static Listed<PublicationTold> Publications() => new([new(On(1, 1, 0), On(4, 1, 0), On(5, 4, 17), null, true, _now, ["tt-congkhai-1"])]);

    public static ReleaseRoutes.Plan PublicationPlan() => new(Period: "2026-Q1", DueAt: "2026-05-04T17:00:00+07:00");

    public static InformationRequest Request() => new("12/2026", 1, new(_now, "tt-congkhai-1", Requester.Journalist, "Thời gian cấp phép quý I", "Luật Tiếp cận thông tin", null), null);

    public static Listed<InformationRequest> Requests() => new([Request()]);

    public static ReleaseRoutes.Asking RequestAsked() => new("12/2026", Requester.Journalist, "Thời gian cấp phép quý I", "Luật Tiếp cận thông tin");

    public static ReleaseRoutes.Answering RequestAnswered() => new("12/2026", Release: "2026-0001");

    public static AuthorityRequest AuthorityRequestEntered() => new("05/2026", 1, new(
        _now, "tt-giamdoc-1", AuthorityBody.Court, "Tòa án nhân dân khu vực 1", "12/2026/CV-TA", [Code], "Bộ luật Tố tụng dân sự, điều 106", true, On(5, 18, 17)));

    public static Listed<AuthorityRequest> AuthorityRequests() => new([AuthorityRequestEntered()]);

    public static Listed<ArchiveYear> Archives() => new([new(2025, true, 4_064, 31, 0,
    [
        new(_now, "os:van-thu", 2025, 1, 48_210, $"eventdossier/9f86d081\n48190\n{Convert.ToBase64String(new byte[32])}\n\n— eventdossier/9f86d081 8N4Ymw==\n", 4_021, 0, 46_110, 31, Asked["sha256"], "Quyết định 12/QĐ-TTPVHCC"),
    ])]);

    public static DuePart Retention() => new(_now, new(31, 2, 4_021, 0, 310_466, 1_204), [new(Guid.Parse(Asked["id"]), 2, _now.AddDays(-20))], "WyJINDkuMTItMjYwNDI0LTAwMDEiXQ");

    public static ErasureProposal ErasureProposed() => new("XH-2026-01", 1, new(_now, "van-thu-1", _now.AddDays(-4), "Quyết định 12/QĐ-TTPVHCC", [Guid.Parse(Asked["id"])], 0));

    public static Listed<ErasureProposal> ErasureProposals() => new([ErasureProposed()]);

    public static RetentionRoutes.Proposing ErasureProposing() => new("XH-2026-01", "2026-05-01", "Quyết định 12/QĐ-TTPVHCC");

    public static RetentionRoutes.Numbered ErasureNumber() => new("XH-2026-01");

    public static RetentionRoutes.Refusing ErasureRefusal() => new("XH-2026-01", "chờ ý kiến cơ quan lưu trữ");

    public static AuthorityRequestRoutes.Asking AuthorityAsking() => new(
        "05/2026", AuthorityBody.Court, "Tòa án nhân dân khu vực 1", "12/2026/CV-TA", [Code], "Bộ luật Tố tụng dân sự, điều 106", true, "2026-05-18T17:00:00+07:00");

    public static AuthorityRequestRoutes.Approval AuthorityApproval() => new("05/2026");

    public static AuthorityRequestRoutes.Ending AuthorityRefusal() => new("05/2026", "vụ án đã xét xử");

    public static AuthorityRequestRoutes.HandOver AuthorityHandOver() => new("05/2026", "Ông Trần Văn Nam, thư ký tòa", "03/BB-2026");

    public static Listed<CutOver> CutOvers() => new(
    [
        new("5f0f3b6a9f534a6f8f6e2f0a6b1d7c02", On(5, 4, 7), "backlog.csv", 1_204,
        [
            new(On(5, 4, 7), new("xd-truong-phong", Unit, "xd-thamdinh-1"), 1, [new("HS-2026-0117", On(4, 29, 17), AlertLevel.L2), new("HS-2026-0131", On(5, 6, 17), AlertLevel.ApologyDuty)]),
        ]),
    ]);

    public static CutOverRoutes.Dates OlderDates() => new([new("HS-2026-0117", "2026-04-29")]);

    public static DueComparison ComparedDates() => new(
        1, Enum.GetValues<DueAgreement>().ToDictionary(a => a, a => a == DueAgreement.Differ ? 1 : 0),
        [
            new("HS-2026-0117", Code, DueAgreement.Differ, On(4, 28, 0), On(4, 29, 17), On(4, 28, 17))
            {
                Readings = [new("the date on the slip", "ngày hẹn ghi trên phiếu")], Days = [new(new(2026, 4, 29), "counted", true, null)],
            },
        ]);
    private static readonly ComplaintLimit _complaintLimit = new(ComplaintKind.Feedback, Limit.Parse("5 days"), Limit.Parse("15 days"), 5, "QĐ 20/2026");

    private static readonly ComplaintTold _complaint = new(
        "PA-7K2M9QXT", ComplaintKind.Feedback, ComplainantKind.Citizen, "online", ComplaintStage.Assigned, On(5, 5, 8), new(Code, Unit, null), "H49.01", "vp-kstt-1", ComplaintDuty.Answer, On(5, 26, 17), false, null, null,
        _complaintLimit.Basis, []);

    public static ComplaintRoutes.Sent ComplaintSent() => new(ComplaintKind.Feedback, ComplainantKind.Citizen, "Chờ quá lâu", Code, Unit, "Nguyễn Thị Mai", "0912345678", null, "12 Lê Lợi");

    public static ComplaintRoutes.Sent ComplaintOnPaper() => ComplaintSent() with { Person = Officer, ReceivedAt = "2026-05-05T08:00:00+07:00" };

    public static ComplaintRegistered ComplaintRegistered() => new("PA-7K2M9QXT", "7K2M-9QXT-04WB", On(5, 12, 17));

    public static ComplaintRoutes.Held ComplaintHeld() => new("PA-7K2M9QXT", "7K2M-9QXT-04WB");

    public static ComplaintFollowed ComplaintFollowed() => new("PA-7K2M9QXT", ComplaintKind.Feedback, ComplaintStage.Answered, On(5, 5, 8), null, null, "Trung tâm xin lỗi ông bà", On(5, 8, 9), null, null, _complaintLimit.Basis);

    public static Listed<ComplaintTold> Complaints() => new([_complaint]);

    public static ComplaintTold ComplaintTold() => _complaint;

    public static ComplaintOpened ComplaintOpened() => new(_complaint, new("Chờ quá lâu") { Name = "Nguyễn Thị Mai", Address = "12 Lê Lợi" }, null, null, [new(_now, "vp-kstt-1", Role.Officer, "GET /api/complaints/{number}", null)]);

    public static Listed<ComplaintLimit> ComplaintLimits() => new([_complaintLimit]);

    public static IReadOnlyList<ComplaintLimit> ComplaintLimitList() => [_complaintLimit];

    public static ComplaintRoutes.Acceptance ComplaintAcceptance() => new(Unit, Officer);

    public static ComplaintRoutes.Declining ComplaintReason() => new("thuộc thẩm quyền của tòa án");

    public static ComplaintRoutes.Assignment ComplaintAssignment() => new("H49.01", "vp-kstt-1");

    public static ComplaintRoutes.Answering ComplaintAnswer() => new("Trung tâm xin lỗi ông bà");

    public static ComplaintRoutes.Closing ComplaintClosing() => new(ComplaintOutcome.Upheld);

    private static readonly Wording _question = new("How friendly were we?", "Thái độ phục vụ?");

    private static readonly SatisfactionTarget _target = new(ServiceLevel.Centre, 96, "QĐ 20/2026");

    public static Questionnaire Questionnaire() => new("hai-long-2026", 1, new(_now, "tt-congkhai-1", new("Satisfaction 2026", "Khảo sát hài lòng 2026"), [new("friendly", _question)], "KH 12/2026"));

    public static Listed<Questionnaire> Questionnaires() => new([Questionnaire()]);

    public static object QuestionnaireFile() => new { title = new Wording("Satisfaction 2026", "Khảo sát hài lòng 2026"), questions = new[] { new Question("friendly", _question) }, basis = "KH 12/2026" };

    public static QuestionnaireRoutes.Inviting Inviting() => new("2026-04", Agency, 5);

    public static QuestionnaireDesk.Result Invited() => new(120, 118);

    public static QuestionnaireFigures.Report QuestionnaireFigures() => new("hai-long-2026", On(4, 1, 0), On(5, 1, 0), 91_294, EventDossier.Questionnaires.QuestionnaireFigures.Definition, EventDossier.Questionnaires.QuestionnaireFigures.K, [new(ServiceLevel.Centre, 118, new(64, 118), new(62, 64), _target)]);

    public static Listed<SatisfactionTarget> Targets() => new([_target]);

    public static IReadOnlyList<SatisfactionTarget> TargetList() => [_target];

    public static QuestionnaireRoutes.AnswersGiven AnswersGiven() => new(Code, "7K2M-9QXT-04WB", "hai-long-2026", [new("friendly", 5)]);

    public static QuestionnaireRoutes.AnswersTaken AnswersTaken() => new(Code, "hai-long-2026");

    public static Ticket Ticket() => new("H49.30/260507/0007", 3, "H49.30", new(2026, 5, 7), 7, "đất đai", On(5, 7, 8, 2))
    {
        State = TicketState.Served, CalledAt = On(5, 7, 8, 11), ComeAt = On(5, 7, 8, 11), Counter = "4", ServedBy = "quay-04", EndedAt = On(5, 7, 8, 20), Dossier = Code,
    };

    public static Listed<Ticket> Tickets() => new([Ticket()]);

    public static PeakRoutes.Drawn TicketAsked() => new("H49.30", "đất đai");

    public static PeakRoutes.Call TicketCall() => new("H49.30", Counter: "4");

    public static PeakRoutes.Service TicketService() => new("H49.30/260507/0007", Code);

    public static PeakRoutes.Leaving TicketLeaving() => new("H49.30/260507/0008", "gọi ba lần không đến");

    public static CounterTime CounterTime() => new(On(5, 1, 0), On(6, 1, 0), "H49.30", 1_204, CounterTimeDefinition.Current, 1, 0, 0, 0, 0, new(1, 1, 7.5, 7.5), new(0, 0, null, null), [Ticket()]);

    public static PeakRoutes.Slips SlipsAsked() => new([Code, "H49.12-260424-0002"]);

    public static Page<UncollectedResult> Uncollected() => new([new("H49.12-260320-0004", On(4, 3, 15), 21, Agency, Unit, "1.004", 2, On(4, 27, 8, 15))], null);

    public static ReminderRule Rule() => new(1, [5, 15], "QĐ 77/QĐ-TTPVHCC");

    public static PeakRoutes.Decided RuleDecided() => new([5, 15], "QĐ 77/QĐ-TTPVHCC");

    public static Outage Outage() => new("SC-2026-01", 1, "H49.30", "đứt cáp quang", On(5, 5, 8, 10), null);

    public static Listed<Outage> Outages() => new([Outage()]);

    public static OutageRoutes.Declared OutageDeclared() => new("SC-2026-01", "H49.30", "đứt cáp quang", "2026-05-05T08:10:00+07:00");

    public static OutageRoutes.Ended OutageEnded() => new("SC-2026-01", "2026-05-05T16:40:00+07:00");

    public static OutageRoutes.Entries OutageEntries() => new("SC-2026-01", "tt-giamdoc-1", [new(Code, "1.004", "2026-05-05T09:05:00+07:00", Applicant: Applicant())]);

    public static OutageRoutes.Block BlockReserved() => new("Ba Chẽ 1", Agency, "H49.30", "2026-05-05", 50);

    public static OutageRoutes.Void BlockVoided() => new("Ba Chẽ 1", "hết sự cố, thu hồi phiếu");

    public static OutageRoutes.BlockTold Block() => new("Ba Chẽ 1", new(_now, "tt-giamdoc-1", Agency, "H49.30", new(2026, 5, 5), 2), [new("H49.12-260505-0001", "used"), new("H49.12-260505-0002", "reserved")]);

    public static Listed<Disagreement> Disagreements() => new([new("status", "G22.99.08-260424-0001", Code, "4 Processing", "2 Accepted", "tell")]);

    public static PortalSync.Result Synced() => new(new(2, 1, []), 5, 0, 1, []);

    private static readonly Guid _messageId = Uuid.V5(Guid.Empty, "message");
}
