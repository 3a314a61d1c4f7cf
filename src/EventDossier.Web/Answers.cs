using EventDossier.Alerts;
using EventDossier.Audit;
using EventDossier.Deadlines;
using EventDossier.Deliveries;
using EventDossier.Dossiers;
using EventDossier.Record;
using Microsoft.AspNetCore.Http.Metadata;

namespace EventDossier.Web;

/// <summary>What a route answers with, for its description.</summary>
/// <param name="Or">What it may be instead, by what was asked.</param>
/// <param name="Example">Made when it is asked for.</param>
internal sealed record Answers(int Status, string MediaType, Type? Or, Func<object>? Example)
{
    public const string Json = "application/json";
}

/// <summary>An example of the body that a route reads.</summary>
internal sealed record Needed(Func<object> Example);

internal static class AnswerRoutes
{
    /// <summary>Says what a route answers with where all went well.</summary>
    public static TBuilder Answers<TBuilder, T>(this TBuilder route, Func<T> example, int status = 200) where TBuilder : IEndpointConventionBuilder where T : notnull =>
        route.WithMetadata(new Answers(status, Web.Answers.Json, null, () => example()), new ProducesResponseTypeMetadata(status, typeof(T), [Web.Answers.Json]));

    /// <summary>One or the other, by what was asked.</summary>
    public static TBuilder AnswersEither<TBuilder, T, TOther>(this TBuilder route, Func<T> example) where TBuilder : IEndpointConventionBuilder where T : notnull =>
        route.WithMetadata(new Answers(200, Web.Answers.Json, typeof(TOther), () => example()), new ProducesResponseTypeMetadata(200, typeof(T), [Web.Answers.Json]));

    /// <summary>Says what a body looks like that is read as a record.</summary>
    public static TBuilder Needs<TBuilder, T>(this TBuilder route, Func<T> example) where TBuilder : IEndpointConventionBuilder where T : notnull =>
        route.WithMetadata(new Needed(() => example()), new AcceptsMetadata([Web.Answers.Json], typeof(T)));

    /// <summary>Something else than JSON.</summary>
    public static TBuilder AnswersWith<TBuilder>(this TBuilder route, string mediaType, string? example = null) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new Answers(200, mediaType, null, example is null ? null : () => example));
}

/// <summary>What was done.</summary>
/// <param name="Version">Of the dossier afterwards.</param>
/// <param name="Position">Of the last event appended; 0 where nothing had to be.</param>
internal sealed record Done(string Code, long Version, long Position);

/// <summary>What was done, or why not.</summary>
internal sealed record DoneOrRefused(string Code, long Version, long Position, Refusal? Refusal);

/// <param name="Release">Number of the one that is out for it.</param>
internal sealed record TimetableRow(DateTimeOffset From, DateTimeOffset To, DateTimeOffset DueAt, string? Release, bool Late, DateTimeOffset? LateAt);

/// <summary>All of a list.</summary>
internal sealed record Listed<T>(IReadOnlyList<T> Items);

/// <param name="Names">Where they were asked for, by code; null where the applicant was erased.</param>
/// <param name="WithoutNames">Why there are none.</param>
internal sealed record DossierPage(IReadOnlyList<Overview.Row> Items, string? Next, IReadOnlyDictionary<string, string?>? Names, string? WithoutNames);

/// <param name="LateMinutes">Working minutes; null outside the calendar's years.</param>
internal sealed record OverdueRow(
    string Code, DateTimeOffset? Due, DateTimeOffset? ReceivedAt, DateTimeOffset? FinishedAt, string? Agency, string? Unit, string? Officer, string? Procedure, int? LateMinutes);

/// <param name="Lines">For people.</param>
internal sealed record Explained(ExplainedDate Date, IReadOnlyList<string> Lines);

/// <param name="Due">Of the dossier.</param>
/// <param name="Draft">Of the apology that is owed.</param>
internal sealed record AlertTold(
    string Code, string Rule, long Cycle, long Recipient, AlertLevel Level, DateTimeOffset DueAt, DateTimeOffset RaisedAt, string? Person, string? Post, string? Unit, string? Agency, string? Procedure,
    DateTimeOffset? Due, DateTimeOffset? AcknowledgedAt, DateTimeOffset? SnoozedUntil, string? Draft);

internal sealed record Slip04Told(Slip04 Slip, Letter Letter);

internal sealed record Replayed(string Code, IReadOnlyList<ReplayStep> Steps);

/// <param name="Counts">By bucket.</param>
internal sealed record Form06Row(string Agency, long CameIn, long Accounted, IReadOnlyDictionary<string, long> Counts);

/// <param name="Outside">Dossiers of agencies that Form 06 leaves out.</param>
/// <param name="Dossiers">Of the bucket asked for.</param>
internal sealed record Form06Told(
    DateTimeOffset From, DateTimeOffset To, AsOf? AsOf, long Position, string Definition, long Outside, bool Reconciles, IReadOnlyList<Form06Row> Rows, IReadOnlyDictionary<string, long> Total,
    IReadOnlyList<string>? Dossiers);

internal sealed record KeyTold(string Vkey, DateTimeOffset Since, bool Vouched);

internal sealed record CheckedProofs(IReadOnlyList<CheckedProof> Proofs);

internal sealed record JobsTold(IReadOnlyList<JobState> Jobs);

internal sealed record JobNamed(string Name);

internal sealed record Health(string Status);

internal sealed record Readiness(string Status, IReadOnlyList<Readiness.Check> Checks)
{
    public sealed record Check(string Name, string Status, object? Detail);
}
