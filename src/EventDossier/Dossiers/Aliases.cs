using EventDossier.Store;

namespace EventDossier.Dossiers;

/// <summary>A code of an older system came to mean a dossier, in the stream <c>/alias/</c> and that code: the stream's name keeps it from meaning two.</summary>
/// <param name="Code">Of the dossier.</param>
public sealed record CodeAliased(DateTimeOffset OccurredAt, string Code);

/// <summary>Codes that dossiers had before.</summary>
public static class Aliases
{
    public const string StreamType = "alias";
    public const string StreamPrefix = "/alias/";

    /// <summary>With the prefix it is the name of a stream.</summary>
    public const int MostCharacters = 190;

    public static string Stream(string alias) => StreamPrefix + alias;

    public static string Of(string stream) => stream[StreamPrefix.Length..];

    /// <summary>The code of the dossier that had this one before; null where none had.</summary>
    public static async Task<string?> FindAsync(IEventLog log, string alias, CancellationToken cancel = default) =>
        alias.Length is 0 or > MostCharacters ? null : CodeIn(await log.ReadStreamAsync(Stream(alias), 1, cancel));

    /// <param name="events">Of an alias's stream.</param>
    public static string? CodeIn(IReadOnlyList<StoredEvent> events) => events is [{ Event: CodeAliased given }, ..] ? given.Code : null;

    /// <summary>The code itself where a dossier has it, else that of the dossier which had it before; the code as it is where none did.</summary>
    public static async Task<string> ResolveAsync(IEventLog log, string code, CancellationToken cancel = default) =>
        DossierCode.IsCode(code) && (await log.ReadStreamAsync(code, 1, cancel)).Count == 0 ? await FindAsync(log, code, cancel) ?? code : code;
}
