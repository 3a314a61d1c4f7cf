using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Deliveries;
using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Portal;

/// <summary>
/// Takes what came in at the national portal, and goes along with what other systems told it. Both may be read again from the beginning at any time: a code of the portal is one dossier,
/// and a word of an owner system counts once.
/// </summary>
public sealed class PortalIntake(Database database, Desk desk, Func<Task<KeyStore>> keys, PortalCalls portal)
{
    private const string Actor = "portal";
    private const string TrackedCursor = "portal tracked";

    /// <summary>What vouches for a time that lies further back than a person could date it.</summary>
    private const string Voucher = "national portal";

    private static readonly Guid _tracked = new("1f7a4b7e-62c4-5a0e-8d52-7f1f0f7f3d61");

    /// <param name="New">Dossiers begun.</param>
    /// <param name="Followed">Words of owner systems that moved a dossier.</param>
    /// <param name="Refused">What could not be taken, and why.</param>
    public sealed record Result(int New, int Followed, IReadOnlyList<NotTaken> Refused);

    public sealed record NotTaken(string ExternalCode, string Code, string Reason);

    /// <summary>Takes until cancelled. What stops it is told by <paramref name="fault"/>, and by null when it goes on.</summary>
    public async Task RunAsync(TimeSpan every, Action<string?> fault, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                var taken = await TakeAsync(fromTheBeginning: false, cancel);
                fault(taken.Refused is [var first, ..] ? $"{taken.Refused.Count} not taken; {first.ExternalCode}: {first.Reason}" : null);
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
            {
                fault(e.Message);
            }
            await Task.Delay(every, database.Clock, cancel);
        }
    }

    /// <param name="fromTheBeginning">Owner systems' words too that were read before.</param>
    /// <exception cref="DeliveryFailedException">What was taken until then stays taken.</exception>
    public async Task<Result> TakeAsync(bool fromTheBeginning, CancellationToken cancel = default)
    {
        var (begun, followed, refused) = (0, 0, new List<NotTaken>());
        await foreach (var submission in portal.SubmissionsAsync(cancel))
        {
            var (result, isNew) = await SubmitAsync(submission, cancel);
            begun += isNew ? 1 : 0;
            if (result?.Refusal is { } why)
                refused.Add(new(submission.ExternalCode, why.Code, why.Reason));
        }
        await foreach (var (items, next) in portal.TrackedAsync(fromTheBeginning ? null : await HeardAsync(cancel), cancel))
        {
            foreach (var told in items)
            {
                var result = await FollowAsync(told, cancel);
                followed += result.Position > 0 ? 1 : 0;
                if (result.Refusal is { } why)
                    refused.Add(new(told.ExternalCode, why.Code, why.Reason));
            }
            if (next is not null)
                await HeardAsync(next, cancel);
        }
        return new(begun, followed, refused);
    }

    /// <summary>The dossier of a code of the portal; null where there is none.</summary>
    public static async Task<string?> FindAsync(Database database, string externalCode, CancellationToken cancel = default) =>
        (await database.Log.FindCommandAsync(Desk.OnceId(new SubmitDossier("", "", ExternalCode: externalCode).Once!), cancel))?.Stream;

    private async Task<(Desk.Result? Result, bool IsNew)> SubmitAsync(PortalCalls.Submission submission, CancellationToken cancel)
    {
        if (await FindAsync(database, submission.ExternalCode, cancel) is not null)
            return (null, false);
        var now = Now;
        var at = submission.SubmittedAt < now ? WorkCalendar.Vietnam.Local(submission.SubmittedAt) : now;
        var command = Desk.OnceId($"portal {submission.ExternalCode}");
        var applicant = submission.Applicant is { Name.Length: > 0 } person ? await (await keys()).SealAsync(person, Uuid.V5(command, "applicant"), cancel) : null;
        var act = new SubmitDossier(submission.Procedure, "online", submission.Agency, Place: Voucher, Applicant: applicant, ExternalCode: submission.ExternalCode);
        var result = await desk.BeginAsync(act, Context(command, Role.Clerk, now, at, SubmitDossier.Rule), cancel);
        return (result, result.Refusal is null);
    }

    private async Task<Desk.Result> FollowAsync(PortalCalls.Tracked told, CancellationToken cancel)
    {
        if (await FindAsync(database, told.ExternalCode, cancel) is not { } code)
            return new(told.ExternalCode, 0, 0, new("no-such-dossier", $"there is no dossier of the portal's code {told.ExternalCode}"));
        var dossier = Dossier.Fold(code, await database.Log.ReadStreamAsync(code, cancel: cancel));
        if (dossier.Tracked is { } last && told.Number <= last.Number)
            return new(code, dossier.Version, 0);
        var (now, began) = (Now, dossier.ReceivedAt ?? dossier.SubmittedAt ?? default);
        var at = WorkCalendar.Vietnam.Local(told.At < began ? began : told.At > now ? now : told.At);
        var act = new TrackProgress(told.Status, told.System, told.Number, told.Step, told.Officer, told.Unit, told.Outcome, told.Reason);
        return await desk.DoAsync(code, act, Context(Uuid.V5(_tracked, $"{told.ExternalCode}\n{told.Number}"), Role.Administrator, now, at, TrackProgress.Rule), cancel);
    }

    private DateTimeOffset Now => WorkCalendar.Vietnam.Local(database.Clock.GetUtcNow());

    private static ActContext Context(Guid command, string role, DateTimeOffset now, DateTimeOffset at, ActRule rule) =>
        new(now, new(command, Actor, role), at, now - at > rule.BackDating ? Voucher : null);

    private async Task<string?> HeardAsync(CancellationToken cancel)
    {
        await using var command = database.App.CreateCommand($"SELECT cursor FROM dossier_outbox.heard WHERE name = '{TrackedCursor}'");
        return await command.ExecuteScalarAsync(cancel) as string;
    }

    private async Task HeardAsync(string cursor, CancellationToken cancel)
    {
        await using var command = database.App.CreateCommand(
            $"INSERT INTO dossier_outbox.heard (name, cursor) VALUES ('{TrackedCursor}', @cursor) ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor");
        command.Parameters.Add(new NpgsqlParameter<string>("cursor", cursor));
        await command.ExecuteNonQueryAsync(cancel);
    }
}
