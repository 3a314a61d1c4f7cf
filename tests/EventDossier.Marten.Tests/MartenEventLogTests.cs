using EventDossier.Store;
using EventDossier.StoreTests;

namespace EventDossier.Marten.Tests;

/// <summary>Enrols the Marten edition.</summary>
public sealed class MartenEventLogTests : EventLogContract
{
    protected override async Task<IEventLog> OpenAsync(string connectionString, bool sample, TimeProvider? clock = null) =>
        (await Database.OpenAsync(new MartenEdition(), connectionString, TestEvents.Names, clock ?? TestDatabase.Time)).Log;
}
