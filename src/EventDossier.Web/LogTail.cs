using EventDossier.Store;
using Npgsql;

namespace EventDossier.Web;

/// <summary>Tells whoever waits that the log may have grown. One connection listens for all of them.</summary>
internal sealed class LogTail(Database database) : BackgroundService
{
    private static readonly TimeSpan _lookAnyway = TimeSpan.FromSeconds(1);
    private volatile TaskCompletionSource _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next notification, or within a second. Ask for it before reading, or one may be missed.</summary>
    public Task Grown => _grown.Task;

    protected override async Task ExecuteAsync(CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await ListenAsync(stop);
            }
            catch (NpgsqlException)
            {
                await Task.Delay(_lookAnyway, database.Clock, stop);
                Tell();
            }
        }
    }

    private async Task ListenAsync(CancellationToken stop)
    {
        await using var connection = await database.App.OpenConnectionAsync(stop);
        try
        {
            await ExecuteAsync(connection, $"LISTEN {NpgsqlEventLog.Channel}", stop);
            while (true)
            {
                await connection.WaitAsync(_lookAnyway, stop);
                Tell();
            }
        }
        finally
        {
            // The pool hands the connection on as it is.
            if (connection.FullState == System.Data.ConnectionState.Open)
                await ExecuteAsync(connection, "UNLISTEN *", CancellationToken.None);
        }
    }

    private void Tell()
    {
        var told = _grown;
        _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);
        told.SetResult();
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
