using System.Diagnostics;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.StoreTests;

/// <summary>The private cluster, each test with one of its own; small, so that several stand beside each other.</summary>
public sealed class ClusterTests : IDisposable
{
    private const UnixFileMode OpenToAll = (UnixFileMode)0b111_101_101, OwnersAlone = (UnixFileMode)0b111_000_000;
    private static readonly Dictionary<string, string> Small = new() { ["shared_buffers"] = "16MB", ["max_connections"] = "20" };
    private readonly string folder = Directory.CreateTempSubdirectory("eventdossier-cluster-").FullName;

    public ClusterTests() => File.SetUnixFileMode(folder, OpenToAll);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_cluster_is_started_with_its_database_and_settings_and_stopped_by_its_last_lease()
    {
        await using (var first = await OpenAsync())
        {
            await using (var second = await OpenAsync())
            {
                second.ConnectionString.ShouldBe(first.ConnectionString);
                (await AskAsync(second, "SELECT current_database()")).ShouldBe(Cluster.DefaultDatabase);
            }
            (await AskAsync(first, "SHOW fsync")).ShouldBe("on");
            (await AskAsync(first, "SHOW data_checksums")).ShouldBe("on");
            (await AskAsync(first, "SHOW shared_buffers")).ShouldBe("16MB");
            (await AskAsync(first, "SELECT string_agg(x, '' ORDER BY x) FROM unnest(ARRAY['a','B','đ','Đ','z']) x")).ShouldBe("BazĐđ");
            (await AskAsync(first, "SELECT upper('đường')")).ShouldBe("ĐƯỜNG");
        }
        var status = await Cluster.StatusAsync(folder);
        (status.Made, status.Running, status.InUse).ShouldBe((true, false, false));
    }

    [Fact]
    public async Task A_server_killed_with_its_lease_still_held_is_started_again_by_the_next_with_all_that_was_committed()
    {
        await using var held = await OpenAsync();
        await AskAsync(held, "CREATE TABLE kept AS SELECT 'survives' AS word");
        using (var server = Process.GetProcessById(ServerProcess(held)))
        {
            server.Kill();
            await server.WaitForExitAsync();
        }
        NpgsqlConnection.ClearAllPools();

        await using var next = await OpenAsync();
        (await AskAsync(next, "SELECT word FROM kept")).ShouldBe("survives");
    }

    [Fact]
    public async Task A_process_number_that_another_process_has_by_now_does_not_pass_for_a_server()
    {
        string server;
        await using (var made = await OpenAsync()) server = made.Folder;
        await File.WriteAllTextAsync(Path.Combine(server, "data", "postmaster.pid"), $"{Environment.ProcessId}\n{server}/data\n");

        await using var again = await OpenAsync();
        (await AskAsync(again, "SELECT 'up'")).ShouldBe("up");
    }

    [Fact]
    public async Task A_kept_cluster_outlives_its_lease_until_it_is_stopped()
    {
        await using (var lease = await OpenAsync()) lease.KeepRunning();
        (await Cluster.StatusAsync(folder)).Running.ShouldBeTrue();

        await using (var user = await Cluster.JoinAsync(folder))
        {
            user.ShouldNotBeNull();
            (await Cluster.StopAsync(folder)).ShouldBeFalse("it is in use");
            (await AskAsync(user, "SELECT 'still'")).ShouldBe("still");
        }
        (await Cluster.StatusAsync(folder)).Running.ShouldBeFalse();
    }

    [Fact]
    public async Task A_port_that_was_taken_meanwhile_is_replaced()
    {
        int port;
        await using (var lease = await OpenAsync()) port = lease.Port;
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, port);
        other.Start();

        await using var again = await OpenAsync();
        again.Port.ShouldNotBe(port);
        (await AskAsync(again, "SHOW port")).ShouldBe($"{again.Port}");
    }

    [Fact]
    public async Task A_path_with_blanks_that_is_too_long_for_a_socket_works_over_loopback()
    {
        var deep = Path.Combine(folder, "thư mục có dấu cách", new string('d', 90));
        await using var lease = await OpenAsync(deep);
        lease.ConnectionString.ShouldContain("Host=127.0.0.1");
        (await AskAsync(lease, "SELECT 'up'")).ShouldBe("up");
    }

    [Fact]
    public async Task The_server_never_runs_as_root_and_its_password_is_its_owners_alone()
    {
        await using var lease = await OpenAsync();
        var status = await File.ReadAllLinesAsync($"/proc/{ServerProcess(lease)}/status");
        status.Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1].ShouldNotBe("0");
        File.GetUnixFileMode(Path.Combine(folder, "cluster.json")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task A_folder_that_the_servers_account_cannot_reach_has_its_cluster_elsewhere()
    {
        if (!Environment.IsPrivilegedProcess) return; // Only root has a second account to run the server as.
        var closed = Path.Combine(folder, "closed");
        Directory.CreateDirectory(closed, OwnersAlone);
        string elsewhere;
        await using (var lease = await OpenAsync(closed)) elsewhere = lease.Folder;
        elsewhere.ShouldStartWith("/var/lib/eventdossier/");
        await using (var again = await OpenAsync(closed)) again.Folder.ShouldBe(elsewhere);

        Directory.Delete(elsewhere, recursive: true);
        (await Should.ThrowAsync<DatabaseUnreachableException>(() => OpenAsync(closed))).Message.ShouldContain("is gone");
    }

    [Fact]
    public async Task Many_opening_at_once_share_one_server()
    {
        var leases = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => OpenAsync())));
        leases.Select(ServerProcess).Distinct().ShouldHaveSingleItem();
        await Task.WhenAll(leases.Select(lease => lease.DisposeAsync().AsTask()));
        (await Cluster.StatusAsync(folder)).Running.ShouldBeFalse();
    }

    [Fact(Timeout = 60_000)] // A lock left behind would be waited for without end.
    public async Task Giving_up_while_others_start_or_stop_the_server_leaves_no_lock_behind()
    {
        using var giveUp = new CancellationTokenSource();
        await using (new FileStream(Path.Combine(folder, "gate"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            var opening = Cluster.OpenAsync(folder, TestDatabase.Time, settings: Small, cancel: giveUp.Token);
            await giveUp.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(opening);
        }
        await using var lease = await OpenAsync();
    }

    private Task<Cluster> OpenAsync(string? data = null) => Cluster.OpenAsync(data ?? folder, TestDatabase.Time, settings: Small);

    private static int ServerProcess(Cluster cluster) => int.Parse(File.ReadLines(Path.Combine(cluster.Folder, "data", "postmaster.pid")).First());

    private static async Task<string?> AskAsync(Cluster cluster, string sql)
    {
        await using var connection = new NpgsqlConnection(cluster.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (await command.ExecuteScalarAsync())?.ToString();
    }
}
