using EventDossier.Dossiers;

namespace EventDossier.Requests;

/// <summary>The packs of all dossiers in the scope go to the body, as they stand now.</summary>
/// <param name="To">Who takes them: name and office.</param>
/// <param name="Minutes">Number of the minutes.</param>
public sealed record HandOverEvidence(string To, string Minutes)
{
    /// <summary>What stands in its way whatever the packs hold; the packs are made only where nothing does.</summary>
    public static Refusal? Refuse(HandOverEvidence act, AuthorityRequest request, ActContext context) =>
        AuthorityRequestActs.Refuse(context) is { } refused ? refused
        : request.Stage is not (AuthorityRequestStage.Approved or AuthorityRequestStage.HandedOver) ? new("not-approved", $"{request.Number} is not approved, or is over")
        : string.IsNullOrWhiteSpace(act.To) || string.IsNullOrWhiteSpace(act.Minutes) ? new("receiver-missing", $"{request.Number}: minutes have a number, and say who takes the packs")
        : request.HandOvers.Exists(h => h.Minutes == act.Minutes.Trim()) ? new("minutes-known", $"{request.Number} has minutes {act.Minutes.Trim()}")
        : null;

    public static (AuthorityRequestEvent? Event, Refusal? Refusal) Decide(HandOverEvidence act, AuthorityRequest request, IReadOnlyList<HandedPack> packs, ActContext context) =>
        Refuse(act, request, context) is { } refused ? (null, refused) : (new EvidenceHandedOver(context.At, context.Command.Actor, act.To.Trim(), act.Minutes.Trim(), packs), null);
}
