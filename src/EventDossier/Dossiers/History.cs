using System.Globalization;
using System.Text.Json.Nodes;
using EventDossier.Deadlines;
using EventDossier.Store;

namespace EventDossier.Dossiers;

/// <summary>A moment to look back from: by legal time, by what was recorded, by version, by position, or by several at once.</summary>
/// <param name="Legal">Only what had happened by then.</param>
/// <param name="Recorded">Only what the log held by then.</param>
/// <param name="Version">Only the first so many events of a dossier.</param>
/// <param name="Position">Only the log up to there.</param>
public sealed record AsOf(DateTimeOffset? Legal = null, DateTimeOffset? Recorded = null, long? Version = null, long? Position = null)
{
    public bool Includes(StoredEvent e) =>
        (Version is null || e.Version <= Version) && Knows(e) && e.Event is DossierEvent @event && (Legal is null || @event.OccurredAt <= Legal);

    /// <summary>Whether the log held it then, of whatever stream it is.</summary>
    public bool Knows(StoredEvent e) => (Position is null || e.Position <= Position) && (Recorded is null || e.RecordedAt <= Recorded);

    /// <summary>A version, a legal time, <c>@</c> and a recorded one, or both: <c>7</c>, <c>2026-05-06</c>, <c>@2026-05-07</c>, <c>2026-05-06@2026-05-07</c>. Null for anything else.</summary>
    public static AsOf? Read(string text)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            return new(Version: version);
        var (legal, recorded) = text.Split('@') switch { [var one] => (one, ""), [var one, { Length: > 0 } other] => (one, other), _ => ("?", "") };
        var asOf = new AsOf(legal.Length == 0 ? null : CentreTime.Read(legal), recorded.Length == 0 ? null : CentreTime.Read(recorded));
        return (legal.Length > 0) == (asOf.Legal is not null) && (recorded.Length > 0) == (asOf.Recorded is not null) && asOf != new AsOf() ? asOf : null;
    }
}

/// <summary>An event as it is told outside, with both its times.</summary>
public sealed record Told(
    long Version, long Position, Guid Id, string Name, DateTimeOffset OccurredAt, DateTimeOffset RecordedAt, string Actor, string Role, string? Authority, Guid CommandId,
    string? Correlation, string? Causation, JsonNode? Data)
{
    public static Told Of(StoredEvent e) => new(
        e.Version, e.Position, e.Id, e.Name, ((DossierEvent)e.Event).OccurredAt, e.RecordedAt, e.Metadata.Actor, e.Metadata.Role, e.Metadata.Authority, e.Metadata.CommandId,
        e.Correlation, e.Causation, JsonNode.Parse(e.Data.Span));
}

/// <summary>The events of one dossier, in version order.</summary>
public static class History
{
    /// <exception cref="UserError"><c>no-such-dossier</c>, or none of it by then.</exception>
    public static async Task<IReadOnlyList<StoredEvent>> ReadAsync(IEventLog log, string code, AsOf asOf, CancellationToken cancel = default)
    {
        var all = DossierCode.IsCode(code) ? await log.ReadStreamAsync(code, asOf.Version ?? long.MaxValue, cancel) : [];
        if (all.Count == 0)
            throw new UserError("no-such-dossier", $"there is no dossier {code}");
        var then = all.Where(asOf.Includes).ToList();
        return then.Count > 0 ? then : throw new UserError("not-yet", $"nothing of dossier {code} had happened, or was known, by then");
    }
}
