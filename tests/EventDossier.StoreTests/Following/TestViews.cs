using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.StoreTests.Following;

internal sealed record CountedRow(string Code, long Version, long Applied);

/// <summary>Counts what it takes, so that an event applied twice shows; throws on the step that it is told to.</summary>
internal sealed class CountedView(string? throwsOn = null) : View<CountedRow>
{
    public override string Name => "counted";

    protected override string TableBody => "code text NOT NULL PRIMARY KEY, version bigint NOT NULL, applied bigint NOT NULL";

    protected override IReadOnlyList<string> Indexes => [];

    protected override IReadOnlyList<Column<CountedRow>> Columns { get; } =
    [
        Column<CountedRow>.Text("code", r => r.Code),
        Column<CountedRow>.Number("version", r => r.Version),
        Column<CountedRow>.Number("applied", r => r.Applied),
    ];

    protected override CountedRow ReadRow(NpgsqlDataReader row) => new(row.GetString(0), row.GetInt64(1), row.GetInt64(2));

    public override CountedRow? Apply(CountedRow? row, StoredEvent e)
    {
        if (e.Event is StepCompleted step && step.Step == throwsOn)
            throw new InvalidOperationException($"cannot take {step.Step}");
        return new(e.Stream, e.Version, (row?.Applied ?? 0) + 1);
    }
}
