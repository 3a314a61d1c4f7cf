using System.Buffers.Binary;
using EventDossier.Audit;
using EventDossier.Record;
using EventDossier.Store;

namespace EventDossier.StoreTests.Record;

/// <summary>Every event is sealed once, in the order of the log, whoever seals and whatever ends.</summary>
public sealed class SealerTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventdossier-record-").FullName;
    private Centre _centre = null!;

    private string KeyFile => Path.Combine(_folder, "keys", "signing.key");

    public async Task InitializeAsync() => _centre = await Centre.OpenAsync();

    public async Task DisposeAsync()
    {
        await _centre.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private RecordSealer Sealer() => new(_centre.Database, KeyFile);

    private async Task<Checkpoint> SealAsync() => (await Sealer().CatchUpAsync())!.Checkpoint;

    private async Task<VerifyReport> VerifyAsync(SignedCheckpoint? since = null, params (SignedCheckpoint, string)[] published) =>
        await new RecordVerification(_centre.Database, published).RunAsync(since);

    [Fact]
    public async Task A_tree_sealed_in_pieces_is_the_tree_of_RFC_6962_over_the_events_in_order()
    {
        var tree = new RecordTree(_centre.Database.App);
        var proofs = new RecordProofs(_centre.Database, KeyFile);
        var seals = new List<Checkpoint>();
        foreach (var dossiers in (int[])[1, 84, 0, 2, 170, 1])
        {
            await _centre.ImportAsync($"H{seals.Count}", dossiers);
            seals.Add(await SealAsync());
        }
        var size = (int)seals[^1].Size;
        size.ShouldBeGreaterThan(3 * Tile.FullWidth);

        // Bundles hold the commitments of the log's events, and the tiles above them are what the leaves give.
        var leaves = new List<byte[]>();
        foreach (var tile in Tile.Between(0, size).Where(t => t.Level == 0))
        {
            var bundle = (await tree.TileAsync(tile with { Level = null }))!.AsMemory();
            for (; bundle.Length > 0; bundle = bundle[(2 + BinaryPrimitives.ReadUInt16BigEndian(bundle.Span))..])
                leaves.Add(bundle.Slice(2, BinaryPrimitives.ReadUInt16BigEndian(bundle.Span)).ToArray());
        }
        var events = (await _centre.Database.Log.ReadAllAsync(0, 10_000)).Events;
        leaves.Count.ShouldBe(size);
        for (var i = 0; i < size; i++)
            leaves[i].ShouldBe(Commitment.Leaf(Commitment.Of(events[i], await SecretAsync(events[i].Stream))));
        var hashes = leaves.Select(leaf => Merkle.LeafHash(leaf)).ToList();
        foreach (var tile in Tile.Between(0, size))
            (await tree.TileAsync(tile)).ShouldBe(Enumerable.Range(0, tile.Width).SelectMany(i => Over(tile.Level!.Value, tile.First + i)).ToArray(), tile.Path);
        (await tree.TileAsync(new(0, size / 256, (size % 256) + 1))).ShouldBeNull("not grown so far");
        foreach (var seal in seals)
            seal.Root.ShouldBe(Merkle.Root(hashes.Take((int)seal.Size).SelectMany(h => h).ToArray()));

        foreach (var index in (long[])[0, 1, 254, 255, 256, 511, 512, size - 2, size - 1])
        {
            var proof = await proofs.OfLeafAsync(index);
            Merkle.IsIncluded(index, size, hashes[(int)index], proof.Proof, seals[^1].Root).ShouldBeTrue($"{index}");
            var growth = await proofs.OfGrowthAsync(index + 1);
            Merkle.IsConsistent(index + 1, size, Merkle.Root(hashes.Take((int)index + 1).SelectMany(h => h).ToArray()), seals[^1].Root, growth.Proof).ShouldBeTrue($"{index}");
        }

        byte[] Over(int level, long index) => Merkle.Root(hashes.Skip((int)index << (8 * level)).Take(1 << (8 * level)).SelectMany(h => h).ToArray());
    }

    [Fact]
    public async Task A_proof_asks_the_server_twice_and_one_of_a_tree_that_was_changed_is_never_handed_out()
    {
        await _centre.ImportAsync("H", 200);
        await SealAsync();
        var proofs = new RecordProofs(_centre.Database, KeyFile);
        await proofs.OfLeafAsync(0);
        using (var trips = new RoundTrips(_centre.ConnectionString))
        {
            for (var index = 0; index < 5; index++)
                await proofs.OfLeafAsync(index * 97);
            trips.Count.ShouldBe(5 * 2);
        }
        await _centre.ImportAsync("I", 200);
        var seal = await SealAsync();
        var leaf = (await new RecordTree(_centre.Database.App).FindAsync("H-0000", 1))!;
        var grown = await proofs.OfLeafAsync(leaf.Index);
        Merkle.IsIncluded(leaf.Index, seal.Size, Commitment.LeafHash(leaf.Commitment), grown.Proof, seal.Root).ShouldBeTrue("what is remembered of the smaller tree serves the larger");

        await _centre.TamperAsync($"UPDATE dossier_record.leaf SET commitment = sha256('another') WHERE index = {leaf.Index + 1}");
        (await Should.ThrowAsync<UserError>(() => proofs.OfLeafAsync(leaf.Index))).Code.ShouldBe("record-forked");
    }

    private readonly Dictionary<string, byte[]> _secrets = [];

    private async Task<byte[]> SecretAsync(string stream) => _secrets.TryGetValue(stream, out var known) ? known : _secrets[stream] = await new RecordTree(_centre.Database.App).SecretAsync(stream);

    [Fact]
    public async Task Sealers_that_race_and_lose_their_connections_in_between_double_nothing_and_miss_nothing()
    {
        var appended = 0;
        await Centre.WhileAsync(Sealer().RunAsync, () => Centre.WhileAsync(Sealer().RunAsync, async () =>
        {
            for (var round = 0; round < 12; round++)
            {
                await Task.WhenAll(Enumerable.Range(0, 3).Select(n => _centre.ImportAsync($"R{round}-{n}", 40)));
                appended += 3 * 40 * 3;
                // Whoever writes to the tree just now loses the connection, before or after the commit.
                await _centre.AskAsync("""
                    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid() AND (query LIKE '%dossier_record.%' OR query LIKE 'COMMIT%' OR query LIKE '%7261436%')
                    """);
            }
            await Centre.UntilAsync(async () => await CountAsync("dossier_record.leaf") > appended, "leaves of everything");
        }));
        (await SealAsync()).Size.ShouldBe(await CountAsync("dossier.mt_events"));

        var report = await VerifyAsync();
        report.Findings.ShouldBeEmpty();
        report.Checked["leaves"].ShouldBeGreaterThan(appended);
    }

    private async Task<long> CountAsync(string table) => (long)(await _centre.AskAsync($"SELECT count(*) FROM {table}"))!;

    [Fact]
    public async Task A_new_event_is_sealed_by_who_listens()
    {
        await SealAsync();
        await Centre.WhileAsync(Sealer().RunAsync, async () =>
        {
            var code = await _centre.ReceiveAsync();
            await Centre.UntilAsync(async () => await new RecordTree(_centre.Database.App).FindAsync(code, 1) is not null, "its leaf");
        });
    }

    [Fact]
    public async Task The_key_is_made_once_for_its_owner_alone_and_a_rotation_that_was_cut_off_is_finished()
    {
        await _centre.ReceiveAsync();
        var first = (await Sealer().CatchUpAsync())!;
        File.GetUnixFileMode(KeyFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var second = await RecordKeys.RotateAsync(_centre.Database, KeyFile, lost: false);
        await SealAsync();

        // The file names a third, and the process ended before the log did.
        var third = NoteSigner.New(second.Name);
        await File.AppendAllTextAsync(KeyFile, third.Export() + "\n");
        await _centre.ReceiveAsync();
        await SealAsync();

        var keys = await RecordKeys.LoadAsync(_centre.Database);
        keys.All.Select(k => (k.Key, k.Vouched)).ShouldBe([(keys.All[0].Key, true), (second, true), (third.Key, true)]);
        (await File.ReadAllLinesAsync(KeyFile)).ShouldBe([third.Export()], "the former keys are destroyed");
        first.By(keys.Known, "the first").ShouldBe(keys.All[0].Key);
        (await new RecordProofs(_centre.Database, KeyFile).CurrentAsync()).Key.ShouldBe(third.Key);
        (await VerifyAsync()).Findings.ShouldBeEmpty();

        File.Delete(KeyFile);
        await _centre.ReceiveAsync();
        (await Should.ThrowAsync<UserError>(() => SealAsync())).Code.ShouldBe("signing-key-missing");
        var fourth = await RecordKeys.RotateAsync(_centre.Database, KeyFile, lost: true);
        await SealAsync();
        (await VerifyAsync()).Findings.ShouldHaveSingleItem().ShouldSatisfyAllConditions(f => f.Kind.ShouldBe("key-not-vouched"), f => f.Actual.ShouldBe($"{fourth}"), f => f.Version.ShouldBe(4));
    }

    [Fact]
    public async Task A_database_that_is_older_than_what_was_published_is_not_sealed_into_another_history()
    {
        await _centre.ImportAsync("H", 5);
        await SealAsync();
        await _centre.TamperAsync("DELETE FROM dossier_record.leaf WHERE index > 9; DELETE FROM dossier_record.checkpoint; DELETE FROM dossier.mt_events WHERE seq_id > 10");
        await _centre.ImportAsync("G", 1);

        (await Should.ThrowAsync<UserError>(() => SealAsync())).Code.ShouldBe("record-behind");
        var kept = (await RecordSealer.KeptAsync(KeyFile))!;
        RecordSealer.AcceptLoss(KeyFile, TestDatabase.Time.GetUtcNow()).ShouldNotBeNull();
        await SealAsync();
        await _centre.ImportAsync("F", 20);
        await SealAsync();
        (await VerifyAsync(null, (kept, "the file"))).Findings.ShouldContain(f => f.Kind == "checkpoint" && f.Expected!.StartsWith("the file: root "));
    }

    [Fact]
    public async Task A_witness_adds_its_signature_once_and_a_false_one_is_refused()
    {
        await _centre.ReceiveAsync();
        var ours = (await Sealer().CatchUpAsync())!;
        var proofs = new RecordProofs(_centre.Database, KeyFile);
        var witness = new NoteSigner("witness.example/w1", new byte[32], NoteKey.Signs.Cosignature);
        SignedCheckpoint Signed(DateTimeOffset at) => ours with { Note = ours.Note with { Signatures = [.. ours.Note.Signatures, witness.Sign(ours.Note.Text, at)] } };

        // Superseded within its minute; the witness was slow.
        await _centre.ReceiveAsync();
        await SealAsync();
        (await proofs.CosignAsync(Signed(_centre.Now), [witness.Key])).Witnesses.ShouldBe(["witness.example/w1"]);
        (await proofs.CosignAsync(Signed(_centre.Now.AddMinutes(1)), [witness.Key])).Note.Signatures.Count.ShouldBe(2);

        (await proofs.CurrentAsync()).Checkpoint.Witnesses.ShouldBeEmpty();
        var (witnessed, _) = await proofs.CurrentAsync(witnessed: true);
        witnessed.Checkpoint.ShouldBeEquivalentTo(ours.Checkpoint);
        witnessed.Note.SignedBy([witness.Key]).ShouldBe([witness.Key]);
        (await Should.ThrowAsync<UserError>(() => proofs.CosignAsync(ours, [witness.Key]))).Code.ShouldBe("bad-cosignature");
        var false_ = Signed(_centre.Now);
        false_.Note.Signatures[1].Bytes[20] ^= 1;
        (await Should.ThrowAsync<UserError>(() => proofs.CosignAsync(false_, [witness.Key]))).Code.ShouldBe("bad-cosignature");
        (await VerifyAsync()).Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_has_no_canonical_spelling_is_sealed_all_the_same()
    {
        await _centre.InsertAsync("H49-9", "never_heard_of", """{"n": 1e400}""");
        await _centre.InsertAsync("H49-9", "never_heard_of", new string('[', 100) + new string(']', 100));
        await SealAsync();
        (await VerifyAsync()).Findings.ShouldBeEmpty();
        await _centre.TamperAsync("""UPDATE dossier.mt_events SET data = '{"n": 2e400}' WHERE stream_id = 'H49-9' AND version = 1""");
        (await VerifyAsync()).Findings.ShouldHaveSingleItem().Kind.ShouldBe("event-changed");
    }
}
