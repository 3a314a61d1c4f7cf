using System.Text.Json;
using EventDossier.Dossiers;

namespace EventDossier.Releases;

/// <summary>What holds for several acts on releases.</summary>
internal static class ReleaseActs
{
    public static IReadOnlyList<string> By { get; } = [Role.TransparencyOfficer, Role.Supervisor];

    public static Refusal? Refuse(ActContext context) => By.Contains(context.Command.Role) ? null
        : new("not-allowed", $"releases are for {string.Join(" and ", By)}, not for {context.Command.Role}");

    /// <summary>Nobody approves or publishes what the gate has not let through.</summary>
    public static Refusal? RefuseUnchecked(Release release) => release.Checked switch
    {
        null => new("not-checked", $"{release.Number} is not checked yet"),
        { Findings: [var finding, ..] } => new("gate-failed", $"{finding.Kind}: {finding.What}"),
        _ => null,
    };

    /// <summary>
    /// Of one time and the same dossiers one release is out, unless the other takes its place or answers a request.
    /// </summary>
    public static Refusal? RefuseOverlap(ReleaseDrafted drafted, IEnumerable<Release> releases) =>
        drafted.Request is null
        && releases.FirstOrDefault(r => r.IsCurrent && r.Drafted.Request is null && r.Number != drafted.Supersedes
            && r.Overlaps(drafted)) is { } overlapped
            ? new("overlaps-published",
                $"{overlapped.Number} is out and tells of the same time: name it as superseded, with the reason")
            : null;

    public static string NameOf(ReleaseStage stage) => JsonNamingPolicy.CamelCase.ConvertName(stage.ToString());
}
