using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using EventDossier.Applicants;
using EventDossier.Deliveries;
using EventDossier.Dossiers;

namespace EventDossier.Portal;

/// <summary>
/// The national portal's six calls, as its gateway at the centre speaks them: <c>POST session</c>, <c>GET submissions</c>, <c>PUT dossiers/CODE</c>, <c>POST dossiers/CODE/progress</c>,
/// <c>GET dossiers</c> and <c>GET tracked</c>. All JSON; each may be made again. Another gateway's spelling belongs here and nowhere else.
/// </summary>
public sealed class PortalCalls(DeliverySettings.PortalServer server, TimeSpan timeout, TimeProvider clock) : IDisposable
{
    private const int PageSize = 200;
    private const int MostBytes = 16 << 20;

    // As with webhooks: no redirect is followed.
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = timeout, PooledConnectionLifetime = TimeSpan.FromMinutes(2) })
    {
        Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MostBytes,
    };
    private readonly Uri _root = new(server.Url.AbsoluteUri.TrimEnd('/') + "/");
    private volatile string? _token;

    /// <summary>An application that waits there to be taken.</summary>
    public sealed record Submission(string ExternalCode, string Procedure, string? Agency, DateTimeOffset SubmittedAt, Applicant? Applicant);

    /// <summary>What the portal has of a dossier.</summary>
    /// <param name="Code">Ours; null where it was told none.</param>
    /// <param name="Number">Of the progress that it was told last; null where an owner system told it.</param>
    public sealed record Entry(string ExternalCode, string? Code, int Status, long? Number, DateTimeOffset? Due);

    /// <summary>What an owner system told the portal.</summary>
    public sealed record Tracked(
        string ExternalCode, string System, int Status, long Number, DateTimeOffset At, string? Step = null, string? Officer = null, string? Unit = null,
        DecisionOutcome? Outcome = null, string? Reason = null);

    private sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

    private sealed record Session(string Token);

    /// <summary>Everything that waits to be taken: what the portal was told our code of is not there any more.</summary>
    /// <exception cref="DeliveryFailedException"/>
    public IAsyncEnumerable<Submission> SubmissionsAsync(CancellationToken cancel = default) => PagesAsync<Submission>("submissions", null, cancel).ItemsAsync();

    /// <summary>All dossiers that the portal knows of this centre.</summary>
    /// <exception cref="DeliveryFailedException"/>
    public IAsyncEnumerable<Entry> DossiersAsync(CancellationToken cancel = default) => PagesAsync<Entry>("dossiers", null, cancel).ItemsAsync();

    /// <summary>What owner systems told, page by page, with where to go on after each.</summary>
    /// <param name="after">Where an earlier reading ended; null: from the beginning.</param>
    /// <exception cref="DeliveryFailedException"/>
    public IAsyncEnumerable<(IReadOnlyList<Tracked> Items, string? Next)> TrackedAsync(string? after, CancellationToken cancel = default) => PagesAsync<Tracked>("tracked", after, cancel);

    /// <summary>Tells where a dossier stands; one that the portal does not know is made known first.</summary>
    /// <exception cref="DeliveryFailedException"/>
    public async Task TellAsync(PortalProgress progress, CancellationToken cancel = default)
    {
        var path = $"dossiers/{Uri.EscapeDataString(progress.ExternalCode)}";
        using var told = await CallAsync(HttpMethod.Post, $"{path}/progress", progress, cancel);
        if (told.StatusCode != HttpStatusCode.NotFound)
        {
            Ensure(told);
            return;
        }
        var dossier = new { progress.ExternalCode, progress.Code, progress.Procedure, progress.Agency, progress.ReceivedAt };
        using (var known = await CallAsync(HttpMethod.Put, path, dossier, cancel))
            Ensure(known);
        using var again = await CallAsync(HttpMethod.Post, $"{path}/progress", progress, cancel);
        Ensure(again);
    }

    public void Dispose() => _http.Dispose();

    private async IAsyncEnumerable<(IReadOnlyList<T> Items, string? Next)> PagesAsync<T>(
        string path, string? after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        do
        {
            var query = string.Create(CultureInfo.InvariantCulture, $"{path}?limit={PageSize}{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}");
            using var answer = await CallAsync(HttpMethod.Get, query, null, cancel);
            Ensure(answer);
            Page<T>? page;
            try
            {
                page = await answer.Content.ReadFromJsonAsync<Page<T>>(OutboxJson.Options, cancel);
            }
            catch (JsonException e)
            {
                throw new DeliveryFailedException($"{path}: what the portal answered is not to be read: {e.Message.ReplaceLineEndings(" ")}", ofReceiver: true);
            }
            if (page?.Items is null)
                throw new DeliveryFailedException($"{path}: the portal answered without a list", ofReceiver: true);
            yield return (page.Items, page.Next);
            after = page.Next;
        }
        while (after is not null);
    }

    /// <summary>Signs in where that was not done, or is over.</summary>
    private async Task<HttpResponseMessage> CallAsync(HttpMethod method, string path, object? body, CancellationToken cancel)
    {
        var token = _token ??= await SignInAsync(cancel);
        var answer = await SendAsync(method, path, body, token, cancel);
        if (answer.StatusCode != HttpStatusCode.Unauthorized)
            return answer;
        answer.Dispose();
        _token = await SignInAsync(cancel);
        return await SendAsync(method, path, body, _token, cancel);
    }

    private async Task<string> SignInAsync(CancellationToken cancel)
    {
        using var answer = await SendAsync(HttpMethod.Post, "session", new { server.User, server.Secret }, null, cancel);
        Ensure(answer);
        return (await answer.Content.ReadFromJsonAsync<Session>(OutboxJson.Options, cancel))?.Token ?? throw new DeliveryFailedException("the portal gave no token", ofReceiver: true);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body, string? token, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var limit = new CancellationTokenSource(timeout, clock);
        using var both = limit.Token.Register(patience.Cancel);
        using var request = new HttpRequestMessage(method, new Uri(_root, path));
        if (body is not null)
            request.Content = JsonContent.Create(body, body.GetType(), options: OutboxJson.Options);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            return await _http.SendAsync(request, patience.Token);
        }
        catch (HttpRequestException e)
        {
            throw new DeliveryFailedException($"portal: {e.InnerException?.Message ?? e.Message}", ofReceiver: true);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new DeliveryFailedException($"portal: no answer within {timeout.TotalSeconds:0} s", ofReceiver: true);
        }
    }

    /// <summary>What the portal refuses as it stands, it refuses always: a person looks at it.</summary>
    private static void Ensure(HttpResponseMessage answer)
    {
        if (!answer.IsSuccessStatusCode)
        {
            var status = (int)answer.StatusCode;
            throw new DeliveryFailedException($"the portal answered {status}", ofReceiver: status is >= 500 or 429 or 401 or 403, forGood: status is 400 or 409 or 410 or 422);
        }
    }
}

internal static class Pages
{
    public static async IAsyncEnumerable<T> ItemsAsync<T>(this IAsyncEnumerable<(IReadOnlyList<T> Items, string? Next)> pages)
    {
        await foreach (var (items, _) in pages)
        {
            foreach (var item in items)
                yield return item;
        }
    }
}
