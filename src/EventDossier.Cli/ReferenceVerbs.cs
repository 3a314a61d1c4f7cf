using System.CommandLine;
using System.CommandLine.Help;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Exports;
using EventDossier.Store;

namespace EventDossier.Cli;

/// <summary>
/// <c>reference</c>: the pages under <c>docs/reference</c> that come from the code, as Markdown. Hidden from help: it is for whoever changes the product, and a
/// test holds the pages to it.
/// </summary>
internal static class ReferenceVerbs
{
    /// <summary>Every environment variable that the product, its tests or its scripts read.</summary>
    private static readonly (string Name, string Of, string Meaning)[] _variables =
    [
        ("ConnectionStrings__EventDossier", "product", "Npgsql connection string of a server of your own; without it the private cluster of the data folder is used"),
        ("ConnectionStrings__Keys", "product", "Npgsql connection string of the database for the applicants' keys, by its owner; needed where `ConnectionStrings__EventDossier` is set, and best on another server. Without either, a second private cluster is used"),
        ("EVENTDOSSIER_MASTER_KEY_FILE", "product", "File of the master key; else `keys/master.key` in the data folder. For samples `.sample` is put behind"),
        ("EVENTDOSSIER_SIGNING_KEY_FILE", "product", "File of the key that signs the public log; else `keys/signing.key` in the data folder. For samples `.sample` is put behind; the last published checkpoint stands beside it"),
        ("EVENTDOSSIER_WITNESSES", "product", "Witnesses of the public log that the server asks to cosign its checkpoints, apart by semicolons: a verifier key, a blank, and the https address to which `add-checkpoint` is added; without it none is asked"),
        ("EVENTDOSSIER_ORIGIN", "product", "Name of the public log, which is fixed when its first key is made: best the address it is served at, without the scheme; else `eventdossier/` and eight random digits"),
        ("EVENTDOSSIER_PUBLISHER", "product", "Name under which releases are published; else that of the unit which the director heads. A draft keeps the name it was made under"),
        ("EVENTDOSSIER_LICENCE", "product", "Address of the licence of releases; else that of CC BY 4.0"),
        ("EVENTDOSSIER_DOCUMENTS", "product", "Folder of the encrypted documents; else `documents` in the data folder. For samples `_sample` is put behind"),
        ("EVENTDOSSIER_OPEN_DATA", "product", "Folder of what is published; else `open-data` in the data folder. For samples `_sample` is put behind. The server shows it at `/open-data/`, and so can any other web server"),
        ("EVENTDOSSIER_DATA", "product", "Folder of the private cluster; `--data` goes before it, `.data` beside the solution or in the current folder comes after it"),
        ("EVENTDOSSIER_PG_BIN", "product", "Folder of PostgreSQL's server programs; nowhere else is then looked"),
        ("Delivery__Smtp__Host", "product", "Mail server; without it no mail is sent"),
        ("Delivery__Smtp__Port", "product", "Its port; else 587"),
        ("Delivery__Smtp__Tls", "product", "`false`: without STARTTLS, which is for a server on the same machine"),
        ("Delivery__Smtp__User", "product", "Login at the mail server, where it asks for one"),
        ("Delivery__Smtp__Password", "product", "Its password"),
        ("Delivery__Smtp__From", "product", "The sender's address; needed with the host"),
        ("Delivery__Webhook__Secret", "product", "`whsec_` and 24 to 64 random bytes in base64, from which each receiver's key is derived (`dossier outbox secret URL`); without it no webhook is sent"),
        ("Delivery__Sms__Url", "product", "The gateway that takes text messages to applicants as signed webhooks"),
        ("Delivery__GatherSeconds", "product", "How long alerts to one person gather into one message; else 30"),
        ("Delivery__QuietHours", "product", "`false`: staff and phones are written to outside working hours too"),
        ("Delivery__Attempts", "product", "After so many a message is dead; else 28, which takes three days"),
        ("Delivery__BackoffSeconds", "product", "Before the second attempt; else 10. Doubled for each further one, up to four hours"),
        ("Delivery__TimeoutSeconds", "product", "How long a receiver may take over one message; else 20"),
        ("Portal__Url", "product", "The national portal's address; without it nothing is taken from there or told there"),
        ("Portal__User", "product", "Name under which the centre signs in there"),
        ("Portal__Secret", "product", "Its secret"),
        ("Portal__PollSeconds", "product", "How often what came in there is asked for; else 60"),
        ("Backup__Folder", "product", "The shelf on which the timetable and `dossier backups` keep backups, seen by every node; without it none is made by itself"),
        ("Backup__PointMinutes", "product", "Stated recovery point: the last good backup is no older; else 60. One is begun when the last is half as old"),
        ("Backup__TimeMinutes", "product", "Stated recovery time: the last rehearsal of a restore took no longer; else 240"),
        ("Backup__Days", "product", "So many days keep their last backup; else 30. All of the last two days are kept, and always the last good one"),
        ("Backup__Months", "product", "So many months keep their last backup; else 12"),
        ("Jwt__Authority", "server", "OpenID provider whose tokens are taken; its keys are found by discovery"),
        ("Jwt__Audience", "server", "For whom a token must be made out; else `eventdossier`"),
        ("Jwt__Issuer", "server", "Who must have made it, where no provider is named"),
        ("Jwt__Key", "server", "In a closed network, in a provider's place: 32 or more random bytes in base64, by which tokens are signed (HS256)"),
        ("Jwt__KeyFile", "server", "Or a file with the public key, RSA or ECDSA, in PEM. Without any of the three only samples are served, with a token that is printed at the start"),
        ("LookUp__PerMinute", "server", "So many look-ups an address may make a minute; else 20, more for a hall with a kiosk"),
        ("Public__Url", "server", "Where citizens reach it, as `https://hoso.example.vn`: for the QR code on slip 01; else as the request was addressed"),
        ("Oidc__Authority", "server", "OpenID provider at which people sign in to the pages (code flow with PKCE); tokens of it are taken for the API too where `Jwt__Authority` names no other"),
        ("Oidc__ClientId", "server", "Under which the provider knows us; needed with the provider. The address it sends people back to is `/sign-in/callback`"),
        ("Oidc__ClientSecret", "server", "Its secret, where the provider gave one"),
        ("Oidc__Scope", "server", "Scopes to ask for besides `openid`, apart by blanks, so that the id token has the claims `roles`, `units` and `applicant`"),
        ("SignIn__Development", "server", "`true`: whoever comes may sign in as anybody, to try things out; refused unless `ASPNETCORE_ENVIRONMENT` is `Development`"),
        ("ASPNETCORE_ENVIRONMENT", "server", "`Development` for trying things out over plain HTTP: cookies are then sent without TLS; else `Production`"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "server", "Where metrics are sent by OTLP; without it none are. The exporter's other `OTEL_…` variables hold too"),
        ("ASPNETCORE_URLS", "server", "Where it listens; `--urls` goes before it; else `http://127.0.0.1:5080`, which only this machine reaches"),
        ("urls", "server", "The same, as the option `--urls`"),
        ("data", "server", "As the option `--data`: the data folder, before `EVENTDOSSIER_DATA`"),
        ("sample", "server", "As the option `--sample`: the database of samples"),
        ("EVENTDOSSIER_TRACE", "product", "`1`: an error is told with its stack trace before its one line"),
        ("PATH", "product", "Where `pg_ctl` is looked for first; then `/usr/lib/postgresql/*/bin` and `/usr/pgsql-*/bin`, the newest version first"),
        ("EVENTDOSSIER_TEST_DB", "tests", "Connection string of a server on which tests may create databases; without it they share a private cluster in `.data/test`"),
        ("EVENTDOSSIER_DRILL_ROUNDS", "tests", "Rounds of each fault drill; without it one or two, and `ops/drills` asks for ten"),
        ("EVENTDOSSIER_DRILL_NODES", "tests", "Servers of the drill of two; else two"),
        ("CI", "`ops/test`", "`true`: a skipped test is a failure"),
    ];

    /// <summary>What each event says happened. One line for each name of the map, or the page can't be made.</summary>
    private static readonly Dictionary<string, string> _meanings = new()
    {
        ["dossier_received"] = "The dossier was received as valid: the handling clock starts, and the due date on the slip is promised.",
        ["dossier_assigned"] = "An officer took charge.",
        ["step_completed"] = "A step of the handling was done; the same step again is rework.",
        ["dossier_decided"] = "The competent agency approved or rejected.",
        ["result_ready"] = "The result lay ready; by this moment lateness is judged.",
        ["result_returned"] = "The result was handed back.",
        ["dossier_withdrawn"] = "The applicant took the dossier back before the decision.",
        ["dossier_submitted"] = "An application came in online or by post and waits for its answer; the intake clock runs.",
        ["submission_refused"] = "It was refused at intake, with form 03.",
        ["receipt_voided"] = "The receipt was a mistake; the code stays taken.",
        ["applicant_corrected"] = "Another applicant was put in, and the slip issued again.",
        ["procedure_corrected"] = "The right procedure was put in: it counts from the receipt on, and a new slip promises its date.",
        ["procedure_version_changed"] = "On a transitional provision another version of the procedure holds; the promised date stays.",
        ["slip_reissued"] = "A slip was cancelled and another of its form handed over.",
        ["slip_delivered"] = "A slip reached the applicant; one that asks for something stops the clock from then.",
        ["step_started"] = "A step of the handling began, with its budget.",
        ["hand_over_offered"] = "The dossier was offered to another unit; it stays with the giver until that accepts.",
        ["hand_over_accepted"] = "The other unit took it.",
        ["hand_over_sent_back"] = "The other unit did not take it, and said why.",
        ["consultation_asked"] = "Another unit was asked for its opinion.",
        ["consultation_answered"] = "It answered.",
        ["dossier_linked"] = "The dossier has to do with another one.",
        ["document_attached"] = "A document was stored encrypted; its hash stands here.",
        ["supplement_requested"] = "Form 02 asks the applicant for what is missing; the clock runs until it is delivered.",
        ["supplement_provided"] = "What was missing arrived.",
        ["fee_asked"] = "A notice asks for a fee; the clock runs until it is delivered.",
        ["fee_paid"] = "The fee arrived.",
        ["dossier_suspended"] = "A named provision lets the clock stand.",
        ["dossier_stopped"] = "Handling is stopped for a time with form 05; the clock runs until that is delivered.",
        ["dossier_resumed"] = "What let the clock stand is over.",
        ["dossier_extended"] = "A new appointment with an apology, form 04, before the date had passed.",
        ["late_apology"] = "An apology when the date had passed; it moves no due date.",
        ["due_date_reprojected"] = "A decision on the calendar moved the date; the printed slip keeps its own.",
        ["dossier_terminated"] = "The dossier ended for good without a decision, on a legal basis.",
        ["dossier_rated"] = "The applicant said how it was.",
        ["activity_imported"] = "An activity that an older system told of; nobody decided it here.",
        ["dossier_imported"] = "The cut-over, last of what an import wrote to a dossier: its file, and what of the case had no better place.",
        ["clock_carried_over"] = "The clock of a dossier that was open at the cut-over goes on: its pauses and the time used by the older system's word, and what ours makes of them.",
        ["code_aliased"] = "A code of an older system came to mean a dossier, in the stream `/alias/CODE`.",
        ["log_imported"] = "A file was imported whole, in a stream `/import/…` of its own.",
        ["backlog_told"] = "Somebody was told, once and in one list, of what was late or due already at the cut-over; in the import's stream.",
        ["procedure_published"] = "A version of a procedure was published, in the stream `/procedure/CODE`.",
        ["unit_opened"] = "A unit was opened, in the stream `/organisation/unit/CODE`. `occurredAt` of this and the following is from when it holds, and may lie ahead.",
        ["unit_renamed"] = "A unit got another name.",
        ["unit_closed"] = "A unit was closed; its successor takes over what is open.",
        ["post_created"] = "A post was created, in the stream `/organisation/post/CODE`.",
        ["post_abolished"] = "A post was abolished.",
        ["holder_appointed"] = "A member of staff was appointed to a post.",
        ["holder_relieved"] = "The holder of a post was relieved.",
        ["deputy_named"] = "Somebody was named to stand in for the holder of a post.",
        ["deputy_relieved"] = "A deputy for a post was relieved of that.",
        ["absence_reported"] = "A member of staff is absent, in the stream `/organisation/person/ID`.",
        ["absence_ended"] = "An absence ended, earlier than was said where something was.",
        ["delegation_given"] = "A post delegated some of its authority in writing, in the stream `/organisation/delegation/NUMBER`.",
        ["delegation_revoked"] = "A delegation was revoked before its end.",
        ["calendar_decided"] = "A decision on days off and days worked instead was entered, in the stream `/calendar`. The same number again corrects it.",
        ["applicant_erased"] = "An applicant's data is kept no longer, in the stream `/applicant/ID`: the key is destroyed, and what it sealed can't be opened again.",
        ["dossier_held"] = "An order forbids the erasure of whoever the dossier names, or named by mistake.",
        ["dossier_hold_lifted"] = "Such an order ended.",
        ["signed_in"] = "Somebody signed in to the pages; in the stream `/access/DAY` too.",
        ["personal_data_opened"] = "Somebody was handed personal data in clear: recorded before it was handed out, in the stream `/access/DAY`.",
        ["legal_hold_placed"] = "An order forbids the erasure of an applicant's data.",
        ["legal_hold_lifted"] = "Such an order ended.",
        ["alert_raised"] = "Somebody was told that the dossier is in danger: once for a rule of the ladder and a cycle of the clock. `dueAt` is when that had to be.",
        ["alert_withdrawn"] = "What became known later shows that an alert had no reason.",
        ["alert_acknowledged"] = "Somebody sees to an alert.",
        ["alert_snoozed"] = "Somebody put an alert off, with a reason.",
        ["ladder_decided"] = "Who is told when, in the stream `/ladder/default`, `/ladder/agency/CODE` or `/ladder/procedure/CODE`; holds from `occurredAt`, or from its recording if that is later.",
        ["number_reserved"] = "The number was set aside for a slip printed ahead.",
        ["number_voided"] = "A reserved number was never used; the code stays taken.",
        ["number_block_reserved"] = "A block of numbers was set aside for a place, in the stream `/number-block/NAME`.",
        ["evidence_requested"] = "A court or an inspection asked for evidence, in the stream `/authority-request/NUMBER`; the dossiers in its scope are held from then on.",
        ["evidence_approved"] = "Somebody else than who entered it approved the request.",
        ["evidence_refused"] = "The request is not met; the holds ended.",
        ["evidence_handed_over"] = "Evidence packs went to the body, with minutes; their checksums stand here.",
        ["evidence_request_closed"] = "The body's matter is over; the holds ended.",
        ["outage_declared"] = "A place could not reach the centre and went on with paper, in the stream `/outage/NUMBER`.",
        ["outage_ended"] = "The place was reached again.",
        ["progress_tracked"] = "The system that a stage lies with told where it stands; what that means here are events beside it.",
        ["collection_reminded"] = "The applicant is to be reminded of a result that nobody fetched: each reminder of the rule once.",
        ["reminder_rule_decided"] = "When applicants are reminded of results that nobody fetched, in the stream `/collection-rule`; holds from `occurredAt`, or from its recording if that is later.",
        ["ticket_taken"] = "Somebody drew a number at a counter's place, in the stream `/ticket/PLACE/DAY/NUMBER`.",
        ["ticket_called"] = "The number was called to a counter; again where nobody came.",
        ["ticket_served"] = "Who held it was served.",
        ["ticket_left"] = "Nobody came, or who held it left.",
        ["notice_sent"] = "The applicant was sent a notice; this is its proof, and moves no clock.",
        ["complaint_received"] = "A complaint, feedback or a suggestion came in, in the stream `/complaint/NUMBER`. What it says is sealed under a key of its own; whom it is about see nothing of it.",
        ["complaint_accepted"] = "It will be answered; who else it is about may have turned out.",
        ["complaint_declined"] = "It is not for this centre to answer; why is sealed under its key.",
        ["complaint_assigned"] = "A unit that it is not about is to answer it.",
        ["complaint_answered"] = "Whoever made it can read the answer, which is sealed under its key.",
        ["complaint_closed"] = "What came of it.",
        ["complaint_read"] = "Somebody was handed what it says and who made it.",
        ["complaint_overdue"] = "It was late and what was owed had not been done: told once for each duty.",
        ["complaint_limits_decided"] = "How long complaints may take, in the stream `/complaint-limits`. What had come in before keeps its own limits.",
        ["questionnaire_decided"] = "A version of a questionnaire, in the stream `/questionnaire/CODE`.",
        ["questionnaire_invited"] = "Who had a result returned was asked, in the stream `/questionnaire-invitation/CODE/DOSSIER`: once about each dossier.",
        ["questionnaire_answered"] = "What the holder of the dossier's slip 01 answered: once, and to all questions.",
        ["satisfaction_targets_decided"] = "What share is to be satisfied at each level, in the stream `/satisfaction-targets`.",
        ["contact_given"] = "Where messages to a member of staff go, in the stream `/organisation/person/ID`. The latest holds.",
        ["erasures_proposed"] = "Somebody listed applicants whose retention has ended, to be erased, in the stream `/erasure-proposal/NUMBER`.",
        ["erasures_approved"] = "A second person approved the list; its applicants are erased one after the other.",
        ["erasures_refused"] = "A second person refused the list; nobody on it is erased for its sake.",
        ["erasures_carried_out"] = "Everybody on the list was erased, or skipped with the reason.",
        ["archive_made"] = "What is finished of a closed year went into a sealed archive, or a supplement, in the stream `/archive/YEAR`.",
        ["record_key_introduced"] = "From now on this key signs the public log; the one before it vouches.",
        ["release_drafted"] = "What a release is to tell was settled: period, filters, position of the log, definitions, k; in the stream `/release/NUMBER`.",
        ["release_checked"] = "The files were made and the gate judged them; without findings they may be approved.",
        ["release_approved"] = "A second person answers for what was checked.",
        ["release_published"] = "The files went out, with the signature over their checksums.",
        ["release_superseded"] = "Another release took its place.",
        ["release_withdrawn"] = "The release was taken back, with the reason.",
        ["information_requested"] = "Somebody asked for information, in the stream `/information-request/NUMBER`; who it was stays in their letter.",
        ["information_answered"] = "The request was answered with a release, or with the reason why not.",
        ["publication_planned"] = "A release of a period is to be out by a moment, in the stream `/publication-timetable`.",
        ["publication_late"] = "The moment came and it was not out: told once, to those who act as transparency officers and to the director.",
    };

    public static IEnumerable<Command> Commands() =>
    [
        new Command("reference", "The reference pages, made from the code") { Hidden = true, Subcommands =
        {
            new Command("acts", "docs/reference/acts.md").Does(run => Print(run, ActLines())),
            new Command("verbs", "docs/reference/verbs.md").Does(run => Print(run, VerbLines((RootCommand)run.Arguments.RootCommandResult.Command))),
            new Command("settings", "docs/reference/settings.md").Does(run => Print(run, SettingLines())),
            new Command("events", "docs/reference/events.md").Does(run => Print(run, EventLines())),
            new Command("process-log", "docs/reference/process-log.md").Does(run => Print(run, ProcessLogLines())),
            new Command("metrics", "docs/reference/metrics.md").Does(run => Print(run, MetricLines())),
        } },
    ];

    private static Task<int> Print(Run run, IEnumerable<string> lines)
    {
        var page = lines.ToList();
        run.Output.Answer(page, () => page.ForEach(run.Output.Line));
        return Task.FromResult(0);
    }

    private static IEnumerable<string> Head(string title, string page) => [$"# {title}", "", $"<!-- Made by: dossier reference {page} > docs/reference/{page}.md -->", ""];

    private static IEnumerable<string> VerbLines(RootCommand root) =>
    [
        .. Head("Verbs", "verbs"),
        "Every verb answers on standard output, as text for people or with `--json` as one document. Progress and errors go to standard error; an error is",
        "one line, `dossier: what and where`, or with `--json` `{\"error\":{\"code\":\"…\",\"message\":\"…\"}}` with a code of [this list](codes.md).",
        "",
        "Times are RFC 3339, or a date or local time of the centre: `2026-05-06`, `2026-05-06T17:00`, `2026-05-06T17:00:00+07:00`. Settings are on [their own page](settings.md).",
        "",
        "## Exit codes",
        "",
        "| code | means |",
        "|---|---|",
        "| 0 | fine |",
        "| 1 | a finding, a refusal, bad input; or stopped by a signal |",
        "| 2 | wrong use: an unknown verb or option, or a value that makes no sense |",
        "| 3 | the database cannot be reached |",
        "",
        "## For every verb",
        "",
        .. Options(root.Options),
        .. root.Subcommands.SelectMany(verb => VerbLines(verb, "dossier", [])),
    ];

    /// <param name="inherited">Options of the verbs above that hold below.</param>
    private static IEnumerable<string> VerbLines(Command verb, string path, IReadOnlyList<Option> inherited)
    {
        path = $"{path} {verb.Name}";
        if (verb.Hidden) return [];
        var below = verb.Subcommands.SelectMany(below => VerbLines(below, path, [.. inherited, .. verb.Options.Where(o => o.Recursive)]));
        if (verb.Action is null) return below;
        List<Option> options = [.. verb.Options, .. inherited];
        var usage = string.Concat(verb.Arguments.Select(a => a.Arity.MinimumNumberOfValues == 0 ? $" [{a.Name}]" : $" {a.Name}"));
        return
        [
            "",
            $"## {path}",
            "",
            $"{verb.Description}.",
            "",
            $"    {path}{usage}{string.Concat(options.Where(o => o.Required).Select(o => $" {Spelling(o)}"))}{(options.Exists(o => !o.Required) ? " [OPTION…]" : "")}",
            .. verb.Arguments.Count + options.Count > 0 ? [""] : Array.Empty<string>(),
            .. verb.Arguments.Select(a => $"- `{a.Name}`: {a.Description}"),
            .. Options(options),
            .. below,
        ];
    }

    private static IEnumerable<string> Options(IEnumerable<Option> options) => options
        .Where(o => !o.Hidden && o is not HelpOption and not VersionOption)
        .Select(o => $"- `{Spelling(o)}`: {o.Description}{(o.Required ? ". Required" : Default(o))}");

    private static string Spelling(Option option) => option switch
    {
        { ValueType: var type } when type == typeof(bool) => option.Name,
        { HelpName: { } name } => $"{option.Name} {name}",
        { ValueType.IsEnum: true } => $"{option.Name} {string.Join('|', Enum.GetNames(option.ValueType).Select(JsonNamingPolicy.CamelCase.ConvertName))}",
        _ => $"{option.Name} VALUE",
    };

    private static string Default(Option option) => option is { HasDefaultValue: true } && option.GetDefaultValue() is { } value and not false
        ? $". Default: `{(value is Enum ? JsonNamingPolicy.CamelCase.ConvertName($"{value}") : value)}`"
        : "";

    private static IEnumerable<string> ActLines()
    {
        var roles = Role.All.Where(role => Acts.All.Any(act => act.Rule.By.Contains(role))).ToList();
        return
        [
            .. Head("Acts", "acts"),
            "What can be done to a dossier: who may, how far back it may be dated without somebody else's approval, and what can stand in its way. Each is a verb of the same name, and one file of",
            "`src/EventDossier/Dossiers`. What a code means stands on [the page of codes](codes.md#refusals-of-acts).",
            "",
            $"Any act can be refused with {Codes(Acts.CommonRefusals)}. What is done already is no refusal: it is answered with the dossier's version, and nothing is written.",
            "",
            $"| act | | {string.Join(" | ", roles)} | back | refused with |",
            $"|---|---|{string.Concat(roles.Select(_ => ":-:|"))}---|---|",
            .. Acts.All.Select(act => act.Rule).Select(rule =>
                $"| [{rule.Name}](verbs.md#dossier-{rule.Name}) | {rule.Summary} | {string.Join(" | ", roles.Select(role => rule.By.Contains(role) ? "×" : ""))} "
                + $"| {(rule.BackDating.Days switch { 0 => "", 1 => "1 day", var days => $"{days} days" })} | {Codes(rule.Refusals)} |"),
        ];

        static string Codes(IEnumerable<string> codes) => string.Join(", ", codes.Select(code => $"`{code}`"));
    }

    private static IEnumerable<string> SettingLines() =>
    [
        .. Head("Settings", "settings"),
        "There is no settings file: what can be set is set in the environment, and an option of the command goes before it.",
        "",
        "## Environment",
        "",
        "| variable | read by | meaning |",
        "|---|---|---|",
        .. _variables.Select(v => $"| `{v.Name}` | {v.Of} | {v.Meaning} |"),
        "",
        "## The private cluster",
        "",
        "Written to `postgresql.conf` at every start, so an edit of that file does not last. A server of your own needs none of these; it must not have",
        "`fsync` or `synchronous_commit` off, or an acknowledged command can be lost. `wal_compression` is `on` where the server was built without lz4.",
        "",
        "| setting | value |",
        "|---|---|",
        .. Cluster.Settings.Select(s => $"| `{s.Key}` | `{s.Value}` |"),
        "",
        "The second cluster, of the applicants' keys, runs with the same but for these:",
        "",
        "| setting | value |",
        "|---|---|",
        .. Cluster.KeySettings.Select(s => $"| `{s.Key}` | `{s.Value}` |"),
        "",
        "The server listens on 127.0.0.1 at a port chosen when it was made, and on a socket in its own folder; both ask for a password, which stands in the data",
        "folder's `cluster.json` (readable by its owner alone).",
    ];

    private static IEnumerable<string> ProcessLogLines() =>
    [
        .. Head("Process log", "process-log"),
        "What [`dossier export`](verbs.md#dossier-export-xes) writes, and what releases are made of: a case for every dossier, an event for whatever moved it on, its slips and its steps. Alerts, notices,",
        "documents and links stand beside a dossier and are left out. Nothing else leaves than what is named here: no applicant, no member of staff, no free text, and of an imported log no",
        "attribute of another name or value. Why it is so: [ADR 27](../adr/0027-the-process-log.md).",
        "",
        "An event has the name of its activity (a step's own, else [the event's](events.md)), a lifecycle transition (`start` where a step begins, else `complete`; of an imported log its own, one that is",
        "not of the standard is `unknown`) and its legal time, in UTC with milliseconds. Events of one moment keep their order. Working time is the centre's; tools know no calendar.",
        "",
        "## Of a case",
        "",
        .. Attributes(DataDictionary.OfCases),
        "",
        "## Of an event",
        "",
        .. Attributes(DataDictionary.OfEvents),
        "",
        "## In each format",
        "",
        "| format | a case | an event |",
        "|---|---|---|",
        "| XES, IEEE 1849-2016 | a trace, its code as `concept:name` | `concept:name`, `lifecycle:transition`, `time:timestamp` |",
        "| CSV, RFC 4180, UTF-8 | `case:concept:name`, and `case:` before each attribute | a row with the names of XES; the dictionary is `FILE-metadata.json`, by W3C's Metadata Vocabulary for Tabular Data |",
        "| OCEL 2.0, JSON or SQLite | an object of type `dossier` | an event of the activity's type, with the objects it has to do with |",
        "",
        "## Objects of an OCEL",
        "",
        "Each is derived from the attributes above. An attribute of a dossier that is known at its end only holds from the last event on.",
        "",
        "| type | id | attributes |",
        "|---|---|---|",
        .. OcelTypes.Select(type => $"| `{type.Name}` | `{type.Id}` | {type.Attributes} |"),
        "",
        "An event `happens to` its dossier, `starts` or `completes` a step, `issues`, `delivers` or `answers` a slip, `decides`, `readies` or `returns` the result, is `done in` a unit and `done by` a role,",
        "and `consults` another unit. A dossier `has` its steps, slips and result, is `handled by` an agency and was `handed in at` a unit; so is its first event.",
    ];

    private static (string Name, string Id, string Attributes)[] OcelTypes =>
    [
        ("dossier", "CODE", "those of a case"), ("step", "CODE/step/N", "`name`"), ("slip", "CODE/slip/FORM-N", "`form`"), ("result", "CODE/result", "`outcome`"),
        ("agency", "agency/CODE", "`code`"), ("role", "role/NAME", "`name`"),
    ];

    private static IEnumerable<string> Attributes(IEnumerable<DataDictionary.Entry> entries) =>
    [
        "| attribute | type | |",
        "|---|---|---|",
        .. entries.Select(e => $"| `{e.Name}` | {(e.Kind switch { DataDictionary.Kind.Whole => "whole number", DataDictionary.Kind.Number => "number", DataDictionary.Kind.Moment => "time", _ => "text" })} | {e.Meaning}{(e.Values is null ? "" : $": {string.Join(", ", e.Values.Select(v => $"`{v}`"))}")} |"),
    ];

    private static IEnumerable<string> MetricLines() =>
    [
        .. Head("Metrics", "metrics"),
        $"What the server measures, under the meter `{Metrics.MeterName}` of .NET. With `OTEL_EXPORTER_OTLP_ENDPOINT` set it is sent by OTLP, and with it the meters of ASP.NET Core, Npgsql and the",
        "runtime. No metric names a dossier or a person.",
        "",
        "| metric | kind | unit | |",
        "|---|---|---|---|",
        .. typeof(Metrics).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.GetValue(null)).OfType<Instrument>()
            .Select(i => $"| `{i.Name}` | {i.GetType().Name.Split('`')[0].ToLowerInvariant()} | `{i.Unit}` | {i.Description} |"),
    ];

    private static IEnumerable<string> EventLines()
    {
        var records = ProductEvents.Names.All.Select(n => n.Event).Distinct().ToList();
        var parts = new List<Type>();
        foreach (var record in records) Collect(record, parts);
        return
        [
            .. Head("Events", "events"),
            "What the log holds, by its stored name (column `type` of `dossier.mt_events`); the fields are those of `data`. A field that is null is absent. Times have an offset and whole",
            "milliseconds; text is in NFC. `occurredAt` is legal time; when it was recorded stands beside the event, with actor, role, authority and command.",
            "A name once written is read for ever: an event that changes gets a new name (`…_v2`), and the old one stays on this page.",
            .. ProductEvents.Names.All.SelectMany(n => (string[])
            [
                "",
                $"## {n.Name}",
                "",
                n.Upcast is null ? _meanings[n.Name] : $"Retired: read as {n.Event.Name}, written no more.",
                .. n.Upcast is null ? Fields(n.Event) : [],
            ]),
            "",
            "# Parts",
            .. parts.SelectMany(part => (string[])["", $"## {part.Name}", .. Fields(part)]),
        ];
    }

    private static IEnumerable<string> Fields(Type record) =>
    [
        "",
        "| field | type | |",
        "|---|---|---|",
        .. Properties(record).Select(p => $"| `{JsonNamingPolicy.CamelCase.ConvertName(p.Name)}` | {Spelled(p.PropertyType)} | {(IsOptional(p) ? "may be absent" : "")} |"),
    ];

    /// <summary>Legal time first, then as declared; what the base record adds comes last.</summary>
    private static IEnumerable<PropertyInfo> Properties(Type record) => record
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .OrderBy(p => p.Name != "OccurredAt").ThenBy(p => p.DeclaringType != record);

    private static bool IsOptional(PropertyInfo property) =>
        Nullable.GetUnderlyingType(property.PropertyType) is not null || new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable;

    private static string Spelled(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        { IsGenericType: true } list => $"list of {Spelled(ElementOf(list))}",
        { IsEnum: true } e => string.Join(" or ", Enum.GetNames(e).Select(name => $"`{JsonNamingPolicy.CamelCase.ConvertName(name)}`")),
        var t when t == typeof(string) => "text",
        var t when t == typeof(Guid) => "id",
        var t when t == typeof(DateTimeOffset) => "time",
        var t when t == typeof(DateOnly) => "date",
        var t when t == typeof(long) || t == typeof(int) => "whole number",
        var t when t == typeof(bool) => "`true` or `false`",
        var t when t == typeof(Limit) => "time limit, such as `5 days`",
        { Namespace: "System" } t => throw new NotSupportedException($"{t} has no spelling on the reference page yet"),
        var part => $"[{part.Name}](#{part.Name.ToLowerInvariant()})",
    };

    private static Type ElementOf(Type list) => list.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
        ? list.GetGenericArguments()[0]
        : throw new NotSupportedException($"{list} has no spelling on the reference page yet");

    /// <summary>The records inside events, each once, in order of first use.</summary>
    private static void Collect(Type record, List<Type> parts)
    {
        foreach (var property in Properties(record))
        {
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (type.IsGenericType) type = ElementOf(type);
            if (type.IsEnum || type.Namespace == "System" || type.GetCustomAttribute<JsonConverterAttribute>() is not null || parts.Contains(type)) continue;
            parts.Add(type);
            Collect(type, parts);
        }
    }
}
