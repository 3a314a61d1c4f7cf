using System.Xml;

namespace EventDossier.Import;

/// <summary>
/// Reads XES as it is found rather than as it is specified: with or without namespace and version, header elements anywhere. Streams; one trace is in
/// memory at a time.
/// </summary>
internal sealed class XesReader
{
    public const int MaxDepth = 64, MaxEvents = 100_000, MaxAttributes = 10_000;

    /// <summary>Characters of one case, and of the header: what the other bounds would let through together.</summary>
    public const int MaxCaseText = 64 << 20, MaxHeaderText = 4 << 20;

    private readonly LogStream _input;
    private readonly LogPass _pass;
    private readonly CaseRules _rules;
    private readonly string _caseKey;
    private readonly XmlReader _xml;
    private readonly IXmlLineInfo _lines;
    private readonly SeenIds _seen = new();

    // The case at hand. Its faults may be known before its id is.
    private CaseFaults _faults = new();
    private long _text;
    private bool _full;

    // The last start tag: key, value and its kind.
    private string _type = "";
    private string? _key, _value;

    public XesReader(LogStream input, LogPass pass)
    {
        _input = input;
        _pass = pass;
        _rules = pass.Rules;
        _caseKey = _rules.Map?.CaseId ?? "concept:name";
        // Characters are checked here, where a case can be blamed, and not by the parser, for which all is lost.
        _xml = XmlReader.Create(input, new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            IgnoreWhitespace = true,
            CheckCharacters = false,
        });
        _lines = (IXmlLineInfo)_xml;
    }

    private string Place => $"line {_lines.LineNumber}";

    public IEnumerable<ImportedCase> Cases()
    {
        using var xml = _xml;
        while (Next() && xml.NodeType != XmlNodeType.Element) { }
        if (xml.LocalName != "log") throw new LogFault(Place, $"the root element is <{SourceText.Plain(xml.LocalName)}>, not <log>");
        var header = new HeaderDraft();
        var version = xml.GetAttribute("xes.version");
        if (version is not null) header.Attributes.Add(new SourceAttribute("xes.version", "string", SourceText.Plain(version)));
        if (!xml.IsEmptyElement)
        {
            while (Next() && xml.NodeType != XmlNodeType.EndElement)
            {
                if (xml.NodeType != XmlNodeType.Element) throw new LogFault(Place, "text stands between the elements of <log>");
                if (xml.LocalName == "trace")
                {
                    if (ReadTrace() is { } read) yield return read;
                }
                else ReadHeader(header);
            }
        }
        while (Next()) { }
        _pass.Header = new LogHeader(header.Attributes, header.Extensions, header.Globals, header.Classifiers);
    }

    private bool Next()
    {
        _input.Mark();
        if (_xml.Depth > 16 * MaxDepth) throw new LogFault(Place, $"elements are nested deeper than {16 * MaxDepth}");
        return _xml.Read();
    }

    private sealed class HeaderDraft
    {
        public readonly List<SourceAttribute> Attributes = [], Extensions = [], Globals = [], Classifiers = [];
        public long Text;
    }

    private void ReadHeader(HeaderDraft header)
    {
        var place = Place;
        _faults = new CaseFaults();
        _text = header.Text;
        _full = false;
        switch (_xml.LocalName)
        {
            case "event": throw new LogFault(place, "an <event> stands outside of any <trace>: it belongs to no case");
            case "extension": header.Extensions.Add(Described("prefix")); break;
            case "classifier": header.Classifiers.Add(Described("name")); break;
            case "global":
                var scope = _xml.GetAttribute("scope") ?? "";
                var children = new List<SourceAttribute>();
                if (!_xml.IsEmptyElement) ReadChildren(children, 1);
                header.Globals.Add(new SourceAttribute(SourceText.Plain(scope), "container", null, children));
                break;
            default:
                if (ReadAttribute(1) is { } attribute) header.Attributes.Add(attribute);
                break;
        }
        header.Text = _text;
        var elements = header.Attributes.Count + header.Extensions.Count + header.Globals.Count + header.Classifiers.Count;
        if (_text > MaxHeaderText || elements > MaxAttributes)
            throw new LogFault(place, "the log's own attributes are too many or too long");
        if (_faults.First is var (at, reason)) throw new LogFault(at, reason);
    }

    /// <summary>An extension or classifier: everything is in XML attributes.</summary>
    private SourceAttribute Described(string keyName)
    {
        var key = "";
        var parts = new List<SourceAttribute>();
        while (_xml.MoveToNextAttribute())
        {
            var value = Clean(_xml.Value, Place, _xml.LocalName);
            if (_xml.LocalName == keyName) key = value;
            parts.Add(new SourceAttribute(_xml.LocalName, "string", value));
        }
        _xml.MoveToElement();
        Skip();
        return new SourceAttribute(key, "container", null, parts);
    }

    private ImportedCase? ReadTrace()
    {
        var place = Place;
        _faults = new CaseFaults();
        _text = 0;
        _full = false;
        string? id = null;
        var draft = new CaseDraft(_pass.Times);
        var attributes = new List<SourceAttribute>();
        var activities = new List<ImportedActivity>();
        var events = 0;
        if (!_xml.IsEmptyElement)
        {
            while (Next() && _xml.NodeType != XmlNodeType.EndElement)
            {
                if (!IsElement()) continue;
                if (_xml.LocalName == "event")
                {
                    if (++events > MaxEvents) Stop($"the case has more than {MaxEvents} events");
                    if (_full) Skip();
                    else if (ReadEvent() is { } activity && !_full) activities.Add(activity);
                    continue;
                }
                if (_full)
                {
                    Skip();
                    continue;
                }
                var at = Place;
                if (ReadAttribute(1) is not { } attribute) continue;
                if (attributes.Count >= MaxAttributes) Stop($"the case has more than {MaxAttributes} attributes");
                if (attribute.Key == _caseKey && attribute.Value is not null)
                {
                    if (id is not null) _faults.Add(at, $"{_caseKey} stands twice in one trace");
                    id = attribute.Value;
                    if (attribute.Children is not null) attributes.Add(attribute);
                }
                else if (attribute.Value is { } value && _rules.TryFact(attribute.Key, out var fact))
                {
                    if (draft.Has(fact)) _faults.Add(at, $"{attribute.Key} stands twice in one trace");
                    if (CaseDraft.IsTime(fact) && TimeTypeFault(attribute.Type) is { } wrong) _faults.Add(at, $"{attribute.Key} {wrong}");
                    // A <date> that is none was told when it was read.
                    else if (draft.Set(fact, value) is { } reason && attribute.Type != "date") _faults.Add(at, $"{attribute.Key}: {reason}");
                    if (attribute.Children is not null || !draft.Has(fact)) attributes.Add(attribute);
                }
                else attributes.Add(attribute);
            }
        }
        if (id is null) _faults.Add(place, $"the trace has no {_caseKey}");
        else if (SourceText.IdFault(id) is { } bad) _faults.Add(place, $"the case id {bad}");
        else
        {
            _seen.Number(id, out var isNew);
            if (!isNew) _faults.Add(place, "the case id stands in the file already");
        }
        if (events == 0) _faults.Add(place, "the trace has no events");
        if (!_faults.Any && _rules.Complete(draft, activities, attributes) is { } unusable) _faults.Add(place, unusable);
        if (!_faults.Any) return new ImportedCase(id!, place, draft.ToFacts(), attributes, activities, []);
        _faults.ReportTo(_pass, id ?? "", place);
        return null;
    }

    private ImportedActivity? ReadEvent()
    {
        var place = Place;
        string? name = null, transition = null, instance = null, resource = null, group = null;
        var at = default(DateTimeOffset);
        var timed = false;
        List<SourceAttribute>? attributes = null;
        var count = 0;
        if (!_xml.IsEmptyElement)
        {
            while (Next() && _xml.NodeType != XmlNodeType.EndElement)
            {
                if (!IsElement()) continue;
                if (++count > MaxAttributes) Stop($"an event has more than {MaxAttributes} attributes");
                if (_full)
                {
                    Skip();
                    continue;
                }
                if (!ReadHead()) continue;
                var (key, value, type) = (_key!, _value, _type);
                var kept = false;
                if (value is null) kept = true;
                else if (key == _rules.Activity) Once(ref name, key, value);
                else if (key == _rules.Time)
                {
                    if (timed) _faults.Add(Place, $"{key} stands twice in one event");
                    timed = true;
                    if (TimeTypeFault(type) is { } wrong) _faults.Add(Place, $"{key} {wrong}");
                    else if (_pass.Times.Read(value, out at) is { } reason) _faults.Add(Place, $"{key}: {reason}");
                }
                else if (key == _rules.Transition) Once(ref transition, key, value);
                else if (key == _rules.Instance) Once(ref instance, key, value);
                else if (key == _rules.Resource) Once(ref resource, key, value);
                else if (key == _rules.Group) Once(ref group, key, value);
                else
                {
                    kept = true;
                    CheckType(type, key, value);
                }
                var children = ReadNested(1);
                if (kept || children is not null) (attributes ??= []).Add(new SourceAttribute(key, type, value, children));
            }
        }
        if (string.IsNullOrWhiteSpace(name)) _faults.Add(place, $"the event has no {_rules.Activity}");
        else if (name.Length > SourceText.MaxName) _faults.Add(place, $"{_rules.Activity} is longer than {SourceText.MaxName} characters");
        if (!timed) _faults.Add(place, $"the event has no {_rules.Time}");
        if (_faults.Any) return null;
        return new ImportedActivity(name!, at, transition, instance, resource, group, attributes is null ? [] : attributes, [], place);
    }

    private void Once(ref string? field, string key, string value)
    {
        if (field is not null) _faults.Add(Place, $"{key} stands twice in one event");
        field = value;
    }

    private string? TimeTypeFault(string type) =>
        type == "date" || type == "string" && _pass.Times.HasFormats ? null : $"is a <{type}>, not a <date>";

    private SourceAttribute? ReadAttribute(int depth)
    {
        if (!ReadHead()) return null;
        var (key, value, type) = (_key!, _value, _type);
        if (value is not null) CheckType(type, key, value);
        return new SourceAttribute(key, type, value, ReadNested(depth));
    }

    private void CheckType(string type, string key, string value)
    {
        if (SourceText.TypeFault(type, value, _pass.Times) is { } reason) _faults.Add(Place, $"{SourceText.Plain(key)}: {reason}");
    }

    /// <summary>The attribute's start tag into the fields. False: it is faulty and was skipped.</summary>
    private bool ReadHead()
    {
        _key = _value = null;
        var type = _xml.LocalName;
        var reason = type is "string" or "date" or "int" or "float" or "boolean" or "id" or "list" or "container"
            ? null
            : $"<{SourceText.Plain(type)}> is not an element of XES";
        if (reason is null)
        {
            while (_xml.MoveToNextAttribute())
            {
                if (_xml.NamespaceURI.Length > 0) continue;
                var name = _xml.LocalName;
                if (name == "key") _key = Clean(_xml.Value, Place, "key");
                else if (name == "value") _value = Clean(_xml.Value, Place, _key ?? "value");
            }
            _xml.MoveToElement();
            _type = type;
            if (string.IsNullOrEmpty(_key)) reason = $"a <{type}> has no key";
            else if (_key.Length > SourceText.MaxKey) reason = $"a key is longer than {SourceText.MaxKey} characters";
            else if (_value is null && type is not ("list" or "container")) reason = $"{SourceText.Plain(_key)} has no value";
        }
        if (reason is null) return true;
        _faults.Add(Place, reason);
        Skip();
        return false;
    }

    /// <summary>The value in NFC; faulty text becomes a fault.</summary>
    private string Clean(string value, string place, string name)
    {
        _text += value.Length;
        if (_text > MaxCaseText) Stop($"the case has more than {MaxCaseText >> 20} Mi characters");
        if (SourceText.Fault(value) is not { } reason) return SourceText.Nfc(value);
        _faults.Add(place, $"{SourceText.Plain(name)} {reason}");
        return SourceText.Plain(value);
    }

    private List<SourceAttribute>? ReadNested(int depth)
    {
        if (_xml.IsEmptyElement) return null;
        if (depth >= MaxDepth)
        {
            _faults.Add(Place, $"attributes are nested deeper than {MaxDepth}");
            Skip();
            return null;
        }
        var children = new List<SourceAttribute>();
        ReadChildren(children, depth);
        return children.Count == 0 ? null : children;
    }

    /// <summary>From a start tag to its end tag. The items of a list stand in an element of their own, which is passed over.</summary>
    private void ReadChildren(List<SourceAttribute> children, int depth)
    {
        var inValues = false;
        while (Next())
        {
            if (_xml.NodeType == XmlNodeType.EndElement)
            {
                if (!inValues) return;
                inValues = false;
                continue;
            }
            if (!IsElement()) continue;
            if (children.Count >= MaxAttributes) Stop($"an attribute has more than {MaxAttributes} attributes");
            if (_full) Skip();
            else if (_xml.LocalName == "values" && !inValues) inValues = !_xml.IsEmptyElement;
            else if (ReadAttribute(depth + 1) is { } child) children.Add(child);
        }
    }

    private bool IsElement()
    {
        if (_xml.NodeType == XmlNodeType.Element) return true;
        _faults.Add(Place, $"text stands where an element is wanted: {SourceText.Quote(_xml.Value)}");
        return false;
    }

    /// <summary>A bound is passed: the rest of the case is read over.</summary>
    private void Stop(string reason)
    {
        if (_full) return;
        _full = true;
        _faults.Add(Place, reason);
    }

    /// <summary>Leaves the reader on the last tag of the element. The framework's Skip would stand one node further, and count nothing.</summary>
    private void Skip()
    {
        if (_xml.IsEmptyElement) return;
        var depth = _xml.Depth;
        while (Next() && _xml.Depth > depth) { }
    }

    public static Fault Broken(XmlException e)
    {
        var place = e.LineNumber > 0 ? $"line {e.LineNumber}, column {e.LinePosition}" : "line 1, column 1";
        var message = LogFault.OneLine(e.Message);
        var reason =
            message.Contains("DTD", StringComparison.Ordinal) ? "a document type declaration is not allowed: it could define entities without end" :
            message.StartsWith("Root element is missing", StringComparison.Ordinal) ? "the file contains no XML element" :
            message.Contains("unclosed", StringComparison.Ordinal) || message.StartsWith("Unexpected end of file", StringComparison.Ordinal) ?
                "the file ends in the middle of an element: it was cut off" :
            message.Contains("encoding", StringComparison.Ordinal) ? "the bytes do not fit the encoding that the file declares, or it is not known here" :
            message.Contains("end tag", StringComparison.Ordinal) ? "an end tag does not fit its start tag" :
            message.Contains("undeclared entity", StringComparison.Ordinal) ? "an entity is used that XML does not define" :
            $"not well-formed XML: {WithoutPosition(message)}";
        return new Fault(place, null, reason);
    }

    private static string WithoutPosition(string message)
    {
        var end = message.IndexOf(" Line ", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).TrimEnd('.');
    }
}
