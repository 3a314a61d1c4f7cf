using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace EventDossier.Import;

/// <summary>A private SQLite database for what does not fit into memory; gone when disposed, unless it was asked for by a name.</summary>
internal sealed class Staging : IDisposable
{
    private readonly DirectoryInfo? _directory;

    /// <param name="path">Of a file that stays.</param>
    public Staging(string? path = null)
    {
        _directory = path is null ? Directory.CreateTempSubdirectory("dossier-import-") : null;
        try
        {
            Connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path ?? File("staged"), Pooling = false }.ToString());
            Connection.Open();
            // Nothing here survives the process, so nothing need be safe.
            Run($"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = {(path is null ? -32768 : -4096)};");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public SqliteConnection Connection { get; } = null!;

    public string File(string name) => Path.Combine(_directory!.FullName, name);

    public void Run(string sql)
    {
        using var command = Connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>A prepared question whose parameters are <c>$1</c>, <c>$2</c>…</summary>
    public Statement Prepare(string sql, int parameters) => new(Connection, sql, parameters);

    /// <summary>A prepared statement that gives no rows, its parameters in their order.</summary>
    public Insert Insert(string sql) => new(Connection, sql);

    public void Dispose()
    {
        Connection?.Dispose();
        _directory?.Delete(recursive: true);
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

    public SqliteDataReader Query(params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
            _command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return _command.ExecuteReader();
    }

    public void Dispose() => _command.Dispose();
}

/// <summary>SQLite's own statement: millions of rows go through it, and a command of ADO.NET takes longer over each than SQLite does.</summary>
internal sealed class Insert : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly object?[] _bound;
    private byte[] _text = new byte[256];

    public Insert(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_database, sql, out _statement));
        _bound = new object?[raw.sqlite3_bind_parameter_count(_statement)];
    }

    /// <param name="values">string, int, long, double, byte[] or null.</param>
    public void Run(params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            // What is bound stays bound, and rows that follow each other have much in common.
            if (ReferenceEquals(values[i], _bound[i]) && values[i] is not byte[])
                continue;
            _bound[i] = values[i];
            Check(values[i] switch
            {
                null => raw.sqlite3_bind_null(_statement, i + 1),
                // Nothing to point at would be bound as NULL.
                "" => raw.sqlite3_bind_text(_statement, i + 1, ""),
                string text => raw.sqlite3_bind_text(_statement, i + 1, Utf8(text)),
                int number => raw.sqlite3_bind_int(_statement, i + 1, number),
                long number => raw.sqlite3_bind_int64(_statement, i + 1, number),
                double number => raw.sqlite3_bind_double(_statement, i + 1, number),
                byte[] { Length: 0 } => raw.sqlite3_bind_zeroblob(_statement, i + 1, 0),
                byte[] bytes => raw.sqlite3_bind_blob(_statement, i + 1, bytes),
                var other => throw new ArgumentException($"{other.GetType().Name} is no value of SQLite's", nameof(values)),
            });
        }
        Check(raw.sqlite3_step(_statement));
        Check(raw.sqlite3_reset(_statement));
    }

    private ReadOnlySpan<byte> Utf8(string text)
    {
        if (_text.Length < text.Length * 3)
            _text = new byte[text.Length * 3];
        return _text.AsSpan(0, Encoding.UTF8.GetBytes(text, _text));
    }

    private void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_DONE))
            SqliteException.ThrowExceptionForRC(code, _database);
    }

    public void Dispose() => _statement.Dispose();
}
