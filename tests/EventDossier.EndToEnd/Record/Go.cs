using System.Diagnostics;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Record;

/// <summary>The independent checker beside this file, built once with the distribution's Go and its golang.org/x/mod.</summary>
internal static class Go
{
    private static readonly Lazy<Task<string>> _checker = new(BuildAsync);

    /// <summary>Its exit code and all that it said.</summary>
    public static async Task<(int Exit, string Said)> CheckAsync(params string[] arguments) => await RunAsync(await _checker.Value, arguments);

    private static async Task<string> BuildAsync()
    {
        var checker = Path.Combine(TestDatabase.RepositoryRoot, ".data", "go", "check");
        var (exit, said) = await RunAsync("go", ["build", "-o", checker, Path.Combine(TestDatabase.RepositoryRoot, "tests", "EventDossier.EndToEnd", "Record", "check.go")]);
        exit.ShouldBe(0, said);
        return checker;
    }

    private static async Task<(int Exit, string Said)> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["GO111MODULE"] = "off";
        start.Environment["GOPATH"] = "/usr/share/gocode";
        start.Environment["GOCACHE"] = Path.Combine(TestDatabase.RepositoryRoot, ".data", "go", "cache");
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, (await output + await error).Trim());
    }
}
