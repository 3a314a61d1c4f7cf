using EventDossier.Alerts;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Import;
using EventDossier.Organisation;
using EventDossier.Portal;
using EventDossier.Releases;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Deliveries;

/// <summary>
/// Makes messages of events. The place in the log moves in the transaction that adds the messages, and whoever works on a page holds that place locked; so any number of processes
/// may follow, any may die, and no event is missed or told twice.
/// </summary>
internal sealed class OutboxFollower(Database database, DeliverySettings settings)
{
    private const string Checkpoint = "dossier:outbox";
    private const int PageSize = 1000;

    /// <summary>A simulated year is nobody's news.</summary>
    private static readonly TimeSpan _newsInSamples = TimeSpan.FromHours(1);

    /// <summary>Only these are decoded, and for the portal all of a dossier: no other event can stop the messages.</summary>
    private static readonly HashSet<Type> _heard =
    [
        typeof(AlertRaised), typeof(AlertWithdrawn), typeof(AlertAcknowledged), typeof(PublicationLate), typeof(BacklogTold), .. Notices.Events,
    ];

    private readonly HashSet<string> _names =
        [.. database.Names.All.Where(n => _heard.Contains(n.Event) || (settings.Portal is not null && n.Event.IsSubclassOf(typeof(DossierEvent)))).Select(n => n.Name)];
    private readonly CurrentRules _rules = new(database);

    /// <summary>Takes the next page. False when there is nothing to take, or another process is at it.</summary>
    public async Task<bool> FollowPageAsync(CancellationToken cancel)
    {
        await using var connection = await database.App.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (await PlaceAsync(connection, cancel) is not { } at)
            return false;
        var page = await CommitOrder.ReadAsync(connection, database.Names, database.Clock, metadata: true, at, PageSize, cancel);
        if (page.Position == at)
            return false;
        var now = database.Clock.GetUtcNow();
        var heard = page.Events.Where(e => _names.Contains(e.Name) && !(database.IsSample && e.RecordedAt < now - _newsInSamples)).ToList();
        if (heard.Count > 0)
        {
            await Outbox.AddAsync(connection, await MessagesAsync(connection, heard, now, cancel), now, cancel);
            foreach (var e in heard)
            {
                if (e.Event is AlertWithdrawn withdrawn)
                    await Outbox.WithdrawAsync(connection, e, withdrawn.Rule, withdrawn.Cycle, Outbox.Withdrawn, null, now, cancel);
                else if (e.Event is AlertAcknowledged seen)
                    await Outbox.WithdrawAsync(connection, e, seen.Rule, seen.Cycle, Outbox.Acknowledged, seen.By, now, cancel);
            }
        }
        await Outbox.ServeAsync(connection, at, settings, cancel);
        await using (var move = new NpgsqlCommand("UPDATE dossier.mt_event_progression SET last_seq_id = @to, last_updated = clock_timestamp() WHERE name = @name", connection))
        {
            move.Parameters.AddWithValue("to", page.Position);
            move.Parameters.AddWithValue("name", Checkpoint);
            await move.ExecuteNonQueryAsync(cancel);
        }
        await transaction.CommitAsync(cancel);
        return true;
    }

    /// <summary>Null when nothing has come, or another process is at it. Looking in vain locks nothing.</summary>
    private static async Task<long?> PlaceAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT p.last_seq_id FROM dossier.mt_event_progression p
            WHERE p.name = @name AND EXISTS (SELECT FROM dossier.mt_events e WHERE e.seq_id > p.last_seq_id)
            FOR UPDATE OF p SKIP LOCKED
            """, connection);
        command.Parameters.AddWithValue("name", Checkpoint);
        return await command.ExecuteScalarAsync(cancel) as long?;
    }

    private async Task<List<Message>> MessagesAsync(NpgsqlConnection connection, IReadOnlyList<StoredEvent> events, DateTimeOffset now, CancellationToken cancel)
    {
        var rules = await _rules.GetAsync(fresh: false, cancel);
        var notices = events.Where(e => Notices.Of(e.Event) is not null).ToList();
        var applied = notices.Count == 0 ? [] : await WithApplicantAsync(connection, [.. notices.Select(e => e.Stream).Distinct()], cancel);
        return
        [
            .. events.Where(e => e.Event is AlertRaised).SelectMany(e => Alerts(e, (AlertRaised)e.Event, rules, now)),
            .. events.Where(e => e.Event is PublicationLate).SelectMany(e => Late(e, (PublicationLate)e.Event, rules, now)),
            .. events.Where(e => e.Event is BacklogTold).SelectMany(e => Backlog(e, (BacklogTold)e.Event, rules, now)),
            .. notices.Where(e => applied.Contains(e.Stream)).Select(e => new Message(
                Uuid.V5(e.Id, $"notice {e.Stream}"), "notice", null, e.Stream, Receivers.Notice, Urgent: true, e.Stream, e.Version,
                OutboxJson.Write(new NoticeFacts(Notices.Of(e.Event)!.Value)), now)),
            .. settings.Portal is null ? [] : await ForPortalAsync(events, now, cancel),
        ];
    }

    /// <summary>What the portal is to know of each, by the dossier as it was just then.</summary>
    private async Task<List<Message>> ForPortalAsync(IReadOnlyList<StoredEvent> events, DateTimeOffset now, CancellationToken cancel)
    {
        var messages = new List<Message>();
        foreach (var ofOne in events.Where(e => e.Event is DossierEvent).GroupBy(e => e.Stream))
        {
            var (first, last) = (ofOne.First().Version, ofOne.Last().Version);
            var dossier = new Dossier(ofOne.Key);
            foreach (var e in await database.Log.ReadStreamAsync(ofOne.Key, last, cancel))
            {
                var before = dossier;
                dossier = dossier.After((DossierEvent)e.Event, e.Version);
                if (e.Version >= first && PortalProgress.Of(before, dossier, (DossierEvent)e.Event) is { } progress)
                    messages.Add(progress.Message(e.Id, now));
            }
        }
        return messages;
    }

    /// <summary>To whoever could be reached as it was raised.</summary>
    private IEnumerable<Message> Alerts(StoredEvent e, AlertRaised raised, Rulebook rules, DateTimeOffset now)
    {
        var urgent = raised.Level is AlertLevel.L2 or AlertLevel.L3;
        var due = now + settings.Gather;
        return Receivers.Messages(
            e.Id, "alert", raised.To.Select(to => to.Person).OfType<string>().Distinct(), rules.Organisation, settings, e.RecordedAt,
            urgent || !settings.QuietHours ? due : QuietHours.Open(due, rules.Calendar), urgent, e.Stream, e.Version,
            OutboxJson.Write(new AlertFacts(e.Stream, raised.Rule, raised.Cycle, raised.Level, raised.DueAt)));
    }

    /// <summary>Nobody is called out of bed for it: it waits for office hours.</summary>
    private IEnumerable<Message> Late(StoredEvent e, PublicationLate late, Rulebook rules, DateTimeOffset now) => Receivers.Messages(
        e.Id, "publication", late.Told, rules.Organisation, settings, e.RecordedAt,
        settings.QuietHours ? QuietHours.Open(now, rules.Calendar) : now, urgent: false, e.Stream, e.Version,
        OutboxJson.Write(new PublicationFacts(late.From, late.To, late.DueAt)));

    private IEnumerable<Message> Backlog(StoredEvent e, BacklogTold told, Rulebook rules, DateTimeOffset now) => told.To.Person is not { } person ? [] : Receivers.Messages(
        e.Id, "backlog", [person], rules.Organisation, settings, e.RecordedAt, settings.QuietHours ? QuietHours.Open(now, rules.Calendar) : now, urgent: false, e.Stream, e.Version,
        OutboxJson.Write(BacklogFacts.Of(told)));

    /// <summary>Dossiers of older systems name nobody, and nobody is told.</summary>
    private static async Task<HashSet<string>> WithApplicantAsync(NpgsqlConnection connection, string[] streams, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            "SELECT DISTINCT stream_id FROM dossier.mt_events WHERE stream_id = ANY(@streams) AND type = ANY(@types) AND data ? 'applicant'", connection);
        command.Parameters.AddWithValue("streams", streams);
        command.Parameters.AddWithValue("types", (string[])["dossier_submitted", "dossier_received", "applicant_corrected"]);
        var found = new HashSet<string>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            found.Add(row.GetString(0));
        return found;
    }
}

/// <summary>The servers that messages go to, by the names that the outbox has for them.</summary>
internal static class Receivers
{
    public const string Mail = "mail";
    public const string Sms = "sms";

    public const string Portal = "portal";

    /// <summary>No server: how a notice goes is still to be chosen.</summary>
    public const string Notice = "notice";

    public static string Of(Uri webhook) => $"webhook {webhook.Authority}";

    /// <summary>A message for each person and each way to reach them.</summary>
    /// <param name="now">Whose contacts count.</param>
    public static IEnumerable<Message> Messages(
        Guid of, string kind, IEnumerable<string> people, Organisation.Organisation organisation, DeliverySettings settings, DateTimeOffset now, DateTimeOffset due, bool urgent,
        string? stream, long? version, string facts)
    {
        foreach (var person in people)
        {
            var contact = organisation.ContactOf(person, now);
            if (contact?.Mail is not null && settings.Smtp is not null)
                yield return Message("mail", person, Mail);
            if (contact?.Webhook is { } url && settings.WebhookSecret is not null)
                yield return Message("webhook", person, Of(new(url)));
        }

        Message Message(string channel, string person, string receiver) =>
            new(Uuid.V5(of, $"{channel} {person}"), kind, channel, person, receiver, urgent, stream, version, facts, due);
    }
}

internal static class QuietHours
{
    /// <summary>The moment itself in working hours, else when they next begin.</summary>
    public static DateTimeOffset Open(DateTimeOffset moment, WorkCalendar calendar)
    {
        var next = calendar.Shift(moment, 1) - TimeSpan.FromMinutes(1);
        return next > moment ? next : moment;
    }
}
