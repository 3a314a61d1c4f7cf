using EventDossier.Deadlines;

namespace EventDossier.Dossiers;

internal static class ClockEvents
{
    /// <summary>The event with what is due after it, by the calendar that is known as it is recorded.</summary>
    public static T Dated<T>(this T @event, Dossier dossier, ActContext context) where T : ClockMoved
    {
        var (after, calendar) = (dossier.After(@event, dossier.Version + 1), context.Rules.Known(context.Now));
        return @event with
        {
            Due = after.Clock is { } clock ? DueDate.Of(clock, calendar) : dossier.Due,
            GeneralDue = after.GeneralClock is { } general ? DueDate.Of(general, calendar) : null,
        };
    }
}
