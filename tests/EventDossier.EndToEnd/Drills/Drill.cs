using System.Diagnostics;
using System.Text.Json;
using EventDossier.StoreTests;
using Npgsql;

namespace EventDossier.EndToEnd.Drills;

/// <summary>
/// What the fault drills share. Each is a test with few rounds, and with <c>EVENTDOSSIER_DRILL_ROUNDS</c> set, as <c>ops/drills</c> does, a long one. They
/// are seeded, and one runs after the other: each wants the machine to itself.
/// </summary>
[CollectionDefinition(OneAtATime)]
public sealed class Drill
{
    public const string OneAtATime = "drills";

    public static int Rounds(int inTests) => int.TryParse(Environment.GetEnvironmentVariable("EVENTDOSSIER_DRILL_ROUNDS"), out var rounds) ? rounds : inTests;

    /// <summary>Kills at a moment, which is the drill's own and no wait for anything, or finds that the process has ended before it.</summary>
    public static async Task KillAfterAsync(Process process, TimeSpan moment)
    {
        await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(moment, TestDatabase.Time));
        await KillAsync(process);
    }

    public static async Task KillAsync(Process process)
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Asks again and again; a minute without the answer yes is a failure.</summary>
    public static async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        var began = TestDatabase.Time.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5), TestDatabase.Time);
        while (!await holds())
        {
            TestDatabase.Time.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromMinutes(1), what);
            await timer.WaitForNextTickAsync();
        }
    }

    public static async Task<T> AskAsync<T>(string connectionString, string sql, params (string Name, object Value)[] parameters)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>The views have taken everything, and <c>dossier verify</c> finds nothing.</summary>
    public static async Task VerifyAsync(params (string, string)[] environment)
    {
        (await Dossier.RunAsync(["list", "--limit", "1"], environment)).ShouldSatisfyAllConditions(list => list.Error.ShouldBeEmpty(), list => list.Exit.ShouldBe(0));
        var views = await Dossier.RunAsync(["views", "--json"], environment);
        JsonDocument.Parse(views.Output).RootElement.EnumerateArray().ShouldAllBe(view => view.GetProperty("behind").GetInt64() == 0);
        var verify = await Dossier.RunAsync(["verify"], environment);
        verify.Exit.ShouldBe(0, verify.Output + verify.Error);
        verify.Output.ShouldContain("nothing found");
    }
}
