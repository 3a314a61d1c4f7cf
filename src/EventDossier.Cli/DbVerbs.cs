using System.CommandLine;
using EventDossier.Applicants;
using EventDossier.Documents;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Cli;

/// <summary><c>dossier db …</c>: the private PostgreSQL cluster of the data folder.</summary>
internal static class DbVerbs
{
    public static IEnumerable<Command> Commands() =>
    [
        new Command("db", "The private PostgreSQL cluster")
        {
            new Command("start", "Starts it, making it at first, and leaves it running; the cluster of the applicants' keys with it").Does(StartAsync),
            new Command("stop", "Stops both, or lets the last program that uses them do so").Does(StopAsync),
            new Command("status", "Whether it runs (exit 1 if not), and where it is").Does(StatusAsync),
            new Command("url", "The postgresql:// URL that psql takes").Does(UrlAsync),
            new Command("settings", "What the server runs with").Does(SettingsAsync),
            new Command("drop-sample", "Drops the databases of samples, their keys and documents").Does(DropSampleAsync),
        },
    ];

    private static async Task<int> StartAsync(Run run)
    {
        RefuseGivenServer("start");
        var folder = Cluster.DataFolder(run.Data);
        await using (var cluster = await Cluster.OpenAsync(folder, run.Time, cancel: run.Cancel)) cluster.KeepRunning();
        if (DatabaseLease.GivenKeyServer is null)
        {
            await using var keys = await Cluster.OpenAsync(Cluster.KeysFolder(folder), run.Time, settings: Cluster.KeySettings, cancel: run.Cancel);
            keys.KeepRunning();
        }
        return await StatusAsync(run);
    }

    private static async Task<int> StopAsync(Run run)
    {
        RefuseGivenServer("stop");
        var folder = Cluster.DataFolder(run.Data);
        var stopped = await Cluster.StopAsync(folder, run.Cancel) & await Cluster.StopAsync(Cluster.KeysFolder(folder), run.Cancel);
        run.Output.Answer(new { stopped }, () => run.Output.Line(stopped ? "stopped" : "in use: the last program that uses it will stop it"));
        return 0;
    }

    private static async Task<int> StatusAsync(Run run)
    {
        RefuseGivenServer("describe");
        var status = await Cluster.StatusAsync(Cluster.DataFolder(run.Data), run.Cancel);
        run.Output.Answer(status, () => run.Output.Line(status switch
        {
            { Made: false } => $"no cluster in {status.DataFolder} yet: dossier db start makes one",
            { Running: false } => $"not running; cluster in {status.Folder}",
            _ => $"PostgreSQL {status.Version} runs on 127.0.0.1:{status.Port}, cluster in {status.Folder}"
                + (status.Kept ? " (until dossier db stop)" : " (until the last program that uses it ends)"),
        }));
        return status.Running ? 0 : 1;
    }

    private static async Task<int> UrlAsync(Run run)
    {
        string url;
        if (DatabaseLease.GivenServer is { } given)
        {
            url = Cluster.UrlOf(run.Sample ? DatabaseLease.SampleOf(given) : given);
        }
        else
        {
            await using var cluster = await Cluster.JoinAsync(
                Cluster.DataFolder(run.Data), run.Sample ? Cluster.SampleDatabase : Cluster.DefaultDatabase, run.Cancel)
                ?? throw new DatabaseUnreachableException("the cluster is not running: dossier db start");
            url = cluster.Url;
        }
        run.Output.Answer(new { url }, () => run.Output.Line(url));
        return 0;
    }

    private static Task<int> SettingsAsync(Run run)
    {
        run.Output.Answer(Cluster.Settings, () => run.Output.Table(["setting", "value"], Cluster.Settings.Select(setting => new[] { setting.Key, setting.Value })));
        return Task.FromResult(0);
    }

    private static async Task<int> DropSampleAsync(Run run)
    {
        await using var real = await DatabaseLease.OpenAsync(run.Data, sample: false, run.Time, run.Cancel);
        var sample = await DropSampleAsync(real, run.Cancel);
        if (DatabaseLease.GivenServer is null || DatabaseLease.GivenKeyServer is not null)
        {
            await using var keys = await DatabaseLease.OpenKeysAsync(run.Data, sample: false, run.Time, run.Cancel);
            await DropSampleAsync(keys, run.Cancel);
        }
        // Erasures of samples that are gone would be done again in the next ones.
        var folder = Cluster.DataFolder(run.Data);
        File.Delete(ErasureRegister.In(folder, sample: true).Path);
        if (DocumentFolder.FolderIn(folder, sample: true) is var documents && Directory.Exists(documents))
            Directory.Delete(documents, recursive: true);
        run.Output.Answer(new { dropped = sample }, () => run.Output.Line($"{sample} is gone"));
        return 0;
    }

    private static async Task<string> DropSampleAsync(DatabaseLease real, CancellationToken cancel)
    {
        var sample = new NpgsqlConnectionStringBuilder(DatabaseLease.SampleOf(real.ConnectionString)).Database!;
        await using var connection = new NpgsqlConnection(real.ConnectionString);
        await connection.OpenAsync(cancel);
        await using var drop = new NpgsqlCommand($"DROP DATABASE IF EXISTS \"{sample.Replace("\"", "\"\"")}\" WITH (FORCE)", connection);
        await drop.ExecuteNonQueryAsync(cancel);
        return sample;
    }

    private static void RefuseGivenServer(string act)
    {
        if (DatabaseLease.GivenServer is not null)
            throw new UserError("given-server", $"ConnectionStrings__EventDossier names the server in use: there is no cluster of ours to {act}");
    }
}
