using EventDossier.Store;

namespace EventDossier.StoreTests;

/// <summary>Enrols the default edition.</summary>
public sealed class NpgsqlEventLogTests : EventLogContract
{
    protected override async Task<IEventLog> OpenAsync(string connectionString, bool sample, TimeProvider? clock = null) =>
        (await Database.OpenAsync(new Edition(), connectionString, TestEvents.Names, clock ?? TestDatabase.Time)).Log;
}
