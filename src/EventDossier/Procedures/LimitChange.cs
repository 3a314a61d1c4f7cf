using System.Text.Json.Nodes;
using EventDossier.Deadlines;

namespace EventDossier.Procedures;

/// <summary>What a correction of a procedure would change, before it is made. Pure.</summary>
public sealed record LimitChange(ProcedurePublished Before, ProcedurePublished After)
{
    /// <param name="From">Null: the clock stands.</param>
    public sealed record Move(string Dossier, DateTimeOffset? From, DateTimeOffset? To);

    /// <summary>Which fields differ, by their names in the event.</summary>
    public IReadOnlyList<string> Fields()
    {
        var (before, after) = (Json(Before), Json(After));
        return [.. before.Concat(after).Select(p => p.Key).Distinct().Where(key => !JsonNode.DeepEquals(before[key], after[key]))];
    }

    /// <summary>The dossiers whose due date would be another.</summary>
    /// <param name="dossiers">Each with its due date as a function of the limit, all else of its clock as it stands.</param>
    public IReadOnlyList<Move> Moves(IEnumerable<(string Dossier, Func<Limit, DateTimeOffset?> Due)> dossiers) => Before.Limit == After.Limit
        ? []
        : [.. dossiers.Select(d => new Move(d.Dossier, d.Due(Before.Limit), d.Due(After.Limit))).Where(m => m.From != m.To)];

    private static JsonObject Json(ProcedurePublished procedure) => JsonNode.Parse(ProductEvents.Names.Encode(procedure).Json)!.AsObject();
}
