using EventDossier.Applicants;
using EventDossier.Audit;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Procedures;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.StoreTests;

/// <summary>A service centre to test with: a migrated database of its own, a procedure, a desk, and a time that only the test moves.</summary>
internal sealed class Centre : IAsyncDisposable
{
    public const string Procedure = RandomActs.One;
    public const string Agency = "H49.12";

    private static readonly Guid _ids = Guid.Parse("7c3a0c4e-51f0-4c55-9a0b-2d3f5a6b7c8d");
    private static int _commands;
    private readonly TestDatabase _test;

    private Centre(TestDatabase test, Database database) => (_test, Database, Desk) = (test, database, new(database));

    public Database Database { get; }
    public Desk Desk { get; }
    public string ConnectionString => _test.ConnectionString;

    /// <summary>Of the acts; a Monday morning.</summary>
    public DateTimeOffset Now { get; set; } = new(2026, 5, 4, 9, 0, 0, TimeSpan.FromHours(7));

    /// <param name="more">Views beside the product's.</param>
    public static async Task<Centre> OpenAsync(bool sample = false, params View[] more)
    {
        var test = sample ? await TestDatabase.CreateAsync() : await TestDatabase.CreateMigratedAsync();
        if (sample || more.Length > 0)
            await Migration.RunAsync(test.ConnectionString, sample, [.. ProductViews.All, .. more]);
        var centre = new Centre(test, await Database.OpenAsync(test.ConnectionString, ProductEvents.Names, TestDatabase.Time));
        await new Catalogue(centre.Database).PublishAsync(RandomActs.Catalogue, Command("publish"));
        return centre;
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await _test.DisposeAsync();
    }

    public static CommandMetadata Command(string? name = null, string role = Role.Clerk) =>
        new(Uuid.V5(_ids, name ?? $"command {Interlocked.Increment(ref _commands)}"), "clerk-7", role);

    public ActContext Context(DateTimeOffset? at = null, string? approvedBy = null, string role = Role.Clerk) => new(Now, Command(role: role), at ?? Now, approvedBy);

    /// <summary>In the first of the roles that may.</summary>
    public ActContext Context<T>() where T : IAct<T> => Context(role: T.Rule.By[0]);

    public async Task<string> ReceiveAsync(string? unit = null, string? officer = null, string agency = Agency, Sealed? applicant = null)
    {
        var received = await Desk.BeginAsync(new ReceiveDossier(Procedure, Agency: agency, Unit: unit, Officer: officer, Applicant: applicant), Context());
        received.Refusal.ShouldBeNull();
        return received.Code;
    }

    /// <summary>Received when a unit was still open that is closed by now.</summary>
    public async Task<string> ReceiveBeforeAsync(string unit)
    {
        var then = Now.AddMonths(-2);
        var received = await Desk.BeginAsync(new ReceiveDossier(Procedure, Unit: unit), Context(then, "supervisor"));
        received.Refusal.ShouldBeNull();
        return received.Code;
    }

    public async Task<IReadOnlyList<Finding>> VerifyAsync()
    {
        var verification = new Verification(Database);
        await verification.StreamsAsync();
        await verification.FoldsAsync();
        await CatchUpAsync();
        await verification.ViewsAsync(ProductViews.All);
        return verification.Report.Findings;
    }

    public Task<Desk.Result> DoAsync<T>(string code, T act, ActContext? context = null) where T : IAct<T> => Desk.DoAsync(code, act, context ?? Context<T>());

    public Task<Desk.Result> StepAsync(string code, string step) => DoAsync(code, new CompleteStep(step));

    /// <summary>From receipt to a result that is ready.</summary>
    public async Task FinishAsync(string code)
    {
        (await DoAsync(code, new DecideDossier(DecisionOutcome.Approved))).Refusal.ShouldBeNull();
        (await DoAsync(code, new MakeResultReady())).Refusal.ShouldBeNull();
    }

    /// <summary>Dossiers that live by random acts, taking turns; what is refused does not happen.</summary>
    /// <param name="afterEach">Told after every act.</param>
    public async Task LiveAsync(int seed, int dossiers, int acts, Func<Task>? afterEach = null)
    {
        var random = new Random(seed);
        var codes = new List<string>();
        for (var i = 0; i < dossiers + acts; i++)
        {
            Now = Now.AddMinutes(random.Next(90));
            if (i < dossiers)
                codes.Add((await ActAsync(Desk, null, RandomActs.Begin(random), random, Now)).Code);
            else if (codes[random.Next(dossiers)] is var code)
                await ActAsync(Desk, code, RandomActs.Next(random, code), random, Now);
            if (afterEach is not null)
                await afterEach();
        }
    }

    /// <summary>A random act by somebody at random, dated back at random.</summary>
    public static Task<Desk.Result> ActAsync(Desk desk, string? code, (Acts.Kind Kind, object Request) act, Random random, DateTimeOffset now, DateTimeOffset? recordedAt = null)
    {
        var by = code is null ? Command(role: act.Kind.Rule.By[0]) : RandomActs.By(random, act.Kind, Command().CommandId);
        return act.Kind.DoAsync(desk, code, act.Request, new(now, by, RandomActs.DatedBack(random, now), "supervisor") { RecordedAt = recordedAt }, CancellationToken.None);
    }

    /// <summary>Dossiers as an import brings them, three events each.</summary>
    public async Task ImportAsync(string prefix, int dossiers) => await Database.Log.AppendManyNewAsync([.. Enumerable.Range(0, dossiers).Select(i =>
        new StreamAppend($"{prefix}-{i:0000}", Desk.StreamType, 0, Command(),
        [
            new DossierReceived(Now, null, "Internet", $"Agency {i % 7}", null, null, null, i % 2 == 0 ? Now.AddDays(i % 11) : null, null),
            new ActivityImported(Now.AddHours(1), "Confirmation of receipt", "complete", null, "Resource21", "Group 4", null, null),
            new DossierImported(Now.AddDays(1), "receipt.xes", "9f86d081", "xes", $"line {i}", null, null),
        ]))]);

    public Task CatchUpAsync() => new Views(ProductViews.All, Database).CatchUpAsync(CancellationToken.None);

    public ViewFollower Follower(View view) => new(view, Database.App, Database.Names, Database.Clock);

    /// <summary>A view's rows as JSON, by code.</summary>
    public async Task<string> RowsAsync(View view) =>
        (string)(await AskAsync($"SELECT coalesce(string_agg(to_jsonb(v)::text, E'\\n' ORDER BY code COLLATE \"C\", to_jsonb(v)::text COLLATE \"C\"), '') FROM {view.Table} v"))!;

    public async Task<long> PositionAsync(View view) =>
        (long)(await AskAsync($"SELECT last_seq_id FROM dossier.mt_event_progression WHERE name = '{view.Checkpoint}'"))!;

    public async Task<long> HeadAsync() => (long)(await AskAsync("SELECT coalesce(max(seq_id), 0) FROM dossier.mt_events"))!;

    /// <summary>As the database's owner, past the triggers and keys that hold everybody else.</summary>
    public async Task TamperAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"SET session_replication_role = replica; {sql}; RESET session_replication_role", connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>An event by somebody who doesn't notify.</summary>
    public async Task<long> InsertAsync(string stream, string name, string json)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO dossier.mt_streams AS s (id, type, version) VALUES (@stream, 'dossier', 1) ON CONFLICT (id) DO UPDATE SET version = s.version + 1;
            INSERT INTO dossier.mt_events (seq_id, id, stream_id, version, data, type, timestamp)
            SELECT nextval('dossier.mt_events_sequence'), gen_random_uuid(), id, version, @json::jsonb, @name, clock_timestamp()
            FROM dossier.mt_streams WHERE id = @stream
            RETURNING seq_id
            """, connection);
        command.Parameters.AddWithValue("stream", stream);
        command.Parameters.AddWithValue("name", name);
        command.Parameters.AddWithValue("json", json);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public async Task<object?> AskAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Waits for a condition in the database and says what it was waiting for when it does not come about.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what, int seconds = 15)
    {
        var began = TestDatabase.Time.GetTimestamp();
        while (!await condition())
        {
            if (TestDatabase.Time.GetElapsedTime(began) > TimeSpan.FromSeconds(seconds))
                throw new TimeoutException($"after {seconds} s still not: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TestDatabase.Time);
        }
    }

    /// <summary>Something that runs until it is cancelled, while something else is done.</summary>
    public static async Task WhileAsync(Func<CancellationToken, Task> runs, Func<Task> work)
    {
        using var stop = new CancellationTokenSource();
        var running = Task.Run(() => runs(stop.Token));
        try
        {
            var working = work();
            // What ends by itself has failed, and there is nothing to wait for any more.
            if (await Task.WhenAny(running, working) == running)
                await running;
            await working;
        }
        finally
        {
            await stop.CancelAsync();
        }
        await Should.ThrowAsync<OperationCanceledException>(running);
    }
}
