using System.Collections.Concurrent;
using System.Net;
using System.Text;
using EventDossier.EndToEnd.Deliveries;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd.Web;

/// <summary>What the server measures, as a receiver of OTLP gets it.</summary>
public sealed class MetricsTests : IAsyncLifetime, IDisposable
{
    private readonly HttpListener _receiver = new();
    private readonly WebServer _server;
    private readonly ConcurrentDictionary<string, (string Unit, string Kind)> _got = [];

    public MetricsTests()
    {
        var url = $"http://127.0.0.1:{SmtpServer.FreePort()}/";
        _receiver.Prefixes.Add(url);
        _server = new() { Settings = [("OTEL_EXPORTER_OTLP_ENDPOINT", url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_METRIC_EXPORT_INTERVAL", "200")] };
    }

    public Task InitializeAsync()
    {
        _receiver.Start();
        _ = ReceiveAsync();
        return _server.InitializeAsync();
    }

    public Task DisposeAsync() => _server.DisposeAsync();

    public void Dispose() => _receiver.Close();

    [Fact]
    public async Task A_receiver_of_OTLP_gets_what_the_page_says_in_the_units_of_the_page()
    {
        await _server.ReceiveAsync(unit: "H49.12-01", officer: "xd-thamdinh-1", at: "2026-05-04T09:00:00+07:00");
        (await _server.PostAsync(WebServer.Director, "/api/dossiers/H49.12-260504-9999/assign", new { to = "x" })).Code.ShouldBe("no-such-dossier");

        // No alert is withdrawn here, nothing goes out, and there is no shelf.
        var page = File.ReadLines(Path.Combine(TestDatabase.RepositoryRoot, "docs", "reference", "metrics.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)).Select(cell => (Name: cell[1].Trim('`'), Kind: cell[2], Unit: cell[3].Trim('`'))).ToList();
        var expected = page.Where(m => m.Name is not ("dossier.alerts.withdrawn" or "dossier.backup.age") && !m.Name.StartsWith("dossier.delivery.", StringComparison.Ordinal)).ToList();
        expected.Count.ShouldBeGreaterThan(5);
        await Waiting.UntilAsync(() => Task.FromResult(expected.All(m => _got.ContainsKey(m.Name))), "all have come");

        foreach (var (name, kind, unit) in expected)
            _got[name].ShouldBe((unit, kind), name);
        _got.Keys.Where(name => name.StartsWith("dossier.", StringComparison.Ordinal)).Except(page.Select(m => m.Name)).ShouldBeEmpty();
        _got.Keys.ShouldContain("http.server.request.duration");
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                var http = await _receiver.GetContextAsync();
                using var body = new MemoryStream();
                await http.Request.InputStream.CopyToAsync(body);
                if (http.Request.Url!.AbsolutePath == "/v1/metrics")
                    Read(body.ToArray());
                http.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    /// <summary>Field numbers of opentelemetry/proto/metrics/v1: request.resource_metrics 1, .scope_metrics 2, .metrics 2; of a metric name 1, unit 3, gauge 5, sum 7, histogram 9.</summary>
    private void Read(byte[] request)
    {
        foreach (var resource in Fields(request).Where(f => f.Number == 1))
        {
            foreach (var scope in Fields(resource.Value).Where(f => f.Number == 2))
            {
                foreach (var metric in Fields(scope.Value).Where(f => f.Number == 2))
                {
                    var fields = Fields(metric.Value).ToLookup(f => f.Number, f => f.Value);
                    string Text(int number) => Encoding.UTF8.GetString([.. fields[number].SelectMany(b => b)]);
                    _got[Text(1)] = (Text(3), fields.Contains(5) ? "gauge" : fields.Contains(7) ? "counter" : fields.Contains(9) ? "histogram" : "other");
                }
            }
        }
    }

    /// <summary>Of a protobuf message: each field's number and, where it has a length, its bytes.</summary>
    private static IEnumerable<(int Number, byte[] Value)> Fields(byte[] message)
    {
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            var length = (tag & 7) switch { 0 => -1, 1 => 8, 2 => (int)Varint(message, ref at), 5 => 4, var wire => throw new InvalidDataException($"wire type {wire}") };
            if (length < 0)
            {
                Varint(message, ref at);
                length = 0;
            }
            yield return ((int)(tag >> 3), message[at..(at + length)]);
            at += length;
        }
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }
    }
}
