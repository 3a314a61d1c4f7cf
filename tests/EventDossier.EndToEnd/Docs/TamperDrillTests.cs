using System.Text.RegularExpressions;
using EventDossier.StoreTests;
using Npgsql;

namespace EventDossier.EndToEnd.Docs;

/// <summary>The drill in the documents, done as it stands there.</summary>
public sealed partial class TamperDrillTests : IAsyncLifetime
{
    private static readonly string Docs = Path.Combine(TestDatabase.RepositoryRoot, "docs");
    private static readonly string Page = Path.Combine(Docs, "how-to", "verify-and-tamper-drill.md");
    private readonly string _kept = Path.GetTempFileName();
    private TestDatabase database = null!;

    public async Task InitializeAsync()
    {
        database = await TestDatabase.CreateAsync();
        (await Dossier.RunAsync(database, "migrate")).Exit.ShouldBe(0);
        var sample = Path.Combine(Docs, "samples", "service-centre");
        (await Dossier.RunAsync(database, "import", sample + ".csv", "--map", sample + ".map.json")).Exit.ShouldBe(0);
    }

    public async Task DisposeAsync()
    {
        await database.DisposeAsync();
        File.Delete(_kept);
    }

    [Fact]
    public async Task The_tamper_drill_goes_as_its_page_says()
    {
        var (refused, cheat, vanish) = await SqlOfPageAsync();
        var checkpoint = await Dossier.RunAsync(database, "checkpoint", "--wait");
        await File.WriteAllTextAsync(_kept, checkpoint.Output);
        await ShouldStandOnPageAsync(exit: 0, "verify");

        var refusal = await Should.ThrowAsync<PostgresException>(() => ExecuteAsync(refused));
        (await File.ReadAllTextAsync(Page)).ShouldContain($"ERROR:  {refusal.MessageText}");
        await ShouldStandOnPageAsync(exit: 0, "verify");

        await ExecuteAsync(cheat);
        await ShouldStandOnPageAsync(exit: 1, "verify");

        (await Dossier.RunAsync(database, "rebuild", "--all")).Exit.ShouldBe(0);
        await ShouldStandOnPageAsync(exit: 1, "verify");

        await ExecuteAsync(vanish);
        await ShouldStandOnPageAsync(exit: 1, "verify", "--tree", "--checkpoint", _kept);
    }

    /// <summary>What was answered stands there line by line, without anything in between; but for hashes, and where this test has its files.</summary>
    private async Task ShouldStandOnPageAsync(int exit, params string[] verb)
    {
        var run = await Dossier.RunAsync(database, verb);
        run.Exit.ShouldBe(exit, run.Error);
        var block = string.Concat($"$ dossier {string.Join(' ', verb)}\n{run.Output}".TrimEnd('\n').Split('\n').Select(line => $"    {line}\n"))
            .Replace(_kept, "kept.checkpoint", StringComparison.Ordinal)
            .Replace(Path.GetDirectoryName(TestDatabase.SigningKeyFile(database.Name))!, ".data/keys", StringComparison.Ordinal);
        (await File.ReadAllTextAsync(Page)).ShouldContain(Hash().Replace(block, "…"), Case.Sensitive);
    }

    /// <summary>The statements after <c>=></c>: the first is refused, the others are two scripts.</summary>
    private static async Task<(string Refused, string Cheat, string Vanish)> SqlOfPageAsync()
    {
        var lines = (await File.ReadAllLinesAsync(Page)).Where(line => line.StartsWith("    => ", StringComparison.Ordinal) || line.StartsWith("        ", StringComparison.Ordinal));
        var scripts = string.Join('\n', lines.Select(line => line.Trim().TrimStart('=', '>'))).Split("BEGIN;");
        return (scripts[0], $"BEGIN;{scripts[1]}", $"BEGIN;{scripts[2]}");
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var owner = new NpgsqlConnection(database.ConnectionString);
        await owner.OpenAsync();
        await using var command = new NpgsqlCommand(sql, owner);
        await command.ExecuteNonQueryAsync();
    }

    [GeneratedRegex("[0-9a-f]{64}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Hash();
}
