using EventDossier.StoreTests;
using Npgsql;

namespace EventDossier.EndToEnd.Docs;

/// <summary>The drill in the documents, done as it stands there.</summary>
public sealed class TamperDrillTests : IAsyncLifetime
{
    private static readonly string Docs = Path.Combine(TestDatabase.RepositoryRoot, "docs");
    private static readonly string Page = Path.Combine(Docs, "how-to", "verify-and-tamper-drill.md");
    private TestDatabase database = null!;

    public async Task InitializeAsync()
    {
        database = await TestDatabase.CreateAsync();
        (await Dossier.RunAsync(database, "migrate")).Exit.ShouldBe(0);
        var sample = Path.Combine(Docs, "samples", "service-centre");
        (await Dossier.RunAsync(database, "import", sample + ".csv", "--map", sample + ".map.json")).Exit.ShouldBe(0);
    }

    public async Task DisposeAsync() => await database.DisposeAsync();

    [Fact]
    public async Task The_tamper_drill_goes_as_its_page_says()
    {
        var (refused, cheat) = await SqlOfPageAsync();
        await ShouldStandOnPageAsync(exit: 0, "verify");

        var refusal = await Should.ThrowAsync<PostgresException>(() => ExecuteAsync(refused));
        (await File.ReadAllTextAsync(Page)).ShouldContain($"ERROR:  {refusal.MessageText}");
        await ShouldStandOnPageAsync(exit: 0, "verify");

        await ExecuteAsync(cheat);
        await ShouldStandOnPageAsync(exit: 1, "verify");

        (await Dossier.RunAsync(database, "rebuild", "--all")).Exit.ShouldBe(0);
        await ShouldStandOnPageAsync(exit: 1, "verify");
    }

    /// <summary>What was answered stands there line by line, without anything in between.</summary>
    private async Task ShouldStandOnPageAsync(int exit, params string[] verb)
    {
        var run = await Dossier.RunAsync(database, verb);
        run.Exit.ShouldBe(exit, run.Error);
        var block = string.Concat(run.Output.TrimEnd('\n').Split('\n').Select(line => $"    {line}\n"));
        (await File.ReadAllTextAsync(Page)).ShouldContain($"    $ dossier {string.Join(' ', verb)}\n{block}", Case.Sensitive);
    }

    /// <summary>The statements after <c>=></c>: the first is refused, the others are one script.</summary>
    private static async Task<(string Refused, string Cheat)> SqlOfPageAsync()
    {
        var lines = (await File.ReadAllLinesAsync(Page)).Where(line => line.StartsWith("    => ", StringComparison.Ordinal) || line.StartsWith("        ", StringComparison.Ordinal));
        var statements = string.Join('\n', lines.Select(line => line.Trim().TrimStart('=', '>'))).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return (statements[0], string.Join(";\n", statements[1..]));
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var owner = new NpgsqlConnection(database.ConnectionString);
        await owner.OpenAsync();
        await using var command = new NpgsqlCommand(sql, owner);
        await command.ExecuteNonQueryAsync();
    }
}
