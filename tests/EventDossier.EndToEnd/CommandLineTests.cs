using System.Diagnostics;
using System.Text.Json;
using EventDossier.Store;
using EventDossier.StoreTests;
using Npgsql;

namespace EventDossier.EndToEnd;

public sealed class CommandLineTests : IDisposable
{
    private static readonly (string, string) Nowhere = ("ConnectionStrings__EventDossier", "Host=127.0.0.1;Port=1;Username=nobody;Database=none");
    private readonly string folder = Directory.CreateTempSubdirectory("eventdossier-cli-").FullName;

    public CommandLineTests() => File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("db", "stauts")]
    [InlineData("db", "status", "--nope")]
    [InlineData("db")]
    [InlineData("nothing")]
    [InlineData("db", "status", "--data")]
    public async Task Wrong_use_is_one_line_that_names_what_and_where_to_read_more(params string[] arguments)
    {
        var run = await Dossier.RunAsync(arguments);
        run.Exit.ShouldBe(2);
        run.Output.ShouldBeEmpty();
        run.Error.ShouldMatch(@"\Adossier: .+ \(see dossier.* --help\)\n\z");
    }

    [Fact]
    public async Task A_verb_that_does_not_exist_is_named()
    {
        (await Dossier.RunAsync("db", "stauts")).Error.ShouldContain("'stauts'");
    }

    [Fact]
    public async Task Help_is_no_error()
    {
        var run = await Dossier.RunAsync("db", "--help");
        (run.Exit, run.Error).ShouldBe((0, ""));
        run.Output.ShouldContain("drop-sample");
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_exit_3_and_one_line()
    {
        var run = await Dossier.RunAsync(["db", "drop-sample"], Nowhere);
        run.Exit.ShouldBe(3);
        run.Error.ShouldBe("dossier: the database cannot be reached: Connection refused\n");
    }

    [Fact]
    public async Task With_json_an_error_is_one_line_of_json_on_standard_error()
    {
        var run = await Dossier.RunAsync(["db", "start", "--json"], Nowhere);
        (run.Exit, run.Output).ShouldBe((1, ""));
        run.Error.Trim().ShouldNotContain("\n");
        JsonDocument.Parse(run.Error).RootElement.GetProperty("error").GetProperty("code").GetString().ShouldBe("given-server");
    }

    [Fact]
    public async Task A_machine_without_PostgreSQL_is_told_what_to_install()
    {
        var run = await Dossier.RunAsync(["db", "start", "--data", folder], ("EVENTDOSSIER_PG_BIN", folder));
        run.Exit.ShouldBe(3);
        run.Error.ShouldContain("install postgresql");
    }

    [Fact]
    public async Task A_started_cluster_is_found_by_its_folder_and_by_the_environment_until_it_is_stopped()
    {
        (await Dossier.RunAsync("db", "url", "--data", folder)).Exit.ShouldBe(3);
        (await Dossier.RunAsync("db", "start", "--data", folder)).Exit.ShouldBe(0);

        var url = await Dossier.RunAsync(["db", "url"], ("EVENTDOSSIER_DATA", folder));
        url.Exit.ShouldBe(0, url.Error);
        url.Output.Trim().ShouldMatch("^postgresql://eventdossier:[0-9a-f]{48}@127.0.0.1:[0-9]+/eventdossier$");
        (await Dossier.RunAsync("db", "url", "--sample", "--data", folder)).Output.Trim().ShouldBe(url.Output.Trim() + "_sample");
        (await Dossier.RunAsync("db", "drop-sample", "--data", folder)).Exit.ShouldBe(0);
        JsonDocument.Parse((await Dossier.RunAsync("db", "status", "--json", "--data", folder)).Output)
            .RootElement.GetProperty("running").GetBoolean().ShouldBeTrue("an unkept lease ended, a kept cluster stays");

        (await Dossier.RunAsync("db", "stop", "--data", folder)).Output.ShouldBe("stopped\n");
        (await Dossier.RunAsync("db", "status", "--data", folder)).Exit.ShouldBe(1);
    }

    [Theory]
    [InlineData("postgres", "while it opens its database, which is not there yet")]
    [InlineData(Cluster.DefaultDatabase, "while it works")]
    public async Task A_verb_that_is_terminated_says_so_and_leaves_no_server_running(string existing, string moment)
    {
        string server;
        await using (var cluster = await Cluster.OpenAsync(folder, TestDatabase.Time, existing))
        {
            server = cluster.ConnectionString + ";Pooling=false";
            cluster.KeepRunning();
        }
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync();
        // Held here, the catalogue of databases keeps the verb waiting where it can be told to stop.
        await using var transaction = await connection.BeginTransactionAsync();
        await AskAsync(connection, "LOCK TABLE pg_database IN SHARE MODE");
        using var verb = Dossier.Start(["db", "drop-sample", "--data", folder]);
        while (await AskAsync(connection, "SELECT count(*) FROM pg_locks WHERE NOT granted") is not 1L) verb.HasExited.ShouldBeFalse();
        File.Delete(Path.Combine(folder, "keep")); // Now the verb alone leases the server.

        using (var kill = Process.Start("kill", ["-TERM", $"{verb.Id}"])) await kill.WaitForExitAsync();
        var run = await Dossier.EndAsync(verb);

        (run.Exit, run.Output, run.Error).ShouldBe((1, "", "dossier: stopped\n"));
        (await Cluster.StatusAsync(folder)).Running.ShouldBeFalse(moment);
    }

    private static async Task<object?> AskAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
