using EventDossier.Alerts;
using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Organisation;
using EventDossier.Procedures;
using EventDossier.Store;
using Units = EventDossier.Organisation.Organisation;

namespace EventDossier.Tests.Dossiers;

/// <summary>Dossiers as far as acts have brought them. What is not asked of them in a test was done on one Monday morning, two weeks ago.</summary>
internal static class Lives
{
    public const string Code = "H49.12-260420-0001";

    public static readonly DateTimeOffset Began = On(4, 20, 8), Start = On(4, 20), Now = On(5, 4);

    public static readonly Sealed Lan = new(Uuid.V5(Guid.Empty, "Lan"), "TGFu"), Minh = new(Uuid.V5(Guid.Empty, "Minh"), "TWluaA==");

    /// <summary>P-1 promises 20 days, from 2027 on 15; P-2 counts again from a supplement on; of P-short all are overdue.</summary>
    public static readonly Rulebook Rules = Rulebook.Empty with
    {
        Procedures = new[]
        {
            Published("P-1", "20 days") with { GeneralLimit = Limit.Parse("30 days"), Steps = [new("thẩm định", null, 16)] },
            Published("P-1", "15 days", from: 2027),
            Published("P-2", "10 days") with { SupplementRule = SupplementRule.Restart },
            Published("P-8", "8 days"),
            Published("P-short", "1 days"),
            Published("P-tax", "10 days") with { Owners = new(Handling: "thue") },
            Published("P-police", "10 days") with { Owners = new("congan", "congan", "congan") },
            Published("P-online", "5 days") with { Channels = ["online"] },
        }.GroupBy(p => p.Code).ToDictionary(g => g.Key, IReadOnlyList<Procedure.Version> (g) => [.. g.Select((p, i) => new Procedure.Version(p, i + 1))]),
    };

    private static readonly Units _organisation = Units.Fold((OrganisationEvent[])
    [
        .. new[] { "H49.06", "H49.12", "u1", "u2", "u3", "u4" }.Select(code => new UnitOpened(On(1, 1), code, new(code, code), UnitKind.Department, null, Numbering.Qcvn102, true)),
        .. new[] { "H49.06", "H49.12" }.Select(agency => new PostCreated(On(1, 1), $"head of {agency}", agency, new("Head", "Giám đốc"), PostRole.Head, null)),
        new HolderAppointed(On(1, 1), "head of H49.12", "officer-3"), new HolderAppointed(On(1, 1), "head of H49.06", "officer-9"),
        new DelegationGiven(On(1, 1), "GUQ 1", "head of H49.06", "officer-3", On(12, 31), ["H49.12"], ["decide"]),
        new DelegationGiven(On(1, 1), "GUQ 2", "head of H49.06", "officer-3", On(12, 31), ["H49.12"], ["extend"]),
    ]);

    public static readonly Dossier
        Nothing = new(Code),
        Submitted = Nothing.Then(new SubmitDossier("P-1", "online", Applicant: Lan)),
        Reserved = Nothing.After(new NumberReserved(Began, "Ba Chẽ 1", "H49.12"), 1),
        AtTaxes = Nothing.Then(new ReceiveDossier("P-tax", Unit: "u1", Officer: "officer-1"), Began),
        AtPolice = Nothing.Then(new SubmitDossier("P-police", "online", ExternalCode: "G01-1")),
        Refused = Submitted.Then(new RefuseSubmission("thiếu đơn")),
        NeverReceived = Submitted.Then(new WithdrawDossier("đổi ý")),
        Received = Nothing.Then(new ReceiveDossier("P-1", Unit: "u1", Officer: "officer-1", Applicant: Lan), Began),
        InProgress = Received.Then(new AssignDossier("officer-2", "u2")),
        OfStep = InProgress.Then(new StartStep("thẩm định")),
        Offered = InProgress.Then(new OfferHandOver("u3")),
        Accepted = Offered.Then(new AcceptHandOver("officer-3")),
        SentBack = Offered.Then(new SendBackHandOver("không thuộc thẩm quyền")),
        Consulted = InProgress.Then(new Consult("u4", "Có vướng quy hoạch không?")),
        Asked = InProgress.Then(new RequestSupplement(["bản vẽ"])),
        Waiting = Asked.Then(new DeliverSlip($"{Code}/02-1", Delivery.Counter)),
        Supplied = Waiting.Then(new ProvideSupplement(), On(4, 22)),
        Charged = InProgress.Then(new AskFee(150_000, "TT 85")),
        Owing = Charged.Then(new DeliverSlip($"{Code}/fee-1", Delivery.Online)),
        Paid = Owing.Then(new RecordFee(150_000, "BL-1")),
        Suspended = InProgress.Then(new SuspendDossier("NĐ 118, điều 19", "chờ bản án")),
        Stopping = InProgress.Then(new StopDossier("NĐ 118, điều 20", "tranh chấp")),
        Stopped = Stopping.Then(new DeliverSlip($"{Code}/05-1", Delivery.Counter)),
        Extended = InProgress.Then(new ExtendDossier(On(6, 1, 0), "chờ đo đạc")),
        Reissued = Received.Then(new ReissueSlip($"{Code}/01-1", "in mờ")),
        Overdue = Nothing.Then(new ReceiveDossier("P-short", Unit: "u1")),
        Alerted = InProgress.After(new AlertRaised(Start, "warning", 0, AlertLevel.Warning, 1, Start, [new(null, "u2", "officer-2")]), InProgress.Version + 1),
        Snoozed = Alerted.Then(new SnoozeAlert("warning", On(5, 5), "chờ ý kiến"), Now),
        Decided = InProgress.Then(new DecideDossier(DecisionOutcome.Approved)),
        Ready = Decided.Then(new MakeResultReady()),
        Returned = Ready.Then(new ReturnResult(ReturnChannel.Post)),
        Rated = Returned.Then(new RateDossier(4)),
        Withdrawn = InProgress.Then(new WithdrawDossier("đổi ý")),
        Terminated = InProgress.Then(new TerminateDossier("NĐ 118, điều 21", "người nộp đã mất")),
        Voided = Received.Then(new VoidReceipt("nhập hai lần")),
        // What an older system told has no limit that we know of.
        Imported = Nothing.After(new DossierReceived(Start, null, "Internet", "H49.12", null, null, null, null, null), 1);

    public static DateTimeOffset On(int month, int day, int hour = 9, int minute = 0) => new(2026, month, day, hour, minute, 0, TimeSpan.FromHours(7));

    /// <summary>At once, by somebody in the first of the roles that may.</summary>
    public static ActContext At(DateTimeOffset now, ActRule rule, string? role = null) =>
        new(now, new(Uuid.V5(Guid.Empty, "act"), "officer-3", role ?? rule.By[0]), now) { Rules = Rules, Other = new("H49.12-260401-0001") { Version = 1 }, Outage = new("SC-1", 1, "u1", "đứt cáp", On(4, 1), null) };

    /// <summary>
    /// Where the organisation is known: two agencies with four units and a head each. The actor is head of H49.12, and has a delegation of two, of which the second is not for deciding.
    /// </summary>
    public static ActContext InCentre(ActContext context) => context with { Rules = context.Rules with { Organisation = _organisation } };

    /// <summary>There, under a post or delegation.</summary>
    public static ActContext Under(string authority, ActContext context) => InCentre(context) with { Command = context.Command with { Authority = authority } };

    public static Decision Ask<T>(this Dossier dossier, T act, DateTimeOffset? now = null, DateTimeOffset? at = null) where T : IAct<T> =>
        Acts.Decide(act, dossier, At(now ?? Now, T.Rule) with { At = at ?? now ?? Now });

    /// <summary>The dossier once that is done.</summary>
    public static Dossier Then<T>(this Dossier dossier, T act, DateTimeOffset? now = null, DateTimeOffset? at = null) where T : IAct<T>
    {
        var decision = dossier.Ask(act, now ?? Start, at);
        decision.Refusal.ShouldBeNull();
        decision.Events.ShouldNotBeEmpty();
        return dossier.After(decision);
    }

    public static Dossier After(this Dossier dossier, Decision decision) => decision.Events.Aggregate(dossier, (d, e) => d.After(e, d.Version + 1));

    private static ProcedurePublished Published(string code, string limit, int from = 2025) =>
        new(new(from, 1, 1, 0, 0, 0, TimeSpan.FromHours(7)), code, "Đăng ký", "H49.12", Limit.Parse(limit), null);
}
