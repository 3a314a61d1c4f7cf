using System.Text.Json.Nodes;
using EventDossier.Dossiers;
using EventDossier.Store;
using EventDossier.StoreTests;
using Npgsql;

namespace EventDossier.EndToEnd;

/// <summary>What the database's owner does to the log behind the application's back, with the triggers off, and how <c>verify</c> names it.</summary>
public sealed class TamperTests : IAsyncLifetime
{
    private static readonly DateTimeOffset At = new(2026, 4, 24, 16, 10, 0, TimeSpan.FromHours(7));
    private TestDatabase database = null!;

    public async Task InitializeAsync()
    {
        database = await TestDatabase.CreateAsync();
        (await Dossier.RunAsync(database, "migrate")).Exit.ShouldBe(0);
        await using var open = await Database.OpenAsync(database.ConnectionString, ProductEvents.Names, TestDatabase.Time);
        foreach (var code in (string[])["H49-1", "H49-2"])
        {
            DossierEvent[] life = [new DossierReceived(At, null, "counter", "H49", null, null, null, At.AddDays(5), null), new DossierAssigned(At, "officer-1", null), new ResultReady(At.AddDays(1))];
            await open.Log.AppendAsync([new(code, Desk.StreamType, 0, new(Uuid.V5(new Guid("b0a6c1f2-7d3e-5a4b-8c9d-0e1f2a3b4c5d"), code), "clerk-7", "clerk"), life)]);
        }
        (await Dossier.RunAsync(database, "list")).Exit.ShouldBe(0);
        (await Dossier.RunAsync(database, "verify")).Exit.ShouldBe(0);
    }

    public async Task DisposeAsync() => await database.DisposeAsync();

    [Theory]
    [InlineData("DELETE FROM dossier.mt_events WHERE stream_id = 'H49-1' AND version = 2", "missing-event", 2)]
    [InlineData("DELETE FROM dossier.mt_events WHERE stream_id = 'H49-1' AND version = 3", "missing-event", 3)]
    [InlineData("DELETE FROM dossier.mt_events WHERE stream_id = 'H49-1'", "empty-stream", null)]
    [InlineData("DELETE FROM dossier.mt_events WHERE stream_id = 'H49-1' AND version = 3; UPDATE dossier.mt_streams SET version = 2 WHERE id = 'H49-1'", "view", null)]
    [InlineData("UPDATE dossier.mt_events SET data = jsonb_set(data, '{officer}', '\"officer-9\"') WHERE stream_id = 'H49-1' AND version = 2", "view", null)]
    [InlineData("UPDATE dossier.mt_events SET data = jsonb_set(data, '{due}', '\"2027-01-01T00:00:00Z\"') WHERE stream_id = 'H49-1' AND version = 1", "view", null)]
    [InlineData("UPDATE dossier.mt_events SET data = '[]' WHERE stream_id = 'H49-1' AND version = 2", "undecodable", 2)]
    [InlineData("UPDATE dossier.mt_events SET type = 'never_heard_of' WHERE stream_id = 'H49-1' AND version = 2", "undecodable", 2)]
    [InlineData("UPDATE dossier.mt_events SET id = gen_random_uuid() WHERE stream_id = 'H49-1' AND version = 2", "event-id", 2)]
    [InlineData("UPDATE dossier_views.overview SET officer = 'officer-9' WHERE code = 'H49-1'", "view", null)]
    [InlineData("DELETE FROM dossier.mt_events WHERE stream_id = 'H49-2'; DELETE FROM dossier.mt_streams WHERE id = 'H49-2'", "view", null, "H49-2")]
    public async Task A_change_behind_the_applications_back_is_found_and_named(string change, string kind, int? version, string stream = "H49-1")
    {
        await AsOwnerAsync($"""
            ALTER TABLE dossier.mt_events DISABLE TRIGGER ALL; ALTER TABLE dossier.mt_streams DISABLE TRIGGER ALL;
            {change};
            ALTER TABLE dossier.mt_events ENABLE TRIGGER ALL; ALTER TABLE dossier.mt_streams ENABLE TRIGGER ALL;
            """);

        var verify = await Dossier.RunAsync(database, "verify", "--json");

        verify.Exit.ShouldBe(1, verify.Output + verify.Error);
        var findings = JsonNode.Parse(verify.Output)!["findings"]!.AsArray();
        findings.ShouldContain(f => f!["kind"]!.ToString() == kind && (f["stream"] ?? "").ToString() == stream && (version == null || f["version"]!.GetValue<int>() == version), verify.Output);
        findings.ShouldAllBe(f => f!["stream"] == null || f["stream"]!.ToString() == stream, "no other dossier is accused");
    }

    [Fact]
    public async Task What_was_sealed_is_missed_although_versions_and_views_were_put_right()
    {
        (await Dossier.RunAsync(database, "seal", "--once")).Exit.ShouldBe(0);
        await AsOwnerAsync("""
            SET dossier.maintenance = on;
            UPDATE dossier.mt_events SET data = jsonb_set(data, '{officer}', '"officer-9"') WHERE stream_id = 'H49-1' AND version = 2;
            UPDATE dossier.mt_events SET headers = jsonb_set(headers, '{actor}', '"nobody"') WHERE stream_id = 'H49-1' AND version = 1;
            UPDATE dossier.mt_events SET timestamp = timestamp - interval '1 minute' WHERE stream_id = 'H49-2' AND version = 1;
            DELETE FROM dossier.mt_events WHERE stream_id = 'H49-2' AND version = 3;
            UPDATE dossier.mt_streams SET version = 2 WHERE id = 'H49-2';
            """);
        (await Dossier.RunAsync(database, "rebuild", "--all")).Exit.ShouldBe(0);

        var verify = await Dossier.RunAsync(database, "verify", "--json");

        verify.Exit.ShouldBe(1, verify.Output + verify.Error);
        JsonNode.Parse(verify.Output)!["findings"]!.AsArray().Select(f => $"{f!["kind"]} {f["stream"]} {f["version"]}").Order().ShouldBe(
            ["event-changed H49-1 1", "event-changed H49-1 2", "event-changed H49-2 1", "sealed-event-missing H49-2 3"]);
    }

    private async Task AsOwnerAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
