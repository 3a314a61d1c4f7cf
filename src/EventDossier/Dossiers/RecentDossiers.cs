namespace EventDossier.Dossiers;

/// <summary>Dossiers as they were last appended to here, in two generations: when the young one is full it becomes the old one.</summary>
internal sealed class RecentDossiers(int most)
{
    private readonly Lock _gate = new();
    private Dictionary<string, Dossier> _young = [];
    private Dictionary<string, Dossier> _old = [];

    public Dossier? Find(string code)
    {
        lock (_gate)
            return _young.GetValueOrDefault(code) ?? _old.GetValueOrDefault(code);
    }

    public void Keep(Dossier dossier)
    {
        lock (_gate)
        {
            // Two appends to one dossier may come back in either order.
            if ((_young.GetValueOrDefault(dossier.Code) ?? _old.GetValueOrDefault(dossier.Code))?.Version > dossier.Version)
                return;
            if (_young.Count >= most / 2)
                (_old, _young) = (_young, []);
            _young[dossier.Code] = dossier;
        }
    }

    public void Forget(string code)
    {
        lock (_gate)
        {
            _young.Remove(code);
            _old.Remove(code);
        }
    }
}
