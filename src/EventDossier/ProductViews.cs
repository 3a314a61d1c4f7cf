using EventDossier.Alerts;
using EventDossier.Audit;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Questionnaires;
using EventDossier.Queues;
using EventDossier.Store;

namespace EventDossier;

/// <summary>Every view of the product.</summary>
public static class ProductViews
{
    public static IReadOnlyList<View> All { get; } = [Overview.View, DeadlineBoard.View, WorkList.View, Alarms.View, Inbox.View, AccessLog.View, Tickets.View, Invitations.View];

    /// <exception cref="UserError"><c>no-such-view</c></exception>
    public static View Named(string name) => All.SingleOrDefault(v => v.Name == name)
        ?? throw new UserError("no-such-view", $"there is no view '{name}'; views are {string.Join(", ", All.Select(v => v.Name))}");
}
