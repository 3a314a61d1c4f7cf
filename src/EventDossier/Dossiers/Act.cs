using EventDossier.Store;

namespace EventDossier.Dossiers;

/// <summary>What surrounds an act: the time, who does it, and from when it is to count.</summary>
/// <param name="Now">Of the server, as the act is decided.</param>
/// <param name="At">Legal time; <paramref name="Now"/> unless the act is dated back.</param>
/// <param name="ApprovedBy">Who allowed it to be dated back further than the act itself allows.</param>
public sealed record ActContext(DateTimeOffset Now, CommandMetadata Command, DateTimeOffset At, string? ApprovedBy = null)
{
    /// <summary>
    /// Refuses a legal time in the future, or one further back than the act allows unless somebody answers for it. Who must: the supervisor of the desk.
    /// </summary>
    public Refusal? RefuseTime(TimeSpan backDating) =>
        At > Now ? new("in-the-future", $"{At:yyyy-MM-dd HH:mm zzz} has not come yet")
        : Now - At > backDating && string.IsNullOrWhiteSpace(ApprovedBy)
            ? new Refusal("back-dated-too-far", backDating == TimeSpan.Zero
                ? "this act is dated back only with a supervisor's approval"
                : $"this act may be dated back {backDating.TotalHours:0} hours; further only with a supervisor's approval")
        : null;

    public string? ApproverOf(TimeSpan backDating) => Now - At > backDating ? ApprovedBy : null;
}

/// <summary>Why an act is not done. A value, not an exception.</summary>
/// <param name="Code">Stable, for programs.</param>
public sealed record Refusal(string Code, string Reason);

/// <summary>What an act comes to: events, none when it had been done already, or a refusal.</summary>
public sealed record Decision(IReadOnlyList<DossierEvent> Events, Refusal? Refusal)
{
    public static readonly Decision AlreadyDone = new([], null);

    public static implicit operator Decision(DossierEvent e) => new([e], null);

    public static implicit operator Decision(Refusal refusal) => new([], refusal);

    public static Decision Refuse(string code, string reason) => new Refusal(code, reason);
}
