using System.Text.Json;
using EventDossier.Deadlines;

namespace EventDossier.Organisation;

/// <summary>
/// An organisation as a file tells it: every unit, post, holder, absence and delegation with its dates. A post's date, where it has none, is its unit's; a holder's is the post's.
/// </summary>
public sealed class OrganisationFile
{
    private sealed record Contents(
        IReadOnlyList<UnitEntry> Units, string? Source = null,
        IReadOnlyList<PostEntry>? Posts = null, IReadOnlyList<AbsenceEntry>? Absences = null, IReadOnlyList<DelegationEntry>? Delegations = null,
        IReadOnlyList<ContactEntry>? Contacts = null);

    private sealed record UnitEntry(
        string Code, Wording Name, UnitKind Kind, Numbering Numbering, bool InForm06, DateTimeOffset From,
        string? Parent = null, string? Basis = null, IReadOnlyList<NameEntry>? Renamed = null, ClosingEntry? Closed = null);

    private sealed record NameEntry(DateTimeOffset From, Wording Name, string? Basis = null);

    private sealed record ClosingEntry(DateTimeOffset At, string Successor, string? Basis = null);

    private sealed record PostEntry(
        string Code, string Unit, Wording Title, PostRole Role, long? Level = null, DateTimeOffset? From = null, DateTimeOffset? To = null,
        string? Basis = null, IReadOnlyList<HolderEntry>? Holders = null, IReadOnlyList<HolderEntry>? Deputies = null);

    private sealed record HolderEntry(string Person, DateTimeOffset? From = null, DateTimeOffset? To = null, string? Basis = null);

    private sealed record AbsenceEntry(string Person, DateTimeOffset From, DateTimeOffset? To = null, string? Basis = null);

    private sealed record ContactEntry(string Person, DateTimeOffset From, string? Mail = null, string? Webhook = null, string? Basis = null);

    private sealed record DelegationEntry(
        string Number, string Post, string Person, DateTimeOffset From, DateTimeOffset To,
        IReadOnlyList<string>? Agencies = null, IReadOnlyList<string>? Acts = null, DateTimeOffset? Revoked = null, string? Basis = null);

    private readonly string _name;
    private readonly IReadOnlyList<(OrganisationEvent Event, int Line)> _facts;
    private readonly HashSet<string> _units;

    private OrganisationFile(string name, IReadOnlyList<(OrganisationEvent, int)> facts, HashSet<string> units) => (_name, _facts, _units) = (name, facts, units);

    /// <summary>How many facts it tells.</summary>
    public int Count => _facts.Count;

    public IEnumerable<OrganisationEvent> Facts => _facts.Select(f => f.Event);

    /// <summary>The believable centre that comes with the product.</summary>
    public static OrganisationFile Sample() => Parse(StrictJson.Resource("simulation/organisation.json"), "organisation.json");

    /// <exception cref="UserError"><c>bad-file</c>, with the line.</exception>
    public static OrganisationFile Parse(ReadOnlySpan<byte> json, string file)
    {
        if (json.StartsWith("\uFEFF"u8))
            json = json[3..];
        try
        {
            var contents = JsonSerializer.Deserialize<Contents>(json, StrictJson.Options) ?? throw new JsonException("null is no organisation");
            var lines = Lines(json);
            return new(file, FactsOf(contents, lines), [.. contents.Units.Select(u => u.Code)]);
        }
        catch (JsonException e)
        {
            throw new UserError("bad-file", $"{file}: line {e.LineNumber + 1 ?? 1}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>What the file tells and the organisation does not know, in an order in which each rests on what stands before it.</summary>
    /// <exception cref="UserError"><c>bad-file</c>: every entry that the rules refuse, at most twenty of them told.</exception>
    public IReadOnlyList<OrganisationEvent> Differences(Organisation organisation)
    {
        var (differences, faults) = (new List<OrganisationEvent>(), new List<string>());
        foreach (var (fact, line) in _facts)
        {
            var decision = OrganisationRules.Decide(fact, organisation);
            if (decision.Refusal is { } refusal)
                faults.Add($"line {line}: {refusal.Reason} ({refusal.Code})");
            if (decision.Event is not { } e)
                continue;
            differences.Add(e);
            organisation = organisation.After(e);
        }
        if (faults.Count > 0)
            throw new UserError("bad-file", $"{_name}: {string.Join("; ", faults.Take(20))}{(faults.Count > 20 ? $"; and {faults.Count - 20} more" : "")}");
        return differences;
    }

    /// <summary>Units that are never closed in what is known, but are not in the file.</summary>
    public IEnumerable<string> NotNamed(Organisation organisation) =>
        organisation.UnitsAt(DateTimeOffset.MaxValue).Select(u => u.Code).Where(code => !_units.Contains(code));

    private static List<(OrganisationEvent, int)> FactsOf(Contents contents, Dictionary<string, List<int>> lines)
    {
        var units = contents.Units.Index().Select(u => (u.Item, Line: lines["units"][u.Index])).ToList();
        var posts = (contents.Posts ?? []).Index().Select(p => (p.Item, Line: lines["posts"][p.Index])).ToList();
        var opened = new Dictionary<string, DateTimeOffset>();
        foreach (var (unit, line) in units)
        {
            if (!opened.TryAdd(unit.Code, unit.From))
                throw new JsonException($"the unit {unit.Code} is there twice", null, line - 1, null);
        }
        DateTimeOffset From(PostEntry post) => post.From ?? opened.GetValueOrDefault(post.Unit);

        var facts = new List<(OrganisationEvent, int)>();
        facts.AddRange(units.OrderBy(u => u.Item.From).Select(u => ((OrganisationEvent)
            new UnitOpened(u.Item.From, u.Item.Code, u.Item.Name, u.Item.Kind, u.Item.Parent, u.Item.Numbering, u.Item.InForm06) { Basis = u.Item.Basis }, u.Line)));
        facts.AddRange(ByDate(units.SelectMany(u => (u.Item.Renamed ?? []).Select(r => ((OrganisationEvent)new UnitRenamed(r.From, u.Item.Code, r.Name) { Basis = r.Basis }, u.Line)))));
        facts.AddRange(posts.Select(p => ((OrganisationEvent)
            new PostCreated(From(p.Item), p.Item.Code, p.Item.Unit, p.Item.Title, p.Item.Role, p.Item.Level) { Basis = p.Item.Basis }, p.Line)));
        facts.AddRange(ByDate(posts.SelectMany(p => (p.Item.Holders ?? []).SelectMany(h => Held(p.Item.Code, h, h.From ?? From(p.Item)).Select(e => (e, p.Line))))));
        facts.AddRange(ByDate(posts.SelectMany(p => (p.Item.Deputies ?? []).Select(d =>
            ((OrganisationEvent)new DeputyNamed(d.From ?? From(p.Item), p.Item.Code, d.Person, d.To) { Basis = d.Basis }, p.Line)))));
        facts.AddRange(posts.Where(p => p.Item.To is not null).Select(p => ((OrganisationEvent)new PostAbolished(p.Item.To!.Value, p.Item.Code), p.Line)));
        // What stands in a unit is told before its closing, though both are judged at their own dates.
        facts.AddRange(ByDate(units.Where(u => u.Item.Closed is not null).Select(u =>
            ((OrganisationEvent)new UnitClosed(u.Item.Closed!.At, u.Item.Code, u.Item.Closed.Successor) { Basis = u.Item.Closed.Basis }, u.Line))));
        facts.AddRange((contents.Absences ?? []).Index().Select(a =>
            ((OrganisationEvent)new AbsenceReported(a.Item.From, a.Item.Person, a.Item.To) { Basis = a.Item.Basis }, lines["absences"][a.Index])));
        facts.AddRange((contents.Delegations ?? []).Index().SelectMany(d => Given(d.Item).Select(e => (e, lines["delegations"][d.Index]))));
        facts.AddRange((contents.Contacts ?? []).Index().Select(c =>
            ((OrganisationEvent)new ContactGiven(c.Item.From, c.Item.Person, c.Item.Mail, c.Item.Webhook) { Basis = c.Item.Basis }, lines["contacts"][c.Index])));
        return facts;

        // On one day the one goes before the other comes.
        static IEnumerable<(OrganisationEvent, int)> ByDate(IEnumerable<(OrganisationEvent Event, int)> facts) =>
            facts.OrderBy(f => f.Event.OccurredAt).ThenBy(f => f.Event is HolderAppointed);
    }

    private static IEnumerable<OrganisationEvent> Held(string post, HolderEntry holder, DateTimeOffset from)
    {
        yield return new HolderAppointed(from, post, holder.Person) { Basis = holder.Basis };
        if (holder.To is { } to)
            yield return new HolderRelieved(to, post, holder.Person) { Basis = holder.Basis };
    }

    private static IEnumerable<OrganisationEvent> Given(DelegationEntry d)
    {
        yield return new DelegationGiven(d.From, d.Number, d.Post, d.Person, d.To, d.Agencies, d.Acts) { Basis = d.Basis };
        if (d.Revoked is { } at)
            yield return new DelegationRevoked(at, d.Number);
    }

    /// <summary>On which line each entry of each list begins.</summary>
    private static Dictionary<string, List<int>> Lines(ReadOnlySpan<byte> json)
    {
        var lines = new Dictionary<string, List<int>>(StringComparer.OrdinalIgnoreCase);
        var (list, line, seen) = ("", 1, 0);
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName)
                lines[list = reader.GetString()!] = [];
            if (reader.CurrentDepth != 2 || reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.Null))
                continue;
            line += json[seen..(int)reader.TokenStartIndex].Count((byte)'\n');
            seen = (int)reader.TokenStartIndex;
            if (reader.TokenType == JsonTokenType.Null)
                throw new JsonException($"null is no entry of {list}", null, line - 1, null);
            lines[list].Add(line);
        }
        return lines;
    }
}
