using EventDossier.Dossiers;
using EventDossier.StoreTests;
using Go = EventDossier.EndToEnd.Record.Go;

namespace EventDossier.EndToEnd.Web;

/// <summary>The public log over HTTP, sealed by the server itself.</summary>
[Collection(OneServer.Name)]
public sealed class RecordTests(WebServer server)
{
    [Fact]
    public async Task A_mirror_follows_every_tile_and_entry_without_signing_in()
    {
        var code = await server.ReceiveAsync();
        Answer sealed_ = null!;
        await Centre.UntilAsync(async () => (sealed_ = await server.GetAsync(WebServer.Director, $"/api/record/dossiers/{code}")).Status == 200, "the dossier's leaf");
        var vkey = sealed_.Json![0]!["vkey"]!.ToString();

        var (exit, said) = await Go.CheckAsync("mirror", server.Client.BaseAddress!.ToString().TrimEnd('/'), vkey);
        (exit, said.Split(' ')[0]).ShouldBe((0, "mirrored"), said);

        using var checkpoint = await server.Client.GetAsync("/checkpoint");
        checkpoint.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; charset=utf-8");
        checkpoint.Headers.CacheControl!.NoCache.ShouldBeTrue();
        (await checkpoint.Content.ReadAsStringAsync()).ShouldNotContain(code);
        using var partial = await server.Client.GetAsync("/tile/entries/000.p/2");
        partial.Content.Headers.ContentType!.ToString().ShouldBe("application/octet-stream");
        (await partial.Content.ReadAsByteArrayAsync()).Length.ShouldBe(2 * (2 + 87));
        foreach (var none in (string[])["/tile/0/999", "/tile/0/0", "/tile/entries/000.p/0", "/tile/1/000.p/200", "/tile/x"])
            (await server.SendAsync(null, new(HttpMethod.Get, none))).ShouldSatisfyAllConditions(a => a.Status.ShouldBe(404, none), a => a.Code.ShouldBe("no-such-tile", none));
        (await server.SendAsync(null, new(HttpMethod.Get, "/api/record/proof?index=0"))).Status.ShouldBe(200);
        (await server.SendAsync(null, new(HttpMethod.Get, "/api/record/growth?from=1"))).Status.ShouldBe(200);
        (await server.SendAsync(null, new(HttpMethod.Get, "/api/record/proof?index=999999"))).Code.ShouldBe("no-such-leaf");
        (await server.SendAsync(null, new(HttpMethod.Get, "/checkpoint?witnessed=true"))).Status.ShouldBe(404);
    }

    [Fact]
    public async Task What_opens_a_leaf_is_told_to_those_alone_who_may_see_the_dossier()
    {
        var code = await server.ReceiveAsync();
        var path = $"/api/record/dossiers/{code}?event=1";
        (await server.SendAsync(null, new(HttpMethod.Get, path))).Status.ShouldBe(401);
        (await server.GetAsync(WebServer.Token("someone", [Role.TransparencyOfficer]), path)).Status.ShouldBe(403);
        await Centre.UntilAsync(async () => (await server.GetAsync(WebServer.Director, path)).Status == 200, "the dossier's leaf");
        var proof = (await server.GetAsync(WebServer.Director, path)).Json!.AsArray().ShouldHaveSingleItem()!;
        proof["opening"]!["event"]!["stream"]!.ToString().ShouldBe(code);
        EventDossier.Record.ProofFile.Check(proof.ToJsonString(), null, []).ShouldHaveSingleItem().Index.ShouldBe(proof["index"]!.GetValue<long>());
    }
}
