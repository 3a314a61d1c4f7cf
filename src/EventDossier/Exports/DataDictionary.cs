using System.Globalization;
using EventDossier.Deadlines;
using EventDossier.Dossiers;

namespace EventDossier.Exports;

/// <summary>
/// Every attribute that a process log of ours can have, for all formats. What does not stand here leaves in no file:
/// least of all an attribute of an imported log, of which nobody knows whom it names.
/// </summary>
public static class DataDictionary
{
    public const string Use = "use", Procedure = "procedure", ProcedureVersion = "procedureVersion", Grade = "grade";
    public const string Agency = "agency", Commune = "commune", Channel = "channel", Unit = "unit";
    public const string Limit = "limit", GeneralLimit = "generalLimit";
    public const string Submitted = "submitted", Received = "received", Promised = "promised", Due = "due";
    public const string Finished = "finished", Returned = "returned";
    public const string Stage = "stage", Result = "result", Judgement = "judgement",
        GeneralJudgement = "generalJudgement";
    public const string IntakeMinutes = "intakeMinutes", WorkingMinutes = "workingMinutes",
        ClockMinutes = "clockMinutes";
    public const string Supplements = "supplements", HandOvers = "handOvers", Rating = "rating";
    public const string Cost = "cost:total", Currency = "cost:currency";
    public const string Instance = "concept:instance", Group = "org:group", OrgRole = "org:role";
    public const string Slip = "slip", Consulted = "consulted";

    public enum Kind { Text, Whole, Number, Moment }

    /// <param name="AtEnd">Of a case: known at its end only, not from its beginning on.</param>
    /// <param name="Values">All that it can be; null where that is open.</param>
    public sealed record Entry(
        string Name, Kind Kind, string Meaning, bool AtEnd = false, IReadOnlyList<string>? Values = null)
    {
        /// <summary>A value as some file spells it; null where it is none of this attribute.</summary>
        public object? Parse(string? text) => Kind switch
        {
            _ when string.IsNullOrEmpty(text) => null,
            Kind.Text => Values?.Contains(text) == false ? null : text,
            Kind.Whole => long.TryParse(text, NumberStyles.AllowLeadingSign, null, out var whole) ? whole : null,
            Kind.Number => decimal.TryParse(text, NumberStyles.Float, null, out var number) ? number : null,
            Kind.Moment => DateTimeOffset.TryParse(text, null, DateTimeStyles.AssumeUniversal, out var at) ? at : null,
            _ => throw new InvalidOperationException($"{Name} is of no kind"),
        };
    }

    private static readonly string[] _judgements = [.. Enum.GetValues<Judgement>().Select(value => NameOf(value))];

    public static IReadOnlyList<Entry> OfCases { get; } =
    [
        new(Use, Kind.Text, "What the log may be used for"),
        new(Procedure, Kind.Text, "Code of the procedure"),
        new(ProcedureVersion, Kind.Whole, "Version of the procedure that the dossier is handled under"),
        new(Grade, Kind.Text, "How much of the procedure can be done online",
            Values: ["full", "partial", "information"]),
        new(Agency, Kind.Text, "Code of the competent agency"),
        new(Commune, Kind.Text, "Code of the unit where the dossier was handed in"),
        new(Channel, Kind.Text, "How it came in: online, counter, post, or what an older system called it"),
        new(Limit, Kind.Text,
            "The time limit that the centre promises, such as 5 days: working days unless it says calendar"),
        new(GeneralLimit, Kind.Text, "The time limit of the general rule"),
        new(Submitted, Kind.Moment, "When the application came in"),
        new(Received, Kind.Moment, "When it was received as valid: the handling clock starts"),
        new(Promised, Kind.Moment, "The due date on the receipt slip"),
        new(Unit, Kind.Text, "Code of the unit that handled it last", AtEnd: true),
        new(Due, Kind.Moment, "The due date as known last, with every pause, restart and extension", AtEnd: true),
        new(Finished, Kind.Moment, "When the clock stopped for good: the result was ready, or it ended without",
            AtEnd: true),
        new(Returned, Kind.Moment, "When the result was handed back", AtEnd: true),
        new(Stage, Kind.Text, "How far it has come", AtEnd: true, Enum.GetValues<Stage>().Select(StageNames.Of)
            .ToArray()),
        new(Result, Kind.Text, "What was decided", AtEnd: true, ["approved", "rejected"]),
        new(Judgement, Kind.Text, "The finish against the due date", AtEnd: true, _judgements),
        new(GeneralJudgement, Kind.Text, "The finish against the general limit", AtEnd: true, _judgements),
        new(IntakeMinutes, Kind.Whole, "Working minutes from the application to its receipt or refusal", AtEnd: true),
        new(WorkingMinutes, Kind.Whole, "Working minutes from the receipt to the finish", AtEnd: true),
        new(ClockMinutes, Kind.Whole, "Those of them in which the handling clock ran", AtEnd: true),
        new(Supplements, Kind.Whole, "How often a supplement was asked for", AtEnd: true),
        new(HandOvers, Kind.Whole, "How often another unit accepted it", AtEnd: true),
        new(Rating, Kind.Whole, "The applicant's rating, from 1, very dissatisfied, to 5, very satisfied", AtEnd: true),
        new(Cost, Kind.Number, "Fees paid", AtEnd: true),
        new(Currency, Kind.Text, "Of the fees, by ISO 4217", AtEnd: true),
    ];

    public static IReadOnlyList<Entry> OfEvents { get; } =
    [
        new(Instance, Kind.Text, "Which of the case's steps, from 1; a step's start and its completion have the same"),
        new(Group, Kind.Text, "Code of the unit with which the dossier lay"),
        new(OrgRole, Kind.Text, "The role of who did it"),
        new(Channel, Kind.Text, "How a slip or the result was handed over", Values: ["counter", "post", "online"]),
        new(Slip, Kind.Text, "The form and its number within the case: 02-1 is the first request for a supplement"),
        new(Consulted, Kind.Text, "Code of the unit that was asked for its opinion"),
        new(Result, Kind.Text, "What was decided", Values: ["approved", "rejected"]),
        new(WorkingMinutes, Kind.Whole, "Working minutes since the event before it in the case"),
        new(ClockMinutes, Kind.Whole, "Those of them in which the handling clock ran"),
        new(Cost, Kind.Number, "Fee paid"),
        new(Currency, Kind.Text, "Of the fee, by ISO 4217"),
    ];

    /// <summary>Whether a case whose attribute <c>stage</c> says this was written by us.</summary>
    internal static bool IsOurs(string? stage) => OfCases.First(entry => entry.Name == Stage).Parse(stage) is not null;

    /// <summary>
    /// A value as every file spells it: times in UTC with milliseconds, numbers without needless zeros.
    /// </summary>
    public static string Spell(object value) => value switch
    {
        string text => text,
        long whole => whole.ToString(CultureInfo.InvariantCulture),
        decimal number => number.ToString("0.############################", CultureInfo.InvariantCulture),
        bool truth => truth ? "true" : "false",
        DateTimeOffset at => Spell(at),
        _ => throw new InvalidOperationException($"{value.GetType().Name} is no value of an attribute"),
    };

    public static string Spell(DateTimeOffset at)
    {
        Span<char> spelled = stackalloc char[28];
        at.UtcDateTime.TryFormat(spelled, out _, "O", CultureInfo.InvariantCulture);
        spelled[23] = 'Z';
        return new(spelled[..24]);
    }

    /// <summary>Names that no format was told of, or in another order, would be lost in some file.</summary>
    /// <exception cref="InvalidOperationException">The case did not come from <see cref="ProcessLog"/> as it
    /// should.</exception>
    internal static void Check(ProcessCase one)
    {
        Check(one.Key, one.Attributes, OfCases);
        foreach (var e in one.Events)
            Check(one.Key, e.Attributes, OfEvents);
        if (one.Events.Count == 0)
            throw new InvalidOperationException($"{one.Key} has no events");
    }

    private static void Check(string key, IReadOnlyList<ProcessAttribute> attributes, IReadOnlyList<Entry> entries)
    {
        var next = 0;
        foreach (var entry in entries)
        {
            if (next < attributes.Count && attributes[next].Name == entry.Name)
                next++;
        }
        if (next < attributes.Count)
            throw Unknown(key, attributes[next].Name);
    }

    internal static InvalidOperationException Unknown(string key, string name) =>
        new($"{key}: {name} is not in the data dictionary, or not in its order");

    internal static string NameOf<T>(T value) where T : struct, Enum =>
        System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
