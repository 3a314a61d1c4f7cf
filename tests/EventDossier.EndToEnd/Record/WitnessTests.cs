using EventDossier.Audit;
using EventDossier.Record;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Record;

/// <summary>Checkpoints go to witnesses by C2SP tlog-witness, and only what they really sign comes back.</summary>
public sealed class WitnessTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventdossier-witness-").FullName;
    private readonly WitnessServer _one = new("witness.example/one"), _two = new("witness.example/two");
    private Centre _centre = null!;
    private RecordProofs _proofs = null!;

    private string KeyFile => Path.Combine(_folder, "signing.key");

    public async Task InitializeAsync()
    {
        _centre = await Centre.OpenAsync();
        _proofs = new(_centre.Database, KeyFile);
        await GrowAsync();
        var log = (await _proofs.CurrentAsync()).Key;
        _one.Knows(log);
        _two.Knows(log);
    }

    public async Task DisposeAsync()
    {
        _one.Dispose();
        _two.Dispose();
        await _centre.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private int _grown;

    private async Task<long> GrowAsync()
    {
        await _centre.ImportAsync($"W{_grown++}", 90);
        return (await new RecordSealer(_centre.Database, KeyFile).CatchUpAsync())!.Checkpoint.Size;
    }

    private Witnesses Ask(params Witness[] witnesses) => new(_centre.Database, _proofs, witnesses, TimeSpan.FromMinutes(1));

    private async Task<string?> FaultAsync(Witness witness)
    {
        using var asking = Ask(witness);
        return (await asking.AskAsync()).ShouldHaveSingleItem().Fault;
    }

    [Fact]
    public async Task Every_witness_signs_what_grew_from_what_it_signed_last_and_Go_verifies_it()
    {
        var (first, second) = ((await _proofs.CurrentAsync()).Checkpoint.Checkpoint.Size, 0L);
        using (var asking = Ask(_one.Address))
        {
            (await asking.AskAsync()).ShouldBe([new("witness.example/one", first, null)]);
            second = await GrowAsync();
            (await asking.AskAsync()).ShouldBe([new("witness.example/one", second, null)]);
            (await asking.AskAsync()).ShouldBe([new("witness.example/one", second, null)]);
        }
        _one.Asked.ShouldBe([0, first], "what is signed is not asked for again");

        // Another process remembers nothing; the witness tells it.
        var third = await GrowAsync();
        using (var asking = Ask(_one.Address, _two.Address))
            (await asking.AskAsync()).ShouldBe([new("witness.example/one", third, null), new("witness.example/two", third, null)]);
        _one.Asked.Skip(2).ShouldBe([0, second]);

        await GrowAsync();
        var (witnessed, _) = await _proofs.CurrentAsync(witnessed: true);
        (witnessed.Checkpoint.Size, witnessed.Witnesses).ShouldSatisfyAllConditions(w => w.Size.ShouldBe(third), w => w.Witnesses.ShouldBe(["witness.example/one", "witness.example/two"], ignoreOrder: true));
        var file = Path.Combine(_folder, "checkpoint");
        await File.WriteAllTextAsync(file, $"{witnessed}");
        foreach (var key in (NoteKey[])[_one.Key, _two.Key])
            (await Go.CheckAsync("witness", file, $"{key}")).Said.ShouldStartWith("witnessed at ");
        (await new RecordVerification(_centre.Database, [(witnessed, "the witnessed checkpoint")]).RunAsync()).Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_witness_that_refuses_lies_or_is_down_gives_nothing_and_holds_up_no_other()
    {
        using var stranger = new WitnessServer("witness.example/stranger");
        (await FaultAsync(stranger.Address)).ShouldBe($"witness.example/stranger: it does not know {(await _proofs.CurrentAsync()).Key.Name}");
        stranger.Knows(NoteSigner.New((await _proofs.CurrentAsync()).Key.Name).Key);
        (await FaultAsync(stranger.Address))!.ShouldContain("does not know the key");

        foreach (var lie in (string[])["", "nonsense\n", $"— witness.example/one {Convert.ToBase64String(new byte[76])}\n", _two.Key.ToString() + "\n"])
        {
            _one.Always = (200, lie);
            (await FaultAsync(_one.Address))!.ShouldContain("no signature of its key");
        }
        _one.Always = (409, "0\n");
        (await FaultAsync(_one.Address))!.ShouldContain("another tree");
        _one.Always = (409, "999999\n");
        (await FaultAsync(_one.Address))!.ShouldContain("it has signed 999999 leaves");
        _one.Always = (500, new string('x', 100_000));
        (await FaultAsync(_one.Address)).ShouldNotBeNull("and an answer without end is not read to its end");
        await Should.ThrowAsync<UserError>(() => _proofs.CurrentAsync(witnessed: true));

        // It signed another tree of as many leaves: two histories.
        _one.Always = null;
        var (now, _) = await _proofs.CurrentAsync();
        _one.Signed[now.Checkpoint.Origin] = now.Checkpoint with { Root = new byte[32] };
        (await FaultAsync(_one.Address))!.ShouldContain("two histories");
        await GrowAsync();
        (await FaultAsync(_one.Address))!.ShouldContain("does not find that the tree grew");

        _one.Dispose();
        using var asking = Ask(_one.Address, _two.Address);
        (await asking.AskAsync()).Select(a => a.Fault is null).ShouldBe([false, true]);
        (await _proofs.CurrentAsync(witnessed: true)).Checkpoint.Witnesses.ShouldBe(["witness.example/two"]);
        asking.Last.Select(a => (a.Witness, a.Fault is null)).ShouldBe([("witness.example/one", false), ("witness.example/two", true)]);
    }

    [Fact]
    public async Task The_witnesses_named_in_the_settings_are_asked_by_who_runs_and_by_the_verb()
    {
        using (var asking = Ask(_one.Address))
        {
            await Centre.WhileAsync(asking.RunAsync, () => Centre.UntilAsync(async () =>
            {
                await using var command = _centre.Database.App.CreateCommand("SELECT count(*) FROM dossier_record.checkpoint WHERE witnesses = 1");
                return (long)(await command.ExecuteScalarAsync())! == 1;
            }, "it is witnessed"));
        }
        var setting = $"{_one.Key} {_one.Address.Address}; {_two.Key} {_two.Address.Address.AbsoluteUri.TrimEnd('/')}";
        (string, string)[] here = [("ConnectionStrings__EventDossier", _centre.ConnectionString), ("EVENTDOSSIER_SIGNING_KEY_FILE", KeyFile)];
        var run = await Dossier.RunAsync(["checkpoint", "witness"], [.. here, ("EVENTDOSSIER_WITNESSES", setting)]);
        (run.Exit, run.Error).ShouldBe((0, ""));
        run.Output.ShouldContain("witness.example/two has signed ");
        _two.Dispose();
        (await Dossier.RunAsync(["checkpoint", "witness"], [.. here, ("EVENTDOSSIER_WITNESSES", $"{_two.Key} {_two.Address.Address}")])).Exit.ShouldBe(1);

        Witness.Read("").ShouldBeEmpty();
        Witness.Read(setting).ShouldBe([_one.Address, _two.Address]);
        foreach (var bad in (string[])["witness.example", $"{_one.Key}", $"{_one.Key} http://witness.example", $"{_one.Key} https://witness.example more", $"{NoteSigner.New("log.example").Key} https://witness.example", $"{setting};{setting}"])
            Should.Throw<UserError>(() => Witness.Read(bad), bad).Code.ShouldBe("bad-setting");
    }
}
