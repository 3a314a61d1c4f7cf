using EventDossier.Alerts;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using static EventDossier.Tests.Dossiers.Lives;

namespace EventDossier.Tests.Dossiers;

/// <summary>What each act is held to, as a table; the facts below read it.</summary>
public sealed class ActTests
{
    private const string AlreadyDone = "already done", OnceMore = "done once more";

    private static readonly Spec[] _specs =
    [
        Act<SubmitDossier>("citizen, clerk", daysBack: 1)
            .Does(Nothing, new("P-1", "online"), "DossierSubmitted")
            .Does(Nothing, new("P-1", "post", NumberedBy: "H49.01"), "DossierSubmitted")
            .Refuses("unknown-channel", Nothing, new("P-1", "counter"))
            .Refuses("channel-closed", Nothing, new("P-online", "post"))
            .Refuses("no-such-procedure", Nothing, new("P-9", "online"))
            .Does(Nothing, new("P-1", "online", ExternalCode: "G22.99.08-260424-0001"), "DossierSubmitted")
            .Refuses("bad-external-code", Nothing, new("P-1", "online", ExternalCode: " G22"))
            .Refuses("bad-external-code", Nothing, new("P-1", "online", ExternalCode: ""))
            .Refuses("bad-agency", Nothing, new("P-1", "online", NumberedBy: "H49/12")),

        Act<ReceiveDossier>("clerk", daysBack: 1)
            .Does(Nothing, new("P-1"), "DossierReceived")
            .Does(Nothing, new("P-online", "online"), "DossierReceived")
            .Refuses("unknown-channel", Nothing, new("P-1", "fax"))
            .Refuses("channel-closed", Nothing, new("P-online", "counter"))
            .Refuses("no-such-procedure", Nothing, new("P-9"))
            .Refuses("no-such-unit", Nothing, new("P-1", Unit: "u9"), InCentre)
            .Refuses("bad-agency", Nothing, new("P-1", Agency: "Sở Xây dựng")),

        Act<ReceiveSubmission>("clerk", daysBack: 1)
            .Does(Submitted, new("u1", "officer-1"), "DossierReceived")
            .Refuses("not-submitted", Received, new())
            .Refuses("not-submitted", Refused, new())
            .Refuses("not-submitted", NeverReceived, new())
            .Refuses("no-such-unit", Submitted, new("u9"), InCentre)
            .Refuses("no-such-procedure", Submitted, new(), c => c with { Rules = Rulebook.Empty }),

        Act<RefuseSubmission>("clerk, supervisor", daysBack: 1)
            .Does(Submitted, new("thiếu đơn"), "SubmissionRefused")
            .Refuses("not-submitted", Received, new("thiếu đơn"))
            .Refuses("not-submitted", NeverReceived, new("thiếu đơn"))
            .Refuses("reason-missing", Submitted, new(" ")),

        Act<ReceiveReserved>("clerk", daysBack: 0)
            .Does(Reserved, new("SC-1", "P-1", Applicant: Lan), "DossierReceived")
            .Refuses("not-reserved", Received, new("SC-1", "P-1"))
            .Refuses("not-reserved", Reserved.Then(new VoidNumber("không dùng đến")), new("SC-1", "P-1"))
            .Refuses("no-such-outage", Reserved, new("SC-2", "P-1"))
            .Refuses("no-such-outage", Reserved, new("SC-1", "P-1"), c => c with { Outage = null })
            .Refuses("outside-outage", Reserved, new("SC-1", "P-1"), c => c with { Outage = c.Outage! with { To = On(4, 2) } })
            .Refuses("outside-outage", Reserved, new("SC-1", "P-1"), c => c with { Outage = c.Outage! with { From = c.At.AddMinutes(1) } })
            .Refuses("no-such-procedure", Reserved, new("SC-1", "P-9"))
            .Refuses("unknown-channel", Reserved, new("SC-1", "P-1", "fax"))
            .Refuses("channel-closed", Reserved, new("SC-1", "P-online"))
            .Refuses("no-such-unit", Reserved, new("SC-1", "P-1", Unit: "u9"), InCentre),

        Act<VoidNumber>("supervisor, administrator", daysBack: 0)
            .Does(Reserved, new("không dùng đến"), "NumberVoided")
            .Refuses("not-reserved", Reserved.Then(new ReceiveReserved("SC-1", "P-1")), new("không dùng đến"))
            .Refuses("not-reserved", Received, new("không dùng đến"))
            .Refuses("reason-missing", Reserved, new(" ")),

        Act<VoidReceipt>("supervisor", daysBack: 0)
            .Does(Received, new("nhập hai lần"), "ReceiptVoided")
            .Refuses("not-open", Decided, new("nhập hai lần"))
            .Refuses("reason-missing", Received, new("")),

        Act<CorrectApplicant>("clerk, supervisor", daysBack: 0)
            .Does(Received, new(Minh, "nhầm người"), "ApplicantCorrected")
            .IsDone(Received, new(Lan, "nhầm người"))
            .Refuses("not-open", Decided, new(Minh, "nhầm người"))
            .Refuses("reason-missing", Received, new(Minh, "")),

        Act<CorrectProcedure>("supervisor", daysBack: 0)
            .Does(Received, new("P-2", "nhầm thủ tục"), "ProcedureCorrected")
            .IsDone(Received, new("P-1", "nhầm thủ tục"))
            .Refuses("not-open", Decided, new("P-2", "nhầm thủ tục"))
            .Refuses("reason-missing", Received, new("P-2", " "))
            .Refuses("no-such-procedure", Received, new("P-9", "nhầm thủ tục")),

        Act<ChangeProcedureVersion>("supervisor, administrator", daysBack: 0)
            .Does(Received, new(2, "QĐ 2, điều 5"), "ProcedureVersionChanged")
            .IsDone(Received, new(1, "QĐ 2, điều 5"))
            .Refuses("not-open", Decided, new(2, "QĐ 2, điều 5"))
            .Refuses("basis-missing", Received, new(2, ""))
            .Refuses("no-such-procedure", Received, new(3, "QĐ 2, điều 5"))
            .Refuses("no-such-procedure", Imported, new(1, "QĐ 2, điều 5")),

        Act<ReissueSlip>("clerk, officer, supervisor", daysBack: 1)
            .Does(Received, new($"{Code}/01-1", "in mờ"), "SlipReissued")
            .Does(Asked, new($"{Code}/02-1", "thiếu một mục"), "SlipReissued")
            .Refuses("no-such-slip", Received, new($"{Code}/02-1", "in mờ"))
            .Refuses("slip-delivered", Waiting, new($"{Code}/02-1", "in mờ"))
            .Refuses("slip-delivered", Asked.Then(new ProvideSupplement()), new($"{Code}/02-1", "in mờ"))
            .Refuses("reason-missing", Received, new($"{Code}/01-1", "")),

        Act<DeliverSlip>("clerk, officer, supervisor", daysBack: 3)
            .Does(Received, new($"{Code}/01-1", Delivery.Counter), "SlipDelivered")
            .Does(Asked, new($"{Code}/02-1", Delivery.Post, "RR123"), "SlipDelivered")
            .Does(Refused, new($"{Code}/03-1", Delivery.Online), "SlipDelivered")
            .Refuses("no-such-slip", Received, new($"{Code}/02-1", Delivery.Counter))
            .Refuses("slip-cancelled", Reissued, new($"{Code}/01-1", Delivery.Counter))
            .Refuses("not-open", Asked.Then(new DecideDossier(DecisionOutcome.Approved)), new($"{Code}/02-1", Delivery.Counter))
            .Refuses("before-slip", Asked, new($"{Code}/02-1", Delivery.Counter), c => c with { At = Start.AddMilliseconds(-1) })
            .Refuses("proof-missing", Asked, new($"{Code}/02-1", Delivery.Post, " ")),

        Act<AssignDossier>("clerk, officer, supervisor, administrator", daysBack: 1)
            .Does(Received, new("officer-1"), "DossierAssigned")
            .Does(InProgress, new("officer-2", "u3"), "DossierAssigned")
            .Does(Decided, new("officer-9"), "DossierAssigned")
            .IsDone(InProgress, new("officer-2"))
            .Refuses("not-open", Returned, new("officer-9"))
            .Refuses("not-open", Submitted, new("officer-9"))
            .Refuses("no-such-unit", Received, new("officer-9", "u9"), InCentre),

        Act<StartStep>("officer, clerk, supervisor", daysBack: 1)
            .Does(Received, new("thẩm định"), "StepStarted")
            .Refuses("not-open", Decided, new("thẩm định"))
            .Refuses("step-running", OfStep, new("ký")),

        Act<CompleteStep>("officer, clerk, supervisor", daysBack: 1)
            .Does(Received, new("thẩm định"), "StepCompleted", again: OnceMore)
            .Refuses("not-open", Withdrawn, new("thẩm định")),

        Act<OfferHandOver>("officer, clerk, supervisor", daysBack: 1)
            .Does(InProgress, new("u3"), "HandOverOffered")
            .Does(SentBack, new("u3", "officer-3"), "HandOverOffered")
            .Refuses("not-open", Decided, new("u3"))
            .Refuses("no-such-unit", InProgress, new("u9"), InCentre)
            .Refuses("already-offered", Offered, new("u4"))
            .Refuses("same-unit", InProgress, new("u2")),

        Act<AcceptHandOver>("officer, clerk, supervisor", daysBack: 1)
            .Does(Offered, new("officer-3"), "HandOverAccepted")
            .Refuses("not-open", Offered.Then(new WithdrawDossier("đổi ý")), new("officer-3"))
            .Refuses("not-offered", InProgress, new("officer-3"))
            .Refuses("not-offered", SentBack, new("officer-3"))
            .Refuses("before-offer", Offered, new("officer-3"), c => c with { At = Start.AddMilliseconds(-1) }),

        Act<SendBackHandOver>("officer, clerk, supervisor", daysBack: 1)
            .Does(Offered, new("không thuộc thẩm quyền"), "HandOverSentBack")
            .Refuses("not-open", Offered.Then(new WithdrawDossier("đổi ý")), new("không thuộc thẩm quyền"))
            .Refuses("not-offered", Accepted, new("không thuộc thẩm quyền"))
            .Refuses("before-offer", Offered, new("không thuộc thẩm quyền"), c => c with { At = Start.AddMilliseconds(-1) })
            .Refuses("reason-missing", Offered, new("")),

        Act<Consult>("officer, supervisor", daysBack: 1)
            .Does(InProgress, new("u4", "Có vướng quy hoạch không?"), "ConsultationAsked", again: OnceMore)
            .Refuses("not-open", Decided, new("u4", "Có vướng quy hoạch không?"))
            .Refuses("no-such-unit", InProgress, new("u9", "Có vướng quy hoạch không?"), InCentre),

        Act<AnswerConsultation>("officer, supervisor", daysBack: 1)
            .Does(Consulted, new(1, "Không"), "ConsultationAnswered")
            .Refuses("not-open", Consulted.Then(new DecideDossier(DecisionOutcome.Approved)), new(1, "Không"))
            .Refuses("no-such-consultation", Consulted, new(2, "Không"))
            .Refuses("out-of-order", Consulted, new(1, "Không"), c => c with { At = Began }),

        Act<LinkDossier>("clerk, officer, supervisor", daysBack: 3)
            .Does(Returned, new("H49.12-260401-0001", LinkKind.Follows), "DossierLinked")
            .Refuses("link-to-itself", Received, new(Code))
            .Refuses("no-such-dossier", Received, new("H49.12-260401-0002"), c => c with { Other = new("H49.12-260401-0002") })
            .Refuses("no-such-dossier", Received, new("/procedure/P-1"), c => c with { Other = null }),

        Act<AttachDocument>("clerk, officer, supervisor, citizen", daysBack: 1)
            .Does(Submitted, new("đơn", new('a', 64), 1024), "DocumentAttached")
            .Does(Returned, new("kết quả", new('b', 64), 1024, "application/pdf"), "DocumentAttached")
            .Refuses("ended", Withdrawn, new("đơn", new('a', 64), 1024))
            .Refuses("bad-hash", Received, new("đơn", new('A', 64), 1024)),

        Act<PlaceHold>("supervisor, administrator", daysBack: 0)
            .Does(InProgress, new("Công văn 12/TA"), "DossierHeld")
            .Does(Returned, new("Công văn 12/TA"), "DossierHeld")
            .Refuses("basis-missing", Returned, new(" ")),

        Act<LiftHold>("supervisor, administrator", daysBack: 0)
            .Does(Returned.Then(new PlaceHold("Công văn 12/TA")), new("Công văn 12/TA", "án đã xử"), "DossierHoldLifted", again: "no-such-hold")
            .Refuses("no-such-hold", Returned.Then(new PlaceHold("Công văn 12/TA")), new("Công văn 13/TA", "án đã xử"))
            .Refuses("reason-missing", Returned.Then(new PlaceHold("Công văn 12/TA")), new("Công văn 12/TA", "")),

        Act<RequestSupplement>("officer, clerk, supervisor", daysBack: 1)
            .Does(InProgress, new(["bản vẽ"]), "SupplementRequested", again: "already-asked")
            .Does(Supplied, new(["bản vẽ", "ảnh"], Delivery.Online), "SupplementRequested, SlipDelivered", again: "already-asked")
            .Refuses("not-open", Decided, new(["bản vẽ"]))
            .Refuses("items-missing", InProgress, new([]))
            .Refuses("items-missing", InProgress, new(["bản vẽ", " "]))
            .Refuses("already-asked", Waiting, new(["ảnh"]))
            .Refuses("not-delivered-yet", InProgress, new(["bản vẽ"], Delivery.Post, "RR123")),

        Act<ProvideSupplement>("clerk, officer, citizen", daysBack: 3)
            .Does(Waiting, new(), "SupplementProvided")
            .Does(Asked, new(), "SupplementProvided")
            .Refuses("not-open", Asked.Then(new WithdrawDossier("đổi ý")), new())
            .Refuses("not-asked", InProgress, new())
            .Refuses("before-slip", Waiting, new(), c => c with { At = Start.AddMilliseconds(-1) }),

        Act<AskFee>("officer, clerk, supervisor", daysBack: 1)
            .Does(InProgress, new(150_000, "TT 85"), "FeeAsked", again: "already-asked")
            .Does(Paid, new(50_000, "TT 85", Delivery.Counter), "FeeAsked, SlipDelivered", again: "already-asked")
            .Refuses("not-open", Decided, new(150_000, "TT 85"))
            .Refuses("bad-amount", InProgress, new(0, "TT 85"))
            .Refuses("basis-missing", InProgress, new(150_000, ""))
            .Refuses("already-asked", Owing, new(150_000, "TT 85"))
            .Refuses("not-delivered-yet", InProgress, new(150_000, "TT 85", Delivery.Post)),

        Act<RecordFee>("clerk, officer", daysBack: 3)
            .Does(Owing, new(150_000, "BL-1"), "FeePaid")
            .Does(Charged, new(150_000, "BL-1"), "FeePaid")
            .Refuses("not-open", Charged.Then(new WithdrawDossier("đổi ý")), new(150_000, "BL-1"))
            .Refuses("not-asked", InProgress, new(150_000, "BL-1"))
            .Refuses("other-amount", Owing, new(100_000, "BL-1"))
            .Refuses("receipt-missing", Owing, new(150_000, " "))
            .Refuses("before-slip", Owing, new(150_000, "BL-1"), c => c with { At = Start.AddMilliseconds(-1) }),

        Act<SuspendDossier>("officer, supervisor", daysBack: 0)
            .Does(InProgress, new("NĐ 118, điều 19", "chờ bản án"), "DossierSuspended")
            .Refuses("not-open", Decided, new("NĐ 118, điều 19", "chờ bản án"))
            .Refuses("basis-missing", InProgress, new("", "mất mạng"))
            .Refuses("reason-missing", InProgress, new("NĐ 118, điều 19", ""))
            .Refuses("suspended-already", Suspended, new("Luật Đất đai, điều 2", "chờ bản án")),

        Act<StopDossier>("officer, supervisor", daysBack: 0)
            .Does(InProgress, new("NĐ 118, điều 20", "tranh chấp"), "DossierStopped")
            .Does(InProgress, new("NĐ 118, điều 20", "tranh chấp", Delivery.Counter), "DossierStopped, SlipDelivered")
            .Refuses("not-open", Decided, new("NĐ 118, điều 20", "tranh chấp"))
            .Refuses("basis-missing", InProgress, new(" ", "tranh chấp"))
            .Refuses("reason-missing", InProgress, new("NĐ 118, điều 20", " "))
            .Refuses("not-delivered-yet", InProgress, new("NĐ 118, điều 20", "tranh chấp", Delivery.Post)),

        Act<ResumeDossier>("officer, supervisor", daysBack: 1)
            .Does(Suspended, new("đã có bản án"), "DossierResumed", again: "not-suspended")
            .Does(Stopped, new("đã hòa giải"), "DossierResumed", again: "not-suspended")
            .Does(Stopping, new("đã hòa giải"), "DossierResumed", again: "not-suspended")
            .Refuses("not-open", Suspended.Then(new WithdrawDossier("đổi ý")), new("đã có bản án"))
            .Refuses("not-suspended", Waiting, new("đã có bản án"))
            .Refuses("before-slip", Suspended, new("đã có bản án"), c => c with { At = Start.AddMilliseconds(-1) })
            .Refuses("before-slip", Stopping, new("đã hòa giải"), c => c with { At = Start.AddMilliseconds(-1) }),

        Act<ExtendDossier>("officer, supervisor", daysBack: 0)
            .Does(InProgress, new(On(6, 1), "chờ đo đạc"), "DossierExtended")
            .Refuses("not-open", Decided, new(On(6, 1), "chờ đo đạc"))
            .Refuses("reason-missing", InProgress, new(On(6, 1), ""))
            .Refuses("extended-already", Extended, new(On(6, 2), "chờ đo đạc"))
            .Refuses("no-due-date", Imported, new(On(6, 1), "chờ đo đạc"))
            .Refuses("clock-stands", Waiting, new(On(6, 1), "chờ đo đạc"))
            .Refuses("expired", Overdue, new(On(6, 1), "chờ đo đạc"))
            .Refuses("not-later", InProgress, new(On(5, 20), "chờ đo đạc"))
            .Refuses("not-worked", InProgress, new(On(5, 31), "chờ đo đạc"))
            .Refuses("not-worked", InProgress, new(On(6, 1).AddYears(100), "chờ đo đạc")),

        Act<ApologiseLate>("officer, supervisor", daysBack: 0)
            .Does(Overdue, new(On(5, 6), "chờ đo đạc"), "LateApology")
            .Refuses("apologised-already", Overdue.Then(new ApologiseLate(On(5, 6), "chờ đo đạc"), Now), new(On(5, 7), "chờ đo đạc"))
            .Refuses("not-open", Decided, new(On(5, 6), "chờ đo đạc"))
            .Refuses("reason-missing", Overdue, new(On(5, 6), " "))
            .Refuses("not-overdue", InProgress, new(On(5, 6), "chờ đo đạc"))
            .Refuses("not-overdue", Imported, new(On(5, 6), "chờ đo đạc")),

        // Received before the day off of 2 January 2026 was announced.
        Act<ReprojectDueDate>("administrator, supervisor", daysBack: 0)
            .Does(Nothing.Then(new ReceiveDossier("P-8"), new(2025, 12, 22, 9, 0, 0, TimeSpan.FromHours(7))), new("TB 1"), "DueDateReprojected")
            .Does(Nothing.Then(new ReceiveDossier("P-8"), new(2025, 12, 22, 9, 0, 0, TimeSpan.FromHours(7))).Then(new DecideDossier(DecisionOutcome.Approved)), new("TB 1"), "DueDateReprojected")
            .IsDone(InProgress, new("TB 1"))
            .Refuses("not-open", Returned, new("TB 1")),

        Act<DecideDossier>("officer, supervisor", daysBack: 1)
            .Does(Received, new(DecisionOutcome.Approved), "DossierDecided")
            .Does(Waiting, new(DecisionOutcome.Rejected, "thiếu bản vẽ"), "DossierDecided")
            .IsDone(Returned, new(DecisionOutcome.Approved))
            .Refuses("not-open", Returned, new(DecisionOutcome.Rejected, "nhầm"))
            .Refuses("not-open", Withdrawn, new(DecisionOutcome.Approved))
            .Refuses("reason-missing", InProgress, new(DecisionOutcome.Rejected, " "))
            .Refuses("authority-missing", InProgress, new(DecisionOutcome.Approved), InCentre)
            .Refuses("no-authority", InProgress, new(DecisionOutcome.Approved), c => Under("head of H49.06", c))
            .Refuses("no-authority", InProgress, new(DecisionOutcome.Approved), c => Under("GUQ 2", c)),

        Act<MakeResultReady>("officer, clerk, supervisor", daysBack: 0)
            .Does(Decided, new(), "ResultReady")
            .IsDone(Returned, new())
            .Refuses("not-decided", InProgress, new())
            .Refuses("not-decided", Withdrawn, new())
            .Refuses("out-of-order", Decided, new(), c => c with { At = Began }),

        Act<ReturnResult>("clerk, officer", daysBack: 3)
            .Does(Ready, new(ReturnChannel.Counter), "ResultReturned")
            .Does(Ready, new(ReturnChannel.Counter, Minh, "UQ 7"), "ResultReturned")
            .Refuses("no-result", Decided, new())
            .Refuses("no-result", Withdrawn, new())
            .Refuses("returned-otherwise", Returned, new(ReturnChannel.Counter))
            .Refuses("out-of-order", Ready, new(), c => c with { At = Began })
            .Refuses("no-power-of-attorney", Ready, new(ReturnChannel.Counter, Minh))
            .Refuses("no-power-of-attorney", Ready, new(ReturnChannel.Counter, null, "UQ 7")),

        Act<WithdrawDossier>("citizen, clerk", daysBack: 1)
            .Does(Submitted, new("đổi ý"), "DossierWithdrawn")
            .Does(InProgress, new("đổi ý"), "DossierWithdrawn")
            .Refuses("not-open", Decided, new("đổi ý"))
            .Refuses("not-open", Refused, new("đổi ý")),

        Act<TerminateDossier>("supervisor", daysBack: 0)
            .Does(Suspended, new("NĐ 118, điều 21", "người nộp đã mất"), "DossierTerminated")
            .Refuses("not-open", Ready, new("NĐ 118, điều 21", "người nộp đã mất"))
            .Refuses("basis-missing", InProgress, new("", "người nộp đã mất"))
            .Refuses("reason-missing", InProgress, new("NĐ 118, điều 21", "")),

        Act<RateDossier>("citizen, clerk", daysBack: 3)
            .Does(Returned, new(5, Lan), "DossierRated")
            .Refuses("bad-level", Returned, new(6))
            .Refuses("not-returned", Ready, new(5))
            .Refuses("out-of-order", Returned, new(5), c => c with { At = Began })
            .Refuses("rated-already", Rated, new(1)),

        Act<TrackProgress>("clerk, supervisor, administrator", daysBack: 3)
            .Does(AtTaxes, new(4, "thue", 1, Step: "Tính thuế"), "ProgressTracked, StepCompleted")
            .Does(AtTaxes, new(5, "thue", 1), "ProgressTracked")
            .Does(AtTaxes, new(9, "thue", 1), "ProgressTracked, DossierDecided")
            .Does(AtTaxes, new(9, "thue", 1, Outcome: DecisionOutcome.Rejected, Reason: "sai tờ khai"), "ProgressTracked, DossierDecided")
            .Does(AtTaxes, new(7, "thue", 1, Reason: "đổi ý"), "ProgressTracked, DossierWithdrawn")
            .Does(AtPolice, new(2, "congan", 1), "ProgressTracked, DossierReceived")
            .Does(AtPolice, new(3, "congan", 1, Reason: "thiếu ảnh"), "ProgressTracked, SubmissionRefused")
            .Does(AtPolice, new(9, "congan", 1), "ProgressTracked, DossierReceived, DossierDecided, ResultReady")
            .Does(AtPolice, new(10, "congan", 1), "ProgressTracked, DossierReceived, DossierDecided, ResultReady, ResultReturned")
            .IsDone(AtTaxes.Then(new TrackProgress(4, "thue", 7)), new(9, "thue", 7))
            .IsDone(AtTaxes.Then(new TrackProgress(4, "thue", 7)), new(9, "thue", 6))
            .Refuses("unknown-status", AtTaxes, new(11, "thue", 1))
            .Refuses("own-stage", AtTaxes, new(10, "thue", 1))
            .Refuses("own-stage", AtTaxes, new(4, "congan", 1))
            .Refuses("own-stage", InProgress, new(9, "thue", 1))
            .Refuses("ended", AtPolice.Then(new TrackProgress(10, "congan", 1)), new(9, "congan", 2))
            .Refuses("not-received", Nothing.Then(new SubmitDossier("P-tax", "online")), new(4, "thue", 1))
            .Refuses("no-such-procedure", AtPolice, new(2, "congan", 1), c => c with { Rules = Rulebook.Empty }),

        Act<AcknowledgeAlert>("officer, clerk, supervisor", daysBack: 0)
            .Does(Alerted, new("warning"), "AlertAcknowledged")
            .Does(Alerted, new("warning", 1), "AlertAcknowledged")
            .Refuses("no-such-alert", Alerted, new("overdue"))
            .Refuses("no-such-alert", Alerted, new("warning", 2))
            .Refuses("alert-over", Alerted.Then(new WithdrawDossier("đổi ý"), Now), new("warning")),

        Act<SnoozeAlert>("officer, clerk, supervisor", daysBack: 0)
            .Does(Alerted, new("warning", On(5, 5), "chờ ý kiến"), "AlertSnoozed")
            .Does(Snoozed, new("warning", On(5, 6), "chờ ý kiến"), "AlertSnoozed")
            .Refuses("no-such-alert", Received, new("warning", On(5, 5), "chờ ý kiến"))
            .Refuses("alert-over", Alerted.Then(new WithdrawDossier("đổi ý"), Now), new("warning", On(5, 5), "chờ ý kiến"))
            .Refuses("acknowledged-already", Alerted.Then(new AcknowledgeAlert("warning"), Now), new("warning", On(5, 5), "chờ ý kiến"))
            .Refuses("reason-missing", Alerted, new("warning", On(5, 5), " "))
            .Refuses("not-later", Alerted, new("warning", Now, "chờ ý kiến"))
            .Refuses("snoozed-twice", Snoozed.Then(new SnoozeAlert("warning", On(5, 6), "chờ ý kiến"), Now), new("warning", On(5, 7), "chờ ý kiến")),
    ];

    public static TheoryData<string> Names => new(_specs.Select(s => s.Rule.Name));

    private static Spec Of(string act) => _specs.Single(s => s.Rule.Name == act);

    [Fact]
    public void Every_act_stands_in_the_list_of_acts_and_in_this_table()
    {
        var acts = typeof(Acts).Assembly.GetTypes()
            .Where(t => Array.Exists(t.GetInterfaces(), i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IAct<>))).OrderBy(t => t.Name).ToList();
        Acts.All.Select(k => k.Request).OrderBy(t => t.Name).ShouldBe(acts);
        _specs.Select(s => s.Act).OrderBy(t => t.Name).ShouldBe(acts);
        Acts.All.Select(k => k.Rule.Name).ShouldBeUnique();
    }

    [Theory, MemberData(nameof(Names))]
    public void An_act_is_for_its_roles_alone(string act)
    {
        var spec = Of(act);
        string.Join(", ", spec.Rule.By).ShouldBe(spec.By);
        foreach (var role in Role.All)
        {
            var decision = spec.Does[0].Row.Decide(At(Now, spec.Rule, role));
            if (spec.Rule.By.Contains(role))
                decision.Refusal.ShouldBeNull(role);
            else
                ShouldBeRefused(decision, "not-allowed");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void An_act_comes_to_its_events_and_asked_for_again_to_what_the_table_says(string act)
    {
        foreach (var (row, events, again) in Of(act).Does)
        {
            var decision = row.Decide(At(Now, row.Rule));
            decision.Refusal.ShouldBeNull();
            string.Join(", ", decision.Events.Select(e => e.GetType().Name)).ShouldBe(events);
            decision.Events.ShouldAllBe(e => e.OccurredAt == Now && e.BackDatingApprovedBy == null);
            if (row.Rule.Begins)
                continue;
            var once = row with { State = row.State.After(decision) };
            switch (again)
            {
                case AlreadyDone: ShouldBeDone(once.Decide(At(Now, row.Rule))); break;
                case OnceMore: once.Decide(At(Now, row.Rule)).Events.ShouldNotBeEmpty(); break;
                default: ShouldBeRefused(once.Decide(At(Now, row.Rule)), again); break;
            }
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void What_is_done_already_is_so_whenever_it_is_to_count_from(string act)
    {
        var spec = Of(act);
        var done = spec.Done.Concat(spec.Does.Where(d => d.Again == AlreadyDone && !spec.Rule.Begins).Select(d => d.Row with { State = d.Row.State.After(d.Row.Decide(At(Now, spec.Rule))) }));
        foreach (var row in done)
        {
            foreach (var at in (DateTimeOffset[])[Now, DateTimeOffset.MinValue, DateTimeOffset.MaxValue])
                ShouldBeDone(row.Decide(At(Now, spec.Rule) with { At = at }));
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void An_act_is_refused_where_the_table_says(string act)
    {
        foreach (var (row, code, with) in Of(act).Refused)
            ShouldBeRefused(row.Decide(with(At(Now, row.Rule))), code);
    }

    [Theory, MemberData(nameof(Names))]
    public void Every_refusal_that_an_act_declares_has_a_row_and_no_other(string act)
    {
        var spec = Of(act);
        spec.Refused.Select(r => r.Code).Distinct().Order().ShouldBe(spec.Rule.Refusals.Order());
    }

    [Theory, MemberData(nameof(Names))]
    public void An_act_may_be_dated_back_to_its_bound_by_anyone_and_further_with_somebody_elses_approval(string act)
    {
        var spec = Of(act);
        var (row, atOnce, bound) = (spec.Does[0].Row, At(Now, spec.Rule), Now - spec.Back);
        row.Decide(atOnce with { At = bound }).Events.ShouldNotBeEmpty();
        row.Decide(atOnce with { At = bound }).Events.ShouldAllBe(e => e.OccurredAt == bound && e.BackDatingApprovedBy == null);
        row.Decide(atOnce with { ApprovedBy = "supervisor" }).Events.ShouldAllBe(e => e.BackDatingApprovedBy == null, "no approval was needed");
        var further = atOnce with { At = bound.AddMilliseconds(-1) };
        ShouldBeRefused(row.Decide(further), "back-dated-too-far");
        ShouldBeRefused(row.Decide(further with { ApprovedBy = " " }), "back-dated-too-far");
        ShouldBeRefused(row.Decide(further with { ApprovedBy = further.Command.Actor }), "approver-is-actor");
        row.Decide(further with { ApprovedBy = "supervisor" }).Events.ShouldNotBeEmpty();
        row.Decide(further with { ApprovedBy = "supervisor" }).Events.ShouldAllBe(e => e.BackDatingApprovedBy == "supervisor");
    }

    [Theory, MemberData(nameof(Names))]
    public void An_act_in_the_future_or_before_the_dossier_began_is_refused_whoever_approves(string act)
    {
        foreach (var (row, _, _) in Of(act).Does)
        {
            var approved = At(Now, row.Rule) with { ApprovedBy = "supervisor" };
            ShouldBeRefused(row.Decide(approved with { At = Now.AddMilliseconds(1) }), "in-the-future");
            ShouldBeRefused(row.Decide(approved with { At = DateTimeOffset.MaxValue }), "in-the-future");
            ShouldBeRefused(row.Decide(approved with { At = DateTimeOffset.MinValue }), "before-beginning");
            // Paper of an outage is bounded by the outage that it cites.
            if (!row.Rule.Begins && !row.State.IsReserved)
                ShouldBeRefused(row.Decide(approved with { At = (row.State.ReceivedAt ?? row.State.SubmittedAt)!.Value.AddMilliseconds(-1) }), "before-beginning");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Being_overdue_blocks_no_act_but_the_extension_which_comes_before(string act)
    {
        foreach (var (row, events, _) in Of(act).Does.Where(d => d.Row.State.Due is not null))
        {
            var late = row with { State = row.State with { Due = Start, GeneralDue = Start, AnswerDue = Start } };
            if (act == ExtendDossier.Rule.Name)
                ShouldBeRefused(late.Decide(At(Now, row.Rule)), "expired");
            else
                string.Join(", ", late.Decide(At(Now, row.Rule)).Events.Select(e => e.GetType().Name)).ShouldBe(events);
        }
    }

    [Fact]
    public void Thirty_thousand_random_acts_never_throw_and_are_refused_only_as_declared()
    {
        var (random, done) = (new Random(20260504), new HashSet<Type>());
        // Some begin just before the day off of 2 January 2026 is announced.
        DateTimeOffset[] beginnings = [Now, new(2025, 12, 24, 9, 0, 0, TimeSpan.FromHours(7))];
        var (dossier, now) = (Nothing, Now);
        for (var i = 0; i < 30_000; i++)
        {
            var begins = !dossier.Exists || random.Next(60) == 0;
            (dossier, now) = begins ? random.Next(8) == 0 ? (Reserved, Now) : (Nothing, beginnings[random.Next(2)]) : (dossier, now.AddMinutes(random.Next(600)));
            var (kind, request) = begins && !dossier.Exists ? RandomActs.Begin(random) : RandomActs.Next(random, Code);
            var by = RandomActs.By(random, kind, Guid.Empty);
            var context = At(now, kind.Rule) with
            {
                Command = by, At = RandomActs.DatedBack(random, now), ApprovedBy = random.Next(4) switch { 0 => null, 1 => by.Actor, _ => "supervisor" }, Rules = RandomActs.Rules,
                Outage = new("SC-1", 1, "u1", "đứt cáp", On(1, 1), null),
            };

            var decision = kind.Decide(request, dossier, context);

            if (decision.Refusal is { } refusal)
                kind.Rule.Refusals.Concat(Acts.CommonRefusals).ShouldContain(refusal.Code, kind.Rule.Name);
            else if (decision.Events.Count > 0)
                done.Add(kind.Request);
            dossier = dossier.After(decision);
            // The alarm clock never throws either, and looking twice raises nothing more.
            dossier = RaiseAlerts.Decide(dossier, Ladders.None, WorkCalendar.Vietnam, EventDossier.Organisation.Organisation.Empty, now).Aggregate(dossier, (d, e) => d.After(e, d.Version + 1));
            RaiseAlerts.Decide(dossier, Ladders.None, WorkCalendar.Vietnam, EventDossier.Organisation.Organisation.Empty, now).OfType<AlertRaised>().ShouldBeEmpty();
        }
        Acts.All.Select(k => k.Request).Except(done).Select(t => t.Name).ShouldBeEmpty("kinds of act that were never possible");
    }

    [Fact]
    public void What_lies_with_another_system_is_tracked_and_not_decided_again()
    {
        ShouldBeRefused(Acts.Decide(new DecideDossier(DecisionOutcome.Approved), AtTaxes, At(Now, DecideDossier.Rule)), "foreign-stage");
        ShouldBeRefused(Acts.Decide(new StartStep("Tính thuế"), AtTaxes, At(Now, StartStep.Rule)), "foreign-stage");
        ShouldBeRefused(Acts.Decide(new ReceiveSubmission(), AtPolice, At(Now, ReceiveSubmission.Rule)), "foreign-stage");
        Acts.Decide(new AssignDossier("officer-2"), AtTaxes, At(Now, AssignDossier.Rule)).Refusal.ShouldBeNull("somebody follows it here");

        var decided = AtTaxes.Then(new TrackProgress(9, "thue", 1));
        (decided.Stage, decided.Authority, decided.FinishedAt).ShouldBe((Stage.Decided, "thue", null), "the result is not at the counter yet");
        var ready = decided.Then(new MakeResultReady());
        ready.FinishedAt.ShouldNotBeNull("which is ours to say");
        ShouldBeRefused(Acts.Decide(new ReturnResult(), AtPolice.Then(new TrackProgress(9, "congan", 1)), At(Now, ReturnResult.Rule)), "foreign-stage");
    }

    [Fact]
    public void Under_a_number_that_is_set_aside_there_is_no_dossier_yet()
    {
        ShouldBeRefused(Acts.Decide(new AttachDocument("đơn", new('a', 64), 1024), Reserved, At(Now, AttachDocument.Rule)), "no-such-dossier");
        var entered = Reserved.Then(new ReceiveReserved("SC-1", "P-1"));
        (entered.Outage, entered.Place, entered.NumberedBy, entered.Slips.Single().Number).ShouldBe(("SC-1", "u1", "H49.12", $"{Code}/01-1"));
        PortalStatuses.Told(Reserved.Then(new VoidNumber("không dùng đến"))).ShouldBeNull("nobody was ever told of it");
    }

    [Fact]
    public void A_status_is_no_slip_and_lets_no_clock_stand_but_it_is_shown()
    {
        var waiting = AtTaxes.Then(new TrackProgress(5, "thue", 1));
        (waiting.Due, waiting.Standing).ShouldBe((AtTaxes.Due, null));
        PortalStatuses.Told(waiting).ShouldBe(PortalStatus.SupplementRequested);
        PortalStatuses.Told(waiting.Then(new TrackProgress(4, "thue", 2))).ShouldBe(PortalStatus.Processing);
        PortalStatuses.Told(Received.Then(new VoidReceipt("nhập hai lần"))).ShouldBe(PortalStatus.Stopped);
    }

    private static void ShouldBeRefused(Decision decision, string code)
    {
        decision.Refusal.ShouldNotBeNull(code).Code.ShouldBe(code);
        decision.Refusal.Reason.ShouldNotBeNullOrWhiteSpace();
        decision.Events.ShouldBeEmpty();
    }

    private static void ShouldBeDone(Decision decision) => decision.ShouldBe(Decision.AlreadyDone);

    private static Spec<T> Act<T>(string by, int daysBack) where T : IAct<T> => new(by, TimeSpan.FromDays(daysBack));

    /// <summary>A request to a dossier as it stands.</summary>
    private sealed record Row(ActRule Rule, Dossier State, Func<Dossier, ActContext, Decision> Asked)
    {
        public Decision Decide(ActContext context) => Asked(State, context);
    }

    private class Spec(ActRule rule, Type act, string by, TimeSpan back)
    {
        public ActRule Rule => rule;
        public Type Act => act;
        public string By => by;
        public TimeSpan Back => back;
        public List<(Row Row, string Events, string Again)> Does { get; } = [];
        public List<Row> Done { get; } = [];
        public List<(Row Row, string Code, Func<ActContext, ActContext> With)> Refused { get; } = [];
    }

    private sealed class Spec<T>(string by, TimeSpan back) : Spec(T.Rule, typeof(T), by, back) where T : IAct<T>
    {
        /// <param name="again">What the same request comes to afterwards.</param>
        public new Spec<T> Does(Dossier state, T act, string events, string again = AlreadyDone)
        {
            base.Does.Add((Asking(state, act), events, again));
            return this;
        }

        public Spec<T> IsDone(Dossier state, T act)
        {
            Done.Add(Asking(state, act));
            return this;
        }

        public Spec<T> Refuses(string code, Dossier state, T act, Func<ActContext, ActContext>? with = null)
        {
            Refused.Add((Asking(state, act), code, with ?? (c => c)));
            return this;
        }

        private static Row Asking(Dossier state, T act) => new(T.Rule, state, (dossier, context) => Acts.Decide(act, dossier, context));
    }
}
