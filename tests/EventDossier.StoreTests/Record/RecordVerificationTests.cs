using EventDossier.Audit;
using EventDossier.Record;

namespace EventDossier.StoreTests.Record;

/// <summary>What the database's owner does to a sealed log with the triggers off, views rebuilt and versions put right, is found and named; and nothing else is.</summary>
public sealed class RecordVerificationTests : IAsyncLifetime
{
    private const string Code = "H49.12-260504-0002", Other = "H49.12-260504-0001";
    private readonly string _folder = Directory.CreateTempSubdirectory("eventdossier-record-").FullName;
    private Centre _centre = null!;
    private SignedCheckpoint _early = null!, _published = null!;

    private string KeyFile => Path.Combine(_folder, "signing.key");

    public async Task InitializeAsync()
    {
        _centre = await Centre.OpenAsync();
        for (var i = 0; i < 3; i++)
            await _centre.ReceiveAsync("unit-1");
        await _centre.StepAsync(Code, "one");
        _early = (await new RecordSealer(_centre.Database, KeyFile).CatchUpAsync())!;
        await _centre.ImportAsync("H", 200);
        await _centre.StepAsync(Other, "one");
        await _centre.StepAsync(Code, "two");
        await _centre.StepAsync(Code, "three");
        _published = (await new RecordSealer(_centre.Database, KeyFile).CatchUpAsync())!;
        await _centre.CatchUpAsync();
    }

    public async Task DisposeAsync()
    {
        await _centre.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<IReadOnlyList<Finding>> VerifyAsync(SignedCheckpoint? since = null, bool published = false) =>
        (await new RecordVerification(_centre.Database, published ? [(_published, "the published checkpoint")] : []).RunAsync(since)).Findings;

    private async Task<long> PositionAsync(string stream, long version) => (long)(await _centre.AskAsync($"SELECT seq_id FROM dossier.mt_events WHERE stream_id = '{stream}' AND version = {version}"))!;

    [Fact]
    public async Task Where_nothing_was_done_nothing_is_found_in_whole_or_since_any_checkpoint()
    {
        (await VerifyAsync()).ShouldBeEmpty();
        (await VerifyAsync(published: true)).ShouldBeEmpty();
        (await VerifyAsync(_early, published: true)).ShouldBeEmpty();
        var since = await new RecordVerification(_centre.Database, []).RunAsync(_early);
        since.Checked["leaves"].ShouldBe(_published.Checkpoint.Size - _early.Checkpoint.Size);
    }

    [Fact]
    public async Task A_change_of_any_column_is_named_with_stream_version_and_position()
    {
        var position = await PositionAsync(Code, 3);
        await _centre.TamperAsync($"CREATE TABLE kept AS SELECT * FROM dossier.mt_events WHERE seq_id = {position}");
        foreach (var change in (string[])
        [
            "data = jsonb_set(data, '{step}', '\"never\"')", "timestamp = timestamp - interval '1 day'", "headers = jsonb_set(headers, '{actor}', '\"somebody-else\"')", "type = 'step_started'",
            "id = gen_random_uuid()", "correlation_id = 'x'", "causation_id = 'x'", "headers = NULL", "stream_id = 'H-0001', version = 4",
        ])
        {
            await _centre.TamperAsync($"UPDATE dossier.mt_events SET {change} WHERE seq_id = {position}");
            (await VerifyAsync()).ShouldHaveSingleItem(change).ShouldSatisfyAllConditions(
                f => f.Kind.ShouldBe("event-changed"), f => f.Stream.ShouldBe(Code), f => f.Version.ShouldBe(3), f => f.Position.ShouldBe(position), f => f.Expected!.ShouldContain("the event sealed as leaf"));
            await _centre.TamperAsync($"DELETE FROM dossier.mt_events WHERE seq_id = {position}; INSERT INTO dossier.mt_events SELECT * FROM kept");
        }
        (await VerifyAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_last_event_of_a_stream_deleted_with_all_traces_but_its_leaf_is_named()
    {
        await _centre.TamperAsync($"DELETE FROM dossier.mt_events WHERE stream_id = '{Code}' AND version = 4; UPDATE dossier.mt_streams SET version = 3 WHERE id = '{Code}'");
        (await VerifyAsync()).ShouldHaveSingleItem().ShouldSatisfyAllConditions(f => f.Kind.ShouldBe("sealed-event-missing"), f => f.Stream.ShouldBe(Code), f => f.Version.ShouldBe(4));
    }

    [Fact]
    public async Task A_stream_deleted_whole_is_named_event_by_event()
    {
        await _centre.TamperAsync("DELETE FROM dossier.mt_events WHERE stream_id = 'H-0007'; DELETE FROM dossier.mt_streams WHERE id = 'H-0007'");
        (await VerifyAsync()).Select(f => (f.Kind, f.Stream, f.Version)).ShouldBe([("sealed-event-missing", "H-0007", 1), ("sealed-event-missing", "H-0007", 2), ("sealed-event-missing", "H-0007", 3)]);
    }

    [Fact]
    public async Task The_newest_events_deleted_with_their_leaves_are_missed_by_a_stored_checkpoint_and_when_that_is_gone_too_by_the_published_one()
    {
        var left = _published.Checkpoint.Size - 500;
        await _centre.TamperAsync($"""
            DELETE FROM dossier.mt_events WHERE seq_id >= (SELECT position FROM dossier_record.leaf WHERE index = {left});
            DELETE FROM dossier.mt_streams s WHERE NOT EXISTS (SELECT FROM dossier.mt_events e WHERE e.stream_id = s.id);
            UPDATE dossier.mt_streams s SET version = (SELECT max(version) FROM dossier.mt_events e WHERE e.stream_id = s.id);
            DELETE FROM dossier_record.leaf WHERE index >= {left}; DELETE FROM dossier_record.node WHERE index >= {left / 256} AND level = 1
            """);
        (await VerifyAsync()).ShouldHaveSingleItem().ShouldSatisfyAllConditions(f => f.Kind.ShouldBe("leaves-missing"), f => f.Actual!.ShouldContain("the newest 500 are gone"));

        await _centre.TamperAsync($"DELETE FROM dossier_record.checkpoint WHERE size > {left}");
        (await VerifyAsync()).ShouldBeEmpty("the database alone can't know");
        (await VerifyAsync(published: true)).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            f => f.Kind.ShouldBe("leaves-missing"), f => f.Expected.ShouldBe($"{left + 500} leaves, as the published checkpoint says"));
    }

    [Fact]
    public async Task An_event_inserted_in_the_past_has_no_leaf()
    {
        var position = await PositionAsync("H-0003", 2);
        await _centre.TamperAsync($"""
            DELETE FROM dossier.mt_events WHERE seq_id = {position};
            INSERT INTO dossier.mt_events (seq_id, id, stream_id, version, data, type, timestamp)
            SELECT -1, gen_random_uuid(), stream_id, version + 1, data, type, timestamp FROM dossier.mt_events WHERE stream_id = '{Other}' AND version = 2
            """);
        var found = await VerifyAsync();
        found.ShouldContain(f => f.Kind == "sealed-event-missing" && f.Stream == "H-0003" && f.Version == 2 && f.Position == position);
        found.ShouldContain(f => f.Kind == "unsealed-event" && f.Stream == Other && f.Version == 3 && f.Position == -1);
        found.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Two_events_swapped_are_both_named()
    {
        var (a, b) = (await PositionAsync(Code, 3), await PositionAsync(Code, 4));
        await _centre.TamperAsync($"""
            UPDATE dossier.mt_events SET seq_id = -1, version = -1 WHERE seq_id = {a};
            UPDATE dossier.mt_events SET seq_id = {a}, version = 3 WHERE seq_id = {b};
            UPDATE dossier.mt_events SET seq_id = {b}, version = 4 WHERE seq_id = -1
            """);
        (await VerifyAsync()).Select(f => (f.Kind, f.Stream, f.Version, f.Position)).ShouldBe([("event-changed", Code, 3, a), ("event-changed", Code, 4, b)]);
    }

    [Fact]
    public async Task An_event_changed_together_with_its_leaf_and_the_tree_above_breaks_every_checkpoint_since()
    {
        await _centre.TamperAsync($"UPDATE dossier.mt_events SET data = jsonb_set(data, '{{step}}', '\"never\"') WHERE stream_id = '{Code}' AND version = 2");
        var e = (await _centre.Database.Log.ReadStreamAsync(Code, 2))[1];
        var forged = Commitment.Of(e, await new RecordTree(_centre.Database.App).SecretAsync(Code));
        await _centre.TamperAsync($"UPDATE dossier_record.leaf SET commitment = '\\x{Convert.ToHexStringLower(forged)}' WHERE position = {e.Position}");

        var found = await VerifyAsync(published: true);
        found.Where(f => f.Kind == "tree-node").ShouldHaveSingleItem();
        found.Count(f => f.Kind == "checkpoint" && f.Expected!.StartsWith("the stored checkpoint")).ShouldBeGreaterThan(0);
        found.ShouldContain(f => f.Kind == "checkpoint" && f.Expected!.StartsWith("the published checkpoint: root "));
        // The tree's hashes made anew as well: what was signed stays signed.
        await _centre.TamperAsync("DELETE FROM dossier_record.node; DELETE FROM dossier_record.checkpoint");
        (await VerifyAsync(published: true)).ShouldContain(f => f.Kind == "checkpoint");
    }

    [Fact]
    public async Task A_leaf_a_secret_or_a_checkpoint_tampered_with_is_named()
    {
        await _centre.TamperAsync($"DELETE FROM dossier_record.secret WHERE stream = 'H-0005'");
        (await VerifyAsync()).Select(f => (f.Kind, f.Stream)).Distinct().ShouldBe([("no-secret", "H-0005")]);
        await _centre.TamperAsync("DELETE FROM dossier_record.leaf WHERE index = 20");
        (await VerifyAsync()).ShouldContain(f => f.Kind == "leaf-missing" && f.Expected == "a leaf at 20");
        await _centre.TamperAsync("UPDATE dossier_record.checkpoint SET note = replace(note, E'\\n\\n', E'\\nmore\\n\\n')");
        (await VerifyAsync()).ShouldContain(f => f.Kind == "checkpoint-key");
        await _centre.TamperAsync("UPDATE dossier_record.checkpoint SET note = 'none'");
        (await VerifyAsync()).ShouldContain(f => f.Kind == "checkpoint" && f.Actual == "none that can be read");
    }

    [Fact]
    public async Task A_retired_key_signs_nothing_that_came_after_it()
    {
        var old = NoteSigner.Parse(await File.ReadAllTextAsync(KeyFile))!;
        await RecordKeys.RotateAsync(_centre.Database, KeyFile, lost: false);
        var now = (await new RecordSealer(_centre.Database, KeyFile).CatchUpAsync())!;
        (await VerifyAsync()).ShouldBeEmpty();

        var forged = new SignedNote(now.Note.Text, [old.Sign(now.Note.Text)]);
        await _centre.TamperAsync($"UPDATE dossier_record.checkpoint SET note = '{forged}' WHERE size = {now.Checkpoint.Size}");
        (await VerifyAsync()).ShouldHaveSingleItem().ShouldSatisfyAllConditions(f => f.Kind.ShouldBe("checkpoint-key"), f => f.Actual!.ShouldContain("retired"));
    }
}
