using EventDossier.Store;

namespace EventDossier.Tests.Samples;

/// <summary>
/// JSON files for each stored event name, <c>name.json</c> and, where optional properties came later, <c>name+2.json</c> and so on. A sample is never
/// changed and never goes: what was written once is read for ever.
/// </summary>
internal static class Sample
{
    private static readonly string _folder = Repository.Path("tests", "EventDossier.Tests", "Samples");

    public static IEnumerable<string> Files => Directory.EnumerateFiles(_folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file));

    /// <summary>The event name that a sample is of.</summary>
    public static string NameOf(string sample) => sample.Split('+')[0];

    public static byte[] Json(string sample) => File.ReadAllBytes(Path.Combine(_folder, $"{sample}.json"));

    public static object Event(string sample) => ProductEvents.Names.Decode(NameOf(sample), Json(sample));

    /// <summary>As the log would hand it back.</summary>
    public static StoredEvent Stored(string sample, long version = 1, string stream = "H49.12-260424-0001") => new(
        100 + version, Uuid.V5(Guid.Parse("5d6a6f2b-2f64-5b0e-8f0f-3a1a2f9f5c11"), sample), stream, version, NameOf(sample), Json(sample),
        new(2026, 5, 4, 2, 0, 0, TimeSpan.Zero), default, null, null, ProductEvents.Names);
}
