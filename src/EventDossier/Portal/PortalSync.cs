using EventDossier.Applicants;
using EventDossier.Deliveries;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Portal;

/// <summary><c>dossier sync</c>: takes, tells, compares, tells anew what differs, and compares once more.</summary>
public static class PortalSync
{
    /// <summary>How far back what the portal lacks altogether is looked for, unless it is said otherwise.</summary>
    public static readonly TimeSpan Back = TimeSpan.FromDays(30);

    /// <param name="ToldAnew">Messages that went out because the sides differed.</param>
    /// <param name="Left">What they still disagree on.</param>
    public sealed record Result(PortalIntake.Result Taken, long Sent, long Failed, int ToldAnew, IReadOnlyList<Disagreement> Left);

    /// <exception cref="UserError"><c>no-portal</c>; <c>portal-unreachable</c>: what was done until then stays done.</exception>
    public static async Task<Result> RunAsync(
        Database database, Desk desk, Func<Task<KeyStore>> keys, DeliveryService delivery, DeliverySettings settings, DateTimeOffset since, CancellationToken cancel = default)
    {
        using var portal = Calls(database, settings);
        try
        {
            var reconciliation = new Reconciliation(database, portal);
            var taken = await new PortalIntake(database, desk, keys, portal).TakeAsync(fromTheBeginning: true, cancel);
            var (sent, failed) = await delivery.SendOnceAsync(cancel);
            var found = await reconciliation.CompareAsync(since, cancel);
            var anew = await reconciliation.TellAsync(found, cancel);
            if (anew == 0)
                return new(taken, sent, failed, 0, found);
            var (again, failedAgain) = await delivery.SendOnceAsync(cancel);
            return new(taken, sent + again, failed + failedAgain, anew, await reconciliation.CompareAsync(since, cancel));
        }
        catch (DeliveryFailedException e)
        {
            throw new UserError("portal-unreachable", e.Message);
        }
    }

    /// <exception cref="UserError"><c>no-portal</c>, <c>portal-unreachable</c></exception>
    public static async Task<IReadOnlyList<Disagreement>> CompareAsync(Database database, DeliverySettings settings, DateTimeOffset since, CancellationToken cancel = default)
    {
        using var portal = Calls(database, settings);
        try
        {
            return await new Reconciliation(database, portal).CompareAsync(since, cancel);
        }
        catch (DeliveryFailedException e)
        {
            throw new UserError("portal-unreachable", e.Message);
        }
    }

    /// <exception cref="UserError"><c>no-portal</c></exception>
    public static PortalCalls Calls(Database database, DeliverySettings settings) => settings.Portal is { } portal ? new(portal, settings.Timeout, database.Clock)
        : throw new UserError("no-portal", "Portal__Url is not set: this centre speaks with no portal");
}
