using System.CommandLine;
using System.Globalization;
using EventDossier.Applicants;
using EventDossier.Backups;
using EventDossier.Deliveries;
using EventDossier.Portal;
using EventDossier.Record;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Cli;

/// <summary><c>doctor</c>: whether this machine is set up as the product needs it. It changes nothing and starts nothing that isn't up.</summary>
internal static class DoctorVerbs
{
    private const long LeastFree = 2L << 30;
    private const int OldestServer = 150_000;
    private static readonly TimeSpan _skew = TimeSpan.FromSeconds(5);

    /// <param name="Well">Null where there is nothing to look at, as it is not set.</param>
    private sealed record Check(string Name, bool? Well, string Detail);

    public static IEnumerable<Command> Commands() => [new Command("doctor", "Looks at settings, databases, keys, clock, disk and receivers, and says what is wrong (exit 1 for a finding)").Does(RunAsync)];

    private static async Task<int> RunAsync(Run run)
    {
        var checks = new List<Check>();
        var data = Cluster.DataFolder(run.Data);
        var settings = Look(checks, "settings", () => DeliverySettings.Read(Environment.GetEnvironmentVariable), _ => "they can be read");
        checks.Add(SignIn());
        checks.Add(Development());
        checks.Add(TimeZone());
        checks.Add(Disk(data));
        Look(checks, "master key", () => MasterKey.Load(MasterKey.FileIn(data, run.Sample)) ?? throw new UserError("master-key-missing", $"{MasterKey.FileIn(data, run.Sample)} is not there"),
            key => Convert.ToHexStringLower(key.Fingerprint));
        checks.Add(await BackupsAsync(run));
        var events = await EventsAsync(run, checks);
        await KeysAsync(run, checks, events);
        await ReceiversAsync(run, checks, settings);
        run.Output.Answer(
            checks.Select(c => new { c.Name, c.Well, c.Detail }),
            () => run.Output.Table(["", "what", ""], checks.Select(c => new[] { c.Well switch { true => "well", false => "WRONG", _ => "-" }, c.Name, c.Detail })));
        return checks.Exists(c => c.Well is false) ? 1 : 0;
    }

    private static T? Look<T>(List<Check> checks, string name, Func<T> look, Func<T, string> tell) where T : class
    {
        try
        {
            var found = look();
            checks.Add(new(name, true, tell(found)));
            return found;
        }
        catch (UserError e)
        {
            checks.Add(new(name, false, e.Message));
            return null;
        }
    }

    /// <summary>The server refuses to start without one; so it is told here first.</summary>
    private static Check SignIn()
    {
        var set = new[]
        {
            ("Jwt__Authority", Environment.GetEnvironmentVariable("Jwt__Authority")), ("Oidc__Authority", Environment.GetEnvironmentVariable("Oidc__Authority")),
            ("Jwt__Key", Environment.GetEnvironmentVariable("Jwt__Key")), ("Jwt__KeyFile", Environment.GetEnvironmentVariable("Jwt__KeyFile")),
        }.Where(s => !string.IsNullOrEmpty(s.Item2)).Select(s => s.Item1).ToList();
        return set.Count == 0 ? new("sign-in", false, "none of Jwt__Authority, Oidc__Authority, Jwt__Key, Jwt__KeyFile is set: nobody could sign in") : new("sign-in", true, string.Join(", ", set));
    }

    private static Check Development() =>
        Environment.GetEnvironmentVariable("SignIn__Development") == "true" ? new("production", false, "SignIn__Development is on: whoever comes may be anybody")
        : Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") == "Development" ? new("production", false, "ASPNETCORE_ENVIRONMENT is Development: cookies go out without TLS")
        : Environment.GetEnvironmentVariable("Public__Url") is { Length: > 0 } url && !url.StartsWith("https://", StringComparison.Ordinal) ? new("production", false, $"Public__Url is {url}, and not https")
        : new("production", true, "no setting for trying things out");

    private static Check TimeZone()
    {
        try
        {
            return new("time zone", true, TimeZoneInfo.FindSystemTimeZoneById("Asia/Ho_Chi_Minh").BaseUtcOffset.ToString("c", CultureInfo.InvariantCulture));
        }
        catch (TimeZoneNotFoundException)
        {
            return new("time zone", false, "Asia/Ho_Chi_Minh is not known here: install tzdata");
        }
    }

    private static Check Disk(string data)
    {
        var folder = new DirectoryInfo(data);
        while (!folder.Exists && folder.Parent is { } parent)
            folder = parent;
        var free = new DriveInfo(folder.FullName).AvailableFreeSpace;
        return new("disk", free >= LeastFree, string.Create(CultureInfo.InvariantCulture, $"{free >> 20:N0} MB free at {data}; at least {LeastFree >> 20:N0} are wanted"));
    }

    /// <summary>After a restore it is the one thing that no backup brought.</summary>
    private static async Task<Check> SigningKeyAsync(Database database, string file, CancellationToken cancel)
    {
        try
        {
            return await RecordKeys.HoldsAsync(database, file, cancel) ? new("signing key", true, file) : new("signing key", null, $"{file} is not there; the server makes the first one");
        }
        catch (UserError e)
        {
            return new("signing key", false, e.Message);
        }
    }

    private static async Task<Check> BackupsAsync(Run run)
    {
        try
        {
            return BackupPlan.Read(Environment.GetEnvironmentVariable) is not { } plan ? new("backups", null, "Backup__Folder is not set: the timetable makes none")
                : await new BackupShelf(plan, run.Time).FaultAsync(run.Cancel) is { } fault ? new("backups", false, fault)
                : new("backups", true, $"in {plan.Folder}, as promised");
        }
        catch (UserError e)
        {
            return new("backups", false, e.Message);
        }
    }

    /// <summary>The events' database; where it is, for the keys' to be another. Null where it can't be reached.</summary>
    private static async Task<string?> EventsAsync(Run run, List<Check> checks)
    {
        try
        {
            await using var open = await OpenDatabase.OfAsync(run);
            await using var connection = await open.Database.App.OpenConnectionAsync(run.Cancel);
            var before = run.Time.GetUtcNow();
            await using var command = new NpgsqlCommand(
                """
                SELECT current_setting('server_version_num')::int, clock_timestamp(), current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes'),
                       (SELECT system_identifier::text FROM pg_control_system()) || ' ' || current_database(),
                       EXISTS (SELECT FROM pg_roles WHERE rolname = current_user AND rolsuper), 'B' < 'a', (SELECT CASE datlocprovider WHEN 'i' THEN 'ICU' ELSE datcollate END FROM pg_database WHERE datname = current_database())
                """, connection);
            await using var row = await command.ExecuteReaderAsync(run.Cancel);
            await row.ReadAsync(run.Cancel);
            var (version, server) = (row.GetInt32(0), new DateTimeOffset(row.GetDateTime(1)));
            checks.Add(new("database", version >= OldestServer, $"PostgreSQL {version / 10_000}; at least 15 is wanted"));
            var apart = server - before;
            checks.Add(new("clock", apart.Duration() < _skew, string.Create(CultureInfo.InvariantCulture, $"{apart.TotalSeconds:0.0} s from the database's; recorded times are the database's")));
            var loose = new[] { ("fsync", row.GetString(2)), ("synchronous_commit", row.GetString(3)), ("full_page_writes", row.GetString(4)) }.Where(s => s.Item2 == "off").Select(s => s.Item1).ToList();
            checks.Add(new("durability", loose.Count == 0, loose.Count == 0 ? "what is answered is on disk" : $"{string.Join(", ", loose)} off: what was answered can be lost"));
            checks.Add(new("role", !row.GetBoolean(6), row.GetBoolean(6) ? "the application works as a superuser, whom no trigger holds" : "the application can't change an event"));
            checks.Add(new("order of text", row.GetBoolean(7), row.GetBoolean(7) ? "by its bytes" : $"by {row.GetString(8)}, so people and rules are missed: restore a backup into a database with LC_COLLATE 'C'"));
            var identity = row.GetString(5);
            await row.DisposeAsync();
            var views = await ViewHealth.AllAsync(open.Database.App, run.Cancel);
            var stopped = views.Where(v => v.Error is not null).Select(v => v.Name).ToList();
            checks.Add(new("views", stopped.Count == 0, stopped.Count == 0 ? $"{views.Count} views, {views.Max(v => v.Behind)} behind at most" : $"stopped: {string.Join(", ", stopped)}"));
            var dead = (await new Outbox(open.Database.App, run.Time).DepthAsync(run.Cancel))["dead"];
            checks.Add(new("outbox", dead == 0, $"{Output.Count(dead, "dead message")}"));
            checks.Add(await SigningKeyAsync(open.Database, RecordKeys.FileIn(Cluster.DataFolder(run.Data), run.Sample), run.Cancel));
            return identity;
        }
        catch (Exception e) when (Failure.Of(e) is { Code: not "internal-error" } fault)
        {
            checks.Add(new("database", false, fault.Message));
            return null;
        }
    }

    /// <summary>A copy of the events must not hold the keys.</summary>
    private static async Task KeysAsync(Run run, List<Check> checks, string? events)
    {
        try
        {
            await using var lease = await DatabaseLease.OpenKeysAsync(run.Data, run.Sample, run.Time, run.Cancel);
            await using var connection = new NpgsqlConnection(lease.ConnectionString);
            await connection.OpenAsync(run.Cancel);
            await using var command = new NpgsqlCommand("SELECT (SELECT system_identifier::text FROM pg_control_system()) || ' ' || current_database()", connection);
            var keys = (string)(await command.ExecuteScalarAsync(run.Cancel))!;
            var (same, beside) = (keys == events, keys.Split(' ')[0] == events?.Split(' ')[0]);
            checks.Add(new("key store", !same && !beside,
                same ? "it is the events' own database" : beside ? "it stands on the events' server: a physical backup of the events holds the keys" : "on a server of its own"));
        }
        catch (Exception e) when (e is NpgsqlException || Failure.Of(e) is { Code: not "internal-error" })
        {
            checks.Add(new("key store", false, e.Message));
        }
    }

    private static async Task ReceiversAsync(Run run, List<Check> checks, DeliverySettings? settings)
    {
        checks.Add(settings?.Smtp is not { } smtp ? new("mail", null, "Delivery__Smtp__Host is not set: no mail is sent") : await ReachAsync("mail", smtp.Host, smtp.Port, settings.Timeout, run));
        checks.Add(settings?.Sms is not { } sms ? new("text messages", null, "Delivery__Sms__Url is not set") : await ReachAsync("text messages", sms.Host, sms.Port, settings.Timeout, run));
        if (settings?.Portal is not { } portal)
        {
            checks.Add(new("portal", null, "Portal__Url is not set"));
            return;
        }
        using var calls = new PortalCalls(portal, settings.Timeout, run.Time);
        try
        {
            await foreach (var _ in calls.SubmissionsAsync(run.Cancel))
                break;
            checks.Add(new("portal", true, $"{portal.Url} lets us in"));
        }
        catch (DeliveryFailedException e)
        {
            checks.Add(new("portal", false, e.Message));
        }
    }

    private static async Task<Check> ReachAsync(string name, string host, int port, TimeSpan timeout, Run run)
    {
        using var socket = new System.Net.Sockets.TcpClient();
        using var limit = new CancellationTokenSource(timeout, run.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, run.Cancel);
        try
        {
            await socket.ConnectAsync(host, port, both.Token);
            return new(name, true, string.Create(CultureInfo.InvariantCulture, $"{host}:{port} is there"));
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException || (e is OperationCanceledException && !run.Cancel.IsCancellationRequested))
        {
            return new(name, false, string.Create(CultureInfo.InvariantCulture, $"{host}:{port}: {e.Message}"));
        }
    }
}
