using System.Text.Json.Nodes;
using EventDossier.Store;

namespace EventDossier.StoreTests;

/// <summary>
/// A dossier as its stored rows tell it, folded by the names of events and fields alone: what was written, read by somebody who has not seen the product. It knows what lists, boards and figures
/// rest on, and all of what an older system told.
/// </summary>
internal sealed class NaiveDossier(string code)
{
    private static readonly List<string> _stages = ["unknown", "submitted", "received", "inProgress", "decided", "resultReady", "returned", "withdrawn", "terminated", "refused", "voided"];
    private static readonly HashSet<string> _movesTheClock =
    [
        "procedure_corrected", "procedure_version_changed", "slip_delivered", "supplement_provided", "fee_paid", "dossier_suspended", "dossier_resumed", "dossier_extended", "due_date_reprojected", "clock_carried_over",
    ];

    private static readonly Dictionary<string, string> _stageAfter = new()
    {
        ["dossier_submitted"] = "submitted", ["dossier_received"] = "received", ["dossier_decided"] = "decided", ["result_ready"] = "resultReady", ["result_returned"] = "returned",
        ["dossier_withdrawn"] = "withdrawn", ["dossier_terminated"] = "terminated", ["submission_refused"] = "refused", ["receipt_voided"] = "voided", ["number_voided"] = "voided",
        ["dossier_assigned"] = "inProgress", ["step_started"] = "inProgress", ["step_completed"] = "inProgress", ["hand_over_offered"] = "inProgress", ["hand_over_accepted"] = "inProgress",
        ["hand_over_sent_back"] = "inProgress", ["consultation_asked"] = "inProgress", ["supplement_requested"] = "inProgress", ["fee_asked"] = "inProgress", ["activity_imported"] = "inProgress",
    };

    private readonly HashSet<string> _slips = [], _answered = [];
    private readonly List<(string Basis, string Kind, bool Over)> _pauses = [];

    public string Code => code;
    public long Version { get; private set; }
    public string Stage { get; private set; } = "unknown";
    public string? Agency { get; private set; }
    public string? Unit { get; private set; }
    public string? Officer { get; private set; }
    public string? Procedure { get; private set; }
    public string? Channel { get; private set; }
    public string? Judgement { get; private set; }
    public DateTimeOffset? Received { get; private set; }
    public DateTimeOffset? Due { get; private set; }
    public DateTimeOffset? Promised { get; private set; }
    public DateTimeOffset? PlannedEnd { get; private set; }
    public DateTimeOffset? Finished { get; private set; }
    public string? StandsFor => _pauses.Where(p => !p.Over).Select(p => p.Kind).LastOrDefault();

    /// <summary>On the work list: whose, and what stands beside it; null where nobody has it.</summary>
    public (string? Unit, string? Officer, DateTimeOffset? Due)? Work { get; private set; }
    public List<(string Name, DateTimeOffset At, string? Officer, string? Unit, string? Transition, string? Instance)> Steps { get; } = [];
    public (string File, string Sha256, string Place, DateTimeOffset At)? Imported { get; private set; }

    public static NaiveDossier Fold(string code, IEnumerable<StoredEvent> events)
    {
        var dossier = new NaiveDossier(code);
        foreach (var e in events)
            dossier.Add(e.Name, JsonNode.Parse(e.Data.Span)!.AsObject(), e.Version);
        return dossier;
    }

    public static DateTimeOffset OccurredAt(StoredEvent e) => DateTimeOffset.Parse(JsonNode.Parse(e.Data.Span)!["occurredAt"]!.ToString());

    private void Add(string name, JsonObject data, long version)
    {
        string? Text(string field) => data[field]?.ToString();
        DateTimeOffset? Time(string field) => Text(field) is { } text ? DateTimeOffset.Parse(text) : null;
        Version = version;
        if (_stageAfter.TryGetValue(name, out var next) && _stages.IndexOf(next) > _stages.IndexOf(Stage))
            Stage = next;
        if (Text("slip") is { } issued && name is not ("slip_delivered" or "supplement_provided" or "fee_paid" or "notice_sent"))
            _slips.Add(issued);
        if (_movesTheClock.Contains(name))
        {
            Due = Time("due");
            Work = Work is { } work ? work with { Due = Due } : null;
        }
        switch (name)
        {
            case "dossier_submitted":
                (Agency, Procedure, Channel) = (Text("agency"), data["procedure"]!["code"]!.ToString(), Text("channel"));
                Work = (null, null, Time("answerDue"));
                break;
            case "dossier_received":
                (Agency, Procedure, Channel, Unit, Officer) = (Text("agency"), data["procedure"]?["code"]?.ToString(), Text("channel"), Text("unit"), Text("officer"));
                (Received, Due, Promised, PlannedEnd) = (Time("occurredAt"), Time("due"), Time("due"), Time("plannedEnd"));
                Work = (Unit, Officer, Due);
                break;
            case "procedure_corrected":
                Procedure = data["procedure"]!["code"]!.ToString();
                break;
            case "dossier_assigned":
                (Officer, Unit) = (Text("officer"), Text("unit") ?? Unit);
                Work = Work is { } given ? (Text("unit") ?? given.Unit, Officer, given.Due) : null;
                break;
            case "hand_over_accepted":
                (Officer, Unit) = (Text("officer"), Text("unit"));
                Work = Work is { } taken ? (Unit, Officer, taken.Due) : null;
                break;
            case "slip_delivered":
                if (Text("slip")!.Split('/')[^1].Split('-')[0] is "02" or "fee" or "05" && !_answered.Contains(Text("slip")!))
                    _pauses.Add((Text("slip")!, Text("slip")!.Split('/')[^1].Split('-')[0] switch { "02" => "supplement", "fee" => "fee", _ => "stop" }, false));
                break;
            case "clock_carried_over":
                _pauses.AddRange(data["pauses"]!.AsArray().Select(p => (p!["basis"]!.ToString(), p["kind"]!.ToString(), p["to"] is not null)));
                break;
            case "dossier_suspended":
                _pauses.Add((Text("provision")!, "provision", false));
                break;
            case "supplement_provided" or "fee_paid" or "dossier_resumed":
                var basis = Text("slip") ?? Text("basis")!;
                if (_slips.Contains(basis))
                    _answered.Add(basis);
                for (var i = 0; i < _pauses.Count; i++)
                    _pauses[i] = _pauses[i] with { Over = _pauses[i].Over || _pauses[i].Basis == basis };
                break;
            case "activity_imported":
                Steps.Add((Text("activity")!, Time("occurredAt")!.Value, Text("officer"), Text("unit"), Text("transition"), Text("instance")));
                break;
            case "result_ready" or "dossier_withdrawn" or "dossier_terminated" or "submission_refused" or "receipt_voided":
                (Finished, Work) = (Time("occurredAt"), null);
                Judgement = name == "result_ready" ? Text("judgement") : Judgement;
                break;
            case "result_returned" or "dossier_rated":
                Work = null;
                break;
            case "dossier_imported":
                Imported = (Text("file")!, Text("sha256")!, Text("place")!, Time("occurredAt")!.Value);
                break;
        }
    }
}
