#pragma warning disable
namespace EventDossier.Dossiers;

public sealed record Authority(string Post);

public sealed class Organisation
{
    public static readonly Organisation Empty = new();
    public static Task<Organisation> LoadAsync(EventDossier.Store.Database database, CancellationToken cancel) => Task.FromResult(Empty);
    public bool IsEmpty => true;
    public Authority? AuthorityOf(string person, string postOrDelegation, string agency, DateTimeOffset at) => null;
    public object? UnitAt(string code, DateTimeOffset at) => null;
}
