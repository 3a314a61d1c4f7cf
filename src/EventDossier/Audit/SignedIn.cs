namespace EventDossier.Audit;

/// <summary>Somebody signed in to the pages. It stands in the access log's stream of that day.</summary>
/// <param name="Provider">Who vouched for it: <c>openid</c>, or <c>development</c>.</param>
public sealed record SignedIn(DateTimeOffset OccurredAt, string By, IReadOnlyList<string> Roles, string Provider);
