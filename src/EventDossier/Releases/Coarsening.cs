using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EventDossier.Exports;

namespace EventDossier.Releases;

/// <summary>
/// How a case that too few others resemble is told less and less exactly, step by step, before it is left out at last.
/// Of a level all steps before it are taken; level 0 is the case as the allow-list lets it through.
/// </summary>
public static class Coarsening
{
    public const string Version = "coarsening/1";
    public const string Other = "other";

    /// <param name="Meaning">What the cases at this level and beyond no longer tell.</param>
    /// <param name="OfCase">Attributes of the case that go.</param>
    /// <param name="OfEvents">Attributes of events that go.</param>
    public sealed record Step(
        string Name, string Meaning, IReadOnlyList<string> OfCase, IReadOnlyList<string> OfEvents);

    public static IReadOnlyList<Step> Steps { get; } =
    [
        new("hands", "the unit and role of each event are left out", [DataDictionary.Unit],
            [DataDictionary.Group, DataDictionary.OrgRole, DataDictionary.Consulted]),
        new("quarter", "the month stands for its quarter", [], []),
        new("province", "the commune is left out, which leaves the province", [DataDictionary.Commune], []),
        new("field", "the procedure is left out, which leaves the agency's field",
            [DataDictionary.Procedure, DataDictionary.Grade, DataDictionary.Limit, DataDictionary.GeneralLimit], []),
        new("activities", "rare activities are told as \"other\"", [], [DataDictionary.Instance]),
        new("period", "the quarter stands for the release's whole period", [], []),
        new("outline", "channel, agency and outcome are left out",
            [DataDictionary.Channel, DataDictionary.Agency, DataDictionary.Stage, DataDictionary.Result,
                DataDictionary.Judgement, DataDictionary.GeneralJudgement],
            [DataDictionary.Channel, DataDictionary.Result, DataDictionary.Slip]),
    ];

    public static int Last => Steps.Count;

    private static readonly HashSet<string>[] _ofCase = Gone(step => step.OfCase);
    private static readonly HashSet<string>[] _ofEvents = Gone(step => step.OfEvents);

    /// <summary>
    /// The level from which on an attribute of the case is gone; <see cref="int.MaxValue"/> for one that stays.
    /// </summary>
    public static int GoneFrom(string attribute) =>
        Array.FindIndex(_ofCase, gone => gone.Contains(attribute)) is >= 0 and var level ? level : int.MaxValue;

    /// <summary>The level from which on the month is not told.</summary>
    public static int MonthGoneFrom { get; } = LevelAfter("quarter");

    private static readonly int _others = LevelAfter("activities"), _period = LevelAfter("period");

    /// <summary>A case as a level tells it, with its own days and measures.</summary>
    /// <param name="rare">Activities that too few cases have.</param>
    public static ProcessCase Apply(ProcessCase of, int level, IReadOnlySet<string> rare) => level == 0 ? of : of with
    {
        Attributes = Without(of.Attributes, _ofCase[level]), Events = Events(of.Events, level, rare),
    };

    /// <summary>
    /// What a class is known by: all that its cases tell but for days, measures and codes, and when they began.
    /// </summary>
    /// <param name="told">A case as the level tells it.</param>
    public static UInt128 ClassOf(ProcessCase told, int level)
    {
        var text = new StringBuilder(512);
        text.Append(Began(told.Events[0].At, level));
        Add(text, told.Attributes, AllowList.Current.Case);
        foreach (var e in told.Events)
        {
            text.Append('\u0002').Append(e.Activity).Append('\u0001').Append(e.Lifecycle);
            Add(text, e.Attributes, AllowList.Current.Of(e.Activity)!);
        }
        return Hash(text);
    }

    internal static UInt128 Hash(StringBuilder text) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(
            SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));

    private static string Began(DateTimeOffset day, int level) =>
        level >= _period ? ""
        : level >= MonthGoneFrom ? string.Create(CultureInfo.InvariantCulture, $"{day.Year}-Q{(day.Month + 2) / 3}")
        : day.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    /// <summary>Of a measure only that it is there: its value is the class's to settle.</summary>
    private static void Add(
        StringBuilder text, IReadOnlyList<ProcessAttribute> attributes, IReadOnlyDictionary<string,
        Treatment> treatments)
    {
        foreach (var (name, value) in attributes)
        {
            text.Append('\u0003').Append(name);
            if (treatments[name] == Treatment.Key)
                text.Append('\u0004').Append(DataDictionary.Spell(value));
        }
    }

    private static List<ProcessEvent> Events(IReadOnlyList<ProcessEvent> events, int level, IReadOnlySet<string> rare)
    {
        var told = new List<ProcessEvent>(events.Count);
        foreach (var e in events)
        {
            if (level < _others || !rare.Contains(e.Activity))
                told.Add(e with { Attributes = Without(e.Attributes, _ofEvents[level]) });
            else if (told is not [.., { Activity: Other }])
                told.Add(e with { Activity = Other, Lifecycle = Lifecycle.Complete, Attributes = [] });
        }
        return told;
    }

    private static IReadOnlyList<ProcessAttribute> Without(IReadOnlyList<ProcessAttribute> attributes,
        HashSet<string> gone) =>
        attributes.Any(a => gone.Contains(a.Name)) ? [.. attributes.Where(a => !gone.Contains(a.Name))] : attributes;

    private static HashSet<string>[] Gone(Func<Step, IReadOnlyList<string>> of) =>
        [.. Enumerable.Range(0, Steps.Count + 1).Select(level => Steps.Take(level).SelectMany(of).ToHashSet())];

    private static int LevelAfter(string step) => Steps.Index().First(s => s.Item.Name == step).Index + 1;
}
