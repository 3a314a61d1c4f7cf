using System.Text.Json;
using EventDossier.Procedures;

namespace EventDossier.Dossiers;

/// <summary>Stages as they are spelled in tables and answers: <c>inProgress</c>.</summary>
public static class StageNames
{
    private static readonly string[] _names = [.. Enum.GetNames<Stage>().Select(JsonNamingPolicy.CamelCase.ConvertName)];

    public static string Of(Stage stage) => _names[(int)stage];

    public static string Of(OwnedStage stage) => stage.ToString().ToLowerInvariant();

    public static Stage Parse(string name) => (Stage)Array.IndexOf(_names, name) is var stage && (int)stage >= 0
        ? stage
        : throw new UserError("unknown-stage", $"'{name}' is not a stage; stages are {string.Join(", ", _names)}");
}
