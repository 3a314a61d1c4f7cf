using Npgsql;

namespace EventDossier.StoreTests;

public sealed class TestDatabaseTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Each_database_is_fresh_and_gone_afterwards()
    {
        string dropped;
        await using (var other = await TestDatabase.CreateAsync())
        {
            dropped = other.ConnectionString;
            dropped.ShouldNotBe(database.ConnectionString);
            await OpenAsync(dropped);
        }
        (await Should.ThrowAsync<PostgresException>(() => OpenAsync(dropped))).SqlState.ShouldBe(PostgresErrorCodes.InvalidCatalogName);
        await OpenAsync(database.ConnectionString);
    }

    private static async Task OpenAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
    }
}
