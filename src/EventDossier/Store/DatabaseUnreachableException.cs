namespace EventDossier.Store;

/// <summary>No database can be reached, and why; a verb ends with exit code 3.</summary>
public sealed class DatabaseUnreachableException(string message, Exception? cause = null) : Exception(message, cause);
