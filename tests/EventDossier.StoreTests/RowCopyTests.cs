using EventDossier.Store;
using Npgsql;

namespace EventDossier.StoreTests;

public sealed class RowCopyTests
{
    private static readonly (string? Text, long? Number, DateTime? Time)[] _rows =
    [
        ("Đăng ký kết hôn", 0, At("2025-01-02T08:00:00.123456Z")),
        ("", long.MinValue, At("1969-12-31T23:59:59.999999Z")),
        (null, null, null),
        // Longer than what is sent at a time, with one that fills it beside.
        (new('ế', 40_000), long.MaxValue, At("9999-12-31T23:59:59.999999Z")),
        (new('a', 31_900), -1, At("0001-01-01T00:00:00Z")),
        ("\U0001F600 after all", 1, At("2000-01-01T00:00:00Z")),
    ];

    private static DateTime At(string time) => DateTimeOffset.Parse(time, null).UtcDateTime;

    [Fact]
    public async Task Rows_come_into_the_table_with_the_values_that_were_written()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var connection = await TableAsync(database);
        await using (var copy = await RowCopy.IntoAsync(connection, "copied", "text, number, time", CancellationToken.None))
        {
            Write(copy, _rows);
            copy.Complete();
        }
        (await ReadAsync(connection)).ShouldBe(_rows);
    }

    [Fact]
    public async Task Of_a_copy_that_is_refused_or_not_completed_nothing_is_kept_and_the_connection_goes_on()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var connection = await TableAsync(database);
        await using (var copy = await RowCopy.IntoAsync(connection, "copied", "text, number, time", CancellationToken.None))
        {
            Write(copy, [_rows[0], _rows[0]]);
            Should.Throw<PostgresException>(copy.Complete).SqlState.ShouldBe(PostgresErrorCodes.UniqueViolation);
        }
        (await ReadAsync(connection)).ShouldBeEmpty();
        await using (var copy = await RowCopy.IntoAsync(connection, "copied", "text, number, time", CancellationToken.None))
            Write(copy, _rows);
        (await ReadAsync(connection)).ShouldBeEmpty();
    }

    private static async Task<NpgsqlConnection> TableAsync(TestDatabase database)
    {
        var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand("CREATE TABLE copied (text text, number bigint UNIQUE, time timestamptz)", connection);
        await create.ExecuteNonQueryAsync();
        return connection;
    }

    private static void Write(RowCopy copy, (string? Text, long? Number, DateTime? Time)[] rows)
    {
        foreach (var (text, number, time) in rows)
        {
            copy.StartRow(3);
            copy.Write(text);
            copy.Write(number);
            copy.Write(time);
        }
    }

    private static async Task<List<(string?, long?, DateTime?)>> ReadAsync(NpgsqlConnection connection)
    {
        var rows = new List<(string?, long?, DateTime?)>();
        await using var read = new NpgsqlCommand("SELECT text, number, time FROM copied ORDER BY ctid", connection);
        await using var row = await read.ExecuteReaderAsync();
        while (await row.ReadAsync())
            rows.Add((row.TextOrNull(0), row.NumberOrNull(1), row.IsDBNull(2) ? null : row.GetDateTime(2)));
        return rows;
    }
}
