using EventDossier.Alerts;
using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Deliveries;
using EventDossier.Dossiers;
using EventDossier.EndToEnd.Portal;
using EventDossier.Organisation;
using EventDossier.Outages;
using EventDossier.Portal;
using EventDossier.Procedures;
using EventDossier.Record;
using EventDossier.Simulation;
using EventDossier.Store;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Drills;

using Dossier = EventDossier.Dossiers.Dossier;

/// <summary>
/// A week of an imagined centre, Monday to Sunday. The clock is stepped from one moment at which something happens to the next, and two servers do at each what servers do by themselves: ring alarms, take
/// from the portal and tell it, keep the views, seal. Each life is an iterator that yields the moment at which it goes on, so everything comes in the same order for the same seed.
/// </summary>
internal sealed class Week : IAsyncDisposable
{
    public const string Police = "CA-QN.ho-chieu", Corrected = "1.013831", Leaver = "nnmt-datdai-1", Heir = "nnmt-datdai-2", Newcomer = "nnmt-moi-1";
    public const string District = "H49.42", Outage = "SC-2025-06", Block = "Ba Chẽ 11/6", Holiday = "TB 61/TB-VP";
    public const int SetAside = 12, OnPaper = 9;
    private const string Counter = "H49.62", Manager = "tt-truongquay-1";

    /// <summary>Some take hours, and are late at once where paper lies for a day; some days, of which one limit will be corrected.</summary>
    private static readonly string[] _wanted = ["1.000302", "1.012906", Corrected, Corrected, "1.004756", "1.013833", "QN.02-01", "1.008991", "1.002856", "QN.12-04"];
    private static readonly Guid _ids = new("5b0a3f0e-9a64-5d7b-8f0e-2c6f0c6c8a11");

    public static readonly DateTimeOffset Monday = new(2025, 6, 9, 0, 0, 0, TimeSpan.FromHours(7)), End = Monday.AddDays(7);
    public static readonly DateTimeOffset CutOff = At(2, 7, 30), Reached = At(3, 7, 30), Leaves = At(3, 8), Decided = At(2, 15), Correcting = At(3, 14);

    private readonly PriorityQueue<IAsyncEnumerator<DateTimeOffset>, (DateTimeOffset At, int Number)> _agenda = new();
    private readonly SteppedClock _clock;
    private readonly StandIn _portal;
    private readonly KeyStore _keys;
    private readonly IReadOnlyList<Node> _nodes;
    private readonly Random _random;
    private IReadOnlyList<Sealed> _people = [];
    private DateTimeOffset _look = Monday;
    private int _lives, _commands;

    private Week(Database database, SteppedClock clock, KeyStore keys, StandIn portal, DeliverySettings settings, string signingKey, int seed)
    {
        (Database, _clock, _keys, _portal, _random) = (database, clock, keys, portal, new(seed));
        _nodes = [.. Enumerable.Range(0, 2).Select(_ => new Node(database, keys, settings, signingKey))];
    }

    public Database Database { get; }

    public int Submitted { get; private set; }
    public int Received { get; private set; }
    public int Entered { get; private set; }
    public int Transferred { get; private set; }
    public int Reprojected { get; private set; }
    public int MovedByCorrection { get; private set; }
    public int Acknowledged { get; private set; }

    /// <summary>One of those that were entered.</summary>
    public string Paper { get; private set; } = "";

    private DateTimeOffset Now => WorkCalendar.Vietnam.Local(_clock.Now);

    private Node Any => _nodes[_random.Next(_nodes.Count)];

    /// <summary>A server.</summary>
    private sealed class Node(Database database, KeyStore keys, DeliverySettings settings, string signingKey) : IDisposable
    {
        private readonly PortalCalls _calls = PortalSync.Calls(database, settings);
        private readonly RecordSealer _sealer = new(database, signingKey);
        private readonly DeliveryService _delivery = new(database, keys, settings);

        public Desk Desk { get; } = new(database);
        public Waker Waker { get; } = new(database);
        public OutageDesk Outages => new(database, Desk);

        public async Task LookAsync()
        {
            try
            {
                await new PortalIntake(database, Desk, () => Task.FromResult(keys), _calls).TakeAsync(fromTheBeginning: false);
            }
            catch (DeliveryFailedException)
            {
                // An answer was lost; it asks again when it looks again.
            }
            await _delivery.SendOnceAsync();
            await _sealer.CatchUpAsync();
        }

        public void Dispose()
        {
            _delivery.Dispose();
            _calls.Dispose();
        }
    }

    public static async Task<Week> BeginAsync(TestDatabase events, TestDatabase keys, string folder, string signingKey, StandIn portal, DeliverySettings settings, int seed)
    {
        await Migration.RunAsync(events.ConnectionString, sample: true, ProductViews.All);
        var clock = new SteppedClock { Now = Monday };
        var database = await Database.OpenAsync(events.ConnectionString, ProductEvents.Names, clock);
        var week = new Week(database, clock, await KeyStore.OpenAsync(keys.ConnectionString, folder, database), portal, settings, signingKey, seed);
        await new OrganisationRegister(database).ImportAsync(OrganisationFile.Sample(), Administrator("organisation"));
        var passport = new ProcedurePublished(Monday.AddYears(-1), Police, "Cấp hộ chiếu phổ thông", "CA-QN", Limit.Parse("8 days"), "giả định (assumed)") { Owners = new("congan", "congan", "congan") };
        await new Catalogue(database).PublishAsync([.. ProcedureFile.OfTheSample(), passport], Administrator("procedures"));
        return week;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (life, _) in _agenda.UnorderedItems)
            await life.DisposeAsync();
        foreach (var node in _nodes)
            node.Dispose();
        await _keys.DisposeAsync();
        await Database.DisposeAsync();
    }

    /// <summary>The week, and at its end an hour in which the portal's line is well.</summary>
    public async Task LiveAsync(int dossiers)
    {
        _people = await _keys.SealAsync(SimulatedPeople.Make(dossiers, seed: 1));
        for (var i = 0; i < dossiers; i++)
            Begin(i % 8 == 7 ? PassportAsync(i) : i % 2 == 0 ? OnlineAsync(i) : AtTheCounterAsync(i, i % 10 == 1 ? District : Counter));
        foreach (var whole in (IAsyncEnumerable<DateTimeOffset>[])[OutageAsync(), LeaveAsync(), HolidayAsync(), CorrectAsync(), InboxAsync()])
            Begin(whole);
        while (_agenda.TryDequeue(out var life, out var next) && next.At < End)
        {
            await StepAsync(next.At);
            if (await life.MoveNextAsync())
                _agenda.Enqueue(life, (life.Current > Now ? life.Current : Now, next.Number));
            else
                await life.DisposeAsync();
        }
        await StepAsync(End);
        _look = End;
        await _portal.PlayAsync("mode", new { lose = 0, repeat = 0 });
        for (var look = 0; look < 3; look++)
            await StepAsync(Now.AddMinutes(50));
    }

    /// <summary>As <c>dossier sync</c>.</summary>
    public async Task<PortalSync.Result> SyncAsync(DeliverySettings settings)
    {
        using var delivery = new DeliveryService(Database, _keys, settings);
        return await PortalSync.RunAsync(Database, _nodes[0].Desk, () => Task.FromResult(_keys), delivery, settings, Monday);
    }

    private void Begin(IAsyncEnumerable<DateTimeOffset> life) => _agenda.Enqueue(life.GetAsyncEnumerator(), (Monday, _lives++));

    /// <summary>Lets time pass up to a moment: alarms ring at their own moments, and the servers look for themselves.</summary>
    private async Task StepAsync(DateTimeOffset to)
    {
        // What was recorded just now was recorded before whatever comes next.
        _clock.Now += TimeSpan.FromMilliseconds(1);
        for (var rung = DateTimeOffset.MinValue; ;)
        {
            await new Views([Alarms.View], Database).CatchUpAsync(CancellationToken.None);
            var alarm = await AlarmAsync(to);
            var next = alarm < _look ? alarm.Value : _look;
            if (next > to || next == rung)
                break;
            _clock.Now = next > _clock.Now ? next : _clock.Now;
            if (alarm <= _clock.Now)
            {
                var rang = await Task.WhenAll(_nodes.Select(n => n.Waker.TickAsync(_clock.Now)));
                // A moment at which nothing was to be raised after all is not come back to.
                rung = rang.Sum(r => r.Raised + r.Withdrawn) == 0 ? next : rung;
            }
            if (_look <= _clock.Now)
            {
                await Task.WhenAll([.. _nodes.Select(n => n.LookAsync()), FollowAsync()]);
                _look = Soon();
            }
        }
        _clock.Now = to > _clock.Now ? to : _clock.Now;
    }

    /// <summary>When the servers look again: within the hour after which a sample's events are nobody's news, but seldom at night and on Sunday, when nothing else happens.</summary>
    private DateTimeOffset Soon() => Now < End && (Now.Hour is < 6 or > 19 || Now.DayOfWeek == DayOfWeek.Sunday) ? Now.AddHours(Now.Hour is < 3 or > 19 ? 3 : 1) : Now.AddMinutes(50);

    /// <summary>The views take what there is; the calendar's job and whoever hands work over wait for that.</summary>
    private Task FollowAsync() => new Views(ProductViews.All, Database).CatchUpAsync(CancellationToken.None);

    private async Task<DateTimeOffset?> AlarmAsync(DateTimeOffset to)
    {
        await using var connection = await Database.App.OpenConnectionAsync();
        return (await Alarms.View.DueAsync(connection, to, null, 1)) is [{ NextAt: var at }] ? at : null;
    }

    private async IAsyncEnumerable<DateTimeOffset> OnlineAsync(int dossier)
    {
        var (procedure, random, external) = (_wanted[dossier % _wanted.Length], new Random(dossier), $"G22.99.08-250609-{dossier:000000}");
        yield return Monday.AddMinutes(random.Next(6 * 24 * 60));
        await _portal.SubmitAsync(external, procedure, Now, new { name = "Phạm Thị Mơ", identityNumber = $"022{dossier:000000000}" });
        Submitted++;
        string? code;
        while ((code = await PortalIntake.FindAsync(Database, external)) is null)
            yield return _look;
        yield return await LaterAsync(random.Next(20, 300));
        if (random.Next(12) == 0)
        {
            await DoAsync(code, new RefuseSubmission("Thành phần hồ sơ không hợp lệ"), "quay-02", Role.Clerk);
            yield break;
        }
        await DoAsync(code, new ReceiveSubmission(), "quay-02", Role.Clerk);
        Received++;
        await foreach (var at in HandleAsync(code, random, Counter))
            yield return at;
    }

    private async IAsyncEnumerable<DateTimeOffset> AtTheCounterAsync(int dossier, string place)
    {
        var random = new Random(dossier);
        // At the district's counter nobody is received on the day when it is cut off, but on paper.
        var day = random.Next(place == District ? 2 : 4);
        yield return WorkCalendar.Vietnam.Shift(At(day, 7, 30), random.Next(1, 460));
        var act = new ReceiveDossier(_wanted[dossier % _wanted.Length], "counter", Place: place, Applicant: _people[dossier]);
        var received = await Any.Desk.BeginAsync(act, Context(Clerk(place), Role.Clerk));
        received.Refusal.ShouldBeNull(received.Refusal?.Reason);
        Received++;
        await foreach (var at in HandleAsync(received.Code, random, place))
            yield return at;
    }

    /// <summary>A dossier that another system decides, and we follow.</summary>
    private async IAsyncEnumerable<DateTimeOffset> PassportAsync(int dossier)
    {
        var (random, external) = (new Random(dossier), $"G01.00.07-250609-{dossier:000000}");
        yield return Monday.AddMinutes(random.Next(3 * 24 * 60));
        await _portal.SubmitAsync(external, Police, Now, new { name = "Triệu Văn Páo" });
        Submitted++;
        foreach (var (number, status) in ((long, int)[])[(1, 2), (2, 4), (3, 9), (4, 10)])
        {
            yield return await LaterAsync(random.Next(60, 500));
            Received += number == 1 ? 1 : 0;
            await _portal.TrackAsync(external, "congan", status, number, Now, number == 2 ? "Tra cứu" : null);
        }
    }

    /// <summary>From a valid receipt to the result, by whoever has the dossier at each moment.</summary>
    private async IAsyncEnumerable<DateTimeOffset> HandleAsync(string code, Random random, string place)
    {
        yield return await LaterAsync(random.Next(2, 60));
        var (dossier, rules) = (await FoldAsync(code), await Any.Desk.RulesAsync());
        var procedure = rules.Procedure(dossier.Procedure)!.Published;
        var limit = procedure.Limit.Rule is CountingRule.Hours ? (int)procedure.Limit.Amount * 60 : (int)procedure.Limit.Amount * 480;
        var officers = rules.Organisation.PostsOfAgency(procedure.Agency, Now).Where(p => p.Role == PostRole.Officer && rules.Organisation.HolderOf(p.Code, Now) is not null).ToList();
        var post = officers.Find(p => p.Code == Leaver && random.Next(2) == 0) ?? officers[random.Next(officers.Count)];
        await DoAsync(code, new AssignDossier(rules.Organisation.HolderOf(post.Code, Now)!, post.Unit), Manager, Role.Supervisor);
        if (procedure.Fee is > 0 and var fee)
        {
            yield return await LaterAsync(random.Next(5, 30));
            await ActAsync(code, new AskFee(fee, "Biểu phí, lệ phí", Delivery.Online));
            yield return Now.AddMinutes(random.Next(10, 900));
            await DoAsync(code, new RecordFee(fee, $"CT {code}"), "quay-03", Role.Clerk);
        }
        await ActAsync(code, new StartStep("Thẩm định hồ sơ"));
        yield return await LaterAsync((int)(limit * random.NextDouble() * 0.5));
        if (random.Next(4) == 0)
        {
            await ActAsync(code, new RequestSupplement(["bản sao giấy tờ"], Delivery.Online));
            yield return Now.AddMinutes(random.Next(300, 2_000));
            var arrived = Now;
            // What comes in the evening is typed in the next morning, and counts from when it came.
            yield return await LaterAsync(random.Next(1, 60));
            await DoAsync(code, new ProvideSupplement(), "quay-04", Role.Clerk, arrived);
        }
        if (random.Next(25) == 0)
        {
            await DoAsync(code, new WithdrawDossier("Người nộp đề nghị rút hồ sơ"), "portal", Role.Citizen);
            yield break;
        }
        await ActAsync(code, new CompleteStep("Thẩm định hồ sơ"));
        if (random.Next(6) == 0)
        {
            await ActAsync(code, new OfferHandOver(Counter));
            yield return await LaterAsync(random.Next(5, 60));
            await DoAsync(code, new AcceptHandOver("quay-05"), "quay-05", Role.Clerk);
        }
        yield return await LaterAsync((int)(limit * random.NextDouble() * 0.8));
        var head = rules.Organisation.PostsOfAgency(procedure.Agency, Now).First(p => p.Role is PostRole.Head or PostRole.Director).Code;
        await DoAsync(code, new DecideDossier(DecisionOutcome.Approved), rules.Organisation.ActingHolder(head, Now)!, Role.Supervisor, authority: head);
        yield return await LaterAsync(random.Next(5, 30));
        await ActAsync(code, new MakeResultReady());
        yield return await LaterAsync(random.Next(10, 480));
        if (place == District && Now >= CutOff && Now < Reached)
            yield return Reached.AddMinutes(random.Next(5, 200));
        await DoAsync(code, new ReturnResult(), Clerk(place), Role.Clerk);
    }

    /// <summary>Numbers set aside the day before; a day of paper; typed in the next morning, twice since the first answer got lost; what is left is void.</summary>
    private async IAsyncEnumerable<DateTimeOffset> OutageAsync()
    {
        yield return At(1, 16);
        var reserve = new ReserveNumbers(District, District, DateOnly.FromDateTime(CutOff.DateTime), SetAside);
        var context = Context(Manager, Role.Supervisor);
        var blocks = await Task.WhenAll(_nodes.Select(n => n.Outages.ReserveAsync(Block, reserve, context)));
        var codes = blocks[0].Numbers.Select(n => n.Code).ToList();
        blocks.ShouldAllBe(b => b.Numbers.Select(n => n.Code).SequenceEqual(codes), "both servers, asked at once, set the same numbers aside");

        yield return Reached.AddMinutes(30);
        (await Any.Outages.DeclareAsync(Outage, new(District, "đứt cáp quang"), Context(Manager, Role.Supervisor, CutOff))).Refusal.ShouldBeNull();
        (await Any.Outages.EndAsync(Outage, Context(Manager, Role.Supervisor, Reached))).Refusal.ShouldBeNull();
        var paper = codes.Take(OnPaper).Select((code, i) => new OutageEntry(code, _wanted[i % _wanted.Length], WorkCalendar.Vietnam.Shift(CutOff, 20 + (45 * i)))
        {
            Applicant = new($"Lý A Sử {i}") { IdentityNumber = $"02209000{i:0000}" },
        }).ToList();
        yield return Now.AddMinutes(15);
        context = Context(Clerk(District), Role.Clerk) with { ApprovedBy = Manager };
        foreach (var results in await Task.WhenAll(_nodes.Select(n => n.Outages.EnterAsync(Outage, paper, () => Task.FromResult(_keys), context))))
            results.ShouldAllBe(r => r.Refusal == null);
        (Entered, Paper) = (paper.Count, paper[0].Code);
        foreach (var (i, entry) in paper.Index())
            Begin(HandleAsync(entry.Code, new(1_000_000 + i), District));
        yield return Now.AddMinutes(10);
        (await Any.Outages.VoidAsync(Block, "hết sự cố", Context(Manager, Role.Supervisor))).Numbers.Count(n => n.State == "void").ShouldBe(SetAside - OnPaper);
    }

    private async IAsyncEnumerable<DateTimeOffset> LeaveAsync()
    {
        yield return Leaves;
        var changed = await new OrganisationRegister(Database).DoAsync(_ => [new HolderRelieved(Now, Leaver, Leaver), new HolderAppointed(Now, Leaver, Newcomer)], Administrator("leaves"));
        changed.Refusal.ShouldBeNull();
        yield return Now.AddSeconds(5);
        await FollowAsync();
        var moved = await Task.WhenAll(_nodes.Select(_ => WorkTransfer.OfOfficerAsync(Database, Leaver, Heir, "Nghỉ việc", Administrator("transfer"), Now)));
        Transferred = moved.SelectMany(codes => codes).Distinct().Count();
    }

    /// <summary>Told on Wednesday: Friday is off, and Saturday is worked for it.</summary>
    private async IAsyncEnumerable<DateTimeOffset> HolidayAsync()
    {
        yield return Decided;
        var (friday, saturday) = (DateOnly.FromDateTime(At(4, 0).DateTime), DateOnly.FromDateTime(At(5, 0).DateTime));
        var decision = new CalendarDecision(Holiday, DateOnly.FromDateTime(Now.DateTime), null, [new(friday, new("invented for a drill", "giả định cho buổi diễn tập"))], [new(saturday, friday)], "drill");
        (await Calendars.EnterAsync(Database, [decision], Now, Administrator("holiday"))).ShouldBe(1);
        yield return Now.AddSeconds(30);
        await FollowAsync();
        var moved = await Task.WhenAll(_nodes.Select(_ => Reprojection.RunAsync(Database, Holiday, Administrator("reproject"), Now, preview: false)));
        Reprojected = moved.SelectMany(codes => codes.Select(m => m.Code)).Distinct().Count();
    }

    private async IAsyncEnumerable<DateTimeOffset> CorrectAsync()
    {
        yield return Correcting;
        await FollowAsync();
        var wrong = (await Any.Desk.RulesAsync()).Procedure(Corrected, Now)!.Published;
        var right = wrong with { Limit = Limit.Parse("3 days"), Basis = "QĐ 1204/QĐ-UBND (assumed)" };
        MovedByCorrection = await (await Correction.OfAsync(Database, Now)).DoAsync(new([right], [], [], Dated: true), "đính chính QĐ 1204/QĐ-UBND", Administrator("correct"));
    }

    /// <summary>Each morning and noon whoever was told sees to about half of what lies in the inbox.</summary>
    private async IAsyncEnumerable<DateTimeOffset> InboxAsync()
    {
        for (var day = 0; day < 6; day++)
        {
            foreach (var hour in (int[])[9, 13])
            {
                yield return At(day, hour, 20);
                await FollowAsync();
                foreach (var row in (await Inbox.View.FindAsync(Database.App, new(Limit: 500))).Where(r => r.AcknowledgedAt is null && r.Person is not null).DistinctBy(r => (r.Code, r.Rule, r.Cycle)))
                {
                    if (_random.Next(2) == 0)
                        continue;
                    // What somebody was told who is gone since, the supervisor sees to.
                    await DoAsync(row.Code, new AcknowledgeAlert(row.Rule, (int)row.Cycle), row.Person == Leaver && Now > Leaves ? Manager : row.Person!, Role.Supervisor);
                    Acknowledged++;
                }
            }
        }
    }

    /// <summary>By the officer who has it now.</summary>
    private async Task ActAsync<T>(string code, T act) where T : IAct<T> => await DoAsync(code, act, (await FoldAsync(code)).Officer!, Role.Officer);

    /// <summary>At either server; sometimes the answer gets lost, and the same is asked of the other.</summary>
    private async Task DoAsync<T>(string code, T act, string actor, string role, DateTimeOffset? at = null, string? authority = null) where T : IAct<T>
    {
        var context = Context(actor, role, at, authority);
        var result = await Any.Desk.DoAsync(code, act, context);
        result.Refusal.ShouldBeNull($"{code}, {act} on {Now:yyyy-MM-dd HH:mm}: {result.Refusal?.Reason}");
        if (_random.Next(10) == 0)
            (await Any.Desk.DoAsync(code, act, context)).ShouldSatisfyAllConditions(r => r.Refusal.ShouldBeNull(), r => r.Version.ShouldBe(result.Version, "the same command once more is what it was"));
    }

    private ActContext Context(string actor, string role, DateTimeOffset? at = null, string? authority = null) =>
        new(Now, new(Uuid.V5(_ids, $"{_commands++}"), actor, role, authority), at ?? Now);

    private static CommandMetadata Administrator(string what) => new(Uuid.V5(_ids, what), "tt-quantri-1", Role.Administrator);

    private static string Clerk(string place) => place == District ? "h42-quay-1" : "quay-01";

    /// <summary>So many working minutes later, by the calendar that is known now.</summary>
    private async Task<DateTimeOffset> LaterAsync(int minutes) => (await Any.Desk.RulesAsync()).Known(Now).Shift(Now, Math.Max(1, minutes));

    private async Task<Dossier> FoldAsync(string code) => Dossier.Fold(code, await Database.Log.ReadStreamAsync(code));

    /// <param name="day">0 is Monday.</param>
    private static DateTimeOffset At(int day, int hour, int minute = 0) => Monday.AddDays(day).AddHours(hour).AddMinutes(minute);
}
