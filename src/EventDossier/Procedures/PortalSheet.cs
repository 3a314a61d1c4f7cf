using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using EventDossier.Deadlines;

namespace EventDossier.Procedures;

/// <summary>One procedure as the national portal tells it, in either of the two shapes that circulate.</summary>
/// <param name="Place">File, and the entry's place in it.</param>
internal sealed partial record PortalSheet(
    string Code, string Name, string Agency, string? Basis, string? GeneralBasis, IReadOnlyList<PortalSheet.Way> Ways, IReadOnlyList<string> Documents, string Place)
{
    /// <summary>One way of handing in, with the limit and fee it has there.</summary>
    public sealed record Way(string Channel, string Limit, string Fee, string Description);

    private static readonly JsonSerializerOptions _json = new() { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    /// <summary>Null: the text is of another format.</summary>
    /// <exception cref="UserError"><c>bad-file</c></exception>
    public static IReadOnlyList<PortalSheet>? TryParse(string text, string file)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement switch
            {
                { ValueKind: JsonValueKind.Object } sheet when sheet.TryGetProperty("thu_tuc_id", out _) => [FromSheet(sheet.Deserialize<Sheet>(_json)!, file)],
                { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() > 0 && list[0].ValueKind == JsonValueKind.Object && list[0].TryGetProperty("title", out _) =>
                    [.. list.EnumerateArray().Select((entry, i) => FromEntry(entry, $"{file}: entry {i + 1}"))],
                _ => null,
            };
        }
        catch (JsonException e)
        {
            throw ProcedureFile.Bad(e.LineNumber is { } line ? $"{file}: line {line + 1}" : file, e.Message.ReplaceLineEndings(" "));
        }
    }

    /// <summary>A version to publish, or why there is none.</summary>
    /// <param name="given">The limit, where a person has said it.</param>
    public (ProcedurePublished? Procedure, ProcedureFile.Unread? Unread) Read(DateTimeOffset from, Limit? given)
    {
        var texts = string.Join("; ", Ways.Select(w => w.Limit).Distinct());
        var (limit, why) = given is null ? LimitOf() : (given, null);
        if (limit is null || Agency.Length == 0)
            return (null, new(Code, Name, texts, why ?? "no agency is named"));
        var procedure = new ProcedurePublished(from, Code, Name, Agency, limit, Basis)
        {
            GeneralLimit = limit,
            GeneralBasis = GeneralBasis,
            Documents = Documents.Count == 0 ? null : Documents,
            Fee = FeeOf(),
            Channels = ChannelsOf(),
        };
        return ProcedureFile.Fault(procedure) is { } fault ? throw ProcedureFile.Bad(Place, fault) : (procedure, null);
    }

    private (Limit? Limit, string? Why) LimitOf()
    {
        var limits = new List<Limit>();
        foreach (var way in Ways)
        {
            if (!LimitText.TryRead(way.Limit, way.Description, out var limit, out var why))
                return (null, why);
            limits.Add(limit);
        }
        return limits.Distinct().ToList() switch
        {
            [] => (null, "no limit is told"),
            [var one] => (one, null),
            _ => (null, "the limit differs by case or channel"),
        };
    }

    /// <summary>One amount in đồng for every way, or null.</summary>
    private long? FeeOf()
    {
        var fees = Ways.SelectMany(w => w.Fee.Split('\n')).Select(Amount).Distinct().ToList();
        return fees is [var fee] ? fee : null;

        static long? Amount(string text) => DongAmount().Match(LimitText.Plain(text)) is { Success: true } match
            ? match.Groups["no"].Success ? 0 : long.Parse(match.Groups["n"].Value.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture)
            : null;
    }

    private List<string>? ChannelsOf()
    {
        var channels = Ways.Select(w => LimitText.Plain(w.Channel) switch
        {
            "truc tiep" => "counter",
            "truc tuyen" => "online",
            "dich vu buu chinh" => "post",
            _ => null,
        }).Distinct().ToList();
        return channels.Contains(null) ? null : channels.OfType<string>().Order(StringComparer.Ordinal).ToList();
    }

    private static PortalSheet FromSheet(Sheet sheet, string file) => new(
        sheet.Code.Trim(), Line(sheet.Metadata.Name), Line(sheet.Content.Agency), Known(sheet.Metadata.Decision),
        Known(string.Join("; ", sheet.Tables.Bases.Select(b => Line(b.Text)).Where(b => b.Length > 0))),
        [.. sheet.Tables.Ways.Select(w => new Way(w.Channel, w.Limit, w.Fee, w.Description))],
        [.. sheet.Tables.Documents.Select(d => Line(d.Name)).Where(d => d.Length > 0)], file);

    private static PortalSheet FromEntry(JsonElement json, string place)
    {
        try
        {
            var entry = json.Deserialize<Entry>(_json)!;
            return new(entry.Id.Text, Line(entry.Title), Line(entry.Agency), null, null,
                [.. entry.Ways.Select(w => new Way(w.Channel, w.Limit, w.Fee, w.Description))],
                [.. entry.Documents.Select(d => Line(d.Name)).Where(d => d.Length > 0)], place);
        }
        catch (JsonException e)
        {
            throw ProcedureFile.Bad(place, e.Message.ReplaceLineEndings(" "));
        }
    }

    private static string Line(string text) => Spaces().Replace(text, " ").Trim() is var line && line == "Không có thông tin" ? "" : line;

    private static string? Known(string text) => Line(text) is { Length: > 0 } line ? line : null;

    private sealed record Sheet(
        [property: JsonPropertyName("thu_tuc_id")] string Code,
        [property: JsonPropertyName("metadata")] SheetHead Metadata,
        [property: JsonPropertyName("content")] SheetContent Content,
        [property: JsonPropertyName("tables")] SheetTables Tables);

    private sealed record SheetHead([property: JsonPropertyName("tên_thủ_tục")] string Name, [property: JsonPropertyName("số_quyết_định")] string Decision);

    private sealed record SheetContent([property: JsonPropertyName("cơ_quan_thực_hiện")] string Agency);

    private sealed record SheetTables(
        [property: JsonPropertyName("hinh_thuc_nop")] IReadOnlyList<SheetWay> Ways,
        [property: JsonPropertyName("thanh_phan_ho_so")] IReadOnlyList<SheetDocument> Documents,
        [property: JsonPropertyName("can_cu_phap_ly")] IReadOnlyList<SheetBasis> Bases);

    private sealed record SheetWay(
        [property: JsonPropertyName("hinh_thuc")] string Channel,
        [property: JsonPropertyName("thoi_han_giai_quyet")] string Limit,
        [property: JsonPropertyName("phi_le_phi")] string Fee,
        [property: JsonPropertyName("mo_ta")] string Description);

    private sealed record SheetDocument([property: JsonPropertyName("ten_giay_to")] string Name);

    private sealed record SheetBasis([property: JsonPropertyName("trich_yeu")] string Text);

    private sealed record Entry(
        [property: JsonPropertyName("_id")] EntryId Id,
        [property: JsonPropertyName("title")] string Title,
        [property: JsonPropertyName("Cơ quan thực hiện")] string Agency,
        [property: JsonPropertyName("Cách thức thực hiện")] IReadOnlyList<EntryWay> Ways,
        [property: JsonPropertyName("Thành phần hồ sơ")] IReadOnlyList<EntryDocument> Documents);

    private sealed record EntryId([property: JsonPropertyName("$oid")] string Text);

    private sealed record EntryWay(
        [property: JsonPropertyName("Hình thức nộp")] string Channel,
        [property: JsonPropertyName("Thời hạn giải quyết")] string Limit,
        [property: JsonPropertyName("Phí, lệ phí")] string Fee,
        [property: JsonPropertyName("Mô tả")] string Description);

    private sealed record EntryDocument([property: JsonPropertyName("Tên giấy tờ")] string Name);

    [GeneratedRegex(@"\s+", RegexOptions.None, 1000)]
    private static partial Regex Spaces();

    // "Phí : 2.000.000 Đồng (…)", "Lệ phí: 200000 ĐồngXem chi tiết", "Phí : Không Đồng". Several amounts in one text are not one figure.
    [GeneratedRegex(@"^(le )?phi ?: ?((?<no>khong)|(?<n>\d{1,3}(\.\d{3})+|\d+)) dong ?(\([^\d]*\))?(xem chi tiet)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DongAmount();
}
