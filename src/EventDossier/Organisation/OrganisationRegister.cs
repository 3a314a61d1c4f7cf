using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Organisation;

/// <summary>Carries acts of the organisation out: load, decide, append; again from a fresh read when somebody else was faster.</summary>
public sealed class OrganisationRegister(Database database)
{
    private const int MostTries = 8;
    private static readonly Guid _commands = new("0c3f64c3-9d2c-5e0c-8f0e-7a3c6f2b1d94");

    /// <param name="Events">What was appended; empty when all was so already.</param>
    public sealed record Result(IReadOnlyList<OrganisationEvent> Events, Refusal? Refusal = null);

    /// <param name="NotInFile">Units that are open, but not in the file: nothing is closed because a line is missing.</param>
    public sealed record ImportResult(int Added, int Unchanged, IReadOnlyList<string> NotInFile);

    /// <summary>
    /// One act, or several that belong together, each judged as if those before it were done; one refusal, and none is. Each stream is appended as a whole; where two people
    /// act at once, what is left is judged again.
    /// </summary>
    /// <param name="propose">Pure: the organisation as it stands, to the events wanted.</param>
    /// <param name="recordedAt">Only in a sample database.</param>
    public async Task<Result> DoAsync(
        Func<Organisation, IReadOnlyList<OrganisationEvent>> propose, CommandMetadata by, DateTimeOffset? recordedAt = null, CancellationToken cancel = default)
    {
        var appended = new List<OrganisationEvent>();
        for (var tries = 0; tries < MostTries; tries++)
        {
            var organisation = await Organisation.LoadAsync(database, cancel);
            var (after, events) = (organisation, new List<OrganisationEvent>());
            foreach (var proposal in propose(organisation))
            {
                var decision = OrganisationRules.Decide(proposal, after);
                if (decision.Refusal is not null)
                    return new(appended, decision.Refusal);
                if (decision.Event is not { } e)
                    continue;
                events.Add(e);
                after = after.After(e);
            }

            var streams = events.GroupBy(Organisation.StreamOf).ToList();
            var outcomes = await database.Log.AppendAsync([.. streams.Select(stream =>
            {
                var version = organisation.VersionOf(stream.Key);
                // The same said of the same version is the same command: of two who say it at once, one appends, and the other is told so.
                var said = string.Join('\n', stream.Select(e => database.Names.Encode(e).Json));
                return new StreamAppend(
                    stream.Key, Organisation.StreamType, version, by with { CommandId = Uuid.V5(_commands, $"{stream.Key} {version} {said}") }, [.. stream], recordedAt);
            })], cancel);
            appended.AddRange(streams.Zip(outcomes).Where(o => o.Second is AppendOutcome.Appended).SelectMany(o => o.First));
            if (!outcomes.Any(o => o is AppendOutcome.Conflict))
                return new(appended);
        }
        return new(appended, new("busy", "the organisation is being changed by others all the time; try again"));
    }

    /// <summary>Brings in what a file tells and the organisation does not know yet. All is judged before the first write; the next import finishes one that was cut off.</summary>
    /// <exception cref="UserError"><c>bad-file</c>: entries that the rules refuse, with their lines.</exception>
    public async Task<ImportResult> ImportAsync(OrganisationFile file, CommandMetadata by, DateTimeOffset? recordedAt = null, CancellationToken cancel = default)
    {
        var result = await DoAsync(file.Differences, by, recordedAt, cancel);
        return result.Refusal is { } busy
            ? throw new UserError("organisation-busy", busy.Reason)
            : new(result.Events.Count, file.Count - result.Events.Count, [.. file.NotNamed(await Organisation.LoadAsync(database, cancel))]);
    }
}
