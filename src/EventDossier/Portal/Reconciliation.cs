using EventDossier.Deliveries;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Portal;

/// <summary>Something that the portal and the centre disagree on.</summary>
/// <param name="Kind">See <see cref="Reconciliation"/>.</param>
/// <param name="Ours">As we have it; null where we have nothing.</param>
/// <param name="Remedy">What <c>sync</c> does about it: <c>take</c>, <c>tell</c>; null where a person must look.</param>
public sealed record Disagreement(string Kind, string ExternalCode, string? Code, string? Ours, string? Theirs, string? Remedy);

/// <summary>
/// Both sides side by side. <c>missing-here</c>: the portal has a dossier that we have not. <c>missing-there</c>: the other way round. <c>code</c>: it has another code of ours.
/// <c>not-told-yet</c>: what is newer here waits in the outbox, or is dead there. <c>status</c> and <c>due</c>: both were told, and differ.
/// </summary>
public sealed class Reconciliation(Database database, PortalCalls portal)
{
    /// <param name="since">Of dossiers that the portal does not have at all: those that were recorded since.</param>
    /// <exception cref="DeliveryFailedException">The portal could not be asked to its end: there is no half list.</exception>
    public async Task<IReadOnlyList<Disagreement>> CompareAsync(DateTimeOffset since, CancellationToken cancel = default)
    {
        var found = new List<Disagreement>();
        var (theirs, waiting) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        await foreach (var submission in portal.SubmissionsAsync(cancel))
            waiting.Add(submission.ExternalCode);
        await foreach (var entry in portal.DossiersAsync(cancel))
        {
            // A list that is told in pages may name a dossier twice.
            if (!theirs.Add(entry.ExternalCode))
                continue;
            // Of what did not come from there the portal's code is ours.
            var code = await PortalIntake.FindAsync(database, entry.ExternalCode, cancel) ?? entry.ExternalCode;
            var dossier = DossierCode.IsCode(code) ? Dossier.Fold(code, await database.Log.ReadStreamAsync(code, cancel: cancel)) : new(code);
            found.AddRange(await OfAsync(entry, dossier, waiting.Contains(entry.ExternalCode), cancel));
        }
        foreach (var (code, external) in await OursSinceAsync(since, cancel))
        {
            if (!theirs.Contains(external ?? code) && PortalStatuses.Told(await FoldAsync(code, cancel)) is { } status)
                found.Add(new("missing-there", external ?? code, code, Named(status), null, "tell"));
        }
        return [.. found.OrderBy(d => d.ExternalCode, StringComparer.Ordinal).ThenBy(d => d.Kind, StringComparer.Ordinal)];
    }

    /// <summary>Has the portal told anew where each of these stands: what waits or is dead goes out now, and else the last word once more.</summary>
    public async Task<int> TellAsync(IEnumerable<Disagreement> disagreements, CancellationToken cancel = default)
    {
        var (outbox, now, told) = (new Outbox(database.App, database.Clock), database.Clock.GetUtcNow(), 0);
        foreach (var code in disagreements.Where(d => d is { Remedy: "tell", Code: not null }).Select(d => d.Code!).Distinct())
        {
            var messages = (await outbox.ListAsync(null, code, null, int.MaxValue, cancel)).Where(m => m.Kind == "portal").ToList();
            foreach (var dead in messages.Where(m => m.State == "dead"))
                told += await outbox.ResendAsync(dead.Id, cancel);
            if (messages.Exists(m => m.State is "dead" or "waiting"))
                continue;
            if (messages.MaxBy(m => m.Version) is { } last)
            {
                told += await outbox.ResendAsync(last.Id, cancel);
                continue;
            }
            var events = await database.Log.ReadStreamAsync(code, cancel: cancel);
            if (PortalProgress.Of(Dossier.Fold(code, events), ((DossierEvent)events[^1].Event).OccurredAt) is not { } progress)
                continue;
            await using var connection = await database.App.OpenConnectionAsync(cancel);
            told += await Outbox.AddAsync(connection, [progress.Message(events[^1].Id, now)], now, cancel);
        }
        return told;
    }

    private async Task<IEnumerable<Disagreement>> OfAsync(PortalCalls.Entry entry, Dossier dossier, bool waits, CancellationToken cancel)
    {
        var theirs = Named((PortalStatus)entry.Status);
        if (PortalStatuses.Told(dossier) is not { } status)
            return [new("missing-here", entry.ExternalCode, null, null, theirs, waits ? "take" : null)];
        var isOwners = PortalStatuses.StageOf(status) is { } stage && dossier.Owners?.Of(stage) is not null;
        if (entry.Code is { } code && code != dossier.Code)
            return [new("code", entry.ExternalCode, dossier.Code, dossier.Code, code, null)];
        if (entry.Status == (int)status && (isOwners || (entry.Due == dossier.Due && entry.Code is not null)))
            return [];
        if (await WaitingAsync(dossier.Code, cancel) is { } state)
            return [new("not-told-yet", entry.ExternalCode, dossier.Code, $"{Named(status)}, {state}", theirs, state == "dead" ? "tell" : null)];
        // Told the same number, it would say that it knows it: then a person looks.
        var remedy = isOwners || entry.Number == dossier.Version ? null : "tell";
        return entry.Status != (int)status ? [new("status", entry.ExternalCode, dossier.Code, Named(status), theirs, remedy)]
            : entry.Code is null ? [new("code", entry.ExternalCode, dossier.Code, dossier.Code, null, remedy)]
            : [new("due", entry.ExternalCode, dossier.Code, $"{dossier.Due:yyyy-MM-dd HH:mm}", $"{entry.Due:yyyy-MM-dd HH:mm}", remedy)];
    }

    private async Task<Dossier> FoldAsync(string code, CancellationToken cancel) => Dossier.Fold(code, await database.Log.ReadStreamAsync(code, cancel: cancel));

    /// <summary>The worst state of what is still to be told of a dossier; null where all is told.</summary>
    private async Task<string?> WaitingAsync(string code, CancellationToken cancel)
    {
        await using var command = database.App.CreateCommand(
            "SELECT min(state) FROM dossier_outbox.message WHERE stream = @code AND kind = 'portal' AND state IN ('waiting', 'dead')");
        command.Parameters.AddWithValue("code", code);
        return await command.ExecuteScalarAsync(cancel) as string;
    }

    /// <summary>Dossiers that began here, those on paper in an outage under a number set aside before; those of an older system, which have no slip, it told of itself.</summary>
    private async Task<List<(string Code, string? External)>> OursSinceAsync(DateTimeOffset since, CancellationToken cancel)
    {
        await using var command = database.App.CreateCommand(
            """
            SELECT stream_id, data ->> 'externalCode' FROM dossier.mt_events
            WHERE timestamp >= @since AND (
                version = 1 AND (type = 'dossier_submitted' OR (type = 'dossier_received' AND data ->> 'slip' IS NOT NULL))
                OR type = 'dossier_received' AND data ->> 'outage' IS NOT NULL)
            """);
        command.CommandTimeout = 0;
        command.Parameters.AddTime("since", since);
        var ours = new List<(string, string?)>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            ours.Add((row.GetString(0), row.TextOrNull(1)));
        return ours;
    }

    private static string Named(PortalStatus status) => $"{(int)status} {status}";
}
