using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace EventDossier.EndToEnd.Deliveries;

/// <summary>A real receiver of webhooks, that keeps what it gets and answers as it is told.</summary>
internal sealed class Receiver : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly int _port = SmtpServer.FreePort();
    private HttpListener? _listener;

    public Receiver() => Start();

    public Uri Url => new($"http://127.0.0.1:{_port}/hook");

    public ConcurrentQueue<(string Id, long Timestamp, string Signature, string Body)> Got { get; } = [];

    /// <summary>Of the answer; 0: none at all.</summary>
    public int Status { get; set; } = 204;

    public IEnumerable<JsonNode> Bodies => Got.Select(g => JsonNode.Parse(g.Body)!);

    public void Start()
    {
        _listener = new() { Prefixes = { $"http://127.0.0.1:{_port}/" } };
        _listener.Start();
        _ = ListenAsync(_listener);
    }

    public void Stop() => _listener!.Abort();

    public void Dispose()
    {
        _stop.Cancel();
        Stop();
        _stop.Dispose();
    }

    private async Task ListenAsync(HttpListener listener)
    {
        try
        {
            while (true)
                _ = AnswerAsync(await listener.GetContextAsync());
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        if (Status == 0)
            return;
        if (Status < 300)
            Got.Enqueue((context.Request.Headers["webhook-id"]!, long.Parse(context.Request.Headers["webhook-timestamp"]!), context.Request.Headers["webhook-signature"]!, body));
        context.Response.StatusCode = Status;
        context.Response.Close();
    }
}
