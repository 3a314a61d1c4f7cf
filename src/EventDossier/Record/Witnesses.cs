using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using EventDossier.Store;

namespace EventDossier.Record;

/// <summary>Who is asked to sign the checkpoints of the public log.</summary>
/// <param name="Address">To which <c>add-checkpoint</c> is added.</param>
public sealed record Witness(NoteKey Key, Uri Address)
{
    /// <summary>Of <c>EVENTDOSSIER_WITNESSES</c>; none where it is not set.</summary>
    /// <exception cref="UserError"><c>bad-setting</c></exception>
    public static IReadOnlyList<Witness> Configured =>
        Read(Environment.GetEnvironmentVariable("EVENTDOSSIER_WITNESSES") ?? "");

    /// <summary>Verifier key, a blank and address of each, apart by semicolons.</summary>
    /// <exception cref="UserError"><c>bad-setting</c></exception>
    public static IReadOnlyList<Witness> Read(string setting)
    {
        const StringSplitOptions Plain = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
        List<Witness> witnesses = [.. setting.Split(';', Plain).Select(entry =>
            entry.Split(' ', Plain) is [var vkey, var address]
            && NoteKey.Parse(vkey) is { Kind: NoteKey.Signs.Cosignature } key
            && Uri.TryCreate($"{address.TrimEnd('/')}/", UriKind.Absolute, out var url)
            && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
                ? new Witness(key, url)
                : throw Bad($"'{entry}' is not a witness's verifier key, a blank and an https address"))];
        return witnesses.DistinctBy(w => w.Key).Count() == witnesses.Count
            ? witnesses : throw Bad("a witness is named twice");
    }

    private static UserError Bad(string what) => new("bad-setting", $"EVENTDOSSIER_WITNESSES: {what}");
}

/// <summary>
/// Asks witnesses to cosign what the public log is now, as C2SP tlog-witness has it (<c>add-checkpoint</c>), and keeps
/// what they sign beside the checkpoint. Each is asked by itself: one that is slow or down holds up no other. What a
/// witness has seen it tells itself, so nothing need be remembered and any number of processes may ask.
/// </summary>
/// <param name="interval">Between two checkpoints for one witness.</param>
public sealed class Witnesses(
    Database database, RecordProofs proofs, IReadOnlyList<Witness> witnesses, TimeSpan interval) : IDisposable
{
    private const int MostAnswer = 64 << 10, MostTries = 3;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _afterFailure = TimeSpan.FromMinutes(1);

    private readonly RecordTree _tree = new(database.App);
    private readonly ConcurrentDictionary<string, Answer> _last = new();

    // No redirect is followed: it would be somebody else who answers.
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = _patience,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    })
    {
        Timeout = _patience, MaxResponseContentBufferSize = MostAnswer,
    };

    /// <param name="Size">Of the checkpoint that it signed last; null for none.</param>
    /// <param name="Fault">Why it did not sign the newest; null where it did.</param>
    public sealed record Answer(string Witness, long? Size, string? Fault);

    /// <summary>What each said last.</summary>
    public IReadOnlyList<Answer> Last =>
        [.. witnesses.Select(w => w.Key.Name).Where(_last.ContainsKey).Select(name => _last[name])];

    /// <summary>Asks each again and again until cancelled, whatever happens to the server or to them.</summary>
    public Task RunAsync(CancellationToken cancel) => Task.WhenAll(witnesses.Select(async witness =>
    {
        while (true)
        {
            var answer = await AskAsync(witness, cancel);
            await Task.Delay(answer.Fault is null ? interval : _afterFailure, database.Clock, cancel);
        }
    }));

    /// <summary>Asks each once.</summary>
    public async Task<IReadOnlyList<Answer>> AskAsync(CancellationToken cancel = default) =>
        await Task.WhenAll(witnesses.Select(witness => AskAsync(witness, cancel)));

    public void Dispose() => _http.Dispose();

    private async Task<Answer> AskAsync(Witness witness, CancellationToken cancel)
    {
        var name = witness.Key.Name;
        try
        {
            return _last[name] = new(name, await SignedAsync(witness, cancel), null);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            var fault = e switch
            {
                OperationCanceledException => $"{name}: no answer within {_patience.TotalSeconds:0} s",
                UserError => e.Message,
                _ => $"{name}: {(e.InnerException ?? e).Message}",
            };
            return _last[name] = new(name, _last.GetValueOrDefault(name)?.Size, fault);
        }
    }

    /// <summary>Of the newest checkpoint, once the witness has signed it.</summary>
    private async Task<long> SignedAsync(Witness witness, CancellationToken cancel)
    {
        for (var (old, tries) = (_last.GetValueOrDefault(witness.Key.Name)?.Size ?? 0, 1); ; tries++)
        {
            var (now, _) = await proofs.CurrentAsync(cancel: cancel);
            var size = now.Checkpoint.Size;
            if (old == size && now.Note.Signatures.Any(s => s.IsOf(witness.Key)))
                return size;
            if (old > size)
            {
                throw Refused(witness, $"it has signed {old} leaves of {now.Checkpoint.Origin}, and there are {size}: "
                    + "a backup was restored that is too old, or there are two histories");
            }
            var proof = old == 0 || old == size ? [] : await _tree.ProveGrowthAsync(old, size, cancel);
            var body = $"old {old}\n{string.Concat(proof.Select(hash => $"{Convert.ToBase64String(hash)}\n"))}\n{now}";
            using var content = new StringContent(body, new UTF8Encoding(false), "text/plain");
            using var response = await _http.PostAsync(new Uri(witness.Address, "add-checkpoint"), content, cancel);
            var said = await response.Content.ReadAsStringAsync(cancel);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                await KeepAsync(witness, now, said, cancel);
                return size;
            }
            // It has signed another size than we thought, and says which.
            var seen = response.StatusCode == HttpStatusCode.Conflict && tries < MostTries ? SizeIn(said) : null;
            if (seen is null || seen == old)
            {
                throw Refused(witness, (int)response.StatusCode switch
                {
                    403 => "it does not know the key that signs this log: give it the verifier key",
                    404 => $"it does not know {now.Checkpoint.Origin}",
                    409 => $"it has another tree of {old} leaves than this one: there are two histories",
                    422 => $"it does not find that the tree grew from {old} to {size} leaves",
                    var status => $"it answered {status}",
                });
            }
            old = seen.Value;
        }
    }

    private static long? SizeIn(string said) =>
        long.TryParse(said.TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null;

    private async Task KeepAsync(Witness witness, SignedCheckpoint asked, string said, CancellationToken cancel)
    {
        // Other keys of its own may have signed too; what is not known is nothing to us.
        var (text, signatures) = asked.Note;
        var signature = SignedNote.Parse($"{text}\n{said}")?.Signatures
                .FirstOrDefault(s => s.IsOf(witness.Key) && witness.Key.Verifies(text, s.Bytes))
            ?? throw Refused(witness, "what it answered is no signature of its key over this checkpoint");
        var cosigned = new SignedNote(text, [.. signatures.Where(s => !s.IsOf(witness.Key)), signature]);
        await proofs.CosignAsync(asked with { Note = cosigned }, [witness.Key], cancel);
    }

    private static UserError Refused(Witness witness, string why) =>
        new("witness-refused", $"{witness.Key.Name}: {why}");
}
