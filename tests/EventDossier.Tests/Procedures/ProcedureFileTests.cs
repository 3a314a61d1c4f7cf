using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Procedures;

namespace EventDossier.Tests.Procedures;

public sealed partial class ProcedureFileTests : IDisposable
{
    private const string Plain = """{"code": "P-1", "name": "Cấp phép", "agency": "H49.08", "limit": "5 days", "inForceFrom": "2026-01-01T00:00:00+07:00", "basis": "QĐ 1" MORE}""";
    private static readonly DateTimeOffset _from = new(2026, 7, 1, 0, 0, 0, TimeSpan.FromHours(7));
    private readonly string _folder = Directory.CreateTempSubdirectory("procedures-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Entry(string more) => $"[\n{Plain.Replace("MORE", "", StringComparison.Ordinal)},\n{Plain.Replace("P-1", "P-2", StringComparison.Ordinal).Replace("MORE", more, StringComparison.Ordinal)}\n]";

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static ProcedureFile Read(string path, params (string Code, string Limit)[] limits) =>
        ProcedureFile.Read(path, _from, limits.ToDictionary(l => l.Code, l => Limit.Parse(l.Limit)));

    [Fact]
    public void Our_own_entry_tells_everything_that_a_version_holds()
    {
        var entry = ProcedureFile.Parse(Entry("""
            , "generalLimit": "10 days", "generalBasis": "Luật", "supplementRule": "restart", "steps": [{"name": "Thẩm định", "unit": "H49.08.01", "budgetHours": 16}],
            "documents": ["Đơn"], "fee": 50000, "grade": "partial", "channels": ["online"], "publishable": false, "retentionYears": 10, "source": "gazette"
            """), "x.json")[1];

        entry.GeneralLimit.ShouldBe(Limit.Parse("10 days"));
        entry.SupplementRule.ShouldBe(SupplementRule.Restart);
        entry.Steps.ShouldBe([new ProcedureStep("Thẩm định", "H49.08.01", 16)]);
        (entry.Fee, entry.Grade, entry.Publishable, entry.RetentionYears).ShouldBe((50000, ServiceGrade.Partial, false, 10));
        entry.Channels.ShouldBe(["online"]);
    }

    [Theory]
    [InlineData(""", "generalLimit": "4 days" """, "x.json: line 3: P-2: the committed limit, 5 days, is longer than the general one, 4 days")]
    [InlineData(""", "generalLimit": "4 calendar days" """, "longer than the general one")]
    [InlineData(""", "fee": -1""", "x.json: line 3: P-2: a fee of -1 đồng")]
    [InlineData(""", "steps": [{"name": "a", "budgetHours": 0}]""", "step 'a' has a budget of 0 hours")]
    [InlineData(""", "channels": ["fax"]""", "'fax' is no channel")]
    [InlineData(""", "grade": "9" """, "x.json: line 3")]
    [InlineData(""", "unknown": 1""", "x.json: line 3")]
    [InlineData(""", "retentionYears": 0""", "kept for 0 years")]
    [InlineData(""", "documents": [null]""", "a document without a name")]
    public void A_fault_is_told_with_its_line(string more, string message)
    {
        var error = Should.Throw<UserError>(() => ProcedureFile.Parse(Entry(more), "x.json"));
        error.Code.ShouldBe("bad-file");
        error.Message.ShouldContain(message);
    }

    [Theory]
    [InlineData("5 days", "5 days", false)]
    [InlineData("41 hours", "5 days", true)]
    [InlineData("same day", "1 day", false)]
    [InlineData("20 days", "30 calendar days", null)]
    [InlineData("31 days", "30 calendar days", true)]
    [InlineData("10 days", "30 calendar days", false)]
    [InlineData("30 calendar days", "1 month", null)]
    [InlineData("28 calendar days", "1 month", false)]
    [InlineData("32 calendar days", "1 month", true)]
    public void A_limit_is_longer_than_another_or_not_or_that_depends_on_the_day(string limit, string general, bool? longer) =>
        ProcedureFile.Exceeds(Limit.Parse(limit), Limit.Parse(general)).ShouldBe(longer);

    [Fact]
    public void Csv_says_the_same_as_json()
    {
        var read = Read(Write("p.csv", """
            code,name,agency,limit,inForceFrom,basis,generalLimit,steps,documents,fee,channels,publishable
            P-1,"Cấp phép, loại 1",H49.08,5 days,2026-01-01T00:00:00+07:00,QĐ 1,10 days,Tiếp nhận||2; Thẩm định|H49.08.01|16,Đơn; Bản vẽ,50000,online;counter,true
            """));

        var procedure = read.Procedures.ShouldHaveSingleItem();
        procedure.Name.ShouldBe("Cấp phép, loại 1");
        procedure.Steps.ShouldBe([new ProcedureStep("Tiếp nhận", null, 2), new ProcedureStep("Thẩm định", "H49.08.01", 16)]);
        procedure.Documents.ShouldBe(["Đơn", "Bản vẽ"]);
        (procedure.Fee, procedure.Publishable).ShouldBe((50000, true));
        read.Dated.ShouldBeTrue();
    }

    [Theory]
    [InlineData("P-1,a,b,5 ngay", "line 3")]
    [InlineData("P-1,a,b,5 days,2026-01-01T00:00:00+07:00,x,vat", "line 3")]
    [InlineData("P-1,a,b,0 days,2026-01-01T00:00:00+07:00,", "line 3")]
    public void A_row_that_is_not_whole_is_told_with_its_line(string row, string place) =>
        Should.Throw<UserError>(() => Read(Write("p.csv", $"code,name,agency,limit,inForceFrom,fee\nP-0,a,b,5 days,2026-01-01T00:00:00+07:00,\n{row}\n"))).Message.ShouldContain(place);

    [Fact]
    public void The_ministrys_sheets_import_as_far_as_their_limits_are_certain()
    {
        var read = Read(Shared.Path("vn", "procedures", "mod"));

        (read.Procedures.Count, read.NotRead.Count, read.Dated).ShouldBe((85, 122, false));
        var one = read.Procedures.Single(p => p.Code == "1.013124");
        (one.Limit, one.GeneralLimit, one.Fee, one.OccurredAt).ShouldBe((Limit.Parse("30 days"), Limit.Parse("30 days"), 0, _from));
        (one.Agency, one.Basis).ShouldBe(("Văn phòng Ủy ban Quốc gia Ứng phó sự cố, thiên tai và Tìm kiếm cứu nạn", "Quyết định số 6225/QĐ-BQP"));
        one.Channels.ShouldBe(["counter", "online", "post"]);
        one.Documents!.Count.ShouldBe(2);
        read.NotRead.Single(n => n.Code == "2.002760").Why.ShouldBe("the limit differs by case or channel");
        read.Doubts.ShouldContain("1.013552: '01 Giờ' is taken as working time");
    }

    [Fact]
    public void The_list_of_2021_imports_and_a_limit_that_a_person_gives_is_taken()
    {
        var path = Shared.Path("vn", "procedures", "portal-2021.json");
        var read = Read(path);
        (read.Procedures.Count, read.NotRead.Count).ShouldBe((27, 60));
        read.Procedures.Single(p => p.Name == "Thủ tục đăng ký khai sinh").Limit.ShouldBe(Limit.Parse("same day"));
        read.Procedures.Single(p => p.Name == "Giải quyết hưởng trợ cấp thất nghiệp").Limit.ShouldBe(Limit.Parse("20 days"));
        read.NotRead.Count(n => n.Name.StartsWith("Cấp lại Chứng chỉ kiểm định viên", StringComparison.Ordinal)).ShouldBeGreaterThan(0, "5 Ngày in the figure, 5 working days in the text");

        Read(path, ("612362848d18c024c839e7da", "15 days"), ("612362828d18c024c839e7d4", "3 days")).Procedures.Count.ShouldBe(28);
        Should.Throw<UserError>(() => Read(path, ("9.9", "3 days"))).Message.ShouldContain("no sheet of 9.9");
    }

    [Fact]
    public void A_folder_with_one_malformed_sheet_imports_nothing_and_names_it()
    {
        File.Copy(Shared.Path("vn", "procedures", "mod", "1.013124.json"), Path.Combine(_folder, "a.json"));
        Write("b.json", """{"thu_tuc_id": "1.2", "metadata": {}}""");
        Should.Throw<UserError>(() => Read(_folder)).Message.ShouldContain("b.json");

        File.Copy(Shared.Path("vn", "procedures", "mod", "1.013124.json"), Path.Combine(_folder, "b.json"), overwrite: true);
        Should.Throw<UserError>(() => Read(_folder)).Message.ShouldContain("1.013124 stands in");
    }

    [Fact]
    public void The_catalogue_of_the_sample_is_plausible()
    {
        var all = ProcedureFile.OfTheSample();

        all.Count.ShouldBeGreaterThanOrEqualTo(44);
        all.Select(p => p.Code).ShouldBeUnique();
        all.Select(p => p.Agency).Distinct().Count().ShouldBeGreaterThanOrEqualTo(12);
        all.ShouldAllBe(p => DossierCode.IsAgency(p.Agency));
        all.SelectMany(p => new[] { p.Limit.Rule, p.GeneralLimit!.Rule }).Distinct().Order().ShouldBe(Enum.GetValues<CountingRule>());
        all.Select(p => p.SupplementRule).Distinct().Count().ShouldBe(2);
        all.Select(p => p.Grade).Distinct().Count().ShouldBe(3);
        all.ShouldAllBe(p => p.Basis != null && p.GeneralBasis != null && p.Steps!.Count > 0 && p.Documents!.Count > 0 && p.Publishable != null && p.RetentionYears > 0);
        all.ShouldAllBe(p => ProcedureFile.Exceeds(p.Limit, p.GeneralLimit) == false);
        foreach (var procedure in all)
            procedure.Steps!.Sum(s => s.BudgetHours).ShouldBeLessThanOrEqualTo(LeastHours(procedure.Limit), procedure.Code);

        // Twenty working days are the fewest of a month without Tết; of a run of calendar days five in seven.
        static int LeastHours(Limit limit) => limit.Rule switch
        {
            CountingRule.Hours => limit.Amount,
            CountingRule.SameDay => 8,
            CountingRule.Days => limit.Amount * 8,
            CountingRule.CalendarDays => limit.Amount * 5 / 7 * 8,
            _ => limit.Amount * 20 * 8,
        };
    }

    [GeneratedRegex(@"^national portal, (sheet (?<code>\d\.\d{6}) of (?<decision>\d+/QĐ-B\S+|\d+/QĐ-NHNN\S*), read by (?<date>\d{4}-\d\d-\d\d)|list of August 2021): (?<limit>.+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Verified();

    /// <summary>The sample's procedures, each with the source it names.</summary>
    private static IReadOnlyList<(ProcedurePublished Procedure, Match Source, string Text)> Sample()
    {
        using var stream = typeof(ProcedureFile).Assembly.GetManifestResourceStream("simulation/procedures.json")!;
        var sources = JsonNode.Parse(stream)!.AsArray().Select(e => e!["source"]!.GetValue<string>());
        return [.. ProcedureFile.OfTheSample().Zip(sources, (p, source) => (p, Verified().Match(source), source))];
    }

    [Fact]
    public void Seventy_of_the_sample_s_procedures_over_fourteen_agencies_are_the_national_portal_s_own()
    {
        var sample = Sample();
        sample.ShouldAllBe(p => p.Source.Success || p.Text.StartsWith("unverified: ", StringComparison.Ordinal));

        var sheets = sample.Where(p => p.Source.Groups["code"].Success).ToList();
        sheets.Count.ShouldBe(70);
        sheets.Select(p => p.Procedure.Agency).Distinct().Count().ShouldBe(14);
        sheets.ShouldAllBe(p => p.Procedure.Code == p.Source.Groups["code"].Value);
        foreach (var (procedure, source, text) in sample.Where(p => p.Source.Success))
        {
            LimitText.TryRead(source.Groups["limit"].Value, "", "", out var limit, out var why).ShouldBeTrue($"{text}: {why}");
            procedure.GeneralLimit.ShouldBe(limit, text);
        }
    }

    [Fact]
    public void The_sample_says_what_the_sheets_at_hand_say()
    {
        var compared = 0;
        using var list = JsonDocument.Parse(File.ReadAllText(Shared.Path("vn", "procedures", "portal-2021.json")));
        foreach (var (procedure, source, text) in Sample().Where(p => p.Source.Success))
        {
            var sheet = Shared.Path("vn", "procedures", "mod", $"{procedure.Code}.json");
            var (name, limits) = File.Exists(sheet) ? OfSheet(JsonNode.Parse(File.ReadAllText(sheet))!)
                : source.Groups["code"].Success ? default
                : OfList(list.RootElement.EnumerateArray().Single(e => e.GetProperty("title").GetString() == procedure.Name));
            if (name is null)
                continue;
            compared++;
            procedure.Name.ShouldBe(name);
            limits.Distinct().ShouldBe([source.Groups["limit"].Value], text);
        }
        compared.ShouldBe(10);

        static (string?, IEnumerable<string>) OfSheet(JsonNode sheet) => (
            sheet["metadata"]!["tên_thủ_tục"]!.GetValue<string>(), sheet["tables"]!["hinh_thuc_nop"]!.AsArray().Select(w => w!["thoi_han_giai_quyet"]!.GetValue<string>()));

        static (string?, IEnumerable<string>) OfList(JsonElement entry) => (
            entry.GetProperty("title").GetString(), entry.GetProperty("Cách thức thực hiện").EnumerateArray().Select(w => w.GetProperty("Thời hạn giải quyết").GetString()!));
    }
}
