using System.Security.Cryptography;
using System.Text;
using EventDossier.Store;

namespace EventDossier.Record;

/// <summary>A key signs the public log from now on.</summary>
/// <param name="Vkey">The verifier key that is handed out; its name is the log's origin.</param>
/// <param name="Voucher">The signature, in base64, of the key before it over this one; null for the first key, and where the one before was lost.</param>
public sealed record RecordKeyIntroduced(DateTimeOffset OccurredAt, string Vkey, string? Voucher);

/// <summary>The keys of the public log, from the first on: an old one's checkpoints go on verifying.</summary>
public sealed class RecordKeys
{
    public const string Stream = "/record/keys";
    private static readonly Guid _commands = new("f3b0a8de-3f8e-5c1f-9a40-6a1f0c2d7e55");

    /// <param name="Position">Of the event.</param>
    /// <param name="Vouched">The key before it signed this one; the first needs no voucher.</param>
    public sealed record Introduced(NoteKey Key, DateTimeOffset At, long Version, long Position, bool Vouched);

    private RecordKeys(IReadOnlyList<Introduced> all) => All = all;

    /// <summary>In the order of their introduction.</summary>
    public IReadOnlyList<Introduced> All { get; }

    public NoteKey? InForce => All.Count == 0 ? null : All[^1].Key;

    public IReadOnlyCollection<NoteKey> Known => [.. All.Select(introduced => introduced.Key)];

    /// <summary>Where the key that signs now lies: <c>EVENTDOSSIER_SIGNING_KEY_FILE</c>, else <c>keys/signing.key</c> in the data folder. The database of samples has one of its own beside it.</summary>
    public static string FileIn(string dataFolder, bool sample) =>
        (Environment.GetEnvironmentVariable("EVENTDOSSIER_SIGNING_KEY_FILE") is { Length: > 0 } named ? Path.GetFullPath(named) : Path.Combine(dataFolder, "keys", "signing.key"))
        + (sample ? ".sample" : "");

    public static async Task<RecordKeys> LoadAsync(Database database, CancellationToken cancel = default)
    {
        var all = new List<Introduced>();
        foreach (var e in await database.Log.ReadStreamAsync(Stream, cancel: cancel))
        {
            if (e.Event is not RecordKeyIntroduced introduced)
                throw new InvalidOperationException($"{e.Name} in {Stream}");
            if (NoteKey.Parse(introduced.Vkey) is { Kind: NoteKey.Signs.Note } key)
                all.Add(new(key, introduced.OccurredAt, e.Version, e.Position, all.Count == 0 || introduced.Voucher is { } voucher && Vouches(all[^1].Key, key, voucher)));
        }
        return new(all);
    }

    /// <summary>
    /// The key that signs: of the file, introduced to the log. The first one is made here, with its file. Where the file holds a newer key behind the one in force, a rotation was cut off
    /// before its event was written, and is brought to its end.
    /// </summary>
    /// <param name="origin">The log's name where it has none yet.</param>
    /// <exception cref="UserError"><c>signing-key-missing</c>, <c>signing-key-unusable</c>, <c>signing-key-unknown</c>.</exception>
    public static async Task<NoteSigner> SignerAsync(Database database, string file, string? origin, CancellationToken cancel = default)
    {
        var (inForce, held) = await FittingAsync(database, file, cancel);
        if (held.Count == 0)
        {
            held = [NoteSigner.New(origin ?? $"eventdossier{(database.IsSample ? "-sample" : "")}/{RandomNumberGenerator.GetHexString(8, lowercase: true)}")];
            await SaveAsync(file, held, cancel);
        }
        var signer = held[^1];
        if (signer.Key != inForce)
            await IntroduceAsync(database, signer.Key, held.FirstOrDefault(each => each.Key == inForce), cancel);
        if (held.Count > 1)
            await SaveAsync(file, [signer], cancel);
        return signer;
    }

    /// <summary>Whether the file's key may go on with the log, as <see cref="SignerAsync"/> would; nothing is made or introduced.</summary>
    /// <returns>False where neither the log nor the file has one yet.</returns>
    /// <exception cref="UserError">As for <see cref="SignerAsync"/>.</exception>
    public static async Task<bool> HoldsAsync(Database database, string file, CancellationToken cancel = default) =>
        (await FittingAsync(database, file, cancel)).Held.Count > 0;

    private static async Task<(NoteKey? InForce, IReadOnlyList<NoteSigner> Held)> FittingAsync(Database database, string file, CancellationToken cancel)
    {
        var (inForce, held) = ((await LoadAsync(database, cancel)).InForce, await HeldAsync(file, cancel));
        return inForce is null || held.Any(each => each.Key == inForce) ? (inForce, held)
            : held.Count == 0 ? throw new UserError("signing-key-missing", $"{file} is missing, and the public log is signed by {inForce}: put it back, or begin another key with dossier record rotate --lost")
            : throw new UserError("signing-key-unknown", $"{file} holds {held[^1].Key}, and the public log is signed by {inForce}");
    }

    /// <summary>Another key of the same origin signs from now on. The former one vouches for it and is destroyed.</summary>
    /// <param name="lost">There is no former key to vouch: whoever checks must hear of the new one in another way, and <c>verify</c> will say so.</param>
    /// <exception cref="UserError"><c>nothing-sealed</c>, and as for <see cref="SignerAsync"/>.</exception>
    public static async Task<NoteKey> RotateAsync(Database database, string file, bool lost, CancellationToken cancel = default)
    {
        var inForce = (await LoadAsync(database, cancel)).InForce ?? throw new UserError("nothing-sealed", "the public log has no key yet: seal first");
        var next = NoteSigner.New(inForce.Name);
        if (lost)
        {
            await SaveAsync(file, [next], cancel);
            await IntroduceAsync(database, next.Key, null, cancel);
            return next.Key;
        }
        // The file first: a key that the log knows and nobody has would end the log.
        await SaveAsync(file, [await SignerAsync(database, file, null, cancel), next], cancel);
        return (await SignerAsync(database, file, null, cancel)).Key;
    }

    /// <summary>Oldest first; more than one only while a rotation is under way.</summary>
    private static async Task<IReadOnlyList<NoteSigner>> HeldAsync(string file, CancellationToken cancel)
    {
        if (!File.Exists(file))
            return [];
        if ((File.GetUnixFileMode(file) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != UnixFileMode.None)
            throw new UserError("signing-key-unusable", $"{file} may be read by others than its owner: chmod 600, and ask who did");
        var lines = await File.ReadAllLinesAsync(file, cancel);
        var held = lines.Select(NoteSigner.Parse).OfType<NoteSigner>().Where(signer => signer.Key.Kind == NoteKey.Signs.Note).ToList();
        return held.Count > 0 && held.Count == lines.Length ? held
            : throw new UserError("signing-key-unusable", $"{file} holds no signing key: PRIVATE+KEY+name+id+key is wanted");
    }

    private static Task SaveAsync(string file, IReadOnlyList<NoteSigner> signers, CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        return DurableFile.WriteAsync(file, Encoding.UTF8.GetBytes(string.Concat(signers.Select(signer => $"{signer.Export()}\n"))), cancel);
    }

    private static async Task IntroduceAsync(Database database, NoteKey key, NoteSigner? former, CancellationToken cancel)
    {
        var introduced = new RecordKeyIntroduced(database.Clock.GetUtcNow(), $"{key}", former is null ? null : Convert.ToBase64String(former.Sign(Vouched(key)).Bytes));
        // The same key again, by another process or after a crash, is the same command.
        await database.Log.AppendAsync([new(Stream, "record", StreamAppend.Any, new(Uuid.V5(_commands, $"{key}"), "eventdossier", "administrator"), [introduced])], cancel);
    }

    private static string Vouched(NoteKey key) => $"eventdossier record key\n{key}\n";

    private static bool Vouches(NoteKey former, NoteKey key, string voucher) => Base64.Decode(voucher) is { } signature && former.Verifies(Vouched(key), signature);
}
