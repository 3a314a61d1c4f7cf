using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Applicants;

/// <summary>Seals what is personal in an act before the act is made. The key store is asked for when it is first needed.</summary>
/// <param name="code">The dossier; null where the act begins one.</param>
/// <param name="command">The same command sent again seals the same.</param>
public sealed class Sealer(Database database, Func<Task<KeyStore>> keys, string? code, Guid command)
{
    public Task<KeyStore> KeysAsync() => keys();

    public async Task<Sealed> SealAsync(Applicant applicant, CancellationToken cancel) => await (await keys()).SealAsync(applicant, Uuid.V5(command, "applicant"), cancel);

    public async Task<Sealed> SealAsync(string text, CancellationToken cancel) => await (await keys()).SealTextAsync(await ApplicantAsync(cancel), text, cancel);

    /// <summary>Under whose key the dossier's personal data lies.</summary>
    public async Task<Guid> ApplicantAsync(CancellationToken cancel) => Dossier.Fold(code!, await History.ReadAsync(database.Log, code!, new(), cancel)).Applicant?.Applicant
        ?? throw new UserError("no-applicant", $"{code} names no applicant whose key could seal this");
}
