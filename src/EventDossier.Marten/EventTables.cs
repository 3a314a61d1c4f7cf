using System.Text.Json.Serialization;
using EventDossier.Store;
using JasperFx.Events;
using Marten;
using Marten.Services.Json.Transformations;
using Weasel.Core;

namespace EventDossier.Marten;

/// <summary>How Marten is told of the event tables: for the edition, and for programs of others.</summary>
public static class EventTables
{
    /// <summary>
    /// String streams in the schema <c>dossier</c>, names and JSON from the one map, retired names read on.
    /// Set before anything of your own; your documents belong in another schema.
    /// </summary>
    public static void UseEventDossier(this StoreOptions options, EventNames names)
    {
        options.Events.DatabaseSchemaName = "dossier";
        options.Events.StreamIdentity = StreamIdentity.AsString;
        options.Events.AppendMode = EventAppendMode.QuickWithServerTimestamps;
        options.Events.EnableUniqueIndexOnEventId = true;
        options.Events.MetadataConfig.EnableAll();
        // It would add a table of numbers that nobody fills; our followers find them by the sequence's lock.
        options.Events.EnableAdvancedAsyncTracking = false;
        // Enumerations as text, in our spelling: what Marten would set for them comes before ours and hides it.
        options.UseSystemTextJsonForSerialization(names.Json, EnumStorage.AsInteger, Casing.CamelCase, json =>
        {
            foreach (var ours in names.Json.Converters.OfType<JsonStringEnumConverter>())
                json.Converters.Insert(0, ours);
        });
        foreach (var (name, type, upcast) in names.All)
        {
            if (upcast is null)
                options.Events.MapEventType(type, name);
            else
                options.Events.Upcast(type, name, new JsonTransformation(
                    (_, row, column) => names.Decode(name, row.GetFieldValue<byte[]>(column))));
        }
    }
}
