namespace EventDossier.Store;

/// <summary>What was last made of each stream, as far as there is room, in two generations: when the young one is full it becomes the old one. For one caller at a time.</summary>
internal sealed class Recent<T>(int most) where T : class
{
    private Dictionary<string, T> _young = [];
    private Dictionary<string, T> _old = [];

    public T? Find(string stream) => _young.GetValueOrDefault(stream) ?? _old.GetValueOrDefault(stream);

    public void Keep(string stream, T value)
    {
        if (_young.Count >= most / 2)
            (_old, _young) = (_young, []);
        _young[stream] = value;
    }

    public void Forget(string stream)
    {
        _young.Remove(stream);
        _old.Remove(stream);
    }
}
