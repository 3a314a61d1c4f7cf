using System.Text.Json;
using EventDossier.Record;
using EventDossier.Store;

namespace EventDossier.Tests.Record;

/// <summary>Paths, notes, checkpoints, proofs and leaves, to the byte.</summary>
public sealed class FormatTests
{
    // From the documentation of golang.org/x/mod/sumdb/note.
    private const string Public = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    private const string Private = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    private const string Note = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        + "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    private static readonly NoteSigner _log = new("log.example/record", new byte[32]);
    private static readonly NoteSigner _witness = new("witness.example/w1", [.. Enumerable.Range(0, 32).Select(i => (byte)i)], NoteKey.Signs.Cosignature);

    private static string Sample(string name) => File.ReadAllText(Shared.Path("vectors", "tlog", name));

    [Theory]
    [InlineData("tile/0/000", 0, 0, 256)]
    [InlineData("tile/0/x001/x234/067", 0, 1234067, 256)]
    [InlineData("tile/0/x001/x234/067.p/1", 0, 1234067, 1)]
    [InlineData("tile/3/x001/000.p/255", 3, 1000, 255)]
    [InlineData("tile/entries/x123/456", null, 123456, 256)]
    public void A_tiles_path_is_read_and_written(string path, int? level, long index, int width)
    {
        Tile.Parse(path).ShouldBe(new Tile(level, index, width));
        new Tile(level, index, width).Path.ShouldBe(path);
    }

    [Theory]
    [InlineData("tile/0/0")]
    [InlineData("tile/0/1234")]
    [InlineData("tile/0/x000/001")]
    [InlineData("tile/0/x001")]
    [InlineData("tile/00/001")]
    [InlineData("tile/8/001")]
    [InlineData("tile/0/001.p/0")]
    [InlineData("tile/0/001.p/01")]
    [InlineData("tile/0/001.p/256")]
    [InlineData("tile/0/001.p/257")]
    [InlineData("tile/-1/001")]
    [InlineData("tile/0/001/")]
    [InlineData("tile/0/٠٠١")]
    public void What_is_no_tiles_path_is_none(string path) => Tile.Parse(path).ShouldBeNull();

    [Fact]
    public void A_tree_of_70000_has_the_tiles_that_the_specification_counts() =>
        Tile.Between(0, 70_000).GroupBy(t => (t.Level, t.IsFull)).Select(g => (g.Key.Level, g.Key.IsFull, g.Count(), g.Last().Width)).ShouldBe(
            [(0, true, 273, 256), (0, false, 1, 112), (1, true, 1, 256), (1, false, 1, 17), (2, false, 1, 1)]);

    [Fact]
    public void The_documented_note_of_Go_is_opened_and_made()
    {
        var (key, signer) = (NoteKey.Parse(Public)!, NoteSigner.Parse(Private)!);
        var note = SignedNote.Parse(Note)!;

        signer.ShouldSatisfyAllConditions(s => s.Key.ShouldBe(key), s => s.Export().ShouldBe(Private), s => s.Key.ToString().ShouldBe(Public));
        note.SignedBy([key]).ShouldBe([key]);
        new SignedNote(note.Text, [signer.Sign(note.Text)]).ToString().ShouldBe(Note);
        SignedNote.Parse(Note.Replace("answer", "onswer", StringComparison.Ordinal))!.SignedBy([key]).ShouldBeNull();
        note.SignedBy([_log.Key]).ShouldBe([], "an unknown signature is nobody's");
    }

    [Theory]
    [InlineData("text\n")]
    [InlineData("text\n\n— a b\n")]
    [InlineData("text\n\n— log x08go/ZJkuBS9UG=")]
    [InlineData("te\txt\n\n— log x08go/ZJ\n")]
    [InlineData("text\n\n- log x08go/ZJ\n")]
    [InlineData("text\n\n— lo+g x08go/ZJ\n")]
    [InlineData("text\n\n— log x08go/ZJ \n")]
    public void What_is_no_note_is_none(string note) => SignedNote.Parse(note).ShouldBeNull();

    [Theory]
    [InlineData("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TX")]
    [InlineData("Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("PeterNeumann+c74f20a3")]
    public void What_is_no_key_is_none(string vkey) => NoteKey.Parse(vkey).ShouldBeNull();

    [Theory]
    [InlineData("log\n07\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n")]
    [InlineData("log\n-7\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n")]
    [InlineData("log\n7\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383c=\n")]
    [InlineData("\n7\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n")]
    [InlineData("log\n7\n")]
    public void What_is_no_checkpoint_is_none(string text) => Checkpoint.Parse(text).ShouldBeNull();

    [Fact]
    public void A_witness_signs_time_and_text_as_tlog_cosignature_says()
    {
        var text = new Checkpoint(_log.Key.Name, 7, Merkle.EmptyRoot).Text;
        var at = DateTimeOffset.FromUnixTimeSeconds(1679315147);
        var note = new SignedNote(text, [_log.Sign(text), _witness.Sign(text, at)]);
        var parsed = SignedNote.Parse(note.ToString())!;

        parsed.SignedBy([_log.Key, _witness.Key]).ShouldBe([_log.Key, _witness.Key]);
        parsed.Signatures[1].Time.ShouldBe(at);
        Ed25519.Verify(_witness.Key.Key, System.Text.Encoding.UTF8.GetBytes($"cosignature/v1\ntime 1679315147\n{text}"), parsed.Signatures[1].Bytes.AsSpan(8)).ShouldBeTrue();
        // At another time than it says.
        parsed.Signatures[1].Bytes[7] ^= 1;
        parsed.SignedBy([_witness.Key]).ShouldBeNull();
    }

    [Fact]
    public void The_published_example_of_a_cosigned_checkpoint_is_read()
    {
        var checkpoint = SignedCheckpoint.Parse(
            """
            example.com/behind-the-sofa
            20852163
            CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

            — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
            — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==

            """, "the example");
        checkpoint.Checkpoint.Size.ShouldBe(20852163);
        checkpoint.Note.Signatures[1].Time.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(1679315147));
    }

    [Theory, InlineData("sample-inclusion.json"), InlineData("sample-consistency.json"), InlineData("sample.tlog-proof")]
    public void Published_proofs_are_accepted_and_none_with_a_digit_changed(string file)
    {
        var (proof, key, leaf) = (Sample(file), NoteKey.Parse(Sample("sample-key.txt"))!, File.ReadAllBytes(Shared.Path("vectors", "tlog", "sample.leaf")));

        ProofFile.Check(proof, key, [], leaf).ShouldHaveSingleItem().Size.ShouldBe(13);
        foreach (var (from, to) in ((string, string)[])[("zY1lN35v", "zY1lN36v"), ("13", "12"), ("av0kLH0V", "av0kLH1V"), ("M9e0liO8", "M9e0liO9")])
            Should.Throw<UserError>(() => ProofFile.Check(proof.Replace(from, to, StringComparison.Ordinal), key, [], leaf), $"{from} as {to}");
        Should.Throw<UserError>(() => ProofFile.Check(proof, _log.Key, [], leaf)).Code.ShouldBe("bad-checkpoint");
    }

    [Theory, InlineData(""), InlineData("{}"), InlineData("[1]"), InlineData("null"), InlineData("c2sp.org/tlog-proof@v1\n"), InlineData("c2sp.org/tlog-proof@v1\nextra e30=\nindex 0\n\nx"),
        InlineData("""{"vkey":"x","checkpoint":"y","index":0,"leafB64":"","proof":null}""")]
    public void What_is_no_proof_is_told(string text) => Should.Throw<UserError>(() => ProofFile.Check(text, _log.Key, [])).Code.ShouldBe("bad-proof");

    private static StoredEvent Event(string data) => new(
        41, Guid.Parse("0b8f6c1e-2f64-5b0e-8f0f-3a1a2f9f5c11"), "H49.12-260424-\"1\"", 3, "step_completed", System.Text.Encoding.UTF8.GetBytes(data),
        new(2026, 5, 4, 2, 0, 0, 123, TimeSpan.Zero), """{"role": "officer", "actor": "lan"}"""u8.ToArray(), null, "cause", ProductEvents.Names);

    [Fact]
    public void A_leaf_says_nothing_but_the_hash_of_salt_and_canonical_event()
    {
        var (secret, e) = (new byte[32], Event("""{"step": "Thẩm định", "occurredAt": "2026-05-04T09:00:00+07:00"}"""));
        var opening = Opening.Of(e, secret);

        opening.Event.GetRawText().ShouldBe(
            """{"causation":"cause","data":{"occurredAt":"2026-05-04T09:00:00+07:00","step":"Thẩm định"},"headers":{"actor":"lan","role":"officer"},"id":"0b8f6c1e-2f64-5b0e-8f0f-3a1a2f9f5c11","name":"step_completed","position":41,"recordedAt":"2026-05-04T02:00:00.123000Z","stream":"H49.12-260424-\"1\"","version":3}""");
        opening.Salt.ShouldBe(System.Security.Cryptography.HMACSHA256.HashData(secret, "3"u8));
        var commitment = System.Security.Cryptography.SHA256.HashData([.. opening.Salt, .. System.Text.Encoding.UTF8.GetBytes(opening.Event.GetRawText())]);
        Commitment.Of(e, secret).ShouldBe(commitment);
        System.Text.Encoding.UTF8.GetString(Commitment.Leaf(commitment)).ShouldBe($$"""{"commitment":"{{Convert.ToHexStringLower(commitment)}}","v":1}""");
        Commitment.LeafHash(commitment).ShouldBe(Merkle.LeafHash(opening.Leaf));
    }

    [Fact]
    public void A_proof_with_its_opening_survives_both_files_and_tells_a_change_of_the_event()
    {
        var (secret, e) = (new byte[32], Event("""{"step": "one"}"""));
        var opening = Opening.Of(e, secret);
        var checkpoint = new Checkpoint(_log.Key.Name, 1, Merkle.LeafHash(opening.Leaf));
        var proof = new InclusionProof($"{_log.Key}", new SignedNote(checkpoint.Text, [_log.Sign(checkpoint.Text)]).ToString(), 0, opening.Leaf, [], opening);
        var json = JsonSerializer.Serialize(proof, ProofFile.Json);

        foreach (var file in (string[])[json, proof.ToTlogProof(), $"[{json}]"])
            ProofFile.Check(file, _log.Key, [], secret: secret).ShouldHaveSingleItem().Event!.Value.GetProperty("stream").GetString().ShouldBe(e.Stream);
        ProofFile.Check(json, null, [])[0].KeyKnown.ShouldBeFalse();
        Should.Throw<UserError>(() => ProofFile.Check(json.Replace("one", "two", StringComparison.Ordinal), _log.Key, [])).Message.ShouldContain("commits to");
        Should.Throw<UserError>(() => ProofFile.Check(json, _log.Key, [], secret: [.. Enumerable.Repeat((byte)1, 32)])).Message.ShouldContain("that secret");
    }
}
