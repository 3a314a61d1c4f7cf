using System.Globalization;
using EventDossier.Applicants;
using EventDossier.Dossiers;
using EventDossier.Figures;

namespace EventDossier.Releases;

/// <summary>Settles what is to be published.</summary>
public sealed record DraftRelease(DateTimeOffset From, DateTimeOffset To)
{
    public const int LeastK = 3, MostK = 1000;

    public string? Agency { get; init; }
    public string? Procedure { get; init; }
    public int K { get; init; } = new Privacy().K;
    public string? Supersedes { get; init; }
    public string? Reason { get; init; }
    public string? Request { get; init; }
    public string? Approver { get; init; }
    public IReadOnlyList<string>? Accepted { get; init; }

    /// <summary>What the log knows of what the draft names.</summary>
    /// <param name="Position">Up to which it is settled.</param>
    /// <param name="Request">That the draft answers; null where there is none of the number.</param>
    public sealed record Facts(
        string Publisher, string Licence, long Position, IReadOnlyList<Release> Releases, bool AgencyKnown,
        bool ProcedureKnown,
        InformationRequest? Request)
    {
        public bool ProcedurePublishable { get; init; } = true;
    }

    /// <summary>Of the allow-list, the coarsening and the figures by which a release is made today.</summary>
    public static IReadOnlyList<string> Definitions { get; } =
        [$"allow-list/{AllowList.Current.Version}", Coarsening.Version, $"form06/{Form06Definition.Current.Version}"];

    public static ReleaseDecision Decide(DraftRelease act, Facts facts, ActContext context)
    {
        if (ReleaseActs.Refuse(context) is { } refused)
            return refused;
        if (act.From >= act.To)
            return ReleaseDecision.Refuse("bad-period", "a period begins before it ends");
        if (act.To > context.Now)
            return ReleaseDecision.Refuse("period-not-over",
                $"the period ends on {act.To:yyyy-MM-dd}, which is still to come");
        if (!facts.AgencyKnown)
            return ReleaseDecision.Refuse("no-such-agency", $"there is no agency {act.Agency}");
        if (!facts.ProcedureKnown)
            return ReleaseDecision.Refuse("no-such-procedure", $"no procedure has the code {act.Procedure}");
        if (!facts.ProcedurePublishable)
            return ReleaseDecision.Refuse("not-publishable",
                $"the catalogue does not have dossiers under {act.Procedure} published");
        if (act.K is < LeastK or > MostK)
            return ReleaseDecision.Refuse("bad-k",
                string.Create(CultureInfo.InvariantCulture, $"k is from {LeastK} to {MostK}"));
        if (act.Request is not null && facts.Request is null)
            return ReleaseDecision.Refuse("no-such-request", $"no request has the number {act.Request}");
        if (facts.Request?.Answer is not null)
            return ReleaseDecision.Refuse("request-answered", $"{act.Request} is answered");
        if (act.Supersedes is not null && string.IsNullOrWhiteSpace(act.Reason))
            return ReleaseDecision.Refuse("reason-missing", "what takes the place of a release says why");
        if (act.Supersedes is not null && facts.Releases.FirstOrDefault(r =>
            r.Number == act.Supersedes) is not { IsCurrent: true })
            return ReleaseDecision.Refuse("not-published", $"{act.Supersedes} is no release that is out");
        if (act.Approver is not null && EraseApplicant.IsSame(act.Approver, context.Command.Actor))
            return ReleaseDecision.Refuse("approver-is-drafter", "a release takes a second person");
        var drafted = new ReleaseDrafted(context.At, context.Command.Actor, act.From, act.To, facts.Position, act.K,
            new Privacy().LeastKept, Definitions,
            facts.Publisher, facts.Licence)
        {
            Agency = act.Agency, Procedure = act.Procedure, Supersedes = act.Supersedes, Reason = act.Reason?.Trim(),
                Request = act.Request,
            Approver = act.Approver?.Trim(), Accepted = act.Accepted,
        };
        return ReleaseActs.RefuseOverlap(drafted, facts.Releases) is { } overlap ? overlap : drafted;
    }
}
