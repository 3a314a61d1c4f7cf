using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using EventDossier.Exports;

namespace EventDossier.Releases;

/// <summary>
/// The gate's judgement of a log as it would be published. It knows nothing of how that was made: it looks at each case
/// as anybody will who opens the files, and counts.
/// </summary>
/// <param name="known">Texts that are the centre's own: codes and names of units, procedures and steps.</param>
/// <param name="accepted">Texts that look as if they could name somebody, and that the drafter answers for.</param>
public sealed partial class GateTest(Privacy privacy, IReadOnlySet<string> known, IReadOnlySet<string> accepted)
{
    private readonly Dictionary<UInt128, int> _doubles = [];
    private readonly SortedDictionary<(string Kind, string What), int> _faults = [];
    private readonly Dictionary<(string Place, string Text), int> _texts = [];

    public int Cases { get; private set; }

    public long Events { get; private set; }

    /// <summary>The fewest cases that look the same.</summary>
    public int Fewest => _doubles.Count == 0 ? 0 : _doubles.Values.Min();

    /// <summary>
    /// Every text that is not the centre's own, with the number of its cases: what a second person reads through.
    /// </summary>
    public IEnumerable<(string Place, string Text, int Cases)> Texts =>
        _texts.Select(t => (t.Key.Place, t.Key.Text, t.Value)).OrderBy(t => t.Place, StringComparer.Ordinal)
            .ThenBy(t => t.Text, StringComparer.Ordinal);

    /// <summary>What there is to see in one case.</summary>
    /// <param name="Hash">Of all that it tells but its code.</param>
    public sealed record Sight(
        int Events, UInt128 Hash, IReadOnlyList<(string Kind, string What)> Faults,
        IReadOnlySet<(string Place, string Text)> Texts);

    /// <summary>Changes nothing, so that many are looked at side by side.</summary>
    public Sight Look(ProcessCase of)
    {
        var faults = new List<(string Kind, string What)>();
        if (!Code().IsMatch(of.Key))
            Fault("code-not-rekeyed", "a case has a code that this release did not make");
        if (of.Events.Count == 0)
            Fault("no-events", "a case has no events");
        var (told, texts) = (new StringBuilder(512), new HashSet<(string Place, string Text)>());
        Take(of.Attributes, "the case", AllowList.Current.Case);
        foreach (var e in of.Events)
        {
            told.Append('\u0002').Append(e.Activity).Append('\u0001').Append(e.Lifecycle).Append('\u0001')
                .Append(DataDictionary.Spell(e.At));
            if (!IsDay(e.At))
                Fault("time-not-day", $"{e.Activity}: a time of day");
            if (AllowList.Current.Of(e.Activity) is { } allowed)
                Take(e.Attributes, e.Activity, allowed);
            else
                Fault("event-not-listed", $"{e.Activity} may not leave");
            if (AllowList.IsStep(e.Activity))
                texts.Add(("activity", e.Activity));
        }
        texts.RemoveWhere(t => known.Contains(t.Text) || t.Text == Coarsening.Other || Made().IsMatch(t.Text));
        return new(of.Events.Count, Coarsening.Hash(told), faults, texts);

        void Fault(string kind, string what) => faults.Add((kind, what));

        void Take(
            IReadOnlyList<ProcessAttribute> attributes, string of, IReadOnlyDictionary<string, Treatment> allowed)
        {
            foreach (var (name, value) in attributes)
            {
                told.Append('\u0003').Append(name).Append('\u0004').Append(DataDictionary.Spell(value));
                if (!allowed.ContainsKey(name))
                    Fault("attribute-not-listed", $"{of}: {name} may not leave");
                if (value is DateTimeOffset at && !IsDay(at))
                    Fault("time-not-day", $"{of}: {name} has a time of day");
                if (value is string text)
                    texts.Add((name, text));
            }
        }
    }

    public void Take(Sight of)
    {
        Cases++;
        Events += of.Events;
        _doubles[of.Hash] = _doubles.GetValueOrDefault(of.Hash) + 1;
        foreach (var fault in of.Faults)
            _faults[fault] = _faults.GetValueOrDefault(fault) + 1;
        foreach (var text in of.Texts)
            _texts[text] = _texts.GetValueOrDefault(text) + 1;
    }

    /// <summary>Everything that stands in the way; nothing where it may be published.</summary>
    /// <param name="cases">That came to the gate.</param>
    public IReadOnlyList<GateFinding> Findings(int cases)
    {
        var findings = _faults.Select(f => new GateFinding(f.Key.Kind, $"{f.Key.What} ({Count(f.Value, "time")})"))
            .ToList();
        if (_doubles.Values.Where(n => n < privacy.K).ToList() is { Count: > 0 } few)
            findings.Add(
                new("below-k",
                $"{Count(few.Sum(), "case")} look{(few.Sum() == 1 ? "s" : "")} like fewer than {privacy.K}"));
        if (Cases == 0 || Cases * 100L < cases * (long)privacy.LeastKept)
            findings.Add(
                new("kept-too-few",
                $"{Cases} of {Count(cases, "case")} are left, and {privacy.LeastKept} % are wanted"));
        // The text itself stays out: findings are kept for ever.
        findings.AddRange(_texts.Where(t => !accepted.Contains(t.Key.Text) && LooksPersonal(t.Key.Text))
            .Select(t => new GateFinding("personal-text",
                $"{t.Key.Place}: a text that may name somebody, in {Count(t.Value, "case")}"))
                .Order(Comparer<GateFinding>.Create((one, other) => string.CompareOrdinal(one.What, other.What))));
        return findings;
    }

    /// <summary>
    /// A mail address, a phone or identity number, an address of a person, or words that begin in capitals as names do.
    /// </summary>
    public static bool LooksPersonal(string text) => Personal().IsMatch(text.Normalize(NormalizationForm.FormC));

    private static bool IsDay(DateTimeOffset at) => at.UtcTicks % TimeSpan.TicksPerDay == 0;

    private static string Count(int count, string one) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {one}{(count == 1 ? "" : "s")}");

    [GeneratedRegex("^[0-9a-f]{20}$", RegexOptions.None, 1000)]
    private static partial Regex Code();

    /// <summary>A number within the case, the form and number of a slip, a currency: nobody typed them.</summary>
    [GeneratedRegex("^([0-9]{1,4}|([0-9]{2}|fee)-[0-9]{1,4}|[A-Z]{3})$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Made();

    [GeneratedRegex(
        """
        \S@\S
        | (?<![\d.]) (\+?84|0) ([\ .-]?\d){8,10} (?!\d|\.[\dA-Z])
        | (?<![\d.]) \d{9}(\d{3})? (?![\d.])
        | \b ([Ôô]ng|[Bb]à|[Cc]hị|[Mm]rs?|[Mm]s|[Dd]r)\.?\s+\p{Lu}
        | \b \p{Lu}\p{Ll}+ (\s+ \p{Lu}\p{Ll}*)+ \b
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Personal();
}
