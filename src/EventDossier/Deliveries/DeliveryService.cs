using System.Diagnostics.Metrics;
using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Portal;
using EventDossier.Releases;
using EventDossier.Store;

namespace EventDossier.Deliveries;

/// <summary>
/// Follows the log into the outbox and sends what is due. Any number of processes may run it. Each receiver is served by itself, so one that is slow or dead holds up nobody else.
/// </summary>
public sealed class DeliveryService : IDisposable
{
    private const int AtOnceToOne = 4;
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _afterFault = TimeSpan.FromSeconds(5);
    private static readonly Guid _proofs = new("6a1f7a9d-2c35-5d0f-8f4b-0d8b8b3a4c17");

    private readonly Database _database;
    private readonly PersonalData _personal;
    private readonly DeliverySettings _settings;
    private readonly Outbox _outbox;
    private readonly OutboxFollower _follower;
    private readonly CurrentRules _rules;
    private readonly Mail? _mail;
    private readonly Webhook _webhook;
    private readonly PortalCalls? _portal;

    /// <param name="keys">Opens the applicants' data, at the moment of sending and for no longer.</param>
    public DeliveryService(Database database, KeyStore keys, DeliverySettings settings)
    {
        (_database, _personal, _settings) = (database, new(database, () => Task.FromResult(keys)), settings);
        _outbox = new(database.App, database.Clock);
        _follower = new(database, settings);
        _rules = new(database);
        _mail = settings.Smtp is { } smtp ? new(smtp, settings.Timeout, database.Clock) : null;
        _webhook = new(settings.Timeout, database.Clock);
        _portal = settings.Portal is { } portal ? new(portal, settings.Timeout, database.Clock) : null;
    }

    /// <summary>What stopped it last, for health; null while all is well. A message that can't be delivered is none of that.</summary>
    public string? Fault { get; private set; }

    /// <summary>Follows and sends until cancelled, whatever happens to the server.</summary>
    public Task RunAsync(CancellationToken cancel) => Task.WhenAll(ForeverAsync(FollowAsync, cancel), ForeverAsync(ServeAsync, cancel));

    /// <summary>Takes the log to its end and sends what is due now, once each.</summary>
    /// <returns>Messages sent, and attempts that failed.</returns>
    public async Task<(long Sent, long Failed)> SendOnceAsync(CancellationToken cancel = default)
    {
        while (await _follower.FollowPageAsync(cancel))
        {
        }
        var (sent, failed) = (0L, 0L);
        var seen = new HashSet<string>();
        // A notice that was given its way is due at its server now.
        while ((await DueAsync(cancel)).Where(r => seen.Add(r.Name)).ToList() is { Count: > 0 } receivers)
        {
            foreach (var (s, f) in await Task.WhenAll(receivers.Select(r => LaneAsync(r, cancel))))
                (sent, failed) = (sent + s, failed + f);
        }
        return (sent, failed);
    }

    /// <summary>Has a letter printed, and counts it from then on as sent: its proof stands in the dossier.</summary>
    /// <param name="reader">Who has it printed.</param>
    /// <param name="print">Throws where that fails.</param>
    /// <exception cref="UserError"><c>no-such-message</c>, <c>not-a-letter</c>, <c>notice-void</c></exception>
    public async Task<Letter> PrintAsync(Guid id, Reader reader, Func<Letter, Task> print, CancellationToken cancel = default)
    {
        var message = await _outbox.FindAsync(id, cancel) ?? throw new UserError("no-such-message", $"the outbox has no message {id}");
        if (message.Channel != "letter")
            throw new UserError("not-a-letter", $"message {id} is no letter to be printed");
        if (await NoticeAsync(message, reader, cancel) is not { } notice)
            throw new UserError("notice-void", $"message {id} is no longer to be sent: {(await _outbox.FindAsync(id, cancel))!.Error}");
        await print(notice.Letter);
        if (message.State != "sent")
        {
            await ProveAsync(message, notice, NoticeChannel.Letter, cancel);
            await _outbox.SentAsync([message], cancel);
            Count(Metrics.DeliverySent, message, 1);
        }
        return notice.Letter;
    }

    public void Dispose()
    {
        _webhook.Dispose();
        _portal?.Dispose();
    }

    private async Task ForeverAsync(Func<CancellationToken, Task> work, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                await work(cancel);
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
            {
                Fault = e.Message;
                await Task.Delay(_afterFault, _database.Clock, cancel);
            }
        }
    }

    private async Task FollowAsync(CancellationToken cancel)
    {
        while (await _follower.FollowPageAsync(cancel))
        {
        }
        Fault = null;
        await Task.Delay(_look, _database.Clock, cancel);
    }

    private async Task ServeAsync(CancellationToken cancel)
    {
        var lanes = new Dictionary<string, Task>();
        try
        {
            for (var round = 0; ; round++)
            {
                foreach (var ended in lanes.Where(lane => lane.Value.IsCompleted).ToList())
                {
                    lanes.Remove(ended.Key);
                    await ended.Value;
                }
                foreach (var receiver in await DueAsync(cancel))
                {
                    if (!lanes.ContainsKey(receiver.Name))
                        lanes.Add(receiver.Name, LaneAsync(receiver, cancel));
                }
                if (round % 10 == 0)
                {
                    foreach (var (state, depth) in await _outbox.DepthAsync(cancel))
                        Metrics.OutboxDepth.Record(depth, KeyValuePair.Create<string, object?>("state", state));
                }
                await Task.Delay(_look, _database.Clock, cancel);
            }
        }
        finally
        {
            await Task.WhenAll(lanes.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A channel that was taken from the settings keeps its messages until it is there again.</summary>
    private async Task<IEnumerable<Outbox.Receiver>> DueAsync(CancellationToken cancel) => (await _outbox.DueAsync(cancel)).Where(r => r.Name switch
    {
        Receivers.Mail => _mail is not null,
        Receivers.Sms => _settings is { Sms: not null, WebhookSecret: not null },
        Receivers.Portal => _portal is not null,
        Receivers.Notice => true,
        _ => _settings.WebhookSecret is not null,
    });

    /// <summary>Serves one receiver until nothing is due there, or it fails: several messages at a time, but only one where it failed of late.</summary>
    private async Task<(long Sent, long Failed)> LaneAsync(Outbox.Receiver receiver, CancellationToken cancel)
    {
        var (sent, failed) = (0L, 0L);
        var stop = false;
        var trial = receiver.Failures >= Outbox.GivenUpAfter;
        await Task.WhenAll(Enumerable.Range(0, trial ? 1 : AtOnceToOne).Select(_ => WorkAsync()));
        return (sent, failed);

        async Task WorkAsync()
        {
            while (!stop && await _outbox.ClaimAsync(receiver.Name, (_settings.Timeout * 2) + TimeSpan.FromSeconds(5), cancel) is { Count: > 0 } batch)
            {
                try
                {
                    if (await SendAsync(batch, cancel))
                    {
                        await _outbox.SentAsync(batch, cancel);
                        Interlocked.Add(ref sent, batch.Count);
                        Count(Metrics.DeliverySent, batch[0], batch.Count);
                    }
                }
                catch (Exception e) when (e is DeliveryFailedException or UserError)
                {
                    var why = e as DeliveryFailedException ?? new(e.Message, ofReceiver: false);
                    stop |= why.OfReceiver;
                    Interlocked.Increment(ref failed);
                    Count(Metrics.DeliveryFailed, batch[0], 1);
                    if (why.ForGood && batch[0] is { Kind: "notice" } notice)
                    {
                        // The address is wrong, and the applicant is to know all the same.
                        await _outbox.ChooseAsync(notice, NoticeChannel.Letter, "letter", _database.Clock.GetUtcNow(), cancel);
                        continue;
                    }
                    var calendar = (await _rules.GetAsync(fresh: false, cancel)).Calendar;
                    var dead = await _outbox.FailedAsync(batch, why, _settings, at => _settings.QuietHours ? QuietHours.Open(at, calendar) : at, cancel);
                    if (dead)
                        Count(Metrics.DeliveryDead, batch[0], batch.Count);
                }
            }
        }
    }

    private static void Count(Counter<long> counter, Message message, int count) =>
        counter.Add(count, KeyValuePair.Create<string, object?>("channel", message.Channel), KeyValuePair.Create<string, object?>("kind", message.Kind));

    /// <summary>False when nothing was to be sent after all, and the outbox knows why.</summary>
    private Task<bool> SendAsync(IReadOnlyList<Message> batch, CancellationToken cancel) => batch[0] switch
    {
        { Kind: "notice", Channel: null } choosing => ChooseAsync(choosing, cancel),
        { Kind: "notice" } notice => SendNoticeAsync(notice, cancel),
        { Kind: "portal" } progress => TellPortalAsync(progress, cancel),
        _ => SendToStaffAsync(batch, cancel),
    };

    private async Task<bool> TellPortalAsync(Message message, CancellationToken cancel)
    {
        await _portal!.TellAsync(message.FactsAs<PortalProgress>(), cancel);
        return true;
    }

    private async Task<bool> SendToStaffAsync(IReadOnlyList<Message> batch, CancellationToken cancel)
    {
        var (first, now) = (batch[0], _database.Clock.GetUtcNow());
        var id = first.Batch ?? first.Id;
        var contact = (await _rules.GetAsync(fresh: false, cancel)).Organisation.ContactOf(first.Recipient, now);
        if ((first.Channel == "mail" ? contact?.Mail : contact?.Webhook) is not { } address)
        {
            foreach (var message in batch)
                await _outbox.VoidAsync(message, "no contact any more", cancel);
            return false;
        }
        if (first.Kind == "publication" && !await PublicationTimetable.IsLateAsync(_database, first.FactsAs<PublicationFacts>(), now, cancel))
        {
            await _outbox.VoidAsync(first, "not late any more", cancel);
            return false;
        }
        if (first.Channel == "mail")
        {
            var letter = first.Kind switch
            {
                "digest" => Letters.Of(first.FactsAs<Digest.Facts>()),
                "publication" => Letters.Of(first.FactsAs<PublicationFacts>()),
                "backlog" => Letters.Of(first.FactsAs<BacklogFacts>()),
                _ => Letters.Of(Alerts(), await DueAsync(Alerts(), cancel)),
            };
            await _mail!.SendAsync(address, id, letter, cancel);
            return true;
        }
        var person = first.Recipient;
        var body = first.Kind switch
        {
            "digest" => Webhook.Body("digest.made", first.MadeAt, new { person, digest = first.FactsAs<Digest.Facts>() }),
            "backlog" => Webhook.Body("backlog.told", first.MadeAt, new { person, backlog = first.FactsAs<BacklogFacts>() }),
            "publication" => Webhook.Body("publication.late", first.MadeAt, new { person, publication = first.FactsAs<PublicationFacts>() }),
            _ => Webhook.Body("alert.raised", first.MadeAt, new { person, alerts = Alerts() }),
        };
        await _webhook.PostAsync(new(address), _settings.WebhookSecret!, id, body, cancel);
        return true;

        IReadOnlyList<AlertFacts> Alerts() => [.. batch.Select(m => m.FactsAs<AlertFacts>())];
    }

    private async Task<IReadOnlyDictionary<string, DateTimeOffset?>> DueAsync(IReadOnlyList<AlertFacts> alerts, CancellationToken cancel)
    {
        await using var command = _database.App.CreateCommand($"SELECT code, due FROM {DeadlineBoard.View.Table} WHERE code = ANY(@codes) AND finished_at IS NULL");
        command.Parameters.AddWithValue("codes", alerts.Select(a => a.Code).Distinct().ToArray());
        var due = new Dictionary<string, DateTimeOffset?>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            due.Add(row.GetString(0), row.TimeOrNull(1));
        return due;
    }

    /// <param name="Event">That the applicant is told of.</param>
    private sealed record Notice(DossierEvent Event, Dossier Dossier, Applicant Applicant, Letter Letter);

    /// <summary>What a notice tells of. Null when it is no longer to be sent; the outbox then says why.</summary>
    private async Task<(DossierEvent Event, Dossier Dossier)?> StandingAsync(Message message, CancellationToken cancel)
    {
        var events = await _database.Log.ReadStreamAsync(message.Stream!, cancel: cancel);
        var @event = (DossierEvent)events[(int)message.Version! - 1].Event;
        var dossier = Dossier.Fold(message.Stream!, events);
        var erased = dossier.Applicant is not { } data || await _personal.TellAsync(data, _ => true, cancel) is null;
        if ((erased ? "applicant-erased" : Notices.Outdated(@event, dossier)) is not { } reason)
            return (@event, dossier);
        await VoidAsync(message, reason, cancel);
        return null;
    }

    /// <summary>The same with its letter, for somebody to read.</summary>
    private async Task<Notice?> NoticeAsync(Message message, Reader reader, CancellationToken cancel)
    {
        if (await StandingAsync(message, cancel) is not var (@event, dossier))
            return null;
        if (dossier.Applicant is not { } data || await _personal.OpenAsync(reader, [(dossier.Code, data)], OpenedData.Notice, cancel) is not [{ } applicant])
        {
            await VoidAsync(message, "applicant-erased", cancel);
            return null;
        }
        var rules = await _rules.GetAsync(fresh: false, cancel);
        return new(@event, dossier, applicant, Notices.Letter(applicant, @event, dossier, rules.Procedure(dossier.Procedure)?.Published.Name));
    }

    private async Task VoidAsync(Message message, string reason, CancellationToken cancel)
    {
        if (message.State != "sent")
            await _outbox.VoidAsync(message, reason, cancel);
    }

    private async Task<bool> ChooseAsync(Message message, CancellationToken cancel)
    {
        if (await StandingAsync(message, cancel) is not var (_, dossier))
            return false;
        if (dossier.Applicant is not { } data || await _personal.TellAsync(data, applicant => Notices.Choose(applicant, _settings), cancel) is not { } channel)
        {
            await VoidAsync(message, "applicant-erased", cancel);
            return false;
        }
        var now = _database.Clock.GetUtcNow();
        var due = channel == NoticeChannel.Sms && _settings.QuietHours ? QuietHours.Open(now, (await _rules.GetAsync(fresh: false, cancel)).Calendar) : now;
        await _outbox.ChooseAsync(message, channel, channel switch { NoticeChannel.Mail => Receivers.Mail, NoticeChannel.Sms => Receivers.Sms, _ => "letter" }, due, cancel);
        return false;
    }

    private async Task<bool> SendNoticeAsync(Message message, CancellationToken cancel)
    {
        // Sent by somebody who died before the outbox knew.
        if (await _database.Log.FindCommandAsync(ProofOf(message), cancel) is not null)
            return true;
        var reader = new Reader(Uuid.V5(_proofs, $"opened {message.Id} {message.Sending} {message.Attempts}"), "delivery", "system", "delivery");
        if (await NoticeAsync(message, reader, cancel) is not { } notice)
            return false;
        var channel = Notices.Choose(notice.Applicant, _settings);
        if (channel == NoticeChannel.Mail && message.Channel == "mail")
        {
            await _mail!.SendAsync(notice.Applicant.Mail!, message.Id, notice.Letter, cancel);
        }
        else if (channel == NoticeChannel.Sms && message.Channel == "sms")
        {
            var body = Webhook.Body("sms.wanted", message.MadeAt, new { to = notice.Applicant.Phone, text = Notices.Text(notice.Event, notice.Dossier) });
            await _webhook.PostAsync(_settings.Sms!, _settings.WebhookSecret!, message.Id, body, cancel);
        }
        else
        {
            return await ChooseAsync(message, cancel); // another applicant was put in, or another address
        }
        await ProveAsync(message, notice, channel, cancel);
        return true;
    }

    private async Task ProveAsync(Message message, Notice notice, NoticeChannel channel, CancellationToken cancel)
    {
        var sent = new NoticeSent(
            WorkCalendar.Vietnam.Local(_database.Clock.GetUtcNow()), message.FactsAs<NoticeFacts>().Notice, Notices.SlipOf(notice.Event), channel, message.Id);
        await _database.Log.AppendAsync([new(message.Stream!, Desk.StreamType, StreamAppend.Any, new(ProofOf(message), "delivery", "system"), [sent])], cancel);
    }

    private static Guid ProofOf(Message message) => Uuid.V5(_proofs, $"{message.Id} {message.Sending}");
}
