using System.Net;
using System.Text;
using EventDossier.EndToEnd.Deliveries;
using EventDossier.Record;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Record;

/// <summary>A witness as C2SP tlog-witness has it, on a port of this machine: it signs what grew from what it signed last, and nothing else.</summary>
internal sealed class WitnessServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly NoteSigner _signer;
    private readonly int _port = SmtpServer.FreePort();
    private readonly Dictionary<string, NoteKey> _logs = [];

    public WitnessServer(string name)
    {
        _signer = new(name, System.Security.Cryptography.RandomNumberGenerator.GetBytes(Ed25519.KeyBytes), NoteKey.Signs.Cosignature);
        _listener.Prefixes.Add($"http://127.0.0.1:{_port}/");
        _listener.Start();
        _ = ListenAsync();
    }

    public NoteKey Key => _signer.Key;

    public Witness Address => new(Key, new($"http://127.0.0.1:{_port}/witness/"));

    /// <summary>Of each log, what it signed last.</summary>
    public Dictionary<string, Checkpoint> Signed { get; } = [];

    /// <summary>The old sizes that it was sent, in order.</summary>
    public List<long> Asked { get; } = [];

    /// <summary>Answers with this, whatever it is asked.</summary>
    public (int Status, string Body)? Always { get; set; }

    public void Knows(NoteKey log) => _logs[log.Name] = log;

    public void Dispose() => _listener.Abort();

    private async Task ListenAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
                var body = await reader.ReadToEndAsync();
                var (status, said) = Always ?? (context.Request.HttpMethod == "POST" && context.Request.Url!.AbsolutePath == "/witness/add-checkpoint" ? Answer(body) : (404, "nothing is here"));
                context.Response.StatusCode = status;
                context.Response.ContentType = status == 409 ? "text/x.tlog.size" : "text/plain";
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(said));
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private (int Status, string Body) Answer(string body)
    {
        if (body.Split("\n\n", 2) is not [var head, var note] || SignedNote.Parse(note) is not { } signed || Checkpoint.Parse(signed.Text) is not { } now
            || head.Split('\n') is not [['o', 'l', 'd', ' ', .. var digits], .. var lines] || !long.TryParse(digits, out var old) || $"{old}" != digits || lines.Length > 63 || old > now.Size)
            return (400, "malformed");
        Asked.Add(old);
        if (!_logs.TryGetValue(now.Origin, out var log))
            return (404, "unknown log");
        if (signed.SignedBy([log]) is not [_])
            return (403, "unknown key");
        var last = Signed.GetValueOrDefault(now.Origin);
        if (old != (last?.Size ?? 0) || (last?.Size == now.Size && !last.Root.AsSpan().SequenceEqual(now.Root)))
            return (409, $"{last?.Size ?? 0}\n");
        var proof = lines.Select(Convert.FromBase64String).ToList();
        if (last is null || last.Size == now.Size ? proof.Count > 0 : !Merkle.IsConsistent(last.Size, now.Size, last.Root, now.Root, proof))
            return (422, "not consistent");
        Signed[now.Origin] = now;
        return (200, _signer.Sign(signed.Text, TestDatabase.Time.GetUtcNow()).Line);
    }
}
