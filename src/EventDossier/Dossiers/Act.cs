using EventDossier.Outages;
using EventDossier.Procedures;
using EventDossier.Store;

namespace EventDossier.Dossiers;

/// <summary>
/// A request to do something to a dossier. What can be said of its kind once (who may, how far back, what can stand in the way) is its <see cref="Rule"/>; the
/// command line's verb, the route and the table of acts are made from that and from the request's parameters.
/// </summary>
public interface IAct<TSelf> where TSelf : IAct<TSelf>
{
    static abstract ActRule Rule { get; }

    /// <summary>Code of another dossier that the decision must see.</summary>
    string? Names => null;

    /// <summary>Of an act that begins a dossier: who asks for the same once more, in whatever words, is told of the dossier that there is.</summary>
    string? Once => null;

    /// <summary>Number of an outage that the decision must see.</summary>
    string? Cites => null;

    /// <summary>What it comes to, but for role and time, which <see cref="Acts.Decide"/> looks at. Pure.</summary>
    static abstract Decision Decide(TSelf act, Dossier dossier, ActContext context);
}

/// <param name="Name">Of the verb, and of the route below the dossier: <c>request-supplement</c>.</param>
/// <param name="Summary">One sentence, without its full stop.</param>
/// <param name="By">The roles that may.</param>
/// <param name="BackDating">How far back it may be dated without a supervisor's approval.</param>
/// <param name="Refusals">Codes besides those of <see cref="Acts.CommonRefusals"/>.</param>
public sealed record ActRule(string Name, string Summary, IReadOnlyList<string> By, TimeSpan BackDating, params IReadOnlyList<string> Refusals)
{
    /// <summary>It brings a dossier into being, and answers with its code.</summary>
    public bool Begins { get; init; }

    /// <summary>The stage that it decides; where that lies with another system, the act is refused.</summary>
    public OwnedStage? Of { get; init; }

    /// <summary>It may be asked for on many dossiers at once, each answered on its own.</summary>
    public bool InBatches { get; init; }
}

/// <summary>As what somebody acts.</summary>
public static class Role
{
    public const string Clerk = "clerk";
    public const string Officer = "officer";
    public const string Supervisor = "supervisor";
    public const string Auditor = "auditor";
    public const string TransparencyOfficer = "transparency officer";
    public const string Administrator = "administrator";
    public const string Citizen = "citizen";

    public static IReadOnlyList<string> All { get; } = [Clerk, Officer, Supervisor, Auditor, TransparencyOfficer, Administrator, Citizen];
}

/// <summary>What surrounds an act: the time, who does it, and from when it is to count.</summary>
/// <param name="Now">Of the server, as the act is decided.</param>
/// <param name="At">Legal time; <paramref name="Now"/> unless the act is dated back.</param>
/// <param name="ApprovedBy">Who allowed it to be dated back further than the act itself allows.</param>
public sealed record ActContext(DateTimeOffset Now, CommandMetadata Command, DateTimeOffset At, string? ApprovedBy = null)
{
    /// <summary>What was in force when the act was decided.</summary>
    public Rulebook Rules { get; init; } = Rulebook.Empty;

    /// <summary>The other dossier that the act names, where it names one.</summary>
    public Dossier? Other { get; init; }

    /// <summary>The outage that the act cites, where it cites one.</summary>
    public Outage? Outage { get; init; }

    /// <summary>
    /// What the caller asks of the dossier beside the act, as that it may be touched by them, or is as they last saw it. Asked first, but not of a command that was carried out before.
    /// </summary>
    public Func<Dossier, Refusal?>? Unless { get; init; }

    /// <summary>Only in a sample database: the recording time of a simulated clock.</summary>
    public DateTimeOffset? RecordedAt { get; init; }

    /// <summary>
    /// Refuses a legal time in the future, or one further back than the act allows unless somebody else answers for it. Who must: the supervisor of the desk.
    /// </summary>
    public Refusal? RefuseTime(TimeSpan backDating)
    {
        if (At > Now)
            return new("in-the-future", $"{At:yyyy-MM-dd HH:mm zzz} has not come yet");
        if (Now - At <= backDating)
            return null;
        if (string.IsNullOrWhiteSpace(ApprovedBy))
        {
            return new("back-dated-too-far", backDating == TimeSpan.Zero
                ? "this act is dated back only with a supervisor's approval"
                : $"this act may be dated back {backDating.TotalHours:0} hours; further only with a supervisor's approval");
        }
        return ApprovedBy == Command.Actor ? new("approver-is-actor", "nobody approves the dating back of an act of their own") : null;
    }
}

/// <summary>Why an act is not done. A value, not an exception.</summary>
/// <param name="Code">Stable, for programs.</param>
public sealed record Refusal(string Code, string Reason);

/// <summary>What an act comes to: events, none when it had been done already, or a refusal.</summary>
public sealed record Decision(IReadOnlyList<DossierEvent> Events, Refusal? Refusal)
{
    public static readonly Decision AlreadyDone = new([], null);

    public static implicit operator Decision(DossierEvent e) => new([e], null);

    public static implicit operator Decision(List<DossierEvent> events) => new(events, null);

    public static implicit operator Decision(Refusal refusal) => new([], refusal);

    public static Decision Refuse(string code, string reason) => new Refusal(code, reason);
}
