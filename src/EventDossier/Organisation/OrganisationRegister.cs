using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Organisation;

/// <summary>Carries acts of the organisation out: load, decide, append; again from a fresh read when somebody else was faster.</summary>
/// <param name="recordedAt">Only in a sample database: the recording time of a simulated clock.</param>
public sealed class OrganisationRegister(Database database, DateTimeOffset? recordedAt = null)
{
    private const int MostTries = 8;
    private static readonly Guid _commands = new("0c3f64c3-9d2c-5e0c-8f0e-7a3c6f2b1d94");

    /// <param name="Events">What was appended; empty when all was so already.</param>
    public sealed record Result(IReadOnlyList<OrganisationEvent> Events, Refusal? Refusal = null);

    /// <summary>One act, or several that belong together, each judged with those before it done. All are appended or none, unless somebody takes a hand in between.</summary>
    public Task<Result> DoAsync(IReadOnlyList<OrganisationEvent> proposals, CommandMetadata by, CancellationToken cancel = default) =>
        DoAsync(organisation =>
        {
            var events = new List<OrganisationEvent>();
            foreach (var proposal in proposals)
            {
                var decision = OrganisationRules.Decide(proposal, organisation);
                if (decision.Refusal is not null)
                    return new([], decision.Refusal);
                if (decision.Event is not { } e)
                    continue;
                events.Add(e);
                organisation = organisation.After(e);
            }
            return new(events);
        }, by, cancel);

    /// <summary>
    /// Brings in a file: all is judged before the first write, and what is so already adds nothing. The order in which streams are appended is that of the file, so
    /// an import that was cut off is finished by the next.
    /// </summary>
    /// <exception cref="UserError"><c>bad-file</c>: entries that the rules refuse, with their lines.</exception>
    public async Task<ImportResult> ImportAsync(OrganisationFile file, CommandMetadata by, CancellationToken cancel = default)
    {
        var left = new List<string>();
        var result = await DoAsync(organisation =>
        {
            var events = file.Differences(organisation);
            var after = events.Aggregate(organisation, (o, e) => o.After(e));
            left = [.. file.NotNamed(after)];
            return new(events);
        }, by, cancel);
        return result.Refusal is { } busy ? throw new UserError("taken-meanwhile", busy.Reason) : new(result.Events.Count, file.Count - result.Events.Count, left);
    }

    /// <param name="NotInFile">Units that are open, but not in the file: nothing is closed because a line is missing.</param>
    public sealed record ImportResult(int Added, int Unchanged, IReadOnlyList<string> NotInFile);

    private async Task<Result> DoAsync(Func<Organisation, Result> decide, CommandMetadata by, CancellationToken cancel)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            var organisation = await Organisation.LoadAsync(database, cancel);
            var decided = decide(organisation);
            if (decided.Refusal is not null || decided.Events.Count == 0)
                return decided;
            var appends = decided.Events.GroupBy(Organisation.StreamOf).Select(stream =>
            {
                var version = organisation.VersionOf(stream.Key);
                var said = string.Join('\n', stream.Select(e => database.Names.Encode(e).Json));
                // The same said of the same version is the same command: of two who say it at once, one appends and the other is told so.
                return new StreamAppend(stream.Key, Organisation.StreamType, version, by with { CommandId = Uuid.V5(_commands, $"{stream.Key} {version} {said}") }, [.. stream], recordedAt);
            });
            var outcomes = await database.Log.AppendAsync([.. appends], cancel);
            if (!outcomes.Any(o => o is AppendOutcome.Conflict))
                return decided;
        }
        return new([], new("busy", "the organisation is being changed by others all the time; try again"));
    }
}
