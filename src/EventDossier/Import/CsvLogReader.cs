using System.Text;
using System.Text.Unicode;
using CsvHelper;

namespace EventDossier.Import;

/// <summary>
/// Reads RFC 4180 with one event a row. Rows of a case may be scattered. They are staged in a temporary database, as the end of a case is known only
/// at the end of the file; if they turn out to stand together, nothing is sorted.
/// </summary>
internal sealed class CsvLogReader
{
    public const int MaxColumns = 2000, MaxRowBytes = 8 << 20;

    private const string CasePrefix = "case:";

    private enum Role { CaseAttribute, EventAttribute, CaseId, Activity, Time, Transition, Instance, Resource, Group, Fact }

    /// <param name="Name">As the header has it, for places.</param>
    /// <param name="Key">The attribute's key: without <c>case:</c>.</param>
    private sealed record Column(string Name, string Key, string Type, Role Role, Fact Fact);

    private sealed record Row(int Number, int Line, string[] Cells);

    private readonly LogStream _input;
    private readonly LogPass _pass;
    private readonly CaseRules _rules;
    private Column[] _columns = [];
    private int _caseId;
    private bool _scattered;

    public CsvLogReader(LogStream input, LogPass pass)
    {
        _input = input;
        _pass = pass;
        _rules = pass.Rules;
    }

    public IEnumerable<ImportedCase> Cases()
    {
        using var staging = new Staging();
        Stage(staging);
        using var command = staging.Connection.CreateCommand();
        command.CommandText = $"SELECT case_number, number, line, cells FROM staged ORDER BY {(_scattered ? "case_number, number" : "rowid")}";
        using var staged = command.ExecuteReader();
        var rows = new List<Row>();
        var current = -1;
        var tooMany = false;
        long text = 0;
        while (staged.Read())
        {
            if (staged.GetInt32(0) != current)
            {
                if (rows.Count > 0 && ReadCase(rows, tooMany) is { } read) yield return read;
                rows.Clear();
                tooMany = false;
                text = 0;
                current = staged.GetInt32(0);
            }
            var cells = (byte[])staged.GetValue(3);
            text += cells.Length;
            tooMany |= rows.Count >= XesReader.MaxEvents || text > XesReader.MaxCaseText;
            if (!tooMany) rows.Add(new Row(staged.GetInt32(1), staged.GetInt32(2), Unpack(cells)));
        }
        if (rows.Count > 0 && ReadCase(rows, tooMany) is { } last) yield return last;
    }

    private void Stage(Staging staging)
    {
        var start = _input.Peek();
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            throw new LogFault("row 1", "the file is UTF-16; save it as UTF-8");
        using var csv = CsvReader.Create(_input, new CsvReaderOptions
        {
            Separator = _rules.Map?.Delimiter ?? Detect(start),
            HasHeader = false,
            DetectSeparatorHint = false,
            MalformedData = CsvMalformedDataHandling.Throw,
            FieldCountMismatch = CsvFieldCountHandling.Allow,
            SkipEmptyLines = false,
            TrimWhitespace = false,
            TrackLineNumbers = true,
            MaxRecordSize = MaxRowBytes,
            IncludeValuesInExceptions = false,
        }, leaveOpen: true);

        staging.Run("CREATE TABLE staged (case_number INTEGER, number INTEGER, line INTEGER, cells BLOB); BEGIN;");
        using var insert = staging.Insert("INSERT INTO staged VALUES ($1, $2, $3, $4)");
        var cases = new SeenIds();
        var buffer = new MemoryStream();
        var number = 0;
        var previous = -1;
        while (ReadRow(csv))
        {
            _input.Mark();
            number = (int)csv.RowNumber;
            var line = (int)csv.LineNumber;
            var place = Place(number, line);
            var cells = ReadCells(csv, place);
            if (number == 1)
            {
                ReadHeader(cells);
                continue;
            }
            if (cells.Length == 1 && cells[0].Length == 0) continue;
            if (cells.Length != _columns.Length)
            {
                _pass.Report(new Fault(place, null, $"has {cells.Length} cells where the header has {_columns.Length}"));
                continue;
            }
            var id = cells[_caseId] = SourceText.Nfc(cells[_caseId]);
            if (id.Length == 0)
            {
                _pass.Report(new Fault(Place(number, line, _columns[_caseId]), null, "is empty: the row belongs to no case"));
                continue;
            }
            var caseNumber = cases.Number(id, out var isNew);
            _scattered |= !isNew && caseNumber != previous;
            previous = caseNumber;
            insert.Run(caseNumber, number, line, Pack(cells, buffer));
        }
        if (number == 0) throw new LogFault("row 1", "the file has no header");
        staging.Run("COMMIT");
        if (_scattered) staging.Run("CREATE INDEX staged_by_case ON staged (case_number, number)");
    }

    private static bool ReadRow(CsvReader csv)
    {
        try
        {
            return csv.Read();
        }
        catch (CsvFormatException e)
        {
            throw new LogFault(Place((int)e.RecordNumber, (int)e.LineNumber),
                $"a quote is not closed or stands inside a cell, or the row is longer than {MaxRowBytes >> 20} MiB");
        }
    }

    private string[] ReadCells(CsvReader csv, string place)
    {
        var cells = new string[csv.FieldCount];
        for (var i = 0; i < cells.Length; i++)
        {
            if (!Utf8.IsValid(csv.GetSpan(i)))
            {
                var column = i < _columns.Length ? $", column {SourceText.Plain(_columns[i].Name)}" : "";
                throw new LogFault(place + column, "contains bytes that are not UTF-8");
            }
            cells[i] = csv.GetString(i);
        }
        return cells;
    }

    private static string Place(int number, int line) => line == number ? $"row {number}" : $"row {number} (line {line})";

    private static string Place(int number, int line, Column column) => $"{Place(number, line)}, column {SourceText.Plain(column.Name)}";

    /// <summary>The delimiter that the header has most of, outside of quotes.</summary>
    private static char Detect(ReadOnlySpan<byte> start)
    {
        int commas = 0, semicolons = 0, tabs = 0;
        var quoted = false;
        foreach (var b in start)
        {
            if (b == '"') quoted = !quoted;
            if (quoted) continue;
            if (b is (byte)'\n' or (byte)'\r') break;
            if (b == ',') commas++;
            else if (b == ';') semicolons++;
            else if (b == '\t') tabs++;
        }
        return semicolons > commas && semicolons >= tabs ? ';' : tabs > commas ? '\t' : ',';
    }

    private void ReadHeader(string[] names)
    {
        var map = _rules.Map;
        if (names.Length > MaxColumns) throw new LogFault("row 1", $"has {names.Length} columns; {MaxColumns} are read");
        for (var i = 0; i < names.Length; i++)
        {
            if (SourceText.Fault(names[i]) is { } reason) throw new LogFault("row 1", $"column {i + 1} {reason}");
            names[i] = names[i].Length == 0 ? $"column {i + 1}" : SourceText.Nfc(names[i]);
            if (Array.IndexOf(names, names[i], 0, i) >= 0) throw new LogFault("row 1", $"the column {SourceText.Quote(names[i])} stands twice");
        }
        var caseId = map?.CaseId ?? "case:concept:name";
        var missing = new List<string>();
        Want(caseId, "case id");
        Want(_rules.Activity, "activity");
        Want(_rules.Time, "time");
        if (missing.Count > 0)
        {
            throw new LogFault("row 1", $"no column for the {string.Join(", ", missing)}; give a mapping with --map. "
                + $"Columns found: {SourceText.Plain(string.Join(", ", names), 1000)}");
        }
        IEnumerable<string?> facts = map?.Facts.Values.Select(f => f.Column) ?? [];
        var named = (string?[])[map?.Transition, map?.Instance, map?.Resource, map?.Group, .. facts, .. map?.Types.Keys ?? []];
        foreach (var name in named)
        {
            if (name is { Length: > 0 } && !names.Contains(name) && !names.Contains(CasePrefix + name))
                throw new LogFault("row 1", $"the mapping names the column {SourceText.Quote(name)}, which the file does not have");
        }
        _columns = Array.ConvertAll(names, name => Describe(name, caseId, names));
        _caseId = Array.IndexOf(names, caseId);

        void Want(string name, string what)
        {
            if (!names.Contains(name)) missing.Add($"{what} ({SourceText.Quote(name)})");
        }
    }

    private Column Describe(string name, string caseId, string[] all)
    {
        var type = _rules.Map?.Types.GetValueOrDefault(name) ?? "string";
        var bare = name.StartsWith(CasePrefix, StringComparison.Ordinal) && name.Length > CasePrefix.Length ? name[CasePrefix.Length..] : null;
        var role =
            name == caseId ? Role.CaseId :
            name == _rules.Activity ? Role.Activity :
            name == _rules.Time ? Role.Time :
            name == _rules.Transition ? Role.Transition :
            name == _rules.Instance ? Role.Instance :
            name == _rules.Resource ? Role.Resource :
            name == _rules.Group ? Role.Group :
            (Role?)null;
        if (role is { } known) return new Column(name, name, type, known, default);
        // case:channel goes before channel where the file has both.
        if (_rules.TryFact(name, out var fact) && (bare is not null || !all.Contains(CasePrefix + name))
            || bare is not null && _rules.TryFact(bare, out fact))
            return new Column(name, bare ?? name, type, Role.Fact, fact);
        return new Column(name, bare ?? name, type, bare is null ? Role.EventAttribute : Role.CaseAttribute, default);
    }

    private ImportedCase? ReadCase(List<Row> rows, bool tooMany)
    {
        var first = rows[0];
        var place = Place(first.Number, first.Line);
        var id = first.Cells[_caseId];
        var faults = new CaseFaults();
        if (SourceText.IdFault(id) is { } badId) faults.Add(Place(first.Number, first.Line, _columns[_caseId]), $"the case id {badId}");
        if (tooMany) faults.Add(place, $"the case has more than {XesReader.MaxEvents} events or {XesReader.MaxCaseText >> 20} MiB");
        var draft = new CaseDraft(_pass.Times);
        var attributes = new List<SourceAttribute>();
        for (var i = 0; i < _columns.Length; i++)
        {
            var column = _columns[i];
            if (column.Role is not (Role.CaseAttribute or Role.Fact)) continue;
            var value = SourceText.Nfc(first.Cells[i]);
            var at = Place(first.Number, first.Line, column);
            if (value.Length > 0)
            {
                if (SourceText.Fault(value) is { } bad) faults.Add(at, bad);
                else if (column.Role == Role.Fact)
                {
                    if (draft.Set(column.Fact, value) is { } unusable) faults.Add(at, unusable);
                }
                else
                {
                    if (SourceText.TypeFault(column.Type, value, _pass.Times) is { } wrong) faults.Add(at, wrong);
                    attributes.Add(new SourceAttribute(column.Key, column.Type, value));
                }
            }
            foreach (var row in rows)
            {
                if (SourceText.Nfc(row.Cells[i]) == value) continue;
                faults.Add(Place(row.Number, row.Line, column),
                    $"is {SourceText.Quote(row.Cells[i])}, but {SourceText.Quote(value)} in row {first.Number} of the same case");
                break;
            }
        }
        var activities = new List<ImportedActivity>(rows.Count);
        foreach (var row in rows)
            if (ReadActivity(row, faults) is { } activity) activities.Add(activity);
        if (!faults.Any && _rules.Complete(draft, activities, attributes) is { } reason) faults.Add(place, reason);
        if (!faults.Any) return new ImportedCase(id, place, draft.ToFacts(), attributes, activities, []);
        faults.ReportTo(_pass, id, place);
        return null;
    }

    private ImportedActivity? ReadActivity(Row row, CaseFaults faults)
    {
        string? name = null, transition = null, instance = null, resource = null, group = null;
        var at = default(DateTimeOffset);
        List<SourceAttribute>? attributes = null;
        for (var i = 0; i < _columns.Length; i++)
        {
            var column = _columns[i];
            if (column.Role is Role.CaseId or Role.CaseAttribute or Role.Fact) continue;
            var cell = row.Cells[i];
            if (SourceText.Fault(cell) is { } bad)
            {
                faults.Add(Place(row.Number, row.Line, column), bad);
                continue;
            }
            var value = cell.Length == 0 ? null : SourceText.Nfc(cell);
            switch (column.Role)
            {
                case Role.Activity:
                    if (string.IsNullOrWhiteSpace(value)) faults.Add(Place(row.Number, row.Line, column), "is empty");
                    else if (value.Length > SourceText.MaxName)
                        faults.Add(Place(row.Number, row.Line, column), $"is longer than {SourceText.MaxName} characters");
                    name = value;
                    break;
                case Role.Time:
                    if (value is null) faults.Add(Place(row.Number, row.Line, column), "is empty");
                    else if (_pass.Times.Read(value, out at) is { } reason) faults.Add(Place(row.Number, row.Line, column), reason);
                    break;
                case Role.Transition: transition = value; break;
                case Role.Instance: instance = value; break;
                case Role.Resource: resource = value; break;
                case Role.Group: group = value; break;
                default:
                    if (value is null) break;
                    if (SourceText.TypeFault(column.Type, value, _pass.Times) is { } wrong) faults.Add(Place(row.Number, row.Line, column), wrong);
                    (attributes ??= []).Add(new SourceAttribute(column.Key, column.Type, value));
                    break;
            }
        }
        if (faults.Any) return null;
        return new ImportedActivity(
            name!, at, transition, instance, resource, group, attributes is null ? [] : attributes, [], Place(row.Number, row.Line));
    }

    private static byte[] Pack(string[] cells, MemoryStream buffer)
    {
        buffer.SetLength(0);
        using var writer = new BinaryWriter(buffer, Encoding.Unicode, leaveOpen: true);
        foreach (var cell in cells) writer.Write(cell);
        writer.Flush();
        return buffer.ToArray();
    }

    private string[] Unpack(byte[] packed)
    {
        using var reader = new BinaryReader(new MemoryStream(packed), Encoding.Unicode);
        var cells = new string[_columns.Length];
        for (var i = 0; i < cells.Length; i++) cells[i] = reader.ReadString();
        return cells;
    }
}
