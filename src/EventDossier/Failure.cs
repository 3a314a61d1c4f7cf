using EventDossier.Store;
using Npgsql;

namespace EventDossier;

/// <summary>What an exception means to whoever runs the product: the exit code of a program, a stable word, and one line.</summary>
/// <param name="Exit">1, or 3 where the database can't be reached.</param>
public sealed record Failure(int Exit, string Code, string Message)
{
    public static Failure Of(Exception e) => e switch
    {
        UserError error => new(1, error.Code, error.Message),
        ViewFailedException => new(1, "view-stopped", e.Message),
        UnknownEventNameException unknown => new(1, "newer-event", unknown.Message),
        NotStorableException => new(1, "not-storable", e.Message),
        StreamBusyException => new(1, "busy", e.Message),
        DatabaseUnreachableException or LogUnreachableException => new(3, "database-unreachable", e.Message),
        PostgresException { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName } missing =>
            new(1, "not-migrated", $"the database lacks a table ({missing.MessageText}): run dossier migrate"),
        // 08 connection, 28 authorisation, 3D no such database, 53 no resources, 57P shut down.
        PostgresException { SqlState: ['0', '8', ..] or ['2', '8', ..] or ['3', 'D', ..] or ['5', '3', ..] or ['5', '7', 'P', ..] } refused =>
            new(3, "database-unreachable", $"the database cannot be reached: {refused.MessageText}"),
        NpgsqlException and not PostgresException => new(3, "database-unreachable", $"the database cannot be reached: {e.InnerException?.Message ?? e.Message}"),
        IOException or UnauthorizedAccessException => new(1, "file", e.Message),
        _ => new(1, "internal-error", $"internal error: {e.GetType().Name}: {e.Message} (EVENTDOSSIER_TRACE=1 shows where)"),
    };
}
