using EventDossier.Store;
using Npgsql;

namespace EventDossier.Backups;

/// <summary>PostgreSQL's own <c>pg_dump</c> and <c>pg_restore</c>, on whatever database a connection string names.</summary>
internal static class PostgresTool
{
    /// <exception cref="UserError"><c>tool-failed</c>, with its own words; <c>tool-older</c>, <c>tool-missing</c>.</exception>
    public static async Task RunAsync(string tool, string connectionString, params IEnumerable<string> arguments)
    {
        var program = await ClusterBinaries.ToolAsync(tool);
        var (exit, output) = await ClusterProcess.RunAsync(program, arguments, EnvironmentOf(connectionString));
        if (exit != 0 && output.Contains("in file header", StringComparison.Ordinal))
            throw new UserError("tool-older", $"{program} is older than the pg_dump that made this backup: install postgresql-client as new as where it was made");
        if (exit != 0)
            throw new UserError("tool-failed", $"{tool}: {output.Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal)) ?? output.Trim()}");
    }

    /// <summary>A password on a command line could be listed by others.</summary>
    private static Dictionary<string, string> EnvironmentOf(string connectionString)
    {
        var to = new NpgsqlConnectionStringBuilder(connectionString);
        // Npgsql names several hosts as host:port,host:port.
        var hosts = (to.Host ?? "localhost").Split(',').Select(host => host.Split(':') is [var name, var port] ? (name, port) : (name: host, port: $"{to.Port}")).ToList();
        var environment = new Dictionary<string, string>
        {
            ["PGHOST"] = string.Join(',', hosts.Select(h => h.name)),
            ["PGPORT"] = string.Join(',', hosts.Select(h => h.port)),
            ["PGDATABASE"] = to.Database ?? to.Username ?? "",
            ["PGUSER"] = to.Username ?? "",
            ["PGPASSWORD"] = to.Password ?? "",
            ["PGSSLMODE"] = to.SslMode switch { SslMode.VerifyCA => "verify-ca", SslMode.VerifyFull => "verify-full", var mode => $"{mode}".ToLowerInvariant() },
        };
        if (to.RootCertificate is { Length: > 0 } root)
            environment["PGSSLROOTCERT"] = root;
        return environment;
    }
}
