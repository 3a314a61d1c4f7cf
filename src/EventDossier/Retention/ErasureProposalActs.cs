using EventDossier.Applicants;
using EventDossier.Dossiers;

namespace EventDossier.Retention;

/// <summary>Proposes to erase whose retention has ended by a moment that has passed.</summary>
public sealed record ProposeErasures(DateTimeOffset AsOf, string Basis)
{
    /// <param name="due">The first of them, by id.</param>
    /// <param name="all">How many there are.</param>
    public static (ErasureProposalEvent? Event, Refusal? Refusal) Decide(
        ProposeErasures act, string number, ErasureProposal? known, IReadOnlyList<DueApplicant> due, long all, ActContext context)
    {
        if (ErasureProposalActs.Refuse(context) is { } refused)
            return (null, refused);
        if (string.IsNullOrWhiteSpace(act.Basis))
            return (null, new("basis-missing", "a proposal names the provision or decision that the erasures rest on"));
        if (act.AsOf > context.Now)
            return (null, new("in-the-future", $"{act.AsOf:yyyy-MM-dd HH:mm zzz} has not come yet: what will be due then is not yet"));
        if (known is not null)
        {
            var same = known.Proposed.AsOf == act.AsOf && known.Proposed.Basis == act.Basis.Trim() && EraseApplicant.IsSame(known.Proposed.By, context.Command.Actor);
            return (null, same ? null : new("proposal-known", $"{number} is another proposal"));
        }
        if (due.Count == 0)
            return (null, new("nothing-due", $"nobody may be erased by {act.AsOf:yyyy-MM-dd}: dossier retention due tells what stands in the way"));
        return (new ErasuresProposed(context.At, context.Command.Actor, act.AsOf, act.Basis.Trim(), [.. due.Select(d => d.Applicant)], all - due.Count), null);
    }
}

/// <summary>Somebody else than who proposed it says that they are erased, or why not.</summary>
/// <param name="By">Who; whoever asks for it, unless somebody else is named.</param>
/// <param name="Refused">Why not; null: they are.</param>
public sealed record DecideErasures(string? By = null, string? Refused = null)
{
    public static (ErasureProposalEvent? Event, Refusal? Refusal) Decide(DecideErasures act, ErasureProposal proposal, ActContext context)
    {
        if (ErasureProposalActs.Refuse(context) is { } refused)
            return (null, refused);
        var by = string.IsNullOrWhiteSpace(act.By) ? context.Command.Actor : act.By.Trim();
        if (EraseApplicant.IsSame(by, proposal.Proposed.By))
            return (null, new("approver-is-proposer", $"{proposal.Number} takes a second person"));
        if (act.Refused is not null && string.IsNullOrWhiteSpace(act.Refused))
            return (null, new("reason-missing", "a refusal says why"));
        if (proposal.Stage != ErasureProposalStage.Proposed)
        {
            var done = act.Refused is null ? proposal.Approved is { } before && EraseApplicant.IsSame(before.By, by) : proposal.Refused is { } no && EraseApplicant.IsSame(no.By, by);
            return (null, done ? null : new("proposal-decided", $"{proposal.Number} is decided"));
        }
        return (act.Refused is null ? new ErasuresApproved(context.At, by) : new ErasuresRefused(context.At, by, act.Refused.Trim()), null);
    }
}

/// <summary>What holds for all acts on proposals.</summary>
internal static class ErasureProposalActs
{
    public static IReadOnlyList<string> By { get; } = [Role.Supervisor, Role.Administrator];

    public static Refusal? Refuse(ActContext context) =>
        !By.Contains(context.Command.Role) ? new("not-allowed", $"erasures are proposed and approved by {string.Join(" and ", By)}, not by {context.Command.Role}")
        : context.At > context.Now ? new("in-the-future", $"{context.At:yyyy-MM-dd HH:mm zzz} has not come yet")
        : null;
}
