using static EventDossier.Exports.DataDictionary;

namespace EventDossier.Exports;

/// <param name="IsOwn">The case's key stands before the name.</param>
internal readonly record struct OcelId(bool IsOwn, string Name);

/// <param name="Qualifier">What the one is to the other.</param>
internal readonly record struct OcelRelation(OcelId To, string Qualifier);

/// <param name="Attributes">Each with the moment from which it holds.</param>
internal sealed record OcelObject(
    OcelId Id, string Type, IReadOnlyList<(string Name, object Value, DateTimeOffset At)> Attributes,
    IReadOnlyList<OcelRelation> Relations);

internal sealed record OcelEvent(
    OcelId Id, string Type, DateTimeOffset At, IReadOnlyList<ProcessAttribute> Attributes,
    IReadOnlyList<OcelRelation> Relations);

/// <summary>
/// A case as objects and events of OCEL 2.0: the dossier, its steps, slips and result, and the agencies and roles that
/// dossiers share. All of it is derived from the case, so what is not in that is in no file.
/// </summary>
internal sealed class OcelCase
{
    public const string Dossier = "dossier", Step = "step", SlipType = "slip", ResultType = "result",
        AgencyType = "agency", Role = "role";

    /// <summary>Attributes by type of object, in their order.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<Entry>> Types { get; } = new Dictionary<string,
        IReadOnlyList<Entry>>
    {
        [Dossier] = OfCases,
        [Step] = [new("name", Kind.Text, "What is done")],
        [SlipType] = [new("form", Kind.Text, "Number of the form")],
        [ResultType] = [new("outcome", Kind.Text, "What was decided")],
        [AgencyType] = [new("code", Kind.Text, "Code of the agency, or of a unit of it")],
        [Role] = [new("name", Kind.Text, "The role of who does something")],
    };

    /// <summary>Attributes of every type of event.</summary>
    public static IReadOnlyList<Entry> EventAttributes { get; } =
        [new("lifecycle:transition", Kind.Text, "The transition of the standard lifecycle", Values: Lifecycle.All),
            .. OfEvents];

    private static readonly OcelId _case = new(true, "");

    private readonly HashSet<string> _known = [];
    private List<OcelObject> _objects = [], _shared = [];
    private List<OcelRelation> _ofDossier = [];
    private HashSet<string> _own = [];

    /// <summary>Shared objects come with the first case that names them. The rest is the same for its twins.</summary>
    public (IReadOnlyList<OcelObject> Shared, IReadOnlyList<OcelObject> Own, IReadOnlyList<OcelEvent> Events) Of(
        ProcessCase one)
    {
        Check(one);
        var (first, last) = (one.Events[0].At, one.Events[^1].At);
        (_objects, _shared, _ofDossier, _own) = ([], [], [], []);
        if (Text(one.Attributes, Agency) is { } agency)
            _ofDossier.Add(new(Shared(AgencyType, agency, "code"), "handled by"));
        if (Text(one.Attributes, Commune) is { } commune)
            _ofDossier.Add(new(Shared(AgencyType, commune, "code"), "handed in at"));
        // Tools drop objects that no event names.
        List<OcelRelation> begun = [.. _ofDossier];
        var result = Text(one.Attributes, Result);
        var events = one.Events.Select((e, i) => EventOf(e, i + 1, result, i == 0 ? begun : [])).ToList();
        var attributes = one.Attributes.Select(a =>
            (a.Name, a.Value, OfCases.First(e => e.Name == a.Name).AtEnd ? last : first)).ToList();
        return (_shared, [new(_case, Dossier, attributes, _ofDossier), .. _objects], events);
    }

    private OcelEvent EventOf(ProcessEvent e, int number, string? result, List<OcelRelation> begun)
    {
        var relations = new List<OcelRelation>([new(_case, "happens to"), .. begun]);
        if (Text(e.Attributes, Instance) is { } instance)
            relations.Add(new(Own(Step, instance, "name", e.Activity, e.At), e.Lifecycle == Lifecycle.Start
                ? "starts" : "completes"));
        if (Text(e.Attributes, Slip) is { } slip)
            relations.Add(new(Own(SlipType, slip, "form", slip.Split('-')[0], e.At), OnSlip(e.Activity)));
        if (result is not null && OnResult(e.Activity) is { } on)
            relations.Add(new(Own(ResultType, null, "outcome", result, e.At), on));
        if (Text(e.Attributes, Group) is { } unit)
            relations.Add(new(Shared(AgencyType, unit, "code"), "done in"));
        if (Text(e.Attributes, Consulted) is { } consulted)
            relations.Add(new(Shared(AgencyType, consulted, "code"), "consults"));
        if (Text(e.Attributes, OrgRole) is { } role)
            relations.Add(new(Shared(Role, role, "name"), "done by"));
        return new(new(true, $"/{number}"), e.Activity, e.At,
            [new("lifecycle:transition", e.Lifecycle), .. e.Attributes], relations);
    }

    private static string OnSlip(string activity) => activity switch
    {
        "slip_delivered" => "delivers",
        "supplement_provided" or "fee_paid" => "answers",
        "other" => "concerns",
        _ => "issues",
    };

    private static string? OnResult(string activity) => activity switch
    {
        "dossier_decided" => "decides",
        "result_ready" => "readies",
        "result_returned" => "returns",
        _ => null,
    };

    private static string? Text(IReadOnlyList<ProcessAttribute> attributes, string name)
    {
        foreach (var attribute in attributes)
        {
            if (attribute.Name == name)
                return Spell(attribute.Value);
        }
        return null;
    }

    private OcelId Shared(string type, string name, string attribute)
    {
        var id = new OcelId(false, $"{type}/{name}");
        if (_known.Add(id.Name))
            _shared.Add(new(id, type, [(attribute, name, DateTimeOffset.UnixEpoch)], []));
        return id;
    }

    private OcelId Own(string type, string? number, string attribute, string value, DateTimeOffset at)
    {
        var id = new OcelId(true, number is null ? $"/{type}" : $"/{type}/{number}");
        if (_own.Add(id.Name))
        {
            _objects.Add(new(id, type, [(attribute, value, at)], []));
            _ofDossier.Add(new(id, "has"));
        }
        return id;
    }
}
