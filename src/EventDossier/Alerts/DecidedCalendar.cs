using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Alerts;

/// <summary>The calendar that alarms are planned by. A decision on it moves what lies ahead: in a dossier that was finished before it was entered, nothing falls due any more that had not by then.</summary>
/// <param name="decided">The stream <c>/calendar</c>, in order.</param>
internal sealed class DecidedCalendar(IReadOnlyList<StoredEvent> decided)
{
    private readonly WorkCalendar?[] _after = new WorkCalendar?[decided.Count + 1];

    /// <summary>With every decision.</summary>
    public WorkCalendar Whole => After(decided.Count);

    /// <summary>As it was known when the dossier was finished; the whole one for a dossier that is not.</summary>
    public WorkCalendar Of(Dossier dossier) => dossier.FinishedAt is { } finished
        ? After(decided.Count(e => e.RecordedAt <= finished)).AsKnownOn(DateOnly.FromDateTime(WorkCalendar.Vietnam.Local(finished).DateTime))
        : Whole;

    private WorkCalendar After(int many) => many == 0 ? WorkCalendar.Vietnam
        : Volatile.Read(ref _after[many]) ?? (_after[many] = Calendars.Of(decided.Take(many)));
}
