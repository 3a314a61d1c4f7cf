using System.Diagnostics;
using System.Text.RegularExpressions;
using EventDossier.StoreTests;
using Npgsql;

namespace EventDossier.EndToEnd;

/// <summary>The built <c>dossier</c>, run as its own process.</summary>
/// <param name="Exit">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error, but for how far it was, which it tells where the machine is so slow that work takes more than five seconds.</param>
public sealed partial record Dossier(int Exit, string Output, string Error)
{
    private static readonly string Program = new[]
    {
        Path.Combine(AppContext.BaseDirectory, "dossier"),
        Path.Combine(TestDatabase.RepositoryRoot, "src", "EventDossier.Cli", "bin", "Release", "net10.0", "dossier"),
    }.First(File.Exists);

    /// <summary>Runs it to its end, on the database given, or with a data folder named by <c>--data</c>.</summary>
    public static Task<Dossier> RunAsync(TestDatabase database, params string[] arguments) =>
        RunAsync(arguments, On(database));

    /// <summary>The setting that names the database.</summary>
    public static (string Name, string Value) On(TestDatabase database) => ("ConnectionStrings__EventDossier", database.ConnectionString);

    public static Task<Dossier> RunAsync(params string[] arguments) => RunAsync(arguments, []);

    public static async Task<Dossier> RunAsync(string[] arguments, params (string Name, string Value)[] environment)
    {
        using var process = Start(arguments, environment);
        return await EndAsync(process);
    }

    public static Process Start(string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Program, arguments)
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var name in (string[])["ConnectionStrings__EventDossier", "ConnectionStrings__Keys", "EVENTDOSSIER_DATA", "EVENTDOSSIER_DOCUMENTS", "EVENTDOSSIER_MASTER_KEY_FILE", "EVENTDOSSIER_SIGNING_KEY_FILE", "EVENTDOSSIER_ORIGIN", "EVENTDOSSIER_WITNESSES", "EVENTDOSSIER_TRACE"]) start.Environment.Remove(name);
        // A key that has signed for one database is not another's.
        if (environment.FirstOrDefault(e => e.Name == "ConnectionStrings__EventDossier").Value is { } given && new NpgsqlConnectionStringBuilder(given).Database is { } named)
            start.Environment["EVENTDOSSIER_SIGNING_KEY_FILE"] = TestDatabase.SigningKeyFile(named);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    public static async Task<Dossier> EndAsync(Process process)
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new(process.ExitCode, await output, HowFar().Replace(await error, ""));
    }

    [GeneratedRegex(@"^[\d,]+( of [\d,]+)? [a-z]+, [\d,]+/s\n", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex HowFar();
}
