using EventDossier.Alerts;
using EventDossier.Deliveries;
using EventDossier.Dossiers;
using EventDossier.Import;
using EventDossier.Store;
using Npgsql;
using Units = EventDossier.Organisation.Organisation;

namespace EventDossier.Audit;

/// <summary>
/// Whether the outbox has a message for each alert and each way in which somebody told could be reached: by the
/// contacts recorded as it was raised, and the channels that were served then. A message that was not sent says why, and the log
/// bears it out. What was sent is forgotten after a time, so older alerts are not asked for.
/// </summary>
internal sealed class DeliveryVerification
{
    private const int AtOnce = 1000;
    private readonly NpgsqlConnection _connection;
    private readonly List<(long After, bool Mail, bool Webhook)> _served;
    private readonly Func<DateTimeOffset, Units> _organisationAt;
    private readonly (DateTimeOffset From, DateTimeOffset Until) _recorded;
    private readonly Action<string, StoredEvent, string, string> _find;
    private readonly List<Owed> _owed = [];

    /// <param name="Withdrawn">Later.</param>
    /// <param name="Seen">Acknowledged later.</param>
    private sealed record Owed(StoredEvent Alert, string Channel, string Person, bool Withdrawn, bool Seen);

    private DeliveryVerification(
        NpgsqlConnection connection, List<(long, bool, bool)> served, Func<DateTimeOffset, Units> organisationAt,
        (DateTimeOffset, DateTimeOffset) recorded, Action<string, StoredEvent, string, string> find) =>
        (_connection, _served, _organisationAt, _recorded, _find) =
            (connection, served, organisationAt, recorded, find);

    /// <summary>Messages that were owed.</summary>
    public long Checked { get; private set; }

    /// <summary>Null for samples, whose simulated past is nobody's news.</summary>
    /// <param name="until">Alerts recorded later are not asked for: their messages may still be made.</param>
    public static async Task<DeliveryVerification?> BeginAsync(
        Database database, NpgsqlConnection connection, Func<DateTimeOffset, Units> organisationAt,
        DateTimeOffset until, Action<string, StoredEvent, string, string> find, CancellationToken cancel)
    {
        if (database.IsSample)
            return null;
        var served = new List<(long, bool, bool)>();
        await using var command = new NpgsqlCommand(
            "SELECT after, mail, webhook FROM dossier_outbox.served ORDER BY after", connection);
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            served.Add((row.GetInt64(0), row.GetBoolean(1), row.GetBoolean(2)));
        return new(connection, served, organisationAt, (database.Clock.GetUtcNow() - Outbox.Kept, until), find);
    }

    /// <param name="events">All of a dossier.</param>
    public void Judge(IReadOnlyList<StoredEvent> events)
    {
        foreach (var e in events)
        {
            if (e.Event is not AlertRaised alert || e.RecordedAt < _recorded.From || e.RecordedAt > _recorded.Until)
                continue;
            var later = events.Where(o => o.Version > e.Version).Select(o => o.Event).ToList();
            var withdrawn = later.OfType<AlertWithdrawn>().Any(w => w.Rule == alert.Rule && w.Cycle == alert.Cycle);
            var seen = later.OfType<AlertAcknowledged>().Any(a => a.Rule == alert.Rule && a.Cycle == alert.Cycle);
            foreach (var person in alert.To.Select(to => to.Person).OfType<string>().Distinct())
                Owe(e, person, withdrawn, seen);
        }
        if (_owed.Count >= AtOnce)
            Complete();
    }

    /// <param name="e">A <see cref="BacklogTold"/>.</param>
    public void JudgeBacklog(StoredEvent e)
    {
        if (e.Event is BacklogTold { To.Person: { } person } && e.RecordedAt >= _recorded.From && e.RecordedAt <= _recorded.Until)
            Owe(e, person, withdrawn: false, seen: false);
    }

    private void Owe(StoredEvent e, string person, bool withdrawn, bool seen)
    {
        var served = _served.FindLast(s => s.After < e.Position); // before the first, nothing was
        var contact = _organisationAt(e.RecordedAt).ContactOf(person, e.RecordedAt);
        if (served.Mail && contact?.Mail is not null)
            _owed.Add(new(e, "mail", person, withdrawn, seen));
        if (served.Webhook && contact?.Webhook is not null)
            _owed.Add(new(e, "webhook", person, withdrawn, seen));
    }

    /// <summary>Asks the outbox for what was owed so far.</summary>
    public void Complete()
    {
        using var command = new NpgsqlCommand(
            """
            SELECT stream, version, channel, recipient, state, error FROM dossier_outbox.message
            WHERE kind IN ('alert', 'backlog') AND stream = ANY(@streams)
            """, _connection);
        command.Parameters.AddWithValue("streams", _owed.Select(o => o.Alert.Stream).Distinct().ToArray());
        var messages = new Dictionary<(string, long, string, string), (string State, string? Error)>();
        using (var row = command.ExecuteReader())
        {
            while (row.Read())
            {
                messages[(row.GetString(0), row.GetInt64(1), row.GetString(2), row.GetString(3))] =
                    (row.GetString(4), row.TextOrNull(5));
            }
        }
        foreach (var owed in _owed)
        {
            var key = (owed.Alert.Stream, owed.Alert.Version, owed.Channel, owed.Person);
            if (!messages.TryGetValue(key, out var message))
                Find("delivery-missing", owed, "the outbox has none");
            else if (message.State == "void" && !HasReason(owed, message.Error))
                Find("delivery-wrongly-void", owed, $"not sent: {message.Error ?? "no reason"}");
        }
        Checked += _owed.Count;
        _owed.Clear();
    }

    private void Find(string kind, Owed owed, string actual)
    {
        var what = owed.Alert.Event is AlertRaised alert ? $"{alert.Rule} cycle {alert.Cycle}" : "the backlog";
        _find(kind, owed.Alert, $"{owed.Channel} to {owed.Person} of {what}", actual);
    }

    private static bool HasReason(Owed owed, string? reason) => reason switch
    {
        Outbox.Withdrawn => owed.Withdrawn,
        Outbox.Acknowledged => owed.Seen,
        _ => reason is not null,
    };
}
