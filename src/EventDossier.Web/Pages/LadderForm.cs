using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventDossier.Alerts;

namespace EventDossier.Web.Pages;

/// <summary>A ladder as a form: a row for each rule, and what was wrong with it beside its field.</summary>
internal static class LadderForm
{
    private const int Spare = 2, More = 3, MostRules = 60;

    public static IReadOnlyList<(string Value, string Text)> Roles(Words say) => [.. Enum.GetValues<AlertRole>().Select(role => (Word(role), LadderPage.Told(say, role)))];

    /// <summary>What stands in the fields of a ladder that is in force.</summary>
    public static Dictionary<string, string> ValuesOf(LadderDecided ladder)
    {
        var values = new Dictionary<string, string> { ["shortUnderHours"] = Number(ladder.ShortUnderHours), ["basis"] = ladder.Basis ?? "", ["rows"] = Number(ladder.Rules.Count + Spare) };
        foreach (var (i, rule) in ladder.Rules.Index())
        {
            foreach (var (field, value) in ((string, string?)[])
            [
                ("name", rule.Name), ("clock", Word(rule.Clock)), ("limits", Word(rule.Limits)), ("level", Word(rule.Level)), ("percent", Number(rule.Percent)), ("hours", Number(rule.Hours)),
                ("to", string.Join(',', rule.To.Select(Word))), ("climbHours", Number(rule.Climb?.Hours)), ("climbLevel", rule.Climb is { } climb ? Word(climb.Level) : null),
                ("climbTo", string.Join(',', rule.Climb?.To.Select(Word) ?? [])),
            ])
                values[Name(i, field)] = value ?? "";
        }
        return values;
    }

    public static FormModel Of(Words say, IReadOnlyDictionary<string, string> values)
    {
        var rows = RowsOf(values);
        return new("ladder", "/ladder/preview", null, null,
        [
            new("agency", say["Only for this agency", "Chỉ cho cơ quan"], FieldShape.Text, false, []), new("procedure", say["Only for this procedure", "Chỉ cho thủ tục"], FieldShape.Text, false, []),
            new("shortUnderHours", say["A limit of fewer working hours is a short one", "Thời hạn ngắn là dưới số giờ làm việc này"], FieldShape.Number, true, []),
            new("basis", say["Decision that it rests on", "Quyết định làm căn cứ"], FieldShape.Text, false, []),
            .. Enumerable.Range(0, rows).SelectMany(i => Row(say, i)),
        ]) { Values = values };
    }

    public static int RowsOf(IReadOnlyDictionary<string, string> values) =>
        int.TryParse(values.GetValueOrDefault("rows"), NumberStyles.None, CultureInfo.InvariantCulture, out var rows) ? Math.Min(rows, MostRules) : Spare;

    /// <summary>The same with more empty rows.</summary>
    public static FormModel Longer(Words say, FormModel sent) =>
        Of(say, new Dictionary<string, string>(sent.Values) { ["rows"] = Number(Math.Min(RowsOf(sent.Values) + More, MostRules)) }) with { Key = sent.Key };

    public static string Name(int row, string field) => string.Create(CultureInfo.InvariantCulture, $"rule-{row}-{field}");

    private static IEnumerable<FormField> Row(Words say, int i) =>
    [
        new(Name(i, "name"), say["Name", "Tên"], FieldShape.Text, false, []),
        new(Name(i, "clock"), say["Clock", "Đồng hồ"], FieldShape.Choice, true, [.. Enum.GetValues<AlertClock>().Select(c => (Word(c), LadderPage.Clock(say, c)))]),
        new(Name(i, "limits"), say["Limits", "Thời hạn"], FieldShape.Choice, true, [.. Enum.GetValues<LimitLength>().Select(l => (Word(l), LadderPage.Length(say, l)))]),
        new(Name(i, "level"), say["Level", "Cấp"], FieldShape.Choice, true, [.. Enum.GetValues<AlertLevel>().Select(l => (Word(l), say.Level(l)))]),
        new(Name(i, "percent"), say["Percent of the limit used", "Đã dùng bao nhiêu % thời hạn"], FieldShape.Number, false, []),
        new(Name(i, "hours"), say["Working hours after the due moment; before it: -", "Giờ làm việc sau hạn; trước hạn: -"], FieldShape.Number, false, []),
        new(Name(i, "to"), say["Told", "Báo cho"], FieldShape.Choice, true, []),
        new(Name(i, "climbHours"), say["If nobody acknowledges: after working hours", "Nếu không ai nhận: sau số giờ"], FieldShape.Number, false, []),
        new(Name(i, "climbLevel"), say["to the level", "lên cấp"], FieldShape.Choice, false, [.. Enum.GetValues<AlertLevel>().Select(l => (Word(l), say.Level(l)))]),
        new(Name(i, "climbTo"), say["and told", "và báo cho"], FieldShape.Choice, false, []),
    ];

    /// <summary>As the file of a ladder has it; a row without a name is none.</summary>
    /// <exception cref="UserError"><c>bad-field</c>: names the field.</exception>
    public static string JsonOf(IFormCollection form, int rows)
    {
        var rules = new JsonArray();
        foreach (var i in Enumerable.Range(0, rows).Where(i => form.Text(Name(i, "name")) is not null))
        {
            var rule = new JsonObject { ["name"] = form.Text(Name(i, "name")), ["clock"] = Chosen("clock"), ["level"] = Chosen("level"), ["to"] = List("to"), ["limits"] = Chosen("limits") };
            foreach (var field in (string[])["percent", "hours"])
            {
                if (form.Number(Name(i, field)) is { } number)
                    rule[field] = number;
            }
            if (form.Number(Name(i, "climbHours")) is { } hours)
                rule["climb"] = new JsonObject { ["hours"] = hours, ["level"] = Chosen("climbLevel"), ["to"] = List("climbTo") };
            rules.Add(rule);

            string Chosen(string field) => form.Text(Name(i, field)) ?? throw PlainForms.Bad(Name(i, field), "missing");
            JsonArray List(string field) => [.. form[Name(i, field)].Where(role => role is { Length: > 0 }).Select(role => (JsonNode)role!)];
        }
        return new JsonObject { ["shortUnderHours"] = form.Number("shortUnderHours") ?? throw PlainForms.Bad("shortUnderHours", "missing"), ["rules"] = rules, ["basis"] = form.Text("basis") }.ToJsonString();
    }

    /// <summary>What the ladder's own rules find wrong, beside its field.</summary>
    public static UserError Placed(Words say, IFormCollection form, int rows, UserError bad)
    {
        if (bad.Message.StartsWith("shortUnderHours", StringComparison.Ordinal))
            return new("bad-field", $"$.{bad.Message}");
        var field = bad.Message switch
        {
            var m when m.Contains("climbs", StringComparison.Ordinal) => "climbHours",
            var m when m.Contains("tells nobody", StringComparison.Ordinal) => "to",
            var m when m.Contains("hours are", StringComparison.Ordinal) || m.Contains("knows its end only", StringComparison.Ordinal) => "hours",
            var m when m.Contains("percent", StringComparison.Ordinal) => "percent",
            _ => "name",
        };
        // Of two rows of one name the later is told.
        var row = Enumerable.Range(0, rows).LastOrDefault(i => form.Text(Name(i, "name")) is { } name
            && (bad.Message.StartsWith($"rule {name}:", StringComparison.Ordinal) || bad.Message.StartsWith($"rule '{name}':", StringComparison.Ordinal)), -1);
        if (field == "to" && row >= 0 && form[Name(row, "to")].Count > 0)
            field = "climbTo";
        var english = bad.Message.Split(": ", 2)[^1];
        return new("bad-field", row < 0 ? bad.Message : $"$.{Name(row, field)}: {say[english, field switch
        {
            "to" or "climbTo" => "chưa báo cho ai",
            "climbHours" => "từ 1 đến 2000 giờ",
            "hours" => "từ -2000 đến 2000 giờ; bước xử lý chỉ có giờ",
            "percent" => "cần phần trăm từ 1 đến 100, hoặc số giờ",
            _ => "tên gồm chữ thường, số, gạch nối, và không trùng",
        }]}");
    }

    private static string Word<T>(T value) where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName($"{value}");

    private static string Number(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
