using Microsoft.Data.Sqlite;

namespace EventDossier.Import;

/// <summary>A private SQLite database for what does not fit into memory; gone when disposed.</summary>
internal sealed class Staging : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("dossier-import-");

    public Staging()
    {
        try
        {
            Connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = File("staged"), Pooling = false }.ToString());
            Connection.Open();
            // Nothing here survives the process, so nothing need be safe.
            Run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -32768;");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public SqliteConnection Connection { get; } = null!;

    public string File(string name) => Path.Combine(_directory.FullName, name);

    public void Run(string sql)
    {
        using var command = Connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>A prepared statement whose parameters are <c>$1</c>, <c>$2</c>…</summary>
    public Statement Prepare(string sql, int parameters) => new(Connection, sql, parameters);

    public void Dispose()
    {
        Connection?.Dispose();
        _directory.Delete(recursive: true);
    }
}

internal sealed class Statement : IDisposable
{
    private readonly SqliteCommand _command;

    public Statement(SqliteConnection connection, string sql, int parameters)
    {
        _command = connection.CreateCommand();
        _command.CommandText = sql;
        for (var i = 1; i <= parameters; i++) _command.Parameters.Add(new SqliteParameter($"${i}", null));
    }

    private SqliteCommand With(ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++) _command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return _command;
    }

    public void Run(params ReadOnlySpan<object?> values) => With(values).ExecuteNonQuery();

    public SqliteDataReader Query(params ReadOnlySpan<object?> values) => With(values).ExecuteReader();

    public object? One(params ReadOnlySpan<object?> values) => With(values).ExecuteScalar();

    public void Dispose() => _command.Dispose();
}
