using System.Text.Json.Nodes;
using EventDossier.Applicants;
using EventDossier.Store;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd;

/// <summary>Applicants at a terminal: found, held, erased; both stores backed up and restored; the master key in two hands.</summary>
public sealed class ApplicantTests : IAsyncLifetime
{
    private static readonly Applicant Hoa = new("Đỗ Thị Hoà") { IdentityNumber = "022090001234", Phone = "0912345678" };
    private readonly string _folder = Directory.CreateTempSubdirectory("eventdossier-applicants-").FullName;
    private TestDatabase _events = null!, _keys = null!;
    private Guid _applicant;

    public async Task InitializeAsync()
    {
        (_events, _keys) = (await TestDatabase.CreateMigratedAsync(), await TestDatabase.CreateAsync());
        await using var database = await Database.OpenAsync(_events.ConnectionString, ProductEvents.Names, TestDatabase.Time);
        await using var store = await KeyStore.OpenAsync(_keys.ConnectionString, _folder, database);
        _applicant = (await store.SealAsync(Hoa, Uuid.V5(Guid.Parse("3f0c1b52-8e0f-4f43-8f6a-6f0f2b8f7c01"), 1))).Applicant;
    }

    public async Task DisposeAsync()
    {
        await _events.DisposeAsync();
        await _keys.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task An_applicant_is_found_held_released_and_erased_by_two_persons()
    {
        var id = $"{_applicant}";
        (await AnswerAsync("applicants", "find", "hoa do"))["applicants"]!.AsArray().Select(a => $"{a}").ShouldBe([id]);
        (await AnswerAsync("hold", "place", id, "--basis", "Công văn 12"))["holds"]!.AsArray().Count.ShouldBe(1);
        (await RefusalAsync("erase", id, "--basis", "Đơn 17", "--approved-by", "truong-phong")).ShouldBe("legal-hold");
        (await AnswerAsync("hold", "lift", id, "--basis", "Công văn 12", "--reason", "hết hạn"))["holds"]!.AsArray().ShouldBeEmpty();
        (await RefusalAsync("erase", id, "--basis", "Đơn 17", "--approved-by", Environment.UserName)).ShouldBe("approver-is-actor");
        (await AnswerAsync("erase", id, "--basis", "Đơn 17", "--approved-by", "truong-phong"))["applicant"]!.ToString().ShouldBe(id);
        (await AnswerAsync("applicants", "find", "022090001234"))["applicants"]!.AsArray().ShouldBeEmpty();
        (await AnswerAsync("hold", "list", id))["holds"]!.AsArray().ShouldBeEmpty();
        (await AnswerAsync("documents", "sweep"))["swept"]!.GetValue<long>().ShouldBe(0);
        (await RunAsync("verify")).Exit.ShouldBe(0);
    }

    [Fact]
    public async Task A_backup_is_restored_with_the_master_key_from_two_custodians()
    {
        var (backup, first, second, master) = (Path.Combine(_folder, "backup"), Path.Combine(_folder, "share1"), Path.Combine(_folder, "share2"), MasterKey.FileIn(_folder, false));
        var fingerprint = (await AnswerAsync("keys", "split", first, second))["fingerprint"]!.ToString();
        (await RunAsync("keys", "split", first, second)).Exit.ShouldBe(1, "a share is not written over");
        (await RefusalAsync("keys", "join", first, second)).ShouldBe("master-key-exists");
        (await AnswerAsync("backup", backup))["keys"]!["counts"]!["applicants"]!.GetValue<long>().ShouldBe(1);
        (await RefusalAsync("backup", backup)).ShouldBe("not-empty");
        (await RefusalAsync("restore", backup)).ShouldBe("not-empty");

        File.Delete(master);
        await _events.DisposeAsync();
        await _keys.DisposeAsync();
        (_events, _keys) = (await TestDatabase.CreateAsync(), await TestDatabase.CreateAsync());
        (await RefusalAsync("restore", backup)).ShouldBe("master-key-missing");
        (await RefusalAsync("keys", "join", first, first)).ShouldBe("bad-share");
        (await AnswerAsync("keys", "join", second, first))["fingerprint"]!.ToString().ShouldBe(fingerprint);
        (await AnswerAsync("restore", backup, "--keys", Path.Combine(backup, "keys")))["keys"]!["fingerprint"]!.ToString().ShouldBe(fingerprint);
        (await AnswerAsync("applicants", "find", "0912 345 678"))["applicants"]!.AsArray().Select(a => $"{a}").ShouldBe([$"{_applicant}"]);
        (await AnswerAsync("keys", "change"))["keys"]!.GetValue<long>().ShouldBe(1);
        (await AnswerAsync("applicants", "find", "hoa"))["applicants"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_list_with_names_tells_who_was_erased_and_comes_without_them_where_the_key_store_is_down()
    {
        var procedures = Path.Combine(_folder, "procedures.json");
        await File.WriteAllTextAsync(procedures, """[{"code": "1.004", "name": "Cấp giấy phép", "agency": "H49.12", "limit": "5 days", "inForceFrom": "2020-01-01T00:00:00+07:00", "basis": "QĐ 1", "retentionYears": 1}]""");
        await AnswerAsync("procedures", "import", procedures);
        string[] then = ["--at", "2024-03-04T09:00", "--approved-by", "truong-phong"];
        var code = (await AnswerAsync(["receive", .. then, "--procedure", "1.004", "--channel", "counter", "--applicant-name", Hoa.Name, "--applicant-number", Hoa.IdentityNumber!]))["code"]!.ToString();
        (await AnswerAsync("list", "--names"))["names"]![code]!.ToString().ShouldBe(Hoa.Name);
        (await RunAsync("list")).Output.ShouldNotContain(Hoa.Name);
        (await AnswerAsync("list")).AsArray().ShouldAllBe(row => row!["sealed"] == null, "ciphertext is for nobody who reads a list");

        await AnswerAsync(["withdraw", code, .. then, "--reason", "đổi ý"]);
        await AnswerAsync("erase", $"{_applicant}", "--basis", "Đơn 17", "--approved-by", "truong-phong");
        var names = (await AnswerAsync("list", "--names"))["names"]!.AsObject();
        names.ContainsKey(code).ShouldBeTrue();
        names[code].ShouldBeNull();
        (await TerminalAsync(_keys.ConnectionString)).Output.ShouldContain("(erased)");

        var down = await TerminalAsync("Host=127.0.0.1;Port=9;Username=nobody");
        down.Exit.ShouldBe(0);
        down.Error.ShouldBe("without names: the key store cannot be reached\n");
        down.Output.ShouldContain(code);
        down.Output.ShouldNotContain("applicant");

        Task<Dossier> TerminalAsync(string keys) => Dossier.RunAsync(["list", "--names", "--data", _folder], ("ConnectionStrings__EventDossier", _events.ConnectionString), ("ConnectionStrings__Keys", keys));
    }

    [Fact]
    public async Task A_server_for_the_events_alone_never_gets_the_keys()
    {
        var run = await Dossier.RunAsync(_events, "applicants", "find", "hoa", "--json", "--data", _folder);
        run.Exit.ShouldBe(1);
        JsonNode.Parse(run.Error)!["error"]!["code"]!.ToString().ShouldBe("keys-missing");
    }

    private Task<Dossier> RunAsync(params string[] arguments) => Dossier.RunAsync(
        [.. arguments, "--data", _folder, "--json"], ("ConnectionStrings__EventDossier", _events.ConnectionString), ("ConnectionStrings__Keys", _keys.ConnectionString));

    private async Task<JsonNode> AnswerAsync(params string[] arguments)
    {
        var run = await RunAsync(arguments);
        (run.Exit, run.Error).ShouldBe((0, ""), string.Join(' ', arguments));
        return JsonNode.Parse(run.Output)!;
    }

    private async Task<string> RefusalAsync(params string[] arguments)
    {
        var run = await RunAsync(arguments);
        run.Exit.ShouldBe(1, string.Join(' ', arguments) + run.Output);
        return JsonNode.Parse(run.Error)!["error"]!["code"]!.ToString();
    }
}
