using System.Globalization;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Web.Pages;

/// <summary>Forms that ask for something else than an act on a dossier.</summary>
internal static class PlainForms
{
    /// <summary>Carries out what a form asks for; where that can't be, shows it again with what was entered and what was wrong.</summary>
    /// <param name="send">To where it leads, or why not.</param>
    /// <param name="show">Its page, with the form.</param>
    public static async Task<IResult> SendAsync(
        Visit visit, FormModel model, Func<IFormCollection, Task<(string To, Refusal? Refusal)>> send, Func<FormModel, Task<IResult>> show)
    {
        var form = await visit.Http.Request.ReadFormAsync(visit.Cancel);
        model = ActForms.Sent(model, form);
        try
        {
            var (to, refusal) = await send(form);
            return refusal is null ? Results.LocalRedirect(to) : await show(ActForms.Told(visit, model, refusal));
        }
        catch (UserError e) when (e.Code == "bad-field")
        {
            return await show(ActForms.Told(visit, model, e));
        }
    }

    /// <summary>The key of idempotency of a form, and the hash of what is asked for under it.</summary>
    public static (string Key, string Request) KeyOf(HttpRequest request, IFormCollection form) => ($"form {form["key"]}", CommandMetadata.RequestOf(
        [request.Path, .. form.Where(f => f.Key is not "key" && !f.Key.StartsWith("__", StringComparison.Ordinal)).OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key}={f.Value}")]));

    /// <summary>Who asks, under the key of the form, for what it says.</summary>
    public static ActContext Context(Visit visit, IFormCollection form, string role)
    {
        var ((key, request), now) = (KeyOf(visit.Http.Request, form), visit.Now);
        return new(now, new(CommandMetadata.IdOf(visit.Caller.Actor, key), visit.Caller.Actor, role, Request: request), now);
    }

    /// <summary>Null where it was left empty.</summary>
    public static string? Text(this IFormCollection form, string name) => form[name].ToString().Trim() is { Length: > 0 } text ? text : null;

    /// <exception cref="UserError"><c>bad-field</c></exception>
    public static int? Number(this IFormCollection form, string name) => form.Text(name) is not { } text ? null
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw Bad(name, "a whole number");

    /// <exception cref="UserError"><c>bad-field</c></exception>
    public static DateTimeOffset? Moment(this IFormCollection form, string name) => form.Text(name) is not { } text ? null
        : CentreTime.Read(text) ?? throw Bad(name, "a time such as 2026-05-06T17:00:00+07:00");

    /// <summary>Null where there is none.</summary>
    public static IReadOnlyList<string>? Lines(this IFormCollection form, string name) =>
        form[name].ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } lines ? lines : null;

    public static UserError Bad(string name, string wanted) => new("bad-field", $"$.{name}: {wanted}");
}
