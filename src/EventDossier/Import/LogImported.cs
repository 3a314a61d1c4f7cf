namespace EventDossier.Import;

/// <summary>A log was imported whole: the one event of its stream, <c>/import/</c> and an id made of file hash, zone and mapping.</summary>
/// <param name="Sha256">Of the file, lower-case hex.</param>
/// <param name="Mapping">The mapping file's text, if there was one.</param>
/// <param name="LeftOut">Cases with a fault.</param>
/// <param name="Header">The log's own attributes, extensions, globals and classifiers.</param>
public sealed record LogImported(
    DateTimeOffset OccurredAt, string File, string Sha256, long Bytes, string Format, string? Mapping,
    long Dossiers, long Activities, long LeftOut, IReadOnlyList<SourceAttribute> Header);
