using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace EventDossier.Deliveries;

/// <summary>
/// A JSON document posted and signed as Standard Webhooks has it (standardwebhooks.com, specification 1): <c>webhook-id</c>, <c>webhook-timestamp</c> in Unix seconds, and
/// <c>webhook-signature</c>, <c>v1,</c> and the base64 of the HMAC-SHA256 over id, timestamp and body with a full stop between.
/// </summary>
public sealed class Webhook(TimeSpan timeout, TimeProvider clock) : IDisposable
{
    private const string Prefix = "whsec_";

    // No redirect is followed: it would carry the message to where nobody asked for it.
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = timeout, PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>The bytes of <c>whsec_…</c>; null when it is none.</summary>
    public static byte[]? Secret(string text)
    {
        var bytes = new byte[64];
        return text.StartsWith(Prefix, StringComparison.Ordinal) && Convert.TryFromBase64String(text[Prefix.Length..], bytes, out var length) && length >= 24
            ? bytes[..length]
            : null;
    }

    /// <summary>Each receiver has a key of its own, so none can sign in another's name. It is what the receiver is told.</summary>
    public static string SecretOf(byte[] master, Uri receiver) => Prefix + Convert.ToBase64String(KeyOf(master, receiver));

    public static string Sign(byte[] key, string id, long timestamp, string body) =>
        "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.{body}"))));

    public static string Body(string type, DateTimeOffset at, object data) => JsonSerializer.Serialize(new { type, timestamp = at, data }, OutboxJson.Options);

    /// <exception cref="DeliveryFailedException"/>
    public async Task PostAsync(Uri to, byte[] master, Guid id, string body, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var limit = new CancellationTokenSource(timeout, clock);
        using var both = limit.Token.Register(patience.Cancel);
        var timestamp = clock.GetUtcNow().ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, to) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("webhook-id", $"{id}");
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation("webhook-signature", Sign(KeyOf(master, to), $"{id}", timestamp, body));
        HttpStatusCode status;
        try
        {
            // What the receiver says beside the status is not read, so it can't fill our memory.
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            status = answer.StatusCode;
        }
        catch (HttpRequestException e)
        {
            throw new DeliveryFailedException(e.InnerException?.Message ?? e.Message, ofReceiver: true);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new DeliveryFailedException($"no answer within {timeout.TotalSeconds:0} s", ofReceiver: true);
        }
        // 410 says that nothing is wanted there any more; every other refusal may pass.
        if ((int)status is < 200 or > 299)
            throw new DeliveryFailedException($"answered {(int)status}", ofReceiver: (int)status is >= 500 or 429, forGood: status == HttpStatusCode.Gone);
    }

    public void Dispose() => _http.Dispose();

    private static byte[] KeyOf(byte[] master, Uri receiver) => HMACSHA256.HashData(master, Encoding.UTF8.GetBytes(receiver.AbsoluteUri));
}

/// <summary>A receiver did not take a message.</summary>
/// <param name="ofReceiver">It is likely to take no other either.</param>
/// <param name="forGood">Trying again is useless.</param>
public sealed class DeliveryFailedException(string message, bool ofReceiver, bool forGood = false) : Exception(message)
{
    public bool OfReceiver => ofReceiver;
    public bool ForGood => forGood;
}
