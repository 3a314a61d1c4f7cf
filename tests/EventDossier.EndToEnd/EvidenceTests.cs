using System.Text;
using System.Text.Json.Nodes;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd;

/// <summary>An applicant from receipt to erasure, as an auditor sees it: who looked, what a pack proves, and that nothing is left.</summary>
public sealed class EvidenceTests : IAsyncLifetime
{
    private const string Name = "Đỗ Thị Hoà", Number = "022090001234";
    private readonly string _folder = Directory.CreateTempSubdirectory("eventdossier-evidence-").FullName;
    private TestDatabase _events = null!, _keys = null!;

    public async Task InitializeAsync() => (_events, _keys) = (await TestDatabase.CreateMigratedAsync(), await TestDatabase.CreateAsync());

    public async Task DisposeAsync()
    {
        await _events.DisposeAsync();
        await _keys.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task After_an_erasure_nothing_gives_the_data_back_and_everything_still_proves()
    {
        var (procedures, document, pack, backup) = (At("procedures.json"), At("don.txt"), At("pack.zip"), At("backup"));
        await File.WriteAllTextAsync(procedures, """
            [{"code": "P-1", "name": "Cấp giấy phép", "agency": "H49.12", "limit": "5 days", "inForceFrom": "2020-01-01T00:00:00+07:00", "basis": "QĐ 1", "retentionYears": 1}]
            """);
        await AnswerAsync("procedures", "import", procedures);
        var code = (await AnswerAsync("receive", "--procedure", "P-1", "--applicant-name", Name, "--applicant-number", Number, "--at", "2024-06-03T09:00", "--approved-by", "truong-phong"))["code"]!.ToString();
        await File.WriteAllTextAsync(document, $"Đơn của {Name}");
        await AnswerAsync("attach", code, "--kind", "đơn", "--file", document);
        var dossier = await AnswerAsync("show", code);
        var (applicant, hash) = (dossier["applicant"]!["applicant"]!.ToString(), dossier["documents"]![0]!["sha256"]!.ToString());

        // Whoever is handed something is on record.
        (await AnswerAsync("show", code, "--names", "--role", "clerk", "--reason", "điện thoại hỏi"))["applicant"]!["name"]!.ToString().ShouldBe(Name);
        await AnswerAsync("documents", "read", code, hash, "--out", At("out.txt"), "--role", "officer");
        (await RunAsync("show", code, "--names", "--role", "emperor")).Exit.ShouldBe(2);
        (await File.ReadAllTextAsync(At("out.txt"))).ShouldContain(Name);
        await AnswerAsync("seal", "--once");
        (await AnswerAsync("pack", code, "--out", pack, "--names"))["report"]!["proved"]!.GetValue<int>().ShouldBe(2);
        await AnswerAsync("list", "--names");
        var seen = (await AnswerAsync("access", code)).AsArray().Select(r => (r!["where"]!.ToString(), r["what"]!.ToString(), r["actor"]!.ToString(), r["role"]!.ToString(), r["reason"]?.ToString())).ToList();
        var me = $"os:{Environment.UserName}";
        seen.ShouldBe([("list", "applicant", me, "administrator", null), ("pack", "pack", me, "administrator", null), ("documents read", "document", me, "officer", null), ("show", "applicant", me, "clerk", "điện thoại hỏi")]);
        (await AnswerAsync("access", "--actor", me)).AsArray().Count.ShouldBe(4);
        (await AnswerAsync("access", "--actor", "os:nobody")).AsArray().ShouldBeEmpty();

        // Checked where nobody has a database.
        (await Dossier.RunAsync("pack", "check", pack)).ShouldSatisfyAllConditions(
            run => run.Exit.ShouldBe(0, run.Error), run => run.Output.ShouldContain("nothing found"), run => run.Output.ShouldContain("the pack's own word"));
        var bytes = await File.ReadAllBytesAsync(pack);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(At("forged.zip"), bytes);
        (await Dossier.RunAsync("pack", "check", At("forged.zip"))).ShouldSatisfyAllConditions(run => run.Exit.ShouldBe(1), run => run.Error.ShouldContain("byte "));

        // Held, let go, erased.
        await AnswerAsync("withdraw", code, "--reason", "đổi ý", "--at", "2024-07-01T09:00", "--approved-by", "truong-phong");
        await AnswerAsync("place-hold", code, "--basis", "Công văn 12");
        (await RefusalAsync("erase", applicant, "--basis", "Đơn 17", "--approved-by", "truong-phong")).ShouldBe("legal-hold");
        (await AnswerAsync("hold", "list", applicant))["dossiers"]!.AsArray().Select(d => $"{d}").ShouldBe([code]);
        await AnswerAsync("lift-hold", code, "--basis", "Công văn 12", "--reason", "án đã xử");
        (await RefusalAsync("erase", "certificate", applicant)).ShouldBe("not-erased");
        await AnswerAsync("backup", backup);
        await AnswerAsync("erase", applicant, "--basis", "Đơn 17", "--approved-by", "truong-phong");
        await AnswerAsync("documents", "sweep");
        await AnswerAsync("seal", "--once");

        var certificate = await AnswerAsync("erase", "certificate", applicant, "--html", At("certificate.html"));
        (certificate["sealed"]!.GetValue<int>(), certificate["files"]!.GetValue<int>(), certificate["inRegister"]!.GetValue<bool>()).ShouldBe((1, 0, true));
        certificate["leaf"].ShouldNotBeNull("the erasure stands in the public log itself");
        await GoneAsync(code, hash);
        (await RunAsync("verify")).ShouldSatisfyAllConditions(run => run.Exit.ShouldBe(0, run.Output));
        (await Dossier.RunAsync("pack", "check", pack)).Exit.ShouldBe(0, "what was proved before still is");

        // Both stores from before the erasure.
        await _events.DisposeAsync();
        await _keys.DisposeAsync();
        (_events, _keys) = (await TestDatabase.CreateAsync(), await TestDatabase.CreateAsync());
        await AnswerAsync("restore", backup, "--keys", Path.Combine(backup, "keys"));
        await GoneAsync(code, hash);
    }

    /// <summary>Neither show nor list nor document nor pack gives the data, and no event and no view holds it.</summary>
    private async Task GoneAsync(string code, string hash)
    {
        (await AnswerAsync("show", code, "--names"))["applicant"].ShouldBeNull();
        (await AnswerAsync("list", "--names"))["names"]![code].ShouldBeNull();
        (await RefusalAsync("documents", "read", code, hash, "--out", At("again.txt"))).ShouldBe("applicant-erased");
        var later = At($"later-{Path.GetRandomFileName()}.zip");
        await AnswerAsync("pack", code, "--out", later, "--names");
        (await Dossier.RunAsync("pack", "check", later)).Exit.ShouldBe(0);
        var told = Encoding.UTF8.GetString(await File.ReadAllBytesAsync(later)) + (await RunAsync("history", code)).Output;
        told.ShouldNotContain(Number);
        told.ShouldNotContain(Name);
    }

    private string At(string file) => Path.Combine(_folder, file);

    private Task<Dossier> RunAsync(params string[] arguments) => Dossier.RunAsync(
        [.. arguments, "--data", _folder, "--json"], ("ConnectionStrings__EventDossier", _events.ConnectionString), ("ConnectionStrings__Keys", _keys.ConnectionString));

    private async Task<JsonNode> AnswerAsync(params string[] arguments)
    {
        var run = await RunAsync(arguments);
        run.Exit.ShouldBe(0, $"{string.Join(' ', arguments)}: {run.Error}{run.Output}");
        return JsonNode.Parse(run.Output)!;
    }

    private async Task<string> RefusalAsync(params string[] arguments)
    {
        var run = await RunAsync(arguments);
        run.Exit.ShouldBe(1, string.Join(' ', arguments) + run.Output);
        return JsonNode.Parse(run.Error)!["error"]!["code"]!.ToString();
    }
}
