using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Organisation;
using EventDossier.Procedures;

namespace EventDossier.Simulation;

/// <summary>One act of the simulated year.</summary>
/// <param name="Now">When it is recorded.</param>
/// <param name="At">Legal time; earlier where paper is typed in later.</param>
/// <param name="Dossier">Which of the year's dossiers, from 0.</param>
/// <param name="Number">Which of that dossier's acts, from 0.</param>
/// <param name="Agency">That the dossier is numbered by.</param>
/// <param name="Request">The act, from the codes that the dossiers have by then.</param>
/// <param name="Other">Another dossier that it needs the code of.</param>
public sealed record SimulatedAct(
    DateTimeOffset Now, DateTimeOffset At, int Dossier, int Number, string Agency, string Actor, string Role, string? Authority, Func<IReadOnlyList<string>, object> Request, int? Other = null);

/// <summary>
/// A year of a centre, made from a seed: who comes when and with what, how long each desk takes, what goes wrong. Pure: it decides what is asked for, and the
/// product's own commands decide what becomes of it.
/// </summary>
public sealed class SimulatedYear
{
    // Shares of dossiers, unless said otherwise; after the centre's own figures where it has published some, else assumed.
    private const double Online = 0.928, ByPost = 0.012;
    private const double RefusedAtIntake = 0.025, Late = 0.022, OnTheLastDay = 0.03, Extended = 0.008;
    private const double Supplemented = 0.07, NeverSupplemented = 0.05, Consulted = 0.04, Suspended = 0.004, Stopped = 0.002, Withdrawn = 0.008, Voided = 0.002;
    private const double ApplicantWrong = 0.003, ProcedureWrong = 0.0015, Rejected = 0.035, Linked = 0.01, SentBack = 0.05, ByAgent = 0.02, Rated = 0.35;
    private const double TypedInLater = 0.3;

    /// <summary>Arrivals by month: few at Tết, many before the summer and at the year's end.</summary>
    private static readonly double[] _months = [1.0, 0.65, 1.15, 1.1, 1.15, 1.1, 1.05, 1.1, 0.95, 1.05, 1.05, 1.1];

    /// <summary>Online arrivals by hour; at the counter only the hours of the centre count.</summary>
    private static readonly double[] _hours = [0.3, 0.15, 0.1, 0.1, 0.2, 0.5, 1.2, 4, 8, 10, 9, 5, 3, 5, 9, 9, 7, 4, 2.5, 2.5, 3, 2.5, 1.5, 0.7];

    private readonly Random _random;
    private readonly Rulebook _rules;
    private readonly WorkCalendar _calendar;
    private readonly DateTimeOffset _from;
    private readonly DateTimeOffset _to;
    private readonly IReadOnlyList<Sealed> _applicants;
    private readonly List<SimulatedAct> _acts = [];
    private readonly Dictionary<string, Agency> _agencies = [];
    private readonly Dictionary<(string Officer, DateTime Day), int> _load = [];

    private SimulatedYear(int seed, DateTimeOffset from, DateTimeOffset to, Rulebook rules, IReadOnlyList<Sealed> applicants)
    {
        (_random, _rules, _calendar, _from, _to, _applicants) = (new(seed), rules, rules.Calendar, from, to, applicants);
    }

    /// <summary>The acts in the order of their recording.</summary>
    /// <param name="to">What would happen later is left out: those dossiers are still open.</param>
    /// <param name="applicants">One dossier belongs to each; some come twice.</param>
    public static IReadOnlyList<SimulatedAct> Make(
        int dossiers, int seed, DateTimeOffset from, DateTimeOffset to, Rulebook rules, IReadOnlyList<Sealed> applicants)
    {
        var year = new SimulatedYear(seed, from, to, rules, applicants);
        var arrivals = year.Arrivals(dossiers);
        for (var dossier = 0; dossier < dossiers; dossier++)
            new Life(year, dossier, arrivals[dossier]).Live();
        return [.. year._acts.Where(a => a.Now < to).OrderBy(a => a.Now).ThenBy(a => a.Dossier).ThenBy(a => a.Number)];
    }

    /// <summary>Who works for an agency.</summary>
    private sealed record Agency(string Code, IReadOnlyList<Post> Officers, IReadOnlyList<Post> Clerks, IReadOnlyList<Post> Supervisors, IReadOnlyList<Post> Heads);

    private Agency AgencyOf(string code, DateTimeOffset at)
    {
        if (_agencies.TryGetValue(code, out var known))
            return known;
        var organisation = _rules.Organisation;
        var posts = organisation.UnitsAt(at).Where(u => organisation.AgencyOf(u.Code, at) == code).SelectMany(u => organisation.PostsOfUnit(u.Code, at)).ToList();
        List<Post> Of(params PostRole[] roles) => [.. posts.Where(p => roles.Contains(p.Role))];
        return _agencies[code] = new(code, Of(PostRole.Officer), Of(PostRole.Clerk), Of(PostRole.Supervisor), Of(PostRole.Head, PostRole.Director, PostRole.DeputyHead));
    }

    private sealed record Arrival(DateTimeOffset At, Procedure.Version Procedure, string Channel);

    private List<Arrival> Arrivals(int dossiers)
    {
        var procedures = _rules.Procedures.Values.Select(v => Procedures.Procedure.InForce(v, _from)).OfType<Procedure.Version>()
            .Where(p => AgencyOf(p.Published.Agency, _from).Officers.Count > 0).OrderBy(p => p.Published.Code, StringComparer.Ordinal).ToList();
        if (procedures.Count == 0)
            throw new UserError("nothing-to-simulate", "no procedure in force has an agency with officers");
        // A few procedures make most of the work, as everywhere.
        var popular = procedures.Select((_, i) => 1.0 / (1 + i % 23)).ToList();
        var arrivals = new List<Arrival>(dossiers);
        while (arrivals.Count < dossiers)
        {
            var procedure = procedures[Pick(popular)];
            var channel = _random.NextDouble() switch { < Online => "online", < Online + ByPost => "post", _ => "counter" };
            if (procedure.Published.Channels is { Count: > 0 } open && !open.Contains(channel))
                channel = open[_random.Next(open.Count)];
            arrivals.Add(new(Arrives(channel), procedure, channel));
        }
        return [.. arrivals.OrderBy(a => a.At)];
    }

    private DateTimeOffset Arrives(string channel)
    {
        while (true)
        {
            var at = _from.AddSeconds(_random.NextDouble() * (_to - _from).TotalSeconds);
            at = _calendar.Local(at.AddTicks(-(at.Ticks % TimeSpan.TicksPerSecond)));
            var worked = _calendar.IsWorked(DateOnly.FromDateTime(at.DateTime));
            var weight = _months[at.Month - 1] / 1.15 * _hours[at.Hour] / 10 * (worked ? 1 : 0.15);
            if (_random.NextDouble() > weight || (channel != "online" && !Open(at)))
                continue;
            return at;
        }
    }

    private bool Open(DateTimeOffset at) => _calendar.WorkingMinutes(at, at.AddMinutes(1)) == 1;

    private int Pick(List<double> weights)
    {
        var at = _random.NextDouble() * weights.Sum();
        for (var i = 0; i < weights.Count; i++)
        {
            if ((at -= weights[i]) < 0)
                return i;
        }
        return weights.Count - 1;
    }

    /// <summary>The life of one dossier, act by act. <see cref="_now"/> goes on with it.</summary>
    private sealed class Life(SimulatedYear year, int dossier, Arrival arrival)
    {
        private readonly Random _random = new(unchecked((year._random.Next() * 31) + dossier));
        private readonly Agency _agency = year.AgencyOf(arrival.Procedure.Published.Agency, arrival.At);
        private ProcedurePublished _procedure = arrival.Procedure.Published;
        private DateTimeOffset _now = arrival.At;
        private ClockFacts _clock = null!;

        /// <summary>Working minutes that the limit leaves; where they are few, everybody hurries.</summary>
        private int _limit;
        private double _pace = 1;
        private Post _officer = null!;
        private int _acts;

        private DateTimeOffset Due => DueDate.Of(_clock.EndedAt(_now), year._rules.Known(_now))!.Value;

        public void Live()
        {
            if (!TakeIn())
                return;
            Correct();
            if (Chance(Voided))
            {
                After(5, 60);
                Act(new VoidReceipt("Tiếp nhận trùng với hồ sơ đã có"), Holder(_agency.Supervisors), Role.Supervisor);
                return;
            }
            _officer = Pick(_agency.Officers);
            After(5, 60);
            Act(new AssignDossier(Holder(_officer), _officer.Unit), Holder(_agency.Clerks), Role.Clerk);
            PayFee();
            if (Handle())
                Finish();
        }

        private bool TakeIn()
        {
            var applicant = year._applicants[_random.Next(10) < 3 ? _random.Next(year._applicants.Count) : dossier % year._applicants.Count];
            var code = _procedure.Code;
            if (Chance(ProcedureWrong) && year._rules.Procedures.Values.Select(v => Procedures.Procedure.InForce(v, _now)).FirstOrDefault(
                p => p is not null && p.Published.Agency == _procedure.Agency && p.Published.Code != _procedure.Code && p.Published.Channels is null) is { } wrong)
                code = wrong.Published.Code;
            if (arrival.Channel == "counter")
            {
                Act(new ReceiveDossier(code, "counter", Applicant: applicant), Holder(_agency.Clerks), Role.Clerk);
            }
            else
            {
                Act(new SubmitDossier(code, arrival.Channel, Applicant: applicant), arrival.Channel == "post" ? Holder(_agency.Clerks) : "portal", arrival.Channel == "post" ? Role.Clerk : Role.Citizen);
                After(_random.NextDouble() < 0.97 ? 8 : 200, _random.NextDouble() < 0.97 ? 220 : 560);
                if (Chance(RefusedAtIntake))
                {
                    Act(new RefuseSubmission(OneOf("Không thuộc thẩm quyền giải quyết", "Thành phần hồ sơ không hợp lệ", "Nộp trùng hồ sơ")), Holder(_agency.Clerks), Role.Clerk);
                    return false;
                }
                Act(new ReceiveSubmission(), Holder(_agency.Clerks), Role.Clerk);
            }
            _clock = new(_now, _procedure.Limit);
            _limit = Math.Max(30, year._calendar.WorkingMinutes(_now, Due));
            _pace = Math.Min(1, _limit / 2400.0);
            if (code == _procedure.Code)
                return true;
            After(10, 120);
            Act(new CorrectProcedure(_procedure.Code, "Chọn nhầm thủ tục khi tiếp nhận"), Holder(_agency.Supervisors), Role.Supervisor);
            return true;
        }

        private void Correct()
        {
            if (Chance(ApplicantWrong))
            {
                After(5, 60);
                Act(new CorrectApplicant(year._applicants[_random.Next(year._applicants.Count)], "Ghi nhầm người nộp"), Holder(_agency.Clerks), Role.Clerk);
            }
            if (Chance(Linked) && dossier > 20)
            {
                var other = dossier - _random.Next(1, 20);
                ActOn(codes => new LinkDossier(codes[other], LinkKind.Related), Holder(_agency.Clerks), Role.Clerk, other: other);
            }
        }

        private void PayFee()
        {
            if (_procedure.Fee is not > 0 || _procedure.Limit.Rule is CountingRule.SameDay)
                return;
            After(5, 45);
            var fee = _procedure.Fee.Value;
            Act(new AskFee(fee, _procedure.GeneralBasis ?? _procedure.Basis ?? "Biểu phí, lệ phí", Delivery.Online), Holder(_officer), Role.Officer);
            var paid = _now.AddMinutes(_random.NextDouble() < 0.8 ? _random.Next(3, 600) : _random.Next(600, 4 * 1440));
            Paused(_now, paid, PauseKind.Fee);
            Act(new RecordFee(fee, $"CT{dossier:000000}"), Holder(_agency.Clerks), Role.Clerk, at: paid);
        }

        /// <summary>The steps, each as its budget's part of what the dossier takes in all. False where the dossier ended before a decision.</summary>
        private bool Handle()
        {
            var extended = Chance(Extended) && _procedure.Limit is { Rule: CountingRule.Days, Amount: >= 3 };
            var late = !extended && Chance(Late);
            var part = extended ? 1.05 + (0.2 * _random.NextDouble())
                : late ? 1.1 + (0.9 * _random.NextDouble())
                : Chance(OnTheLastDay) ? 0.9
                : 0.12 + (0.65 * Math.Pow(_random.NextDouble(), 0.8));
            // What is signed takes its time, too.
            var minutes = (_limit * part) - (90 * _pace);
            var worked = 0.0;
            var steps = _procedure.Steps is { Count: > 0 } own ? own : [new("Thẩm định hồ sơ", null, 6), new("Trình ký", null, 2)];
            double whole = steps.Sum(s => Math.Max(1, s.BudgetHours));
            var (withdrawn, home) = (Chance(Withdrawn), _officer);
            for (var i = 0; i < steps.Count; i++)
            {
                var step = steps[i];
                if (step.Unit is { } unit && unit != _agency.Code && year.AgencyOf(unit, _now).Officers is { Count: > 0 } others)
                    HandOver(Pick(others));
                else if (i > 0 && _officer != home)
                    HandOver(home);
                StandIn();
                Act(new StartStep(step.Name), Holder(_officer), Role.Officer);
                if (i == 0 && !Meanwhile())
                    return false;
                if (i == steps.Count - 1 && extended)
                    Extend();
                worked += Math.Max(1, step.BudgetHours) / whole;
                Work((minutes * worked) - DueDate.Ran(_clock.EndedAt(_now), _now, year._calendar));
                Act(new CompleteStep(step.Name), Holder(_officer), Role.Officer);
                if (withdrawn && i == 0)
                {
                    After(30, 400);
                    Act(new WithdrawDossier("Người nộp đề nghị rút hồ sơ"), "portal", Role.Citizen);
                    return false;
                }
                if (late && i == steps.Count - 1 && _now > Due && Chance(0.6))
                    Act(new ApologiseLate(year._calendar.Shift(_now, 960), OneOf("Thiếu nhân lực", "Chờ ý kiến phối hợp", "Lỗi hệ thống")), Holder(_officer), Role.Officer);
            }
            if (_officer != home)
                HandOver(home);
            return true;
        }

        /// <summary>So long does a step take, and longer where the officer's day is full: what no longer fits in waits for the next.</summary>
        private void Work(double minutes)
        {
            const int Day = 420;
            var effort = Math.Max(3, (int)(_pace * _random.Next(10, 60)));
            _now = year._calendar.Shift(_now, Math.Max(effort, (int)minutes));
            while (year._load.GetValueOrDefault((_officer.Code, _now.Date)) + effort > Day)
                _now = year._calendar.Shift(_now, 480);
            year._load[(_officer.Code, _now.Date)] = year._load.GetValueOrDefault((_officer.Code, _now.Date)) + effort;
        }

        /// <summary>Who is away when a step begins hands the dossier to a colleague.</summary>
        private void StandIn()
        {
            After(2, 20);
            if (!year._rules.Organisation.IsAbsent(Holder(_officer), _now))
                return;
            var colleagues = year.AgencyOf(year._rules.Organisation.AgencyOf(_officer.Unit, _now), _now).Officers.Where(o => !year._rules.Organisation.IsAbsent(Holder(o), _now)).ToList();
            if (colleagues.Count == 0)
                return;
            _officer = Pick(colleagues);
            Act(new AssignDossier(Holder(_officer), _officer.Unit, "Người thụ lý nghỉ phép"), Holder(_agency.Supervisors), Role.Supervisor);
        }

        private void HandOver(Post to)
        {
            if (to.Unit == _officer.Unit)
            {
                _officer = to;
                Act(new AssignDossier(Holder(to)), Holder(_agency.Supervisors), Role.Supervisor);
                return;
            }
            After(2, 30);
            Act(new OfferHandOver(to.Unit), Holder(_officer), Role.Officer);
            After(5, 90);
            if (Chance(SentBack))
            {
                Act(new SendBackHandOver("Thiếu văn bản kèm theo"), Holder(to), Role.Officer);
                After(10, 60);
                Act(new OfferHandOver(to.Unit), Holder(_officer), Role.Officer);
                After(5, 90);
            }
            Act(new AcceptHandOver(Holder(to)), Holder(to), Role.Officer);
            _officer = to;
        }

        /// <summary>What may come in between while the first step runs. False where the dossier ends by it.</summary>
        private bool Meanwhile()
        {
            if (Chance(Consulted))
            {
                var asked = year._rules.Procedures.Values.Select(v => v[0].Published.Agency).Where(a => a != _agency.Code).Distinct().Order(StringComparer.Ordinal).ToList();
                for (var (number, many) = (1, _random.Next(1, 3)); number <= many && asked.Count > 0; number++)
                {
                    var (unit, question) = (asked[_random.Next(asked.Count)], number);
                    Act(new Consult(unit, "Đề nghị cho ý kiến về nội dung hồ sơ"), Holder(_officer), Role.Officer);
                    After(30, 120);
                    if (year.AgencyOf(unit, _now).Officers is { Count: > 0 } there)
                        Act(new AnswerConsultation(question, "Thống nhất với đề nghị"), Holder(Pick(there)), Role.Officer);
                }
            }
            if (Chance(Suspended))
            {
                Act(new SuspendDossier("khoản 3 Điều 26 quy chế của trung tâm", "Chờ kết quả giám định"), Holder(_officer), Role.Officer);
                var from = _now;
                LaterAtWork(3, 20);
                Paused(from, _now, PauseKind.Provision);
                Act(new ResumeDossier("Đã có kết quả giám định"), Holder(_officer), Role.Officer);
            }
            if (Chance(Stopped))
            {
                Act(new StopDossier("khoản 4 Điều 26 quy chế của trung tâm", "Đang có tranh chấp", Delivery.Online), Holder(_officer), Role.Officer);
                var from = _now;
                LaterAtWork(10, 30);
                Paused(from, _now, PauseKind.Stop);
                Act(new ResumeDossier("Tranh chấp đã được giải quyết"), Holder(_officer), Role.Officer);
            }
            return !Chance(Supplemented) || _procedure.Limit.Rule == CountingRule.SameDay || Supplement();
        }

        private bool Supplement()
        {
            After(20, 200);
            var (items, byPost) = ((string[])[OneOf("Bản vẽ mặt bằng", "Bản sao giấy tờ tùy thân", "Hợp đồng thuê", "Giấy ủy quyền", "Ảnh thẻ")], arrival.Channel == "post");
            Act(new RequestSupplement(items, byPost ? null : arrival.Channel == "online" ? Delivery.Online : Delivery.Counter), Holder(_officer), Role.Officer);
            if (byPost)
            {
                LaterAtWork(2, 4);
                ActOn(codes => new DeliverSlip($"{codes[dossier]}/02-1", Delivery.Post, $"RR{dossier:000000000}VN"), Holder(_agency.Clerks), Role.Clerk);
            }
            var asked = _now;
            if (Chance(NeverSupplemented))
            {
                LaterAtWork(60, 70);
                Act(new TerminateDossier("khoản 5 Điều 18 quy chế của trung tâm", "Không bổ sung trong thời hạn"), Holder(_agency.Supervisors), Role.Supervisor);
                return false;
            }
            LaterAtWork(1, 12);
            // What comes in at the counter in the evening rush is typed in the next morning; it counts from its arrival.
            var arrived = _now;
            Paused(asked, arrived, PauseKind.Supplement);
            if (Chance(TypedInLater))
                _now = year._calendar.Shift(_now, _random.Next(60, 300));
            Act(new ProvideSupplement(), Holder(_agency.Clerks), Role.Clerk, arrived);
            return true;
        }

        private void Paused(DateTimeOffset from, DateTimeOffset to, PauseKind kind) => _clock = _clock with
        {
            Pauses = _clock.Pauses.Add(new(from, to, kind, "", Restarts: kind == PauseKind.Supplement && _procedure.SupplementRule == SupplementRule.Restart)),
        };

        private void Extend()
        {
            // The dossier may not have been told of a decision announced since it was received: its date is one of the two.
            var (due, told) = (Due, DueDate.Of(_clock.EndedAt(_now), year._rules.Known(_clock.Start))!.Value);
            if (_now >= (due < told ? due : told))
                return;
            var until = year._calendar.Shift(due > told ? due : told, 480 * _random.Next(2, 5));
            Act(new ExtendDossier(new(until.Date, until.Offset), "Nội dung phức tạp, cần xác minh thêm"), Holder(_officer), Role.Officer);
        }

        private void Finish()
        {
            var rejected = Chance(Rejected);
            After(5, 45);
            var (head, person) = Decider();
            Act(rejected ? new DecideDossier(DecisionOutcome.Rejected, "Không đủ điều kiện theo quy định") : new DecideDossier(DecisionOutcome.Approved), person, Role.Supervisor, authority: head);
            After(5, 40);
            Act(new MakeResultReady(), Holder(_officer), Role.Officer);
            var by = arrival.Channel == "online" && _random.NextDouble() < 0.7 ? ReturnChannel.Online : arrival.Channel == "post" ? ReturnChannel.Post : ReturnChannel.Counter;
            if (by == ReturnChannel.Online)
                After(1, 10);
            else
                LaterAtWork(0, 6);
            Act(new ReturnResult(by), Holder(_agency.Clerks), Role.Clerk);
            if (!Chance(Rated))
                return;
            _now = _now.AddMinutes(_random.Next(2, 4000));
            var level = _random.NextDouble() switch { < 0.78 => 5, < 0.955 => 4, < 0.98 => 3, < 0.993 => 2, _ => 1 };
            Act(new RateDossier(level), "portal", Role.Citizen);
        }

        /// <summary>Whoever acts for the head of the agency, or else for one of the deputy heads, and under which post.</summary>
        private (string? Post, string Person) Decider()
        {
            foreach (var post in _agency.Heads)
            {
                if (year._rules.Organisation.ActingHolder(post.Code, _now) is { } person)
                    return (post.Code, person);
            }
            return (null, Holder(_agency.Supervisors));
        }

        private void Act(object request, string actor, string role, DateTimeOffset? at = null, string? authority = null) =>
            ActOn(_ => request, actor, role, at, authority);

        /// <param name="request">From the codes that the dossiers have by then.</param>
        private void ActOn(Func<IReadOnlyList<string>, object> request, string actor, string role, DateTimeOffset? at = null, string? authority = null, int? other = null)
        {
            if (at > _now)
                _now = at.Value;
            year._acts.Add(new(_now, at ?? _now, dossier, _acts++, _agency.Code, actor, role, authority, request, other));
        }

        /// <summary>Some working minutes pass.</summary>
        private void After(int from, int to) => _now = year._calendar.Shift(_now, Math.Max(1, (int)(_pace * _random.Next(from, to))));

        /// <summary>Some days pass, to a moment of a working day.</summary>
        private void LaterAtWork(int from, int to) => _now = year._calendar.Shift(_now.AddDays(_random.Next(from, to + 1)), _random.Next(1, 200));

        private bool Chance(double share) => _random.NextDouble() < share;

        private T OneOf<T>(params T[] of) => of[_random.Next(of.Length)];

        private Post Pick(IReadOnlyList<Post> posts) => posts[_random.Next(posts.Count)];

        private string Holder(IReadOnlyList<Post> posts) => posts.Count == 0 ? Holder(_agency.Officers) : Holder(Pick(posts));

        private string Holder(Post post) => year._rules.Organisation.HolderOf(post.Code, _now) ?? post.Code;
    }
}
