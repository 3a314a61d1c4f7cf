using EventDossier.Deadlines;

namespace EventDossier.Dossiers;

internal static class ClockEvents
{
    /// <summary>The event with what is due after it, by the calendar that is known as it is recorded.</summary>
    public static T Dated<T>(this T @event, Dossier dossier, ActContext context) where T : ClockMoved => @event.Dated(dossier, context.Rules.Known(context.Now));

    public static T Dated<T>(this T @event, Dossier dossier, WorkCalendar calendar) where T : ClockMoved
    {
        var after = dossier.After(@event, dossier.Version + 1);
        return @event with
        {
            Due = after.Clock is { } clock ? DueDate.Of(clock, calendar) : dossier.Due,
            GeneralDue = after.GeneralClock is { } general ? DueDate.Of(general, calendar) : null,
        };
    }
}
