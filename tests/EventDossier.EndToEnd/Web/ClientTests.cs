using System.Diagnostics;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Web;

/// <summary>Somebody else's program, in another language, from nothing but the description.</summary>
[Collection(OneServer.Name)]
public sealed class ClientTests(WebServer server)
{
    private static readonly string Folder = Path.Combine(TestDatabase.RepositoryRoot, "tests", "client");

    [Fact]
    public async Task A_client_made_from_the_description_compiles_and_works()
    {
        if (!File.Exists(Path.Combine(Folder, "node_modules", ".package-lock.json")))
            await RunAsync("npm", "ci", "--no-audit", "--no-fund");
        var generated = Directory.CreateDirectory(Path.Combine(Folder, "generated")).FullName;
        await File.WriteAllTextAsync(Path.Combine(generated, "v1.json"), (await server.SendAsync(null, new(HttpMethod.Get, "/openapi/v1.json"))).Text);
        await RunAsync("node", "node_modules/openapi-typescript/bin/cli.js", "generated/v1.json", "-o", "generated/api.d.ts");
        await RunAsync("node", "node_modules/typescript/bin/tsc", "-p", ".");
        (await RunAsync("node", "generated/out/use.js", server.Client.BaseAddress!.ToString().TrimEnd('/'), WebServer.Director)).ShouldBe("true true true no-result\n");
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, $"{program} {string.Join(' ', arguments)}: {await output}{await error}");
        return await output;
    }
}
