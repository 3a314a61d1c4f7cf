using EventDossier.Complaints;
using EventDossier.Deadlines;
using EventDossier.Documents;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Applicants;

/// <summary>Somebody was handed what dossiers hold of their applicants, in clear. Nothing in it is personal.</summary>
/// <param name="Where">Verb or route.</param>
/// <param name="Dossiers">Their codes; a page of a list is one opening.</param>
public sealed record PersonalDataOpened(DateTimeOffset OccurredAt, string By, string Role, OpenedData What, string Where, IReadOnlyList<string> Dossiers)
{
    /// <summary>Of a document: its hash, as the dossier has it.</summary>
    public string? Document { get; init; }

    /// <summary>Why, in the reader's own words.</summary>
    public string? Reason { get; init; }

    public const string StreamType = "access";

    /// <summary>One stream for each day: a stream of its own for each dossier would make a page of names as many events as it has rows.</summary>
    public static string Stream(DateTimeOffset at) => $"/access/{at:yyyy-MM-dd}";
}

public enum OpenedData { Applicant, Document, Notice, Pack }

/// <summary>Who wants to see personal data, and where.</summary>
/// <param name="Id">Of this one request: asked for the same twice within it, the access log has it once.</param>
public sealed record Reader(Guid Id, string Actor, string Role, string Where, string? Reason = null);

/// <summary>
/// The one place where what is personal is opened for somebody: read, put down in the access log, and only then handed out. Where it can't be put down nothing is handed out. Whether somebody
/// may is asked before.
/// </summary>
public sealed class PersonalData(Database database, Func<Task<KeyStore>> keys)
{
    /// <summary>The applicants of a page of dossiers, in one round trip to the key store and one to the log; null where one was erased.</summary>
    /// <exception cref="UserError"><c>sealed-damaged</c>, <c>key-missing</c></exception>
    public async Task<IReadOnlyList<Applicant?>> OpenAsync(
        Reader reader, IReadOnlyList<(string Code, Sealed Data)> page, OpenedData what = OpenedData.Applicant, CancellationToken cancel = default)
    {
        if (page.Count == 0)
            return [];
        var opened = await (await keys()).OpenAsync([.. page.Select(row => row.Data)], cancel);
        // Nothing is handed out of who was erased.
        await RecordAsync(reader, what, [.. page.Zip(opened).Where(pair => pair.Second is not null).Select(pair => pair.First.Code).Distinct()], null, cancel);
        return opened;
    }

    /// <summary>The names of a page of dossiers.</summary>
    /// <returns>
    /// By the dossiers' codes: null where the applicant was erased, nothing where a dossier names none. Null as a whole where the key store can't be reached: a page without
    /// names is better than none.
    /// </returns>
    /// <exception cref="UserError"><c>sealed-damaged</c>, <c>key-missing</c></exception>
    public async Task<IReadOnlyDictionary<string, string?>?> NamesAsync(Reader reader, IEnumerable<Overview.Row> page, CancellationToken cancel = default)
    {
        var named = page.Where(row => row.Sealed is not null).ToList();
        IReadOnlyList<Applicant?> applicants;
        try
        {
            applicants = named.Count == 0 ? [] : await (await keys()).OpenAsync([.. named.Select(row => new Sealed(Guid.Parse(row.Applicant!), row.Sealed!))], cancel);
        }
        catch (Exception e) when (Failure.Of(e) is { Exit: 3 })
        {
            return null;
        }
        await RecordAsync(reader, OpenedData.Applicant, [.. named.Zip(applicants).Where(pair => pair.Second is not null).Select(pair => pair.First.Code)], null, cancel);
        return named.Zip(applicants).ToDictionary(pair => pair.First.Code, pair => pair.Second?.Name);
    }

    /// <summary>What a dossier holds of persons: its applicants, agents and comments, each by the version of its event, in clear; null where the applicant was erased.</summary>
    public async Task<IReadOnlyList<(long Version, Applicant? Applicant, string? Text)>> OpenAsync(Reader reader, IReadOnlyList<StoredEvent> events, OpenedData what, CancellationToken cancel = default)
    {
        var store = await keys();
        var opened = new List<(long, Applicant?, string?)>();
        foreach (var e in events)
        {
            if (ApplicantOf(e.Event) is { } applicant)
                opened.Add((e.Version, await store.OpenAsync(applicant, cancel), null));
            else if (TextOf(e.Event) is { } text)
                opened.Add((e.Version, null, await store.OpenTextAsync(text, cancel)));
        }
        await RecordAsync(reader, what, opened.Exists(o => o is not (_, null, null)) ? [events[0].Stream] : [], null, cancel);
        return opened;
    }

    /// <summary>A document of a dossier; null where its applicant was erased.</summary>
    /// <exception cref="UserError"><c>no-such-dossier</c>; <c>no-such-document</c>: the dossier, or the folder, has none of that hash; <c>document-damaged</c>.</exception>
    public async Task<(byte[]? Bytes, string MediaType)> DocumentAsync(Reader reader, string folder, string code, string sha256, CancellationToken cancel = default)
    {
        var dossier = new Dossier(code);
        foreach (var e in await History.ReadAsync(database.Log, code, new(), cancel))
        {
            dossier = dossier.After((DossierEvent)e.Event, e.Version);
            // It lies under the key of whoever was the applicant then.
            if (e.Event is not DocumentAttached attached || attached.Sha256 != sha256)
                continue;
            var bytes = await new DocumentFolder(folder, await keys()).ReadAsync(dossier.Applicant!.Applicant, sha256, cancel);
            if (bytes is not null)
                await RecordAsync(reader, OpenedData.Document, [code], sha256, cancel);
            return (bytes, attached.MediaType);
        }
        throw new UserError("no-such-document", $"{code} has no document {sha256}");
    }

    /// <summary>Something that is not personal, told from what is: nothing is handed out, and nothing put down.</summary>
    public async Task<T?> TellAsync<T>(Sealed data, Func<Applicant, T> tell, CancellationToken cancel = default) where T : struct =>
        await (await keys()).OpenAsync(data, cancel) is { } applicant ? tell(applicant) : null;

    /// <summary>Whatever of a person an event holds.</summary>
    internal static Sealed? SealedIn(object @event) => ApplicantOf(@event) ?? TextOf(@event);

    /// <summary>Whether somebody could still read it; nothing is handed out.</summary>
    internal static async Task<bool> OpensAsync(KeyStore keys, object @event, CancellationToken cancel) =>
        ApplicantOf(@event) is { } applicant ? await keys.OpenAsync(applicant, cancel) is not null : TextOf(@event) is { } text && await keys.OpenTextAsync(text, cancel) is not null;

    private static Sealed? ApplicantOf(object @event) => @event switch
    {
        DossierSubmitted e => e.Applicant,
        DossierReceived e => e.Applicant,
        ApplicantCorrected e => e.Applicant,
        _ => null,
    };

    private static Sealed? TextOf(object @event) => @event switch
    {
        ResultReturned e => e.Agent,
        DossierRated e => e.Comment,
        ComplaintReceived e => e.Statement,
        ComplaintAnswered e => e.Answer,
        ComplaintDeclined e => e.Reason,
        _ => null,
    };

    private async Task RecordAsync(Reader reader, OpenedData what, IReadOnlyList<string> dossiers, string? document, CancellationToken cancel)
    {
        if (dossiers.Count == 0)
            return;
        var opened = new PersonalDataOpened(WorkCalendar.Vietnam.Local(database.Clock.GetUtcNow()), reader.Actor, reader.Role, what, reader.Where, dossiers) { Document = document, Reason = reader.Reason };
        var command = new CommandMetadata(Uuid.V5(reader.Id, $"{what} {document} {string.Join(' ', dossiers)}"), reader.Actor, reader.Role);
        var outcome = (await database.Log.AppendAsync([new(PersonalDataOpened.Stream(opened.OccurredAt), PersonalDataOpened.StreamType, StreamAppend.Any, command, [opened])], cancel))[0];
        if (outcome is AppendOutcome.Conflict)
            throw new InvalidOperationException("the access log takes any version");
    }
}
