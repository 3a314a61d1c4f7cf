using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using EventDossier.EndToEnd.Web;

namespace EventDossier.EndToEnd.Pages;

/// <summary>A browser without scripts or looks: cookies, pages and their forms.</summary>
public sealed partial class Visitor : IDisposable
{
    private readonly HttpClient _client;

    /// <param name="from">Address of the visitor: what is limited by it is nobody else's.</param>
    public Visitor(WebServer server, string language = "en", string from = "127.0.0.1")
    {
        async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext to, CancellationToken cancel)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
            await socket.ConnectAsync(to.DnsEndPoint, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        _client = new(new SocketsHttpHandler { CookieContainer = Cookies, AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.All, ConnectCallback = ConnectAsync }) { BaseAddress = server.Client.BaseAddress, Timeout = TimeSpan.FromSeconds(30) };
        _client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        _client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
    }

    public CookieContainer Cookies { get; } = new();

    public static async Task<Visitor> OfAsync(WebServer server, string role, string person, string language = "en", string from = "127.0.0.1")
    {
        var visitor = new Visitor(server, language, from);
        var form = await visitor.GetAsync("/sign-in");
        var signedIn = await visitor.PostAsync("/sign-in/development", form, ("person", person), ("role", role));
        signedIn.Status.ShouldBe(302, signedIn.Html);
        return visitor;
    }

    public async Task<Seen> GetAsync(string path)
    {
        using var response = await _client.GetAsync(path);
        return await Seen.OfAsync(response);
    }

    /// <summary>Only whether one is let in: what is live has no end.</summary>
    public async Task<int> KnockAsync(string path)
    {
        using var response = await _client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        return (int)response.StatusCode;
    }

    /// <summary>Sends a form as it stands on a page: what is hidden in it, and what is filled in.</summary>
    public async Task<Seen> PostAsync(string action, Seen from, params (string Name, string Value)[] filled)
    {
        using var content = new FormUrlEncodedContent(
            [.. from.Hidden(action).Where(h => filled.All(f => f.Name != h.Key)), .. filled.Select(f => KeyValuePair.Create(f.Name, f.Value))]);
        using var response = await _client.PostAsync(action, content);
        return await Seen.OfAsync(response);
    }

    public async Task<Seen> PostBareAsync(string action, params (string Name, string Value)[] filled)
    {
        using var content = new FormUrlEncodedContent(filled.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        using var response = await _client.PostAsync(action, content);
        return await Seen.OfAsync(response);
    }

    /// <summary>Sends a form with a file.</summary>
    public async Task<Seen> UploadAsync(string action, Seen from, byte[] file, params (string Name, string Value)[] filled)
    {
        using var content = new MultipartFormDataContent();
        foreach (var (name, value) in from.Hidden(action).Select(h => (h.Key, h.Value)).Concat(filled))
            content.Add(new StringContent(value), name);
        content.Add(new ByteArrayContent(file), "file", "file.pdf");
        // As browsers don't, but so the answer is heard before the body is sent in vain.
        using var request = new HttpRequestMessage(HttpMethod.Post, action) { Content = content, Headers = { ExpectContinue = true } };
        using var response = await _client.SendAsync(request);
        return await Seen.OfAsync(response);
    }

    public void Dispose() => _client.Dispose();

    /// <param name="Location">Where it leads.</param>
    public sealed partial record Seen(int Status, string Html, string? Location, HttpResponseMessage Response)
    {
        public static async Task<Seen> OfAsync(HttpResponseMessage response) =>
            new((int)response.StatusCode, WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync()), response.Headers.Location?.ToString(), response);

        /// <summary>What is hidden in the form with this action.</summary>
        public IReadOnlyDictionary<string, string> Hidden(string action)
        {
            var form = Form().Matches(Html).Select(m => m.Value).FirstOrDefault(f => f.Contains("method=\"post\"", StringComparison.Ordinal) && f.Contains($"action=\"{action}\"", StringComparison.Ordinal))
                ?? throw new InvalidOperationException($"no form {action} in {Html}");
            return Input().Matches(form).GroupBy(m => m.Groups["name"].Value).ToDictionary(g => g.Key, g => g.First().Groups["value"].Value);
        }

        [GeneratedRegex("<form [^>]*>.*?</form>", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 5000)]
        private static partial Regex Form();

        [GeneratedRegex("""<input type="hidden" name="(?<name>[^"]*)" value="(?<value>[^"]*)"\s*/?>""", RegexOptions.ExplicitCapture, 5000)]
        private static partial Regex Input();
    }
}
