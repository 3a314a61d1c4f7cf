using EventDossier.Alerts;
using EventDossier.Applicants;
using EventDossier.Audit;
using EventDossier.Complaints;
using EventDossier.Dossiers;
using EventDossier.Import;
using EventDossier.Outages;
using EventDossier.Questionnaires;
using EventDossier.Queues;
using EventDossier.Releases;
using EventDossier.Requests;
using EventDossier.Store;
using Npgsql;
using NpgsqlTypes;

namespace EventDossier.Cli.Bench;

/// <summary>A stream and its events, each recorded when it occurred.</summary>
internal sealed record BenchStream(string Name, string Type, IReadOnlyList<(DateTimeOffset At, object Event)> Events);

/// <summary>
/// What a year brings a centre beside its dossiers, by their number: of a hundred dossiers, thirty numbers drawn at a counter, thirty looks at personal data, ten questionnaires, and of two hundred one
/// complaint. Outages, requests and one cut-over are as many as a year of any large centre has.
/// </summary>
internal static class BenchYear
{
    public const string Place = "H49", Block = "bench-block", Questionnaire = "hai-long";
    private const int Days = 365, Codes = 90;

    private static readonly string[] _places = [Place, "H49.31", "H49.32", "H49.33", "H49.06658", "H49.06661", "H49.06673", "H49.06676", "H49.06685", "H49.06688"];

    public static IEnumerable<BenchStream> Streams(int dossiers, DateTimeOffset now) =>
    [
        .. Tickets(dossiers, now), .. Looks(dossiers, now), .. Complaints(dossiers, now), .. Questionnaires(dossiers, now), .. Outages(now), .. Requests(dossiers, now), CutOver(dossiers, now),
    ];

    /// <summary>The moment of the <paramref name="n"/>th of <paramref name="of"/> in the year up to now.</summary>
    private static DateTimeOffset At(DateTimeOffset now, int n, int of) => now.AddDays(-Days * (1 - ((n + 0.5) / of)));

    /// <summary>A third of the numbers is drawn at the centre itself; of the last day's a tenth still waits.</summary>
    private static IEnumerable<BenchStream> Tickets(int dossiers, DateTimeOffset now)
    {
        var (perDay, today) = (Math.Max(1, dossiers * 3 / 10 / Days), DateOnly.FromDateTime(now.DateTime));
        for (var back = Days - 1; back >= 0; back--)
        {
            var day = today.AddDays(-back);
            // They are drawn up to now today, and the same on other days.
            var first = now.AddDays(-back).AddHours(-4);
            for (var (n, numbers) = (0, new int[_places.Length]); n < perDay; n++)
            {
                var place = n % 3 == 0 ? 0 : 1 + (n % (_places.Length - 1));
                var (number, taken, by) = (++numbers[place], first.AddMinutes(n * 210.0 / perDay), $"quay-{place}-{n % 9}");
                var events = new List<(DateTimeOffset, object)> { (taken, new TicketTaken(taken, "kiosk", _places[place], day, number, n % 2 == 0 ? "đất đai" : null)) };
                var called = taken.AddMinutes(2 + (n % 17));
                if (back > 0 || n < perDay * 9 / 10)
                {
                    var over = called.AddMinutes(3 + (n % 14));
                    events.Add((called, new TicketCalled(called, by, $"{n % 9}")));
                    events.Add((over, n % 20 == 7 ? new TicketLeft(over, by, null) : new TicketServed(over, by, null)));
                }
                yield return new(Ticket.Stream(Ticket.IdOf(_places[place], day, number)), Ticket.StreamType, events);
            }
        }
    }

    private static IEnumerable<BenchStream> Looks(int dossiers, DateTimeOffset now)
    {
        var perDay = Math.Max(1, dossiers * 3 / 10 / Days);
        for (var back = Days; back > 0; back--)
        {
            var at = now.AddDays(-back);
            yield return new(PersonalDataOpened.Stream(at), PersonalDataOpened.StreamType,
            [
                .. Enumerable.Range(0, perDay).Select(n => (at.AddSeconds(n), n % 5 == 0 ? (object)new SignedIn(at.AddSeconds(n), $"officer-{n % 2_000}", [Role.Officer], "provider")
                    : new PersonalDataOpened(at.AddSeconds(n), $"officer-{n % 2_000}", Role.Officer, OpenedData.Applicant, "GET /dossiers/{code}", [BenchLog.Code((n * 7) % dossiers)]))),
            ]);
        }
    }

    /// <summary>A twentieth is open; the statements are sealed under keys that are gone, for they are opened on no list.</summary>
    private static IEnumerable<BenchStream> Complaints(int dossiers, DateTimeOffset now)
    {
        var of = Math.Max(20, dossiers / 200);
        for (var n = 0; n < of; n++)
        {
            var (at, kind, statement) = (At(now, n, of), (ComplaintKind)(n % 3), new Sealed(Guid.Empty, new string('A', 600)));
            var code = BenchLog.Code((n * 131) % dossiers);
            var events = new List<(DateTimeOffset, object)>
            {
                (at, new ComplaintReceived(at, "anybody", kind, ComplainantKind.Citizen, "online", statement, new(code, null, null), new([$"H49.{n % 24:00}-{n % 5}"], [$"officer-{n % 2_000}"]),
                    ComplaintLimits.Product.Single(l => l.Kind == kind))),
                (at.AddHours(20), new ComplaintAccepted(at.AddHours(20), "tt-giamdoc-1", Concerned.Nobody)),
                (at.AddHours(21), new ComplaintAssigned(at.AddHours(21), "tt-giamdoc-1", $"H49.{1 + (n % 16):00}", null)),
            };
            if (n < of * 19 / 20)
            {
                events.Add((at.AddDays(5), new ComplaintAnswered(at.AddDays(5), "nnmt-thutruong-1", new(Guid.Empty, new string('A', 400)))));
                events.Add((at.AddDays(6), new ComplaintClosed(at.AddDays(6), "tt-giamdoc-1", ComplaintOutcome.NotUpheld)));
            }
            yield return new(Complaint.Stream($"PA-{n:00000000}"), Complaint.StreamType, [.. events.Where(e => e.Item1 <= now)]);
        }
    }

    private static IEnumerable<BenchStream> Questionnaires(int dossiers, DateTimeOffset now)
    {
        var first = now.AddDays(-Days);
        string[] questions = ["friendly", "clear", "quick", "facilities"];
        yield return new(EventDossier.Questionnaires.Questionnaire.Stream(Questionnaire), EventDossier.Questionnaires.Questionnaire.StreamType,
        [
            (first, new QuestionnaireDecided(first, "tt-congkhai-1", new("Satisfaction", "Khảo sát hài lòng"), [.. questions.Select(q => new Question(q, new($"How {q} was it?", $"Đánh giá: {q}?")))], "bench")),
        ]);
        var of = Math.Max(1, dossiers / 10);
        for (var n = 0; n < of; n++)
        {
            var (at, code) = (At(now, n, of), BenchLog.Code(n * 10));
            var invited = (at, (object)new QuestionnaireInvited(at, "tt-congkhai-1", Questionnaire, 1, code, $"H49.{n % 24:00}", n % 3 == 0 ? ServiceLevel.Centre : ServiceLevel.Locality));
            var answered = (at.AddHours(5), (object)new QuestionnaireAnswered(at.AddHours(5), [.. questions.Select((q, i) => new QuestionAnswer(q, 5 - ((n + i) % 7 == 0 ? 3 : 0)))]));
            yield return new(EventDossier.Questionnaires.Questionnaire.Invitation(Questionnaire, code), EventDossier.Questionnaires.Questionnaire.InvitationType, n % 5 < 3 ? [invited, answered] : [invited]);
        }
    }

    /// <summary>A hundred outages, and as many blocks of numbers; the numbers of one of them are there.</summary>
    private static IEnumerable<BenchStream> Outages(DateTimeOffset now)
    {
        for (var n = 0; n < 100; n++)
        {
            var (at, place) = (At(now, n, 100), _places[n % _places.Length]);
            yield return new(Outage.Stream($"SC-{n:000}"), Outage.StreamType, [(at, new OutageDeclared(at, "tt-giamdoc-1", place, "đứt cáp quang")), (at.AddHours(3), new OutageEnded(at.AddHours(3), "tt-giamdoc-1"))]);
            yield return new(NumberBlock.Stream($"block-{n:000}"), NumberBlock.StreamType, [(at, new NumberBlockReserved(at, "tt-giamdoc-1", "H49.12", place, DateOnly.FromDateTime(at.DateTime), 200))]);
        }
        var day = DateOnly.FromDateTime(now.DateTime);
        yield return new(NumberBlock.Stream(Block), NumberBlock.StreamType, [(now, new NumberBlockReserved(now, "tt-giamdoc-1", "H49.62", Place, day, NumberBlock.Most))]);
        for (var n = 0; n < NumberBlock.Most; n++)
            yield return new($"H49.62-{day:yyMMdd}-{n + 1:0000}", Desk.StreamType, [(now, new NumberReserved(now, Block, "H49.62"))]);
    }

    /// <summary>Of authorities and of anybody, two hundred of each; a tenth is open.</summary>
    private static IEnumerable<BenchStream> Requests(int dossiers, DateTimeOffset now)
    {
        for (var n = 0; n < 200; n++)
        {
            var (at, by) = (At(now, n, 200), "tt-giamdoc-1");
            var codes = Enumerable.Range(0, 1 + (n % 9)).Select(i => BenchLog.Code(((n * Codes) + i) % dossiers)).ToList();
            var asked = new EvidenceRequested(at, by, (AuthorityBody)(n % 5), "Tòa án nhân dân khu vực 3", $"{n}/CV-TA", codes, "BLTTDS 2015, Điều 106", n % 2 == 0, at.AddDays(15));
            var (over, closed) = (at.AddDays(4), at.AddDays(9));
            var packs = codes.Select(code => new HandedPack(code, new string('a', 64), 40_000, 3)).ToList();
            yield return new(AuthorityRequest.Stream($"YC-{n:000}"), AuthorityRequest.StreamType, n >= 180 ? [(at, asked)] :
            [
                (at, asked), (at.AddDays(1), new EvidenceApproved(at.AddDays(1), "tt-giamdoc-2")), (over, new EvidenceHandedOver(over, by, "Nguyễn Văn A, thư ký tòa", $"BB-{n}", packs)),
                (closed, new EvidenceRequestClosed(closed, by, "vụ án đã xét xử")),
            ]);
            var wanted = new InformationRequested(at, by, (Requester)(n % 7), "Số hồ sơ trễ hạn theo cơ quan, năm 2026", "Luật Tiếp cận thông tin 2016", at.AddDays(10));
            yield return new(InformationRequest.Stream($"TT-{n:000}"), InformationRequest.StreamType, n >= 180 ? [(at, wanted)] : [(at, wanted), (over, new InformationAnswered(over, by, null, "đã công bố trên trang dữ liệu mở"))]);
        }
    }

    /// <summary>A hundredth of the dossiers was late or due when the older system was given up, and was told to three hundred people.</summary>
    private static BenchStream CutOver(int dossiers, DateTimeOffset now)
    {
        var (at, each) = (now.AddDays(-Days), Math.Max(1, dossiers / 100 / 300));
        return new($"{LogImported.StreamPrefix}bench", "import",
        [
            (at, new LogImported(at, "ho-so-2025.xes", new string('0', 64), 1_000_000_000, "xes", null, dossiers, dossiers * 8L, 0, [])),
            .. Enumerable.Range(0, 300).Select(n => (at, (object)new BacklogTold(at, new($"H49.{n % 24:00}-{n % 5}-officer", $"H49.{n % 24:00}-{n % 5}", $"officer-{n}"), each / 3,
                [.. Enumerable.Range(0, each).Select(i => new BacklogLine(BenchLog.Code(((n * each) + i) % dossiers), at.AddHours(-i), AlertLevel.L1))]))),
        ]);
    }

    /// <summary>A message for each dossier that went out, and some that could not: half of these were for the portal.</summary>
    public static async Task FillOutboxAsync(NpgsqlConnection owner, int dossiers, DateTimeOffset now, CancellationToken cancel)
    {
        await using var fill = new NpgsqlCommand(
            """
            INSERT INTO dossier_outbox.message (id, kind, channel, recipient, receiver, urgent, stream, version, facts, state, made_at, due_at, attempts, error, ended_at)
            SELECT gen_random_uuid(), CASE WHEN n % 2 = 0 THEN 'portal' ELSE 'alert' END, CASE WHEN n % 2 = 1 THEN 'mail' END, s.id, 'bench', false, s.id, 1, '{}',
              CASE WHEN n % (@dossiers / 400 + 1) = 0 THEN 'dead' ELSE 'sent' END, made, made, 1, CASE WHEN n % (@dossiers / 400 + 1) = 0 THEN 'bench: 503' END, made
            FROM (SELECT id, row_number() OVER (ORDER BY id) AS n, @now - interval '1 year' * random() AS made FROM dossier.mt_streams WHERE type = @type) s
            """, owner) { CommandTimeout = 0 };
        fill.Parameters.AddWithValue("dossiers", dossiers);
        fill.Parameters.Add(new NpgsqlParameter("now", NpgsqlDbType.TimestampTz) { Value = now.UtcDateTime });
        fill.Parameters.AddWithValue("type", Desk.StreamType);
        await fill.ExecuteNonQueryAsync(cancel);
        await using var vacuum = new NpgsqlCommand("VACUUM (ANALYZE) dossier_outbox.message", owner) { CommandTimeout = 0 };
        await vacuum.ExecuteNonQueryAsync(cancel);
    }
}
