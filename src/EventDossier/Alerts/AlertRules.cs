using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;
using Units = EventDossier.Organisation.Organisation;

namespace EventDossier.Alerts;

/// <summary>What the raising of alerts rests on besides the dossier.</summary>
/// <param name="Version">Grows with every event that they are made of.</param>
internal sealed record AlertRules(long Version, Ladders Ladders, DecidedCalendar Decided, Units Organisation)
{
    public WorkCalendar Calendar => Decided.Whole;

    /// <summary>The rules as they stand, read again only when something was decided.</summary>
    public static async Task<AlertRules> LoadAsync(Database database, AlertRules? known, CancellationToken cancel)
    {
        await using var connection = await database.App.OpenConnectionAsync(cancel);
        await using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT coalesce(sum(version), 0)::bigint FROM dossier.mt_streams
            WHERE id = '/calendar' OR (id >= '/organisation/' AND id < '/organisation0') OR (id >= '/ladder/' AND id < '/ladder0')
            """;
        var version = (long)(await command.ExecuteScalarAsync(cancel))!;
        return known?.Version == version ? known : new(
            version, await Ladders.LoadAsync(connection, database.Names, cancel), await Alarms.CalendarAsync(connection, cancel), await Units.LoadAsync(database, cancel));
    }

    /// <summary>As a dossier's alarms are planned at a moment.</summary>
    public WorkCalendar Known(Dossier dossier, DateTimeOffset at) => dossier.FinishedAt is null ? Known(at) : Decided.Of(dossier);

    /// <summary>The calendar by the decisions known on the day of a moment.</summary>
    public WorkCalendar Known(DateTimeOffset at) => Calendar.AsKnownOn(DateOnly.FromDateTime(Calendar.Local(at).DateTime));
}
