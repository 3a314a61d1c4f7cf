using EventDossier.Alerts;

namespace EventDossier.Import;

/// <summary>A log was imported whole: the first event of its stream, <c>/import/</c> and an id made of file hash, zone and mapping.</summary>
/// <param name="Sha256">Of the file, lower-case hex.</param>
/// <param name="Mapping">The mapping file's text, if there was one.</param>
/// <param name="LeftOut">Cases with a fault.</param>
/// <param name="Header">The log's own attributes, extensions, globals and classifiers.</param>
public sealed record LogImported(
    DateTimeOffset OccurredAt, string File, string Sha256, long Bytes, string Format, string? Mapping,
    long Dossiers, long Activities, long LeftOut, IReadOnlyList<SourceAttribute> Header)
{
    public const string StreamPrefix = "/import/";
}

/// <summary>
/// Somebody was told once of all that was late or due already at the cut-over: what would have been an alert for each dossier is one digest for each recipient.
/// </summary>
/// <param name="To">By the posts' holders at that moment.</param>
/// <param name="Late">How many were past their due moment at their cut-over.</param>
/// <param name="Dossiers">By due moment, then code.</param>
public sealed record BacklogTold(DateTimeOffset OccurredAt, AlertRecipient To, long Late, IReadOnlyList<BacklogLine> Dossiers);

/// <param name="Level">The gravest that had fallen due for this recipient.</param>
public sealed record BacklogLine(string Code, DateTimeOffset Due, AlertLevel Level);
