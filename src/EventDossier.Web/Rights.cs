using EventDossier.Dossiers;
using static EventDossier.Web.Reach;

namespace EventDossier.Web;

/// <summary>How far a right goes: what is one's own, what lies with one's units (or came from a unit that they succeed), or everything.</summary>
internal enum Reach { Nothing, Own, Unit, All }

/// <summary>
/// Who may see and do what. An act is for the roles that its rule names, on the dossiers that the role reaches; the domain asks the role once more, and this table never widens it.
/// </summary>
internal static class Rights
{
    /// <summary>Acts as a supervisor does, for the whole centre.</summary>
    public const string Director = "director";

    public const string Dossiers = "dossiers";

    /// <summary>What lies with an officer or a unit, to be worked off.</summary>
    public const string Work = "work";

    /// <summary>Who applies, in clear: for those who deal with the applicant. It never reaches further than the dossiers do.</summary>
    public const string Names = "names";

    /// <summary>Who was handed names and documents.</summary>
    public const string Access = "access log";
    public const string Packs = "evidence packs";
    public const string Deadlines = "deadlines";
    public const string Alerts = "alerts";

    /// <summary>How much lies with whom, and what will be late.</summary>
    public const string Workload = "workload";
    public const string Procedures = "procedures";

    /// <summary>New decisions on the calendar, ladders, versions of procedures; people and units.</summary>
    public const string Rules = "changes of rules";
    public const string Figures = "figures";
    public const string Audit = "audit";
    public const string Releases = "releases";
    public const string ReleaseActs = "acts on releases";

    /// <summary>What the national portal and the centre disagree on.</summary>
    public const string Portal = "portal";
    public const string PortalSync = "sync with the portal";

    /// <summary>Outages of a place, and the numbers of slips printed ahead.</summary>
    public const string Outages = "outages";
    public const string OutageActs = "acts on outages";

    /// <summary>What was late or due already at a cut-over; for who sees all, the two systems side by side.</summary>
    public const string CutOver = "cut-over";

    /// <summary>Numbers drawn at a counter.</summary>
    public const string Queue = "queue";
    public const string QueueActs = "acts on the queue";
    public const string CounterTime = "time at the counter";

    /// <summary>Results that nobody fetched.</summary>
    public const string Uncollected = "uncollected results";

    /// <summary>Requests of courts and inspections.</summary>
    public const string AuthorityRequests = "requests of authorities";
    public const string AuthorityRequestActs = "acts on requests of authorities";

    /// <summary>Closed years, and what of them is archived.</summary>
    public const string Archives = "archives";

    /// <summary>Applicants whose retention has ended.</summary>
    public const string Retention = "ended retentions";
    public const string RetentionActs = "acts on ended retentions";

    /// <summary>Complaints and suggestions: those given to somebody or their unit, never those about them.</summary>
    public const string Complaints = "complaints";
    public const string ComplaintActs = "acts on complaints";
    public const string ComplaintsOnPaper = "complaints on paper";

    /// <summary>Deciding questionnaires and asking people; what they answered is told with the figures.</summary>
    public const string Questionnaires = "questionnaires";
    public const string Jobs = "jobs";
    public const string JobRuns = "runs of jobs";

    public static IReadOnlyList<string> Roles => _roles;

    public static IReadOnlyDictionary<string, Reach[]> Table => _table;

    private static readonly List<string> _roles =
        [Role.Clerk, Role.Officer, Role.Supervisor, Director, Role.Auditor, Role.TransparencyOfficer, Role.Administrator, Role.Citizen];

    /// <summary>A counter serves every agency, so a clerk sees what comes in for any.</summary>
    private static readonly Dictionary<string, Reach[]> _table = new(StringComparer.Ordinal)
    {
        //               clerk    officer  supervisor director auditor  transparency administrator citizen
        [Dossiers] =   [ All,     Unit,    Unit,      All,     All,     Nothing,     All,          Own ],
        [Work] =       [ Own,     Own,     Unit,      All,     Nothing, Nothing,     Nothing,      Nothing ],
        [Names] =      [ All,     Unit,    Unit,      All,     Nothing, Nothing,     Nothing,      Own ],
        [Access] =     [ Nothing, Nothing, Nothing,   All,     All,     Nothing,     Nothing,      Own ],
        [Packs] =      [ Nothing, Nothing, Unit,      All,     All,     Nothing,     Nothing,      Own ],
        [Deadlines] =  [ All,     Unit,    Unit,      All,     All,     Nothing,     All,          Own ],
        [Alerts] =     [ Own,     Own,     Unit,      All,     All,     Nothing,     Nothing,      Nothing ],
        [Workload] =   [ Nothing, Nothing, Unit,      All,     All,     Nothing,     Nothing,      Nothing ],
        [Procedures] = [ All,     All,     All,       All,     All,     All,         All,          All ],
        [Rules] =      [ Nothing, Nothing, Nothing,   Nothing, Nothing, Nothing,     All,          Nothing ],
        [Figures] =    [ Nothing, Nothing, Unit,      All,     All,     All,         Nothing,      Nothing ],
        [Audit] =      [ Nothing, Nothing, Nothing,   All,     All,     Nothing,     Nothing,      Nothing ],
        [Releases] =   [ Nothing, Nothing, Nothing,   All,     All,     All,         Nothing,      Nothing ],
        [ReleaseActs] = [ Nothing, Nothing, Nothing,  All,     Nothing, All,         Nothing,      Nothing ],
        [Portal] =     [ Nothing, Nothing, Nothing,   All,     All,     Nothing,     All,          Nothing ],
        [PortalSync] = [ Nothing, Nothing, Nothing,   All,     Nothing, Nothing,     All,          Nothing ],
        [Outages] =    [ All,     Nothing, All,       All,     All,     Nothing,     All,          Nothing ],
        [OutageActs] = [ Nothing, Nothing, All,       All,     Nothing, Nothing,     All,          Nothing ],
        [CutOver] =    [ Own,     Own,     Unit,      All,     All,     Nothing,     All,          Nothing ],
        [Queue] =      [ All,     Nothing, All,       All,     All,     Nothing,     All,          Nothing ],
        [QueueActs] =  [ All,     Nothing, All,       All,     Nothing, Nothing,     All,          Nothing ],
        [CounterTime] = [ Nothing, Nothing, All,      All,     All,     All,         Nothing,      Nothing ],
        [Uncollected] = [ All,    Unit,    Unit,      All,     All,     Nothing,     All,          Nothing ],
        [AuthorityRequests] = [ Nothing, Nothing, Nothing, All, All,   Nothing,     All,          Nothing ],
        [AuthorityRequestActs] = [ Nothing, Nothing, Nothing, All, Nothing, Nothing, All,         Nothing ],
        [Archives] =   [ Nothing, Nothing, Nothing,   All,     All,     Nothing,     All,          Nothing ],
        [Retention] =  [ Nothing, Nothing, Nothing,   All,     All,     Nothing,     All,          Nothing ],
        [RetentionActs] = [ Nothing, Nothing, Nothing, All,    Nothing, Nothing,     All,          Nothing ],
        [Complaints] = [ Nothing, Own,     Unit,      All,     All,     Nothing,     Nothing,      Nothing ],
        [ComplaintActs] = [ Nothing, Own,  Unit,      All,     All,     Nothing,     Nothing,      Nothing ],
        [ComplaintsOnPaper] = [ All, Nothing, All,    All,     Nothing, Nothing,     Nothing,      Nothing ],
        [Questionnaires] = [ Nothing, Nothing, Nothing, All,   Nothing, All,         All,          Nothing ],
        [Jobs] =       [ Nothing, Nothing, Nothing,   All,     All,     Nothing,     All,          Nothing ],
        [JobRuns] =    [ Nothing, Nothing, Nothing,   Nothing, Nothing, Nothing,     All,          Nothing ],
    };

    /// <summary>The furthest of what the caller's roles reach.</summary>
    public static Reach Of(Caller caller, string resource) =>
        caller.Roles.Select(role => ReachOf(role, resource)).DefaultIfEmpty(Nothing).Max();

    /// <summary>In which of their roles the caller does an act, the one that reaches furthest, and how far; null when in none.</summary>
    /// <param name="asked">Only as this one.</param>
    public static (string Role, Reach Reach)? For(Caller caller, ActRule rule, string? asked = null) => caller.Roles
        .Select(role => (Role: role == Director ? Role.Supervisor : role, Reach: ReachOf(role, Dossiers)))
        .Where(held => rule.By.Contains(held.Role) && (asked is null || held.Role == asked) && held.Reach > Nothing)
        .OrderByDescending(held => held.Reach)
        .Select(held => ((string, Reach)?)held)
        .FirstOrDefault();

    public static bool Reaches(Scope scope, Dossier dossier) => scope.Reach switch
    {
        All => true,
        // Who is offered a dossier sees what is offered.
        Unit => scope.Units!.Contains(dossier.Agency ?? "") || scope.Units.Contains(dossier.Unit ?? "") || scope.Units.Contains(dossier.Offered?.ToUnit ?? ""),
        Own => dossier.Applicant is { } applicant && applicant.Applicant == scope.Caller.Applicant,
        _ => false,
    };

    private static Reach ReachOf(string role, string resource) => _roles.IndexOf(role) is >= 0 and var column ? _table[resource][column] : Nothing;
}

/// <summary>How far a caller's right goes just now.</summary>
/// <param name="Units">Codes, where it goes as far as units; null otherwise.</param>
internal sealed record Scope(Caller Caller, Reach Reach, IReadOnlySet<string>? Units)
{
    /// <summary>Empty, so that nothing is found, where somebody has no id as an applicant.</summary>
    public string? Applicant => Reach == Own ? Caller.Applicant?.ToString() ?? "" : null;

    public Refusal? Right(Dossier dossier) => Rights.Reaches(this, dossier) ? null : new("not-allowed", $"{dossier.Code} lies outside your units");

    /// <exception cref="UserError"><c>not-allowed</c></exception>
    public static Task<Scope> OfAsync(Caller caller, string resource, Centre centre, CancellationToken cancel) => Rights.Of(caller, resource) is > Nothing and var reach
        ? OfAsync(caller, reach, centre, cancel)
        : throw new UserError("not-allowed", $"{resource} are not for {(caller.Roles.Count == 0 ? "somebody without a role" : string.Join(", ", caller.Roles))}");

    public static async Task<Scope> OfAsync(Caller caller, Reach reach, Centre centre, CancellationToken cancel)
    {
        if (reach != Unit)
            return new(caller, reach, null);
        var (organisation, now) = ((await centre.Desk.RulesAsync(cancel)).Organisation, centre.Now);
        // The token may name the units; else they are those of the posts held.
        var units = caller.Units.Count > 0 ? caller.Units : [.. organisation.PostsOf(caller.Actor, now).Select(post => post.Unit)];
        return new(caller, reach, organisation.Under(units, now));
    }
}
