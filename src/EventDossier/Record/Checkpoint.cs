using System.Globalization;

namespace EventDossier.Record;

/// <summary>What a tree was at a size: the text of a C2SP tlog-checkpoint.</summary>
/// <param name="Origin">The log's name.</param>
public sealed record Checkpoint(string Origin, long Size, byte[] Root)
{
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Convert.ToBase64String(Root)}\n");

    /// <summary>Null for what is no checkpoint. Further lines are allowed, and signed with the others.</summary>
    public static Checkpoint? Parse(string text) =>
        text.EndsWith('\n') && text[..^1].Split('\n') is [{ Length: > 0 } origin, var size, var root, .. var more] && more.All(line => line.Length > 0)
        && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var leaves) && leaves.ToString(CultureInfo.InvariantCulture) == size
        && Base64.DecodeHash(root) is { } hash ? new(origin, leaves, hash) : null;
}

/// <summary>A checkpoint and who signed it.</summary>
public sealed record SignedCheckpoint(Checkpoint Checkpoint, SignedNote Note)
{
    public override string ToString() => Note.ToString();

    /// <summary>Names of those who signed besides the log. What they signed is checked where their signature is taken in.</summary>
    public IReadOnlyList<string> Witnesses => [.. Note.Signatures.Select(signature => signature.Name).Where(name => name != Checkpoint.Origin).Distinct()];

    /// <exception cref="UserError"><c>bad-checkpoint</c></exception>
    public static SignedCheckpoint Parse(string note, string place) =>
        SignedNote.Parse(note) is { } signed && Checkpoint.Parse(signed.Text) is { } checkpoint ? new(checkpoint, signed)
        : throw new UserError("bad-checkpoint", $"{place} is no checkpoint: origin, size, root, an empty line and signatures are wanted");

    /// <summary>The log's own key that signed it.</summary>
    /// <exception cref="UserError"><c>bad-checkpoint</c>: signed by none of the keys, or falsely.</exception>
    public NoteKey By(IReadOnlyCollection<NoteKey> keys, string place) =>
        Note.SignedBy(keys) is { } by && by.FirstOrDefault(key => key.Name == Checkpoint.Origin && key.Kind == NoteKey.Signs.Note) is { } key ? key
        : throw new UserError("bad-checkpoint", $"{place} is not signed by a key of {Checkpoint.Origin} that is known here");
}
