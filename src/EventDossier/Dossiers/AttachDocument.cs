using System.ComponentModel;

namespace EventDossier.Dossiers;

/// <summary>A document belongs to the dossier: it lies encrypted in the documents' folder, and here stands its hash.</summary>
public sealed record AttachDocument(
    [Description("What it is, in the words of the procedure's list")] string Kind,
    [Description("SHA-256 of the stored ciphertext, lower-case hex")] string Sha256,
    [Description("Bytes of the document")] long Size,
    [Description("Media type")] string MediaType = "application/octet-stream") : IAct<AttachDocument>
{
    public static ActRule Rule { get; } = new("attach", "A document is stored encrypted, and its hash stands in the dossier",
        [Role.Clerk, Role.Officer, Role.Supervisor, Role.Citizen], BackDating.Day, "ended", "bad-hash");

    public static Decision Decide(AttachDocument act, Dossier dossier, ActContext context)
    {
        if (dossier.Stage >= Stage.Withdrawn)
            return Decision.Refuse("ended", $"{dossier.Code} is {StageNames.Of(dossier.Stage)}");
        if (act.Sha256.Length != 64 || !act.Sha256.All(char.IsAsciiHexDigitLower))
            return Decision.Refuse("bad-hash", $"'{act.Sha256}' is no SHA-256 in lower-case hex");
        return dossier.Documents.Exists(d => d.Sha256 == act.Sha256 && d.Kind == act.Kind)
            ? Decision.AlreadyDone
            : new DocumentAttached(context.At, act.Kind, act.Sha256, act.Size, act.MediaType);
    }
}
