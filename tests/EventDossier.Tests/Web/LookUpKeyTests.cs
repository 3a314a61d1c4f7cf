using EventDossier.Dossiers;
using EventDossier.Record;
using EventDossier.Store;
using EventDossier.Tests.Dossiers;
using EventDossier.Web.LookUp;

namespace EventDossier.Tests.Web;

/// <summary>A key opens the one slip that it stands on.</summary>
public sealed class LookUpKeyTests
{
    private const string Code = "H49.12-260424-0001";
    private static readonly byte[] _secret = [.. Enumerable.Range(7, 32).Select(i => (byte)i)];

    private static string? Slip(string code, string key) => LookUpKey.Slip(_secret, code, key);

    [Fact]
    public void A_key_names_its_slip_however_it_is_typed()
    {
        var key = LookUpKey.Of(_secret, $"{Code}/01-1");
        key.Length.ShouldBe(14);
        foreach (var typed in (string[])[key, key.Replace("-", "", StringComparison.Ordinal), key.ToLowerInvariant(), $" {key.Replace('-', ' ')} ", key.Replace('0', 'O').Replace('1', 'l')])
            Slip(Code, typed).ShouldBe($"{Code}/01-1", typed);
        Slip(Code, LookUpKey.Of(_secret, $"{Code}/01-{LookUpKey.MostSlips}")).ShouldBe($"{Code}/01-{LookUpKey.MostSlips}");
    }

    [Fact]
    public void Each_slip_has_a_key_of_its_own_and_another_secret_gives_others()
    {
        Enumerable.Range(1, LookUpKey.MostSlips).Select(n => LookUpKey.Of(_secret, $"{Code}/01-{n}")).ShouldBeUnique();
        LookUpKey.Of(new byte[32], $"{Code}/01-1").ShouldNotBe(LookUpKey.Of(_secret, $"{Code}/01-1"));
        Slip("H49.12-260424-0002", LookUpKey.Of(_secret, $"{Code}/01-1")).ShouldBeNull();
        Slip(Code, LookUpKey.Of(_secret, $"{Code}/02-1")).ShouldBeNull("only slip 01 has a key");
    }

    [Fact]
    public void What_is_no_key_opens_nothing_and_breaks_nothing()
    {
        foreach (var key in (string[])["", "-", "7K2M", new string('0', 12), new string('\0', 12), "ＡＢＣＤ-ＥＦＧＨ-ＪＫＭＮ", "\uD800", new string('A', 100_000), LookUpKey.Of(_secret, $"{Code}/01-1") + "0"])
            Slip(Code, key).ShouldBeNull(key);
        Slip("", LookUpKey.Of(_secret, "/01-1")).ShouldBe("/01-1", "a code is whatever it is told; that no dossier is named so is for who reads it");
        Slip(new string('x', 1_000_000), "7K2M-9QXT-04WB").ShouldBeNull();
    }

    [Fact]
    public async Task Ten_thousand_guesses_find_nothing_and_have_no_dossier_read()
    {
        var read = new List<string>();
        var issued = RandomLife.Stored(Code, 1, Lives.Nothing.Ask(new ReceiveDossier("P-1")).Events.Cast<DossierReceived>().Single() with { Slip = $"{Code}/01-1" }, Lives.Now);
        var lookUps = new LookUps(_ => Task.FromResult(_secret), (code, _) =>
        {
            read.Add(code);
            return Task.FromResult<IReadOnlyList<StoredEvent>>(code == Code ? [issued] : []);
        });
        var random = new Random(1);
        for (var i = 0; i < 10_000; i++)
        {
            var key = string.Concat(Enumerable.Range(0, 12).Select(_ => "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[random.Next(32)]));
            (await lookUps.FindAsync(i % 2 == 0 ? Code : "H49.12-260424-9999", key, default)).ShouldBeNull();
        }
        read.ShouldAllBe(stream => stream.StartsWith(Aliases.StreamPrefix), "so that time can't tell which codes exist");
        read.Count.ShouldBe(10_000, "and whether one is an older code is asked of any");
        read.Clear();
        (await lookUps.FindAsync(Code, LookUpKey.Of(_secret, $"{Code}/01-1"), default)).ShouldNotBeNull().Single().ShouldBe(issued);
        (await lookUps.FindAsync(Code, LookUpKey.Of(_secret, $"{Code}/01-2"), default)).ShouldBeNull("not issued yet");
        (await lookUps.FindAsync("H49.12-260424-9999", LookUpKey.Of(_secret, "H49.12-260424-9999/01-1"), default)).ShouldBeNull();
        read.Where(DossierCode.IsCode).ShouldBe([Code, Code, "H49.12-260424-9999"]);
    }

    [Fact]
    public async Task The_code_of_an_older_system_opens_with_the_key_of_the_dossier_and_with_no_other()
    {
        const string Older = "HS-2026-0117";
        var issued = RandomLife.Stored(Code, 1, Lives.Nothing.Ask(new ReceiveDossier("P-1")).Events.Cast<DossierReceived>().Single() with { Slip = $"{Code}/01-1" }, Lives.Now);
        var aliased = issued with
        {
            Stream = Aliases.Stream(Older), Name = "code_aliased", Data = System.Text.Encoding.UTF8.GetBytes(ProductEvents.Names.Encode(new CodeAliased(Lives.Now, Code)).Json),
        };
        var lookUps = new LookUps(_ => Task.FromResult(_secret), (stream, _) => Task.FromResult<IReadOnlyList<StoredEvent>>(
            stream == Code ? [issued] : stream == aliased.Stream ? [aliased] : []));
        (await lookUps.FindAsync(Older, LookUpKey.Of(_secret, $"{Code}/01-1"), default)).ShouldNotBeNull().Single().ShouldBe(issued);
        (await lookUps.FindAsync(Older, LookUpKey.Of(_secret, $"{Older}/01-1"), default)).ShouldBeNull("its key is the dossier's");
        (await lookUps.FindAsync(Older, LookUpKey.Of(_secret, $"{Code}/01-2"), default)).ShouldBeNull();
        (await lookUps.FindAsync("HS-2026-0118", LookUpKey.Of(_secret, $"{Code}/01-1"), default)).ShouldBeNull();
    }
}
