using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsvHelper;
using EventDossier.Deadlines;
using EventDossier.Dossiers;

namespace EventDossier.Procedures;

/// <summary>What a file or folder tells of procedures: read whole before anything is published.</summary>
/// <param name="NotRead">Procedures that are not published because a fact of theirs is not certain. Nothing is guessed.</param>
/// <param name="Doubts">For a person to look at; they stop nothing.</param>
/// <param name="Dated">Whether the source says from when each version holds.</param>
public sealed record ProcedureFile(
    IReadOnlyList<ProcedurePublished> Procedures, IReadOnlyList<ProcedureFile.Unread> NotRead, IReadOnlyList<string> Doubts, bool Dated)
{
    /// <param name="Text">The limit as the source spells it.</param>
    public sealed record Unread(string Code, string Name, string Text, string Why);

    /// <summary>One entry of our own format.</summary>
    /// <param name="Basis">Of the committed limit.</param>
    private sealed record Entry(string Code, string Name, string Agency, Limit Limit, DateTimeOffset InForceFrom, string? Basis)
    {
        public Limit? GeneralLimit { get; init; }
        public string? GeneralBasis { get; init; }
        public SupplementRule SupplementRule { get; init; }
        public IReadOnlyList<Step>? Steps { get; init; }
        public IReadOnlyList<string>? Documents { get; init; }
        public long? Fee { get; init; }
        public ServiceGrade? Grade { get; init; }
        public IReadOnlyList<string>? Channels { get; init; }
        public bool? Publishable { get; init; }
        public int? RetentionYears { get; init; }
        public Owners? Owners { get; init; }

        /// <summary>Where the file's author found the facts: for its readers, not published.</summary>
        public string? Source { get; init; }

        public ProcedurePublished Published() => new(InForceFrom, Code, Name, Agency, Limit, Basis)
        {
            GeneralLimit = GeneralLimit, GeneralBasis = GeneralBasis, SupplementRule = SupplementRule, Steps = Steps?.Select(s => new ProcedureStep(s?.Name ?? "", s?.Unit, s?.BudgetHours ?? 0)).ToList(), Documents = Documents, Fee = Fee,
            Grade = Grade, Channels = Channels, Publishable = Publishable, RetentionYears = RetentionYears, Owners = Owners,
        };
    }

    private sealed record Step(string Name, int BudgetHours)
    {
        public string? Unit { get; init; }
    }

    /// <summary>The catalogue that comes with the product for samples: procedures of one province, each with the source of its facts, or told as unverified.</summary>
    public static IReadOnlyList<ProcedurePublished> OfTheSample() =>
        Parse(Encoding.UTF8.GetString(StrictJson.Resource("simulation/procedures.json")), "simulation/procedures.json");

    /// <summary>Reads our own JSON or CSV, a sheet of the national portal, a list of such sheets, or a folder of any of them.</summary>
    /// <param name="from">From when on what is read holds, where the source does not say.</param>
    /// <param name="limits">By code, for procedures whose limit can't be read with certainty.</param>
    /// <exception cref="UserError"><c>bad-file</c>, with the place; then nothing of it is to be used.</exception>
    public static ProcedureFile Read(string path, DateTimeOffset from, IReadOnlyDictionary<string, Limit> limits)
    {
        var files = Directory.Exists(path) ? Directory.EnumerateFiles(path, "*.json").Order(StringComparer.Ordinal).ToList() : [path];
        if (files.Count == 0)
            throw Bad(path, "no .json file in this folder");
        var dated = new List<ProcedurePublished>();
        var sheets = new List<PortalSheet>();
        foreach (var file in files)
        {
            if (file.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
            {
                using var input = File.OpenRead(file);
                dated.AddRange(ParseCsv(input, file));
                continue;
            }
            var text = File.ReadAllText(file);
            if (PortalSheet.TryParse(text, file) is { } found)
                sheets.AddRange(found);
            else
                dated.AddRange(Parse(text, file));
        }
        if (dated.Count > 0 && sheets.Count > 0)
            throw Bad(path, "sheets of the portal and entries of our own in one folder");
        if (sheets.GroupBy(s => s.Code).FirstOrDefault(s => s.Count() > 1) is { } twice)
            throw Bad(twice.Last().Place, $"{twice.Key} stands in {twice.First().Place} too");
        if (limits.Keys.Except(sheets.Select(s => s.Code)).FirstOrDefault() is { } missing)
            throw Bad(path, $"no sheet of {missing}, for which a limit is given");

        var read = sheets.Select(s => s.Read(from, limits.GetValueOrDefault(s.Code))).ToList();
        List<ProcedurePublished> procedures = [.. dated, .. read.Select(r => r.Procedure).OfType<ProcedurePublished>()];
        return new(procedures, [.. read.Select(r => r.Unread).OfType<Unread>()],
            [
                .. procedures.Where(p => Exceeds(p.Limit, p.GeneralLimit) is null).Select(p => $"{p.Code}: whether {p.Limit} is within the general {p.GeneralLimit} can't be told"),
                .. sheets.Zip(read, (sheet, r) => r.Procedure is null || limits.ContainsKey(sheet.Code) ? null : sheet.Doubt).OfType<string>(),
            ],
            sheets.Count == 0);
    }

    /// <summary>Reads a JSON array of our own format.</summary>
    /// <exception cref="UserError"><c>bad-file</c>, with file and line.</exception>
    public static IReadOnlyList<ProcedurePublished> Parse(string json, string file)
    {
        try
        {
            var entries = JsonSerializer.Deserialize<Entry?[]>(json, StrictJson.Options) ?? throw new JsonException("null is no list of procedures");
            var procedures = entries.Select(e => (e ?? throw new JsonException("null is no procedure")).Published()).ToList();
            foreach (var (i, procedure) in procedures.Index())
            {
                if (Fault(procedure) is { } fault)
                    throw Bad($"{file}: line {LineOf(json, i)}", fault);
            }
            return procedures;
        }
        catch (JsonException e)
        {
            throw Bad($"{file}: line {e.LineNumber + 1}", e.Message.ReplaceLineEndings(" "));
        }
    }

    /// <summary>Reads CSV with our own names as its header. Lists are separated by semicolons, a step is <c>name|unit|hours</c>.</summary>
    private static List<ProcedurePublished> ParseCsv(Stream input, string file)
    {
        using var csv = CsvReader.Create(input, new CsvReaderOptions
        {
            HasHeader = false,
            MalformedData = CsvMalformedDataHandling.Throw,
            FieldCountMismatch = CsvFieldCountHandling.Allow,
            TrackLineNumbers = true,
        });
        List<string>? columns = null;
        var procedures = new List<ProcedurePublished>();
        try
        {
            while (csv.Read())
            {
                var cells = Enumerable.Range(0, csv.FieldCount).Select(csv.GetString).ToList();
                if (columns is null)
                {
                    columns = cells;
                    continue;
                }
                if (cells.Count != columns.Count)
                    throw new FormatException($"{cells.Count} cells where the header has {columns.Count}");
                var entry = new JsonObject { ["basis"] = null };
                foreach (var (column, cell) in columns.Zip(cells).Where(c => c.Second.Length > 0))
                    entry[column] = Typed(column, cell);
                var procedure = entry.Deserialize<Entry>(StrictJson.Options)!.Published();
                procedures.Add(Fault(procedure) is { } fault ? throw new FormatException(fault) : procedure);
            }
            return procedures;
        }
        catch (Exception e) when (e is JsonException or CsvFormatException or FormatException)
        {
            throw Bad($"{file}: line {csv.LineNumber}", e.Message.ReplaceLineEndings(" "));
        }

        static JsonNode? Typed(string column, string cell) => column switch
        {
            "fee" => long.Parse(cell, CultureInfo.InvariantCulture),
            "retentionYears" => int.Parse(cell, CultureInfo.InvariantCulture),
            "publishable" => bool.Parse(cell),
            "documents" or "channels" => new JsonArray([.. List(cell).Select(c => (JsonNode)c)]),
            "steps" => new JsonArray([.. List(cell).Select(StepOf)]),
            _ => cell,
        };

        static IEnumerable<string> List(string cell) => cell.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

        static JsonNode StepOf(string cell) => cell.Split('|') is [var name, var unit, var hours]
            ? new JsonObject { ["name"] = name, ["unit"] = unit.Length == 0 ? null : unit, ["budgetHours"] = int.Parse(hours, CultureInfo.InvariantCulture) }
            : throw new FormatException($"'{cell}' is no step: write name|unit|hours");
    }

    /// <summary>What can't be published, in one sentence.</summary>
    internal static string? Fault(ProcedurePublished p) =>
        p.Code.Length is 0 or > 100 || !p.Code.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_') ? $"'{p.Code}' is no code: letters, digits, dots, hyphens"
        : string.IsNullOrWhiteSpace(p.Name) || string.IsNullOrWhiteSpace(p.Agency) ? $"{p.Code}: a name and an agency are needed"
        : Exceeds(p.Limit, p.GeneralLimit) is true ? $"{p.Code}: the committed limit, {p.Limit}, is longer than the general one, {p.GeneralLimit}"
        : p.Fee < 0 ? $"{p.Code}: a fee of {p.Fee} đồng"
        : p.RetentionYears < 1 ? $"{p.Code}: kept for {p.RetentionYears} years"
        : p.Steps?.FirstOrDefault(s => s.BudgetHours < 1 || string.IsNullOrWhiteSpace(s.Name)) is { } step ? $"{p.Code}: step '{step.Name}' has a budget of {step.BudgetHours} hours"
        : p.Documents?.Any(string.IsNullOrWhiteSpace) is true ? $"{p.Code}: a document without a name"
        : p.Channels?.FirstOrDefault(c => !ReceiveDossier.Channels.Contains(c)) is { } channel ? $"{p.Code}: '{channel}' is no channel; channels are {string.Join(", ", ReceiveDossier.Channels)}"
        : p.Owners is { } o && ((IEnumerable<string?>)[o.Intake, o.Handling, o.Return]).Any(s => s is not null && string.IsNullOrWhiteSpace(s))
            ? $"{p.Code}: an owner system without a name"
        : p.Channels is [] ? $"{p.Code}: no channel at all"
        : null;

    /// <summary>Whether a limit is longer than another; null where that depends on the day of receipt.</summary>
    internal static bool? Exceeds(Limit limit, Limit? general)
    {
        if (general is null)
            return false;
        if (WorkingHours(limit) is { } ours && WorkingHours(general) is { } theirs)
            return ours > theirs;
        var (least, most) = CalendarDays(limit);
        var (leastGeneral, mostGeneral) = CalendarDays(general);
        return limit.Rule == general.Rule ? limit.Amount > general.Amount : least > mostGeneral ? true : most <= leastGeneral ? false : null;
    }

    private static int? WorkingHours(Limit limit) => limit.Rule switch
    {
        CountingRule.Hours => limit.Amount,
        CountingRule.SameDay => 8,
        CountingRule.Days => limit.Amount * 8,
        _ => null,
    };

    /// <summary>How many days of the calendar it can take. A week has five working days, and no holidays take more than nine days on end.</summary>
    private static (int Least, int Most) CalendarDays(Limit limit) => limit.Rule switch
    {
        CountingRule.CalendarDays => (limit.Amount, limit.Amount),
        CountingRule.Months => (limit.Amount * 28, limit.Amount * 31),
        _ => ((WorkingHours(limit)!.Value + 7) / 8, ((WorkingHours(limit)!.Value + 7) / 8 * 7 / 5) + 9),
    };

    /// <summary>The line on which an element of an array begins.</summary>
    private static int LineOf(string json, int element)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var reader = new Utf8JsonReader(bytes);
        for (var i = -1; i < element && reader.Read();)
        {
            if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.StartObject)
                i++;
        }
        return bytes.AsSpan(0, (int)reader.TokenStartIndex).Count((byte)'\n') + 1;
    }

    internal static UserError Bad(string place, string what) => new("bad-file", $"{place}: {what}");
}
