using EventDossier.Store;

namespace EventDossier.Tests.Samples;

/// <summary>One JSON file for each stored event name. A sample is never changed and never goes: what was written once is read for ever.</summary>
internal static class Sample
{
    private static readonly string _folder = Repository.Path("tests", "EventDossier.Tests", "Samples");

    public static IEnumerable<string> Files => Directory.EnumerateFiles(_folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file));

    public static byte[] Json(string name) => File.ReadAllBytes(Path.Combine(_folder, $"{name}.json"));

    public static object Event(string name) => ProductEvents.Names.Decode(name, Json(name));

    /// <summary>As the log would hand it back.</summary>
    public static StoredEvent Stored(string name, long version = 1, string stream = "H49.12-260424-0001") => new(
        100 + version, Uuid.V5(Guid.Parse("5d6a6f2b-2f64-5b0e-8f0f-3a1a2f9f5c11"), name), stream, version, name, Json(name),
        new(2026, 5, 4, 2, 0, 0, TimeSpan.Zero), default, null, null, ProductEvents.Names);
}
