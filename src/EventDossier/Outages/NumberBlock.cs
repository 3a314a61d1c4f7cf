using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Outages;

/// <summary>Numbers of an agency and a day were set aside for slips printed ahead, in the stream <c>/number-block/NAME</c>. Each number's own stream says so too, so nobody else gets it.</summary>
/// <param name="Unit">The place that the slips go to.</param>
/// <param name="Day">That the codes name.</param>
public sealed record NumberBlockReserved(DateTimeOffset OccurredAt, string By, string Agency, string Unit, DateOnly Day, int Count);

/// <summary>A block of numbers.</summary>
public sealed record NumberBlock(string Name, NumberBlockReserved Reserved)
{
    public const string StreamType = "number block";
    public const string StreamPrefix = "/number-block/";

    /// <summary>Slips that somebody prints in one go.</summary>
    public const int Most = 500;

    private static readonly Guid _numbers = new("8e1d4b0a-53a7-5a58-9f0b-6c2f4f0e7a19");

    public static string Stream(string name) => StreamPrefix + name;

    /// <summary>Null where there is none.</summary>
    public static NumberBlock? Fold(string name, IReadOnlyList<StoredEvent> events) => events is [{ Event: NumberBlockReserved reserved }, ..] ? new(name, reserved) : null;

    /// <summary>The command that reserves one of its numbers: asked for again, it is the same number.</summary>
    internal Guid CommandOf(int index) => Uuid.V5(_numbers, $"{Name}\n{index}");
}

/// <summary>Sets numbers aside.</summary>
public sealed record ReserveNumbers(string Agency, string Unit, DateOnly Day, int Count)
{
    private static readonly TimeSpan _ahead = TimeSpan.FromDays(60);

    public static (NumberBlockReserved? Event, Refusal? Refusal) Decide(ReserveNumbers act, string name, NumberBlock? known, ActContext context)
    {
        if (OutageActs.Refuse(context) is { } refused)
            return (null, refused);
        var today = DateOnly.FromDateTime(context.Rules.Calendar.Local(context.Now).DateTime);
        if (known is { Reserved: var before })
            return (null, (before.Agency, before.Unit, before.Day, before.Count) == (act.Agency, act.Unit, act.Day, act.Count) ? null : new("block-known", $"{name} is another block"));
        if (act.Count is < 1 or > NumberBlock.Most)
            return (null, new("bad-count", $"a block has 1 to {NumberBlock.Most} numbers"));
        if (act.Day < today || act.Day.DayNumber - today.DayNumber > _ahead.TotalDays)
            return (null, new("bad-day", $"numbers are reserved for a day from today to {_ahead.TotalDays:0} days on"));
        if (!DossierCode.IsAgency(act.Agency))
            return (null, new("bad-agency", $"'{act.Agency}' can't begin a dossier's code"));
        return context.Rules.RefuseUnit(act.Unit, context.At) is { } unknown ? (null, unknown)
            : (new NumberBlockReserved(context.At, context.Command.Actor, act.Agency, act.Unit, act.Day, act.Count), null);
    }
}
