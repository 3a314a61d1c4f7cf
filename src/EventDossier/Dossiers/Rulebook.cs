using EventDossier.Deadlines;
using EventDossier.Procedures;
using EventDossier.Store;
using Units = EventDossier.Organisation.Organisation;

namespace EventDossier.Dossiers;

/// <summary>What a decision may look up: the calendar, the organisation and the catalogue, as they stood at one moment.</summary>
/// <param name="Calendar">With every decision there is; what was known when, it tells itself.</param>
/// <param name="Procedures">All versions of each, by code.</param>
public sealed record Rulebook(WorkCalendar Calendar, Units Organisation, IReadOnlyDictionary<string, IReadOnlyList<Procedure.Version>> Procedures)
{
    public static readonly Rulebook Empty = new(WorkCalendar.Vietnam, Units.Empty, new Dictionary<string, IReadOnlyList<Procedure.Version>>());

    /// <summary>Grows with every event that a rulebook is made of.</summary>
    public static async Task<long> VersionAsync(Database database, CancellationToken cancel = default)
    {
        await using var command = database.App.CreateCommand(
            """
            SELECT coalesce(sum(version), 0)::bigint FROM dossier.mt_streams
            WHERE id = '/calendar' OR (id >= '/organisation/' AND id < '/organisation0') OR (id >= '/procedure/' AND id < '/procedure0')
            """);
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }

    public static async Task<Rulebook> LoadAsync(Database database, CancellationToken cancel = default) => new(
        await Calendars.LoadAsync(database, cancel), await Units.LoadAsync(database, cancel), await new Catalogue(database).VersionsAsync(cancel: cancel));

    /// <summary>As it was known: calendar and organisation by what the log held then. A version of a procedure is pinned by its number, and the catalogue has all of them.</summary>
    public static async Task<Rulebook> LoadAsync(Database database, AsOf? known, CancellationToken cancel)
    {
        var rules = await LoadAsync(database, cancel);
        if (known is null or { Recorded: null, Position: null })
            return rules;
        var calendar = Calendars.Of((await database.Log.ReadStreamAsync(Calendars.Stream, cancel: cancel)).Where(known.Knows));
        return rules with
        {
            Calendar = known.Recorded is { } at ? calendar.AsKnownOn(calendar.DayOf(at)) : calendar,
            Organisation = await Units.LoadAsync(database, known.Knows, cancel),
        };
    }

    /// <summary>The calendar by the decisions known on the day of a moment.</summary>
    public WorkCalendar Known(DateTimeOffset at) => Calendar.AsKnownOn(DateOnly.FromDateTime(Calendar.Local(at).DateTime));

    /// <summary>The version in force at a moment: the latest to have come into force, and of two on one day the later published.</summary>
    public Procedure.Version? Procedure(string code, DateTimeOffset at) =>
        Procedures.GetValueOrDefault(code)?.Where(v => v.Published.OccurredAt <= at).OrderBy(v => v.Published.OccurredAt).ThenBy(v => v.Number).LastOrDefault();

    /// <summary>The version that a dossier is pinned to.</summary>
    public Procedure.Version? Procedure(ProcedurePin? pin) =>
        pin is null ? null : Procedures.GetValueOrDefault(pin.Code)?.FirstOrDefault(v => v.Number == pin.Version);

    /// <summary>Refuses a unit that the organisation does not know at that moment. A centre that keeps its organisation elsewhere names units as it likes.</summary>
    public Refusal? RefuseUnit(string unit, DateTimeOffset at) => Organisation.IsEmpty || Organisation.UnitAt(unit, at) is not null
        ? null
        : new("no-such-unit", $"there is no unit {unit} on {at:yyyy-MM-dd}");
}
