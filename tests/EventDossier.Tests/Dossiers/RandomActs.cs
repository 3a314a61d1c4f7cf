using EventDossier.Alerts;
using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Procedures;
using EventDossier.Store;

namespace EventDossier;

/// <summary>Acts of every kind at random from a seeded source, possible or not: what a dossier refuses does not happen to it.</summary>
internal static class RandomActs
{
    public const string One = "P-1", Two = "P-2", Tracked = "P-tracked";

    /// <summary>What the acts are about: two procedures, of one of them a later version.</summary>
    public static IReadOnlyList<ProcedurePublished> Catalogue { get; } =
    [
        new(new(2025, 1, 1, 0, 0, 0, TimeSpan.FromHours(7)), One, "Đăng ký biến động", "H49.12", Limit.Parse("5 days"), null) { GeneralLimit = Limit.Parse("8 days") },
        new(new(2027, 1, 1, 0, 0, 0, TimeSpan.FromHours(7)), One, "Đăng ký biến động", "H49.12", Limit.Parse("3 days"), "QĐ 2"),
        new(new(2025, 1, 1, 0, 0, 0, TimeSpan.FromHours(7)), Two, "Cấp lại", "H49.12", Limit.Parse("12 hours"), null)
        {
            GeneralLimit = Limit.Parse("4 days"), SupplementRule = SupplementRule.Restart, Steps = [new("step 1", null, 4)],
        },
        new(new(2025, 1, 1, 0, 0, 0, TimeSpan.FromHours(7)), Tracked, "Cấp hộ chiếu", "H49.12", Limit.Parse("5 days"), null) { Owners = new("congan", "congan", "congan") },
    ];

    /// <summary>The same as it is loaded from its streams.</summary>
    public static Rulebook Rules { get; } = Rulebook.Empty with
    {
        Procedures = Catalogue.GroupBy(p => p.Code).ToDictionary(g => g.Key, IReadOnlyList<Procedure.Version> (g) => [.. g.Select((p, i) => new Procedure.Version(p, i + 1))]),
    };

    private static readonly Guid _keys = Guid.Parse("7c3a0c4e-51f0-4c55-9a0b-2d3f5a6b7c8d");

    /// <summary>Each with how often it comes; what ends a dossier is rare, so that lives are long.</summary>
    private static readonly (int Weight, Func<Random, string, object> Make)[] _makes =
    [
        (1, (_, _) => new ReceiveSubmission("unit-1", "officer-1")), (1, (_, _) => new ReceiveSubmission()),
        (1, (r, _) => new RefuseSubmission(Reason(r))),
        (1, (r, _) => new VoidReceipt(Reason(r))),
        (2, (r, _) => new CorrectApplicant(Someone(r), Reason(r))),
        (2, (r, _) => new CorrectProcedure(Any(r, One, Two, One, Two, Tracked, "P-none"), Reason(r))),
        (4, (r, _) => new ChangeProcedureVersion(r.Next(1, 4), Any(r, "QĐ 2, điều 5", ""))),
        (3, (r, code) => new ReissueSlip(Slip(r, code), Reason(r))),
        (10, (r, code) => new DeliverSlip(Slip(r, code), (Delivery)r.Next(3), Any(r, "RR123", null))),
        (8, (r, _) => new AssignDossier(Officer(r), Any(r, null, Unit(r)))),
        (6, (r, _) => new StartStep(Step(r))),
        (8, (r, _) => new CompleteStep(Step(r))),
        (5, (r, _) => new OfferHandOver(Unit(r), Any(r, null, Officer(r)))),
        (4, (r, _) => new AcceptHandOver(Officer(r))),
        (3, (r, _) => new SendBackHandOver(Reason(r))),
        (3, (r, _) => new Consult(Unit(r), "Có vướng quy hoạch không?")),
        (3, (r, _) => new AnswerConsultation(r.Next(1, 4), "Không")),
        (2, (r, code) => new LinkDossier(Any(r, code, "H49.12-260504-0001", "none"), (LinkKind)r.Next(3))),
        (1, (r, _) => new PlaceHold(Any(r, "Công văn 12", " "))),
        (1, (r, _) => new LiftHold("Công văn 12", Reason(r))),
        (3, (r, _) => new AttachDocument("Đơn", Any(r, $"{r.Next(3)}".PadLeft(64, '0'), "no hash"), r.Next(1, 9_000_000), "application/pdf")),
        (5, (r, _) => new RequestSupplement(r.Next(5) == 0 ? [] : ["Bản vẽ"], Any<Delivery?>(r, null, Delivery.Counter, Delivery.Post))),
        (6, (_, _) => new ProvideSupplement()),
        (4, (r, _) => new AskFee(r.Next(4) * 50_000, "TT 85", Any<Delivery?>(r, null, Delivery.Online, Delivery.Post))),
        (9, (r, _) => new RecordFee(r.Next(4) * 50_000, Any(r, "BL-1", ""))),
        (3, (r, _) => new SuspendDossier(Any(r, "NĐ 118, điều 19", "Luật 2, điều 3", " "), Reason(r))),
        (2, (r, _) => new StopDossier(Any(r, "NĐ 118, điều 20", ""), Reason(r), Any<Delivery?>(r, null, Delivery.Counter))),
        (5, (r, _) => new ResumeDossier(Reason(r))),
        (4, (r, _) => new ExtendDossier(new(2026, 5, r.Next(5, 31), 17, 0, 0, TimeSpan.FromHours(7)), Reason(r))),
        (3, (r, _) => new ApologiseLate(new(2026, 6, r.Next(1, 30), 17, 0, 0, TimeSpan.FromHours(7)), Reason(r))),
        (2, (_, _) => new ReprojectDueDate("TB 1")),
        (3, (r, _) => new DecideDossier(Any(r, DecisionOutcome.Approved, DecisionOutcome.Approved, DecisionOutcome.Rejected), Reason(r))),
        (6, (_, _) => new MakeResultReady()),
        (6, (r, _) => new ReturnResult((ReturnChannel)r.Next(3), Any(r, null, null, Someone(r)), Any(r, null, "UQ 7"))),
        (1, (r, _) => new WithdrawDossier(Reason(r))),
        (1, (r, _) => new TerminateDossier(Any(r, "NĐ 118, điều 21", ""), Reason(r))),
        (1, (r, _) => new ReceiveReserved(Any(r, "SC-1", "SC-2"), Any(r, One, Two, Tracked), Unit: Unit(r))),
        (1, (r, _) => new VoidNumber(Reason(r))),
        (3, (r, _) => new TrackProgress(r.Next(12), Any(r, "congan", "thue"), r.Next(1, 20), Any(r, null, Step(r)), Officer(r), Reason: Reason(r))),
        (3, (r, _) => new AcknowledgeAlert(Any(r, "warning", "apology", "overdue"), Any<int?>(r, null, 1))),
        (3, (r, _) => new SnoozeAlert(Any(r, "warning", "apology", "overdue"), new(2026, 6, r.Next(1, 30), 9, 0, 0, TimeSpan.FromHours(7)), Reason(r))),
        (6, (r, _) => new RateDossier(r.Next(7), Any(r, null, Someone(r)))),
    ];

    private static readonly int _weights = _makes.Sum(m => m.Weight);

    /// <summary>An act for a dossier, or one that begins it.</summary>
    public static (Acts.Kind Kind, object Request) Next(Random random, string code)
    {
        var at = random.Next(_weights);
        return WithKind(_makes.First(m => (at -= m.Weight) < 0).Make(random, code));
    }

    public static (Acts.Kind Kind, object Request) Begin(Random random) => random.Next(2) == 0
        ? WithKind(new ReceiveDossier(Any(random, One, Two), Any(random, "counter", "post"), Unit: "unit-0"))
        : WithKind(new SubmitDossier(Any(random, One, Two, One, Two, One, Two, One, Two, Tracked), Any(random, "online", "post"), Applicant: Any(random, null, Someone(random))));

    /// <summary>Who does it: in most cases in a role that may.</summary>
    public static CommandMetadata By(Random random, Acts.Kind kind, Guid command) => new(
        command, Officer(random), random.Next(20) == 0 ? Any(random, [.. Role.All]) : Any(random, [.. kind.Rule.By]));

    /// <summary>When it counts from: now, or up to twelve days back in whole milliseconds, most often not that far.</summary>
    public static DateTimeOffset DatedBack(Random random, DateTimeOffset now) =>
        random.Next(3) == 0 ? now.AddMilliseconds(-random.Next(12 * 86_400_000 >> random.Next(12))) : now;

    private static (Acts.Kind, object) WithKind(object request) => (Acts.All.Single(k => k.Request == request.GetType()), request);

    private static T Any<T>(Random random, params T[] values) => values[random.Next(values.Length)];

    private static string Officer(Random random) => $"officer-{random.Next(4)}";

    private static string Unit(Random random) => $"unit-{random.Next(3)}";

    private static string Step(Random random) => $"step {random.Next(3)}";

    private static string Reason(Random random) => random.Next(10) == 0 ? " " : "đã đổi ý";

    private static Sealed Someone(Random random) => new(Uuid.V5(_keys, random.Next(3)), "c2VhbGVk");

    private static string Slip(Random random, string code) => $"{code}/{Any(random, "01", "02", "02", "fee", "04", "05")}-{random.Next(1, 4)}";
}
