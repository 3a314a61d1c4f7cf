using System.Text.Json;
using EventDossier.Deadlines;
using EventDossier.Store;

namespace EventDossier.Procedures;

/// <summary>The catalogue of procedures: one stream each, one event a version.</summary>
public sealed class Catalogue(Database database)
{
    /// <summary>One entry of a catalogue file.</summary>
    private sealed record Entry(string Code, string Name, string Agency, Limit Limit, DateTimeOffset InForceFrom, string? Basis);

    private static readonly Guid _commands = new("f2a9a0d4-30be-5f4e-9df4-6f2f7a3f1a55");
    private static readonly JsonSerializerOptions _strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <exception cref="UserError"><c>bad-file</c>, with the place.</exception>
    public static IReadOnlyList<ProcedurePublished> Parse(string json, string file)
    {
        try
        {
            return [.. JsonSerializer.Deserialize<Entry[]>(json, _strict)!
                .Select(e => new ProcedurePublished(e.InForceFrom, e.Code, e.Name, e.Agency, e.Limit, e.Basis))];
        }
        catch (JsonException e)
        {
            throw new UserError("bad-file", $"{file}: line {e.LineNumber + 1}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>Publishes what differs from the newest version; the same file again publishes nothing. Returns how many versions.</summary>
    public async Task<int> PublishAsync(IReadOnlyList<ProcedurePublished> procedures, CommandMetadata by, CancellationToken cancel = default)
    {
        var published = 0;
        foreach (var procedure in procedures)
        {
            var stream = Procedure.Stream(procedure.Code);
            var events = await database.Log.ReadStreamAsync(stream, cancel: cancel);
            if (events.Count > 0 && procedure.Equals(events[^1].Event))
                continue;
            var command = by with { CommandId = Uuid.V5(_commands, $"{stream} {events.Count + 1} {database.Names.Encode(procedure).Json}") };
            if ((await database.Log.AppendAsync([new(stream, Procedure.StreamType, events.Count, command, [procedure])], cancel))[0] is AppendOutcome.Appended)
                published++;
        }
        return published;
    }

    /// <summary>Every procedure in the version that is in force at a moment, by code.</summary>
    public async Task<IReadOnlyList<Procedure.Version>> InForceAsync(DateTimeOffset at, CancellationToken cancel = default)
    {
        var streams = new List<string>();
        await using (var command = database.App.CreateCommand($"SELECT id FROM dossier.mt_streams WHERE type = '{Procedure.StreamType}' ORDER BY id"))
        await using (var row = await command.ExecuteReaderAsync(cancel))
        {
            while (await row.ReadAsync(cancel))
                streams.Add(row.GetString(0));
        }
        var inForce = await Task.WhenAll(streams.Select(async stream => Procedure.InForce(await database.Log.ReadStreamAsync(stream, cancel: cancel), at)));
        return [.. inForce.OfType<Procedure.Version>()];
    }
}
