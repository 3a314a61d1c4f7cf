using System.Text.Json;
using EventDossier.Dossiers;
using EventDossier.Store;
using EventDossier.Web.Pages;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.WebUtilities;

namespace EventDossier.Web;

/// <summary>Whatever goes wrong is told in one shape: RFC 9457, with a stable <c>code</c>.</summary>
internal static class Problems
{
    private sealed record Problem(string Title, int Status, string Detail, string Code);

    public static IResult Of(int status, string code, string detail) => new Answer(new(ReasonPhrases.GetReasonPhrase(status), status, detail, code));

    /// <summary>An act that was refused: the request is in order, and what stands in the way is the state of things.</summary>
    public static IResult Of(Refusal refusal) => Of(refusal.Code switch
    {
        "not-allowed" => 403,
        "no-such-dossier" or "no-such-release" or "no-such-outage" or "no-such-request" or "no-such-proposal" or "no-such-complaint" or "no-such-questionnaire" or "no-such-ticket" => 404,
        "version-mismatch" => 412,
        "key-reused" => 422,
        "busy" => 503,
        _ => 409,
    }, refusal.Code, refusal.Reason);

    public static void UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            // A fault of the product is logged by the middleware; what the caller can mend is not.
            SuppressDiagnosticsCallback = context => StatusOf(context.Exception) is not 500,
            ExceptionHandler = http => Of(http.Features.Get<IExceptionHandlerFeature>()!.Error).ExecuteAsync(http),
        });
        app.UseStatusCodePages(context => (context.HttpContext.Response.StatusCode switch
        {
            401 => Of(401, "not-signed-in", "send a valid token: Authorization: Bearer …"),
            403 => Of(403, "not-allowed", "that is not for you"),
            404 => Of(404, "no-such-route", $"nothing answers at {context.HttpContext.Request.Path}"),
            429 => Of(429, "too-many", "too many requests: wait a moment"),
            405 => Of(405, "method-not-allowed", $"{context.HttpContext.Request.Path} takes {context.HttpContext.Response.Headers.Allow}"),
            413 => Of(413, "too-large", "the body is larger than this route takes"),
            415 => Of(415, "not-json", "the body is to be application/json"),
            _ => Of(400, "bad-request", "the request is malformed"),
        }).ExecuteAsync(context.HttpContext));
    }

    private static IResult Of(Exception e) => e switch
    {
        BadHttpRequestException { StatusCode: 413 } => Of(413, "too-large", "the body is larger than this route takes"),
        BadHttpRequestException { StatusCode: 415 } => Of(415, "not-json", "the body is to be application/json"),
        BadHttpRequestException { InnerException: JsonException json } => Of(400, "bad-json", $"{json.Path ?? "$"}: {json.Message.Split(" Path:")[0].TrimEnd('.')}"),
        BadHttpRequestException => Of(400, "bad-request", e.Message),
        _ when Failure.Of(e) is { Code: not "internal-error" } fault => Of(StatusOf(e), fault.Code, fault.Message),
        _ => Of(500, "internal-error", "a fault of the server; its log tells more"),
    };

    private static int StatusOf(Exception e) => e is BadHttpRequestException ? 400 : Failure.Of(e).Code switch
    {
        "bad-json" or "bad-field" or "bad-query" or "bad-header" or "bad-file" or "bad-ladder" or "bad-decision" or "bad-proof" or "bad-checkpoint" or "bad-limits" or "bad-questionnaire" or "not-storable" or "unknown-stage" or "bad-rule" => 400,
        "not-allowed" => 403,
        "form-expired" => 400,
        "not-yet" or "no-due-date" or "not-sealed" => 404,
        var code when code.StartsWith("no-such-", StringComparison.Ordinal) => 404,
        "no-applicant" or "applicant-erased" or "no-portal" => 409,
        "document-too-large" or "too-large" => 413,
        "busy" or "newer-event" or "database-unreachable" or "view-stopped" or "views-behind" or "portal-unreachable" => 503,
        _ => 500,
    };

    private sealed class Answer(Problem problem) : IResult
    {
        public Task ExecuteAsync(HttpContext http)
        {
            http.Response.StatusCode = problem.Status;
            if (problem.Status is 429 or 503)
                http.Response.Headers.RetryAfter = "1";
            if (Session.IsPage(http))
                return Pages.Problem.ShowAsync(http, problem.Status, problem.Code, problem.Detail);
            return http.Response.WriteAsJsonAsync(problem, (JsonSerializerOptions?)null, "application/problem+json");
        }
    }
}
