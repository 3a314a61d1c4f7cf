using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Procedures;

namespace EventDossier.Web.Pages;

/// <summary>A version of a procedure as a form, and what was wrong with it beside its field.</summary>
internal static class ProcedureForm
{
    private const int Spare = 3, More = 5, MostSteps = 60;

    /// <param name="known">The version that the new one begins with; null for a procedure that is new.</param>
    /// <param name="sent">What was entered; null before anything was.</param>
    public static FormModel Of(Visit visit, Rulebook rules, ProcedurePublished? known, IReadOnlyDictionary<string, string>? sent = null)
    {
        var (say, values) = (visit.Say, sent ?? (known is null ? new() { ["rows"] = Number(Spare) } : ValuesOf(known)));
        List<(string, string)> counting =
        [
            ("days", say["working days", "ngày làm việc"]), ("hours", say["working hours", "giờ làm việc"]), ("sameDay", say["the same day", "trong ngày"]),
            ("calendarDays", say["calendar days", "ngày"]), ("months", say["months", "tháng"]),
        ];
        var agencies = rules.Organisation.UnitsAt(visit.Now).Where(u => u.Kind != Organisation.UnitKind.Division).Select(u => (u.Code, say[u.Name])).ToList();
        return new("procedure", "/procedures/preview", null, null,
        [
            new("code", say["Code", "Mã thủ tục"], FieldShape.Text, true, []), new("name", say["Name", "Tên thủ tục"], FieldShape.Text, true, []),
            new("agency", say["Competent agency", "Cơ quan giải quyết"], FieldShape.Text, true, agencies), new("inForceFrom", say["In force from", "Hiệu lực từ"], FieldShape.Date, true, []),
            new("limit", say["Committed limit", "Thời hạn cam kết"], FieldShape.Number, true, []), new("limitRule", say["counted in", "tính bằng"], FieldShape.Choice, true, counting),
            new("basis", say["Its basis", "Căn cứ"], FieldShape.Text, true, []),
            new("generalLimit", say["General limit", "Thời hạn quy định chung"], FieldShape.Number, false, []), new("generalRule", say["counted in", "tính bằng"], FieldShape.Choice, false, counting),
            new("generalBasis", say["Its basis", "Căn cứ"], FieldShape.Text, false, []),
            new("supplementRule", say["A supplement", "Khi bổ sung hồ sơ"], FieldShape.Choice, true,
                [("pause", say["leaves out the waiting time", "không tính thời gian chờ"]), ("restart", say["lets the full limit run again", "tính lại toàn bộ thời hạn"])]),
            new("fee", say["Fee in đồng", "Phí, lệ phí (đồng)"], FieldShape.Number, false, []),
            new("grade", say["How much of it is online", "Mức độ trực tuyến"], FieldShape.Choice, false,
                [("full", say["all of it", "toàn trình"]), ("partial", say["a part", "một phần"]), ("information", say["information only", "cung cấp thông tin"])]),
            new("publishable", say["Its dossiers go into the public log", "Đưa hồ sơ vào nhật ký công khai"], FieldShape.Choice, false, [("true", say["yes", "có"]), ("false", say["no", "không"])]),
            new("retentionYears", say["Kept so many years", "Lưu bao nhiêu năm"], FieldShape.Number, false, []),
            new("channels", say["How it may come in; none ticked: in every way", "Hình thức nộp; không chọn: mọi hình thức"], FieldShape.Choice, false, [.. ReceiveDossier.Channels.Select(c => (c, say.Channel(c)))]),
            new("documents", say["Documents, one a line", "Thành phần hồ sơ, mỗi dòng một loại"], FieldShape.Lines, false, []),
            .. Enumerable.Range(0, RowsOf(values)).SelectMany(i => (IEnumerable<FormField>)
            [
                new(Name(i, "name"), say["Step", "Bước"], FieldShape.Text, false, []), new(Name(i, "hours"), say["Working hours", "Số giờ làm việc"], FieldShape.Number, false, []),
                new(Name(i, "unit"), say["Unit, if not the agency", "Đơn vị, nếu không phải cơ quan giải quyết"], FieldShape.Text, false, []),
            ]),
        ]) { Values = values };
    }

    public static int RowsOf(IReadOnlyDictionary<string, string> values) =>
        int.TryParse(values.GetValueOrDefault("rows"), NumberStyles.None, CultureInfo.InvariantCulture, out var rows) ? Math.Min(rows, MostSteps) : Spare;

    public static Dictionary<string, string> Longer(IReadOnlyDictionary<string, string> sent) => new(sent) { ["rows"] = Number(Math.Min(RowsOf(sent) + More, MostSteps)) };

    public static string Name(int row, string field) => string.Create(CultureInfo.InvariantCulture, $"step-{row}-{field}");

    private static Dictionary<string, string> ValuesOf(ProcedurePublished p)
    {
        var values = new Dictionary<string, string>
        {
            ["known"] = p.Code, ["code"] = p.Code, ["name"] = p.Name, ["agency"] = p.Agency, ["basis"] = p.Basis ?? "", ["generalBasis"] = p.GeneralBasis ?? "",
            ["limit"] = Number(p.Limit.Amount), ["limitRule"] = Word(p.Limit.Rule), ["supplementRule"] = Word(p.SupplementRule), ["fee"] = p.Fee?.ToString(CultureInfo.InvariantCulture) ?? "",
            ["grade"] = p.Grade is { } grade ? Word(grade) : "", ["publishable"] = p.Publishable switch { true => "true", false => "false", _ => "" }, ["retentionYears"] = Number(p.RetentionYears),
            ["channels"] = string.Join(',', p.Channels ?? []), ["documents"] = string.Join('\n', p.Documents ?? []), ["rows"] = Number((p.Steps?.Count ?? 0) + Spare),
        };
        if (p.GeneralLimit is { } general)
            (values["generalLimit"], values["generalRule"]) = (Number(general.Amount), Word(general.Rule));
        foreach (var (i, step) in (p.Steps ?? []).Index())
            (values[Name(i, "name")], values[Name(i, "hours")], values[Name(i, "unit")]) = (step.Name, Number(step.BudgetHours), step.Unit ?? "");
        return values;
    }

    /// <summary>As a file of procedures has it, a list of one. What the form doesn't ask for stays as in the version that it began with.</summary>
    /// <exception cref="UserError"><c>bad-field</c>: names the field.</exception>
    public static string JsonOf(IFormCollection form, int rows, ProcedurePublished? known)
    {
        var entry = known is null ? [] : JsonNode.Parse(ProductEvents.Names.Encode(known).Json)!.AsObject();
        entry.Remove("occurredAt");
        foreach (var name in (string[])["code", "name", "agency", "supplementRule"])
            entry[name] = form.Text(name) ?? throw PlainForms.Bad(name, "missing");
        foreach (var name in (string[])["basis", "generalBasis", "grade"])
            entry[name] = form.Text(name);
        entry["inForceFrom"] = (form.Moment("inForceFrom") ?? throw PlainForms.Bad("inForceFrom", "missing")).ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);
        entry["limit"] = LimitOf(form, "limit", "limitRule") ?? throw PlainForms.Bad("limit", "missing");
        entry["generalLimit"] = LimitOf(form, "generalLimit", "generalRule");
        entry["fee"] = form.Number("fee");
        entry["retentionYears"] = form.Number("retentionYears");
        entry["publishable"] = form.Text("publishable") is { } may ? may == "true" : null;
        entry["channels"] = form["channels"].Count == 0 ? null : new JsonArray([.. form["channels"].Select(c => (JsonNode)c!)]);
        entry["documents"] = form.Lines("documents") is { } documents ? new JsonArray([.. documents.Select(d => (JsonNode)d)]) : null;
        var steps = new JsonArray();
        foreach (var i in Enumerable.Range(0, rows).Where(i => form.Text(Name(i, "name")) is not null || form.Text(Name(i, "hours")) is not null))
        {
            steps.Add(new JsonObject
            {
                ["name"] = form.Text(Name(i, "name")) ?? throw PlainForms.Bad(Name(i, "name"), "missing"), ["unit"] = form.Text(Name(i, "unit")),
                ["budgetHours"] = form.Number(Name(i, "hours")) is { } hours ? hours >= 1 ? hours : throw PlainForms.Bad(Name(i, "hours"), "at least 1") : throw PlainForms.Bad(Name(i, "hours"), "missing"),
            });
        }
        entry["steps"] = steps.Count == 0 ? null : steps;
        return new JsonArray(entry).ToJsonString();
    }

    /// <summary>What the catalogue's own rules find wrong, beside its field.</summary>
    public static UserError Placed(UserError bad)
    {
        var what = bad.Message.StartsWith("$: line 1: ", StringComparison.Ordinal) ? bad.Message["$: line 1: ".Length..] : bad.Message;
        var field = what switch
        {
            var m when m.Contains("is no code", StringComparison.Ordinal) => "code",
            var m when m.Contains("committed limit", StringComparison.Ordinal) => "limit",
            var m when m.Contains("a fee of", StringComparison.Ordinal) => "fee",
            var m when m.Contains("kept for", StringComparison.Ordinal) => "retentionYears",
            var m when m.Contains("channel", StringComparison.Ordinal) => "channels",
            _ => null,
        };
        return field is null ? new("bad-field", what) : new("bad-field", $"$.{field}: {what}");
    }

    private static string? LimitOf(IFormCollection form, string amountField, string ruleField)
    {
        var rule = form.Text(ruleField);
        if (rule == "sameDay")
            return new Limit(1, CountingRule.SameDay).ToString();
        if (form.Number(amountField) is not { } amount)
            return null;
        var counting = Enum.GetValues<CountingRule>().Select(r => (CountingRule?)r).FirstOrDefault(r => Word(r!.Value) == rule) ?? throw PlainForms.Bad(ruleField, "missing");
        try
        {
            return new Limit(amount, counting).ToString();
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw PlainForms.Bad(amountField, e.Message.Split(": ")[^1].Split(" (Parameter")[0]);
        }
    }

    private static string Word<T>(T value) where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName($"{value}");

    private static string Number(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
