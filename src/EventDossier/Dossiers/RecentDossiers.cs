using EventDossier.Store;

namespace EventDossier.Dossiers;

/// <summary>Dossiers as they were last appended to here.</summary>
internal sealed class RecentDossiers(int most)
{
    private readonly Lock _gate = new();
    private readonly Recent<Dossier> _recent = new(most);

    public Dossier? Find(string code)
    {
        lock (_gate)
            return _recent.Find(code);
    }

    public void Keep(Dossier dossier)
    {
        lock (_gate)
        {
            // Two appends to one dossier may come back in either order.
            if (!(_recent.Find(dossier.Code)?.Version > dossier.Version))
                _recent.Keep(dossier.Code, dossier);
        }
    }

    public void Forget(string code)
    {
        lock (_gate)
            _recent.Forget(code);
    }
}
