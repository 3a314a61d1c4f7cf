using System.Text;
using EventDossier.Import;

namespace EventDossier.Tests.Import;

/// <summary>A file read twice, as the importer does; both passes must agree.</summary>
internal sealed record Reading(IReadOnlyList<ImportedCase> Cases, IReadOnlyList<Fault> Faults, LogScan Scan)
{
    private static readonly string Root = FindRoot();

    /// <summary>Real logs that are not part of the product.</summary>
    public static string Shared(string file) => Path.Combine(Root, "..", "shared", "data", file);

    public static Reading Of(string path, string? format = null, string? map = null, string zone = "UTC")
    {
        var scan = LogFile.Open(path, format, map is null ? null : ImportMapping.Parse(map), TimeZoneInfo.FindSystemTimeZoneById(zone));
        var (cases, faults) = Pass(scan);
        var hash = scan.Sha256;
        var (again, faultsAgain) = Pass(scan);
        scan.Sha256.ShouldBe(hash);
        again.Count.ShouldBe(cases.Count);
        faultsAgain.ShouldBe(faults);
        foreach (var fault in faults)
        {
            fault.Reason.ShouldNotBeNullOrWhiteSpace();
            (fault.Place + fault.CaseId + fault.Reason).ShouldAllBe(c => !char.IsControl(c));
            fault.Reason.Length.ShouldBeLessThan(1500);
            fault.Place.ShouldNotBeNullOrWhiteSpace();
        }
        return new Reading(cases, faults, scan);
    }

    public static Reading OfBytes(byte[] content, string name, string? map = null, string zone = "UTC")
    {
        var directory = Directory.CreateTempSubdirectory("dossier-test-");
        try
        {
            var path = Path.Combine(directory.FullName, name);
            File.WriteAllBytes(path, content);
            return Of(path, null, map, zone);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    public static Reading OfText(string content, string name, string? map = null, string zone = "UTC") => OfBytes(Encoding.UTF8.GetBytes(content), name, map, zone);

    public ImportedCase Case(string id) => Cases.Single(c => c.Id == id);

    /// <summary>Exactly one fault, and no case was blamed: the file could not be read on.</summary>
    public Fault FileFault()
    {
        Cases.ShouldBeEmpty();
        var fault = Faults.ShouldHaveSingleItem();
        fault.CaseId.ShouldBeNull();
        return fault;
    }

    private static (List<ImportedCase>, List<Fault>) Pass(LogScan scan)
    {
        var faults = new List<Fault>();
        var cases = scan.Cases(faults.Add).ToList();
        return (cases, faults);
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "EventDossier.sln"))) directory = directory.Parent ?? throw new InvalidOperationException("no EventDossier.sln above the tests");
        return directory.FullName;
    }
}

internal static class Spelled
{
    /// <summary>All of a case but its places, as text that can be compared. <paramref name="types"/>: with the types of attributes, which CSV does not have.</summary>
    public static string Out(this ImportedCase c, bool types = true, bool sorted = false)
    {
        var b = new StringBuilder();
        b.AppendLine($"case {c.Id} {c.Facts}").AppendLine(Attributes(c.Attributes, types, sorted));
        foreach (var a in c.Activities)
        {
            b.AppendLine($"{a.Name}|{a.At:O}|{a.Transition}|{a.Instance}|{a.Resource}|{a.Group}|{Attributes(a.Attributes, types, sorted)}");
            foreach (var r in a.Relations) b.AppendLine($"  {r}");
        }
        foreach (var o in c.Objects)
        {
            b.AppendLine($"object {o.Id} {o.Type} {Attributes(o.Attributes, types, sorted)}");
            foreach (var r in o.Relations) b.AppendLine($"  {r}");
        }
        return b.ToString();
    }

    private static string Attributes(IEnumerable<SourceAttribute> attributes, bool types, bool sorted) =>
        string.Join(";", (sorted ? attributes.OrderBy(a => a.Key, StringComparer.Ordinal) : attributes)
            .Select(a => $"{a.Key}:{(types ? a.Type : "")}={a.Value}@{a.At}[{Attributes(a.Children ?? [], types, sorted)}]"));
}
