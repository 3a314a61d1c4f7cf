using System.Diagnostics;
using EventDossier.Dossiers;
using EventDossier.StoreTests;
using EventDossier.Tests;

namespace EventDossier.Marten.Tests;

/// <summary>The program of docs/marten.md, as its own process on a centre's database.</summary>
public sealed class SampleTests
{
    [Fact]
    public async Task Somebody_elses_Marten_program_loads_projects_and_subscribes()
    {
        await using var centre = await Centre.OpenAsync();
        var code = await centre.ReceiveAsync();
        for (var i = 0; i < 3; i++)
            (await centre.StepAsync(code, $"bước {i}")).Refusal.ShouldBeNull();
        await centre.InsertAsync(code, "alert_raised", await File.ReadAllTextAsync(Repository.Path("tests", "EventDossier.Tests", "Samples", "alert_raised.json")));

        var program = AppContext.BaseDirectory.Replace("/EventDossier.Marten.Tests/", "/Sample/", StringComparison.Ordinal);
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(program, "Sample"), [centre.ConnectionString, code])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();

        process.ExitCode.ShouldBe(0, await error);
        (await output).ShouldSatisfyAllConditions(
            o => o.ShouldContain($"{code}: {Stage.InProgress}, version 5"),
            o => o.ShouldContain($"{code}: 3 steps"),
            o => o.ShouldContain($"{code}: overdue"));
        (await centre.VerifyAsync()).ShouldBeEmpty();
    }
}
