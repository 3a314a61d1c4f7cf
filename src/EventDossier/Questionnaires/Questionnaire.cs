using EventDossier.Deadlines;
using EventDossier.Store;

namespace EventDossier.Questionnaires;

/// <summary>A version of a questionnaire was decided, in the stream <c>/questionnaire/CODE</c>. Who was invited answers the version of then.</summary>
/// <param name="Basis">What it is asked for.</param>
public sealed record QuestionnaireDecided(
    DateTimeOffset OccurredAt, string By, Wording Title, IReadOnlyList<Question> Questions, string Basis);

/// <summary>Answered by a level from 1, very dissatisfied, to 5, very satisfied.</summary>
/// <param name="Id">Unique in the questionnaire; the same question keeps it in the next version.</param>
public sealed record Question(string Id, Wording Text);

/// <summary>Who had a result returned was asked, in the stream <c>/questionnaire-invitation/CODE/DOSSIER</c>: nobody is asked twice about one dossier.</summary>
/// <param name="Version">Of the questionnaire.</param>
/// <param name="Level">Where the dossier was received.</param>
public sealed record QuestionnaireInvited(
    DateTimeOffset OccurredAt, string By, string Questionnaire, long Version, string Dossier, string? Agency, ServiceLevel Level);

/// <summary>What whoever holds slip 01 of the dossier answered: once, and to all questions.</summary>
public sealed record QuestionnaireAnswered(DateTimeOffset OccurredAt, IReadOnlyList<QuestionAnswer> Answers);

/// <param name="Level">1 to 5.</param>
public sealed record QuestionAnswer(string Question, long Level);

/// <summary>The centre of the province, or the centres of districts and communes.</summary>
public enum ServiceLevel { Centre, Locality }

/// <summary>A questionnaire as it stands.</summary>
/// <param name="Version">0 where there is none.</param>
public sealed record Questionnaire(string Code, long Version, QuestionnaireDecided Decided)
{
    public const string StreamType = "questionnaire", InvitationType = "questionnaire invitation";
    public const string StreamPrefix = "/questionnaire/", InvitationPrefix = "/questionnaire-invitation/";

    public const int MostQuestions = 30;

    public static string Stream(string code) => StreamPrefix + code;

    public static string Invitation(string code, string dossier) => $"{InvitationPrefix}{code}/{dossier}";

    /// <summary>Small letters, digits and hyphens, at most 40.</summary>
    public static bool IsCode(string code) => code.Length is > 0 and <= 40 && code.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    /// <summary>All of them, each in its newest version, by code.</summary>
    public static async Task<IReadOnlyList<Questionnaire>> AllAsync(Database database, CancellationToken cancel = default) =>
        [.. (await StreamOrder.BelowAsync(database, StreamPrefix, cancel)).Select(s => new Questionnaire(s.Key, s.Last().Version, (QuestionnaireDecided)s.Last().Event))];
}
