using System.Globalization;
using System.Reflection;
using System.Text.Json;
using EventDossier.Alerts;
using EventDossier.Applicants;
using EventDossier.Documents;
using EventDossier.Dossiers;
using EventDossier.Organisation;
using Microsoft.AspNetCore.Mvc;

namespace EventDossier.Web.Pages;

/// <summary>A form for each act, made from it as its route and its verb are; and what is done with one that is sent.</summary>
internal static class ActForms
{
    private static readonly string[] _long = ["reason", "items", "question", "answer", "comment"];

    public static void Map(Site site)
    {
        site.Get("/dossiers/{code}/act/{act}", Rights.Dossiers, ShowAsync, "The form of an act on a dossier");
        site.Post("/dossiers/{code}/act/{act}", Rights.Dossiers, DoAsync, "An act on a dossier, from its form").WithMetadata(new RequestSizeLimitAttribute(DocumentFolder.MostBytes + (1 << 16)));
    }

    public static Acts.Kind KindOf(string act) => Acts.All.FirstOrDefault(kind => kind.Rule.Name == act) ?? throw new UserError("no-such-route", $"there is no act {act}");

    /// <summary>Whether the act has a chance on a dossier that stands like this: what only its fields can spoil is left to the form.</summary>
    public static bool Fits(Acts.Kind kind, Dossier dossier, DateTimeOffset now) =>
        !kind.Rule.Begins && kind.Request != typeof(ReprojectDueDate) && (kind.Rule.Of is not { } stage || dossier.RefuseIfForeign(stage) is null) && kind.Rule.Refusals.All(code => code switch
    {
        "not-open" => dossier.RefuseUnlessOpen() is null,
        "ended" => dossier.Stage is not (Stage.Withdrawn or Stage.Terminated or Stage.Refused or Stage.Voided),
        "not-submitted" => dossier.Stage == Stage.Submitted,
        "not-decided" => dossier.Stage == Stage.Decided,
        "no-result" => dossier.Stage == Stage.ResultReady,
        "not-returned" => dossier.Stage == Stage.Returned && dossier.Rating is null,
        "not-offered" => dossier.Offered is not null,
        "already-offered" => dossier.Offered is null,
        "step-running" => dossier.Running is null,
        "already-asked" => dossier.Waiting(kind.Request == typeof(AskFee) ? "fee" : "02") is null,
        "not-asked" => dossier.Waiting(kind.Request == typeof(RecordFee) ? "fee" : "02") is not null,
        "no-such-consultation" => dossier.Consultations.Exists(c => c.AnsweredAt is null),
        "not-suspended" => dossier.Standing is not null,
        "suspended-already" or "clock-stands" => dossier.Standing is null,
        "no-such-alert" => dossier.Alerts.Exists(a => a.IsOpen),
        "no-such-hold" => dossier.Holds.Count > 0,
        "no-such-slip" => dossier.Slips.Exists(s => !s.Cancelled && s.DeliveredAt is null),
        "not-overdue" => dossier.Due < now,
        "expired" => dossier.Due > now,
        "extended-already" => dossier.Extension is null,
        "own-stage" => dossier.Owners is not null,
        "not-reserved" => dossier.IsReserved,
        _ => true,
    });

    public static async Task<FormModel> MakeAsync(Visit visit, Acts.Kind kind, Dossier dossier)
    {
        var rules = await visit.RulesAsync();
        var fields = kind.Request == typeof(AttachDocument)
            ? [new("kind", visit.Say.Field(kind.Rule.Name, "kind"), FieldShape.Text, true, [.. (rules.Procedure(dossier.Procedure)?.Published.Documents ?? []).Select(d => (d, ""))]),
                new("file", visit.Say["File, at most 50 MiB", "Tệp, tối đa 50 MiB"], FieldShape.File, true, [])]
            : Fields(visit, kind, dossier, rules).ToList();
        return new(kind.Rule.Name, $"{Visit.PathOf(dossier.Code)}/act/{kind.Rule.Name}", dossier.Version, null, fields) { Values = Defaults(visit, fields, kind, dossier, rules) };
    }

    /// <summary>Sends what a form holds as the act that it asks for.</summary>
    /// <returns>What was done; or the form with what stood in the way.</returns>
    public static async Task<(Desk.Result? Done, FormModel? Again)> SendAsync(Visit visit, Acts.Kind kind, string? code, IFormCollection form, FormModel model)
    {
        model = Sent(model, form);
        var (key, seen) = ($"form {form["key"]}", long.TryParse(form["version"], NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : default(long?));
        for (var tries = 0; ; tries++)
        {
            Desk.Result result;
            try
            {
                result = await TryAsync(visit, kind, code, form, key, seen);
            }
            catch (UserError e) when (e.Code == "bad-field")
            {
                return (null, Told(visit, model, e));
            }
            if (result.Refusal is not { } refusal)
                return (result, null);
            if (refusal.Code != "version-mismatch" || code is null)
                return (null, Told(visit, model, refusal));
            var (dossier, events) = await visit.DossierAsync(code);
            var since = events.Where(e => e.Version > seen).ToList();
            if (tries < 3 && since.TrueForAll(e => EventWords.IsByMachine((DossierEvent)e.Event)))
            {
                seen = dossier.Version;
                continue;
            }
            return (null, model with
            {
                Version = dossier.Version, Changes = [.. since.Select(e => $"{visit.Say.Moment(e.RecordedAt)}, {e.Metadata.Actor}: {visit.Say.Happened(e)}")],
            });
        }
    }

    /// <summary>With what was entered.</summary>
    public static FormModel Sent(FormModel model, IFormCollection form) =>
        model with { Values = form.Where(f => f.Key is not "key").ToDictionary(f => f.Key, f => f.Value.ToString()), Key = form["key"] };

    private static Task<Desk.Result> TryAsync(Visit visit, Acts.Kind kind, string? code, IFormCollection form, string key, long? seen)
    {
        if (kind.Request != typeof(AttachDocument))
        {
            var body = ActBody.Of(form, kind);
            return ActRoutes.CarryOutAsync(kind, code, body.IsPersonal, body.MakeAsync, body, key, seen, visit.Caller, visit.Http, visit.Centre);
        }
        if (form.Files["file"] is not { Length: > 0 } file)
            throw new UserError("bad-field", "$.file: missing");
        return ActRoutes.CarryOutAsync(kind, code, personal: true, async (sealer, cancel) =>
        {
            await using var bytes = file.OpenReadStream();
            var stored = await visit.Centre.Documents.StoreAsync(await sealer.ApplicantAsync(cancel), bytes, cancel);
            return new AttachDocument(form["kind"].ToString().Trim() is { Length: > 0 } what ? what : throw new UserError("bad-field", "$.kind: missing"), stored.Sha256, stored.Size, file.ContentType);
        }, body: null, key, seen, visit.Caller, visit.Http, visit.Centre);
    }

    /// <summary>With what was wrong, beside its field where it names one.</summary>
    public static FormModel Told(Visit visit, FormModel model, UserError bad)
    {
        var (place, wanted) = bad.Message.Split(": ", 2) is [var before, var after] ? (before.TrimStart('$', '.'), after) : ("", bad.Message);
        var field = model.Fields.Select(f => f.Name).FirstOrDefault(name => place == name || place.StartsWith($"{name}[", StringComparison.Ordinal))
            ?? model.Fields.Select(f => f.Name).FirstOrDefault(name => name.StartsWith($"{place}.", StringComparison.Ordinal));
        var told = wanted == "missing" ? visit.Say["Please fill this in", "Cần điền mục này"]
            : visit.Say[$"Wanted: {wanted}", wanted switch { "a whole number" => "Cần một số nguyên", _ when wanted.StartsWith("a time", StringComparison.Ordinal) => "Cần một thời điểm, ví dụ 2026-05-06T17:00", _ => $"Giá trị không hợp lệ: {wanted}" }];
        return field is null ? model with { Fault = told } : model with { Faults = new Dictionary<string, string> { [field] = told } };
    }

    public static FormModel Told(Visit visit, FormModel model, Refusal refusal)
    {
        var told = visit.Say.Refusal(refusal.Code, refusal.Reason);
        var field = (ActWords.Places.GetValueOrDefault(refusal.Code) ?? DeskWords.Places.GetValueOrDefault(refusal.Code))?.FirstOrDefault(name => model.Fields.Any(f => f.Name == name));
        return field is null ? model with { Fault = told } : model with { Faults = new Dictionary<string, string> { [field] = told } };
    }

    /// <summary>The fields of an act, as far as the dossier and the rules know what may stand in them.</summary>
    public static IEnumerable<FormField> Fields(Visit visit, Acts.Kind kind, Dossier dossier, Rulebook rules)
    {
        var say = visit.Say;
        foreach (var parameter in ActBody.Parameters(kind))
        {
            var (name, type) = (ActBody.Name(parameter), Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType);
            if (type == typeof(Sealed) && parameter.Name == "Applicant")
            {
                foreach (var part in ActBody.OfAnApplicant)
                    yield return new($"{name}.{part}", say.Field(kind.Rule.Name, $"{name}.{part}"), FieldShape.Text, part == "name" && !parameter.HasDefaultValue, []);
                continue;
            }
            var choices = Choices(visit, kind, name, type, dossier, rules).ToList();
            var shape = type switch
            {
                _ when type == typeof(DateTimeOffset) => FieldShape.Date,
                _ when name is "cycle" => FieldShape.Hidden,
                _ when type == typeof(IReadOnlyList<string>) || _long.Contains(name) => FieldShape.Lines,
                _ when type.IsEnum || name is "channel" or "slip" or "alert" or "number" or "basis" or "level" && choices.Count > 0 => FieldShape.Choice,
                _ when type == typeof(int) || type == typeof(long) => FieldShape.Number,
                _ => FieldShape.Text,
            };
            yield return new(name, say.Field(kind.Rule.Name, name), shape, !parameter.HasDefaultValue || (type.IsEnum && Nullable.GetUnderlyingType(parameter.ParameterType) is null), choices);
        }
        if (kind.Request == typeof(DecideDossier))
            yield return new("authority", say.Field(kind.Rule.Name, "authority"), FieldShape.Text, false, [.. Authorities(visit, rules)]);
        yield return new("at", say.Field(kind.Rule.Name, "at"), FieldShape.Moment, false, []) { Beside = true };
        yield return new("approvedBy", say.Field(kind.Rule.Name, "approvedBy"), FieldShape.Text, false, []) { Beside = true };
    }

    private static IEnumerable<(string, string)> Choices(Visit visit, Acts.Kind kind, string name, Type type, Dossier dossier, Rulebook rules)
    {
        var (say, now, organisation) = (visit.Say, visit.Now, rules.Organisation);
        if (type.IsEnum)
        {
            return Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName).Where(word => name != "deliveredBy" || word != "post")
                .Select(word => (word, say[ActWords.Choices[word]]));
        }
        var officers = organisation.PostsOfAgency(organisation.AgencyOf(dossier.Unit ?? dossier.Agency ?? "", now), now).Where(p => p.Role == PostRole.Officer);
        return (kind.Rule.Name, name) switch
        {
            (_, "step") => (rules.Procedure(dossier.Procedure)?.Published.Steps ?? []).Select(step => (step.Name, "")),
            ("hand-over", "to") or (_, "unit" or "agency" or "numberedBy") => organisation.UnitsAt(now).Select(unit => (unit.Code, say[unit.Name])),
            ("assign", "to") or (_, "officer") => officers.Select(post => (organisation.HolderOf(post.Code, now) ?? "", say[post.Title])).Where(held => held.Item1.Length > 0),
            ("change-version", "to") => rules.Procedures.GetValueOrDefault(dossier.Procedure?.Code ?? "", []).Select(v => (v.Number.ToString(CultureInfo.InvariantCulture), say.Day(v.Published.OccurredAt))),
            (_, "slip") => dossier.Slips.Where(s => !s.Cancelled && s.DeliveredAt is null).Select(s => (s.Number, $"{s.Number}, {say.Form(s.Form)}")),
            (_, "alert") => dossier.Alerts.Where(a => a.IsOpen).Select(a => (a.Rule, $"{say.Level(a.Level)}, {say.Moment(a.DueAt)}")),
            (_, "number") => dossier.Consultations.Where(c => c.AnsweredAt is null).Select(c => (c.Number.ToString(CultureInfo.InvariantCulture), $"{c.Number}, {c.Unit}")),
            ("resume", "basis") => dossier.Pauses.Where(p => p.To is null).Select(p => (p.Basis, p.Basis)),
            ("lift-hold", "basis") => dossier.Holds.Select(h => (h.Basis, h.Basis)),
            (_, "channel") => ReceiveDossier.Channels.Select(channel => (channel, say.Channel(channel))),
            (_, "level") => Enumerable.Range(1, 5).Select(level => ($"{level}", $"{level}")),
            _ => [],
        };
    }

    /// <summary>What the visitor may decide under.</summary>
    private static IEnumerable<(string, string)> Authorities(Visit visit, Rulebook rules) =>
        rules.Organisation.PostsOf(visit.Caller.Actor, visit.Now).Select(post => (post.Code, visit.Say[post.Title]))
            .Concat(rules.Organisation.DelegationsAt(visit.Now).Where(given => given.Person == visit.Caller.Actor).Select(given => (given.Number, given.Post)));

    private static Dictionary<string, string> Defaults(Visit visit, IReadOnlyList<FormField> fields, Acts.Kind kind, Dossier dossier, Rulebook rules)
    {
        var values = new Dictionary<string, string>();
        foreach (var field in fields)
        {
            string? value = field switch
            {
                { Name: "step" } => dossier.Running?.Step ?? NextStep(dossier, rules),
                { Name: "authority" } or { Shape: FieldShape.Choice, Required: true } when field.Choices.Count == 1 => field.Choices[0].Value,
                { Name: "by", Shape: FieldShape.Choice } or { Name: "channel" } => "counter",
                { Name: "amount" } when kind.Request == typeof(RecordFee) => dossier.Waiting("fee")?.Amount?.ToString(CultureInfo.InvariantCulture),
                { Name: "provision" } when kind.Request == typeof(AskFee) => rules.Procedure(dossier.Procedure)?.Published.Basis,
                { Name: "officer" } when kind.Request == typeof(AcceptHandOver) => dossier.Offered?.ToOfficer ?? visit.Caller.Actor,
                { Name: "amount" } => rules.Procedure(dossier.Procedure)?.Published.Fee?.ToString(CultureInfo.InvariantCulture),
                _ => null,
            };
            if (value is not null)
                values[field.Name] = value;
        }
        return values;
    }

    /// <summary>The first step of the procedure that was not done yet.</summary>
    public static string? NextStep(Dossier dossier, Rulebook rules) =>
        rules.Procedure(dossier.Procedure)?.Published.Steps?.Select(step => step.Name).FirstOrDefault(name => !dossier.Steps.Exists(done => done.Step == name));

    private static async Task<IResult> ShowAsync(Visit visit, string code, string act)
    {
        var kind = KindOf(act);
        var (dossier, _) = await visit.DossierAsync(Asked.Code(code));
        return Rights.For(visit.Caller, kind.Rule) is null
            ? throw new UserError("not-allowed", $"{act} is for {string.Join(", ", kind.Rule.By)}")
            : Show(visit, kind, dossier, await MakeAsync(visit, kind, dossier));
    }

    private static Microsoft.AspNetCore.Http.HttpResults.RazorComponentResult<ActPage> Show(Visit visit, Acts.Kind kind, Dossier dossier, FormModel form, int status = 200) =>
        visit.Page<ActPage>(visit.Say[ActWords.Acts[kind.Rule.Name]], new { dossier.Code, Form = form }, status);

    private static async Task<IResult> DoAsync(Visit visit, string code, string act)
    {
        var kind = KindOf(act);
        var (dossier, _) = await visit.DossierAsync(Asked.Code(code));
        var form = await visit.Http.Request.ReadFormAsync(visit.Cancel);
        var (done, again) = await SendAsync(visit, kind, dossier.Code, form, await MakeAsync(visit, kind, dossier));
        return again is null ? Results.LocalRedirect($"{Visit.PathOf(done!.Code)}?done={act}") : Show(visit, kind, dossier, again, 422);
    }
}
