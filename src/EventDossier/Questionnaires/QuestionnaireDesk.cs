using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Organisation;
using EventDossier.Store;
using Units = EventDossier.Organisation.Organisation;

namespace EventDossier.Questionnaires;

/// <summary>Decides questionnaires, asks those whose result was returned, and takes their answers.</summary>
public sealed class QuestionnaireDesk(Database database, Desk desk)
{
    private const int Many = 1_000;
    private static readonly Guid _commands = new("7b5d0e83-1f2a-5c4e-a6d9-40c8e7b39f15");

    /// <param name="Asked">Those whose result was returned in the period and who belong to the sample.</param>
    /// <param name="Invited">Of them, those who had not been asked before.</param>
    public sealed record Result(int Asked, int Invited, Refusal? Refusal = null);

    /// <summary>A questionnaire of a file: <c>{title, questions: [{id, text}], basis}</c>.</summary>
    private sealed record Contents(Wording Title, IReadOnlyList<Question> Questions, string Basis);

    /// <summary>Decides it as a file tells it; the same again decides nothing.</summary>
    /// <exception cref="UserError"><c>bad-questionnaire</c></exception>
    public async Task<Questionnaire> DecideAsync(string code, ReadOnlyMemory<byte> json, ActContext context, CancellationToken cancel = default)
    {
        var told = StrictJson.Parse<Contents>(json.Span, "questionnaire", "bad-questionnaire");
        if (!Questionnaire.IsCode(code))
            throw new UserError("bad-questionnaire", $"'{code}': small letters, digits and hyphens make a code");
        if (told.Questions.Count is 0 or > Questionnaire.MostQuestions || told.Questions.FirstOrDefault(q => q is null || !Questionnaire.IsCode(q.Id)) is not null)
            throw new UserError("bad-questionnaire", $"questions: 1 to {Questionnaire.MostQuestions}, each with an id of small letters, digits and hyphens");
        if (told.Questions.GroupBy(q => q.Id).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new UserError("bad-questionnaire", $"question {twice.Key}: named twice");
        if (string.IsNullOrWhiteSpace(told.Basis))
            throw new UserError("bad-questionnaire", $"{code}: a questionnaire names its basis");
        while (true)
        {
            var before = await database.Log.ReadStreamAsync(Questionnaire.Stream(code), cancel: cancel);
            var decided = new QuestionnaireDecided(context.At, context.Command.Actor, told.Title, told.Questions, told.Basis);
            if (before.Count > 0 && before[^1].Event is QuestionnaireDecided last && Content(last) == Content(decided))
                return new(code, before.Count, last);
            var command = context.Command with { CommandId = Uuid.V5(_commands, $"{code} {before.Count} {Content(decided)}") };
            if ((await database.Log.AppendAsync([new(Questionnaire.Stream(code), Questionnaire.StreamType, before.Count, command, [decided])], cancel))[0] is not AppendOutcome.Conflict)
                return new(code, before.Count + 1, decided);
        }

        string Content(QuestionnaireDecided of) => database.Names.Encode(of with { OccurredAt = default, By = "" }).Json;
    }

    /// <summary>Asks those whose result was returned in a period; once about each dossier, however often it is said.</summary>
    /// <param name="every">One in so many, by the code: the same ones each time.</param>
    public async Task<Result> InviteAsync(
        string code, DateTimeOffset from, DateTimeOffset to, string? agency, int every, ActContext context, CancellationToken cancel = default)
    {
        if (every is < 1 or > 1_000)
            return new(0, 0, new("bad-sample", $"one in {every}: from 1 to 1000 are possible"));
        if ((await Questionnaire.AllAsync(database, cancel)).FirstOrDefault(q => q.Code == code) is not { } questionnaire)
            return new(0, 0, new("no-such-questionnaire", $"there is no questionnaire {code}"));
        var organisation = (await desk.RulesAsync(cancel)).Organisation;
        var returned = (await ReturnedAsync(from, to, agency, cancel))
            .Where(r => BitConverter.ToUInt32(Uuid.V5(_commands, r.Code).ToByteArray()) % every == 0).ToList();
        var invited = 0;
        foreach (var chunk in returned.Chunk(Many))
        {
            var appends = chunk.Select(r => new StreamAppend(Questionnaire.Invitation(code, r.Code), Questionnaire.InvitationType, 0,
                context.Command with { CommandId = Uuid.V5(_commands, $"{code} {r.Code}"), Request = null },
                [new QuestionnaireInvited(context.At, context.Command.Actor, code, questionnaire.Version, r.Code, r.Agency, LevelOf(organisation, r.Place, r.Agency, context.At))], context.RecordedAt));
            invited += (await database.Log.AppendManyNewAsync([.. appends.Where(a => a.Stream.Length <= 200)], cancel)).Count(o => o is AppendOutcome.Appended);
        }
        return new(returned.Count, invited);
    }

    /// <summary>What whoever holds a dossier's slip was asked and has not answered.</summary>
    public async Task<IReadOnlyList<Questionnaire>> OpenAsync(string dossier, CancellationToken cancel = default)
    {
        var open = new List<Questionnaire>();
        foreach (var questionnaire in await Questionnaire.AllAsync(database, cancel))
        {
            if (await database.Log.ReadStreamAsync(Questionnaire.Invitation(questionnaire.Code, dossier), cancel: cancel) is [{ Event: QuestionnaireInvited invited }])
                open.Add(await AtAsync(questionnaire, invited.Version, cancel));
        }
        return open;
    }

    /// <summary>Takes the answers: to all questions of the version that was asked, and once.</summary>
    public async Task<Refusal?> AnswerAsync(string code, string dossier, IReadOnlyList<QuestionAnswer> answers, DateTimeOffset now, CancellationToken cancel = default)
    {
        var stream = Questionnaire.Invitation(code, dossier);
        var events = Questionnaire.IsCode(code) && stream.Length <= 200 ? await database.Log.ReadStreamAsync(stream, cancel: cancel) : [];
        if (events is not [{ Event: QuestionnaireInvited invited }, ..])
            return new("not-invited", $"nobody was asked {code} about {dossier}");
        var questions = (await VersionsAsync(code, cancel))[(int)invited.Version - 1].Questions;
        if (questions.FirstOrDefault(q => answers.Count(a => a.Question == q.Id && a.Level is >= 1 and <= 5) != 1) is { } missing || answers.Count != questions.Count)
            return new("answer-missing", $"each question is answered once, by a level from 1 to 5");
        IReadOnlyList<QuestionAnswer> inOrder = [.. questions.Select(q => answers.Single(a => a.Question == q.Id))];
        if (events.Count > 1)
            return ((QuestionnaireAnswered)events[1].Event).Answers.SequenceEqual(inOrder) ? null : new("answered-before", $"{code} was answered about {dossier}");
        var command = new CommandMetadata(Uuid.V5(_commands, $"answer {stream} {string.Join(' ', inOrder.Select(a => a.Level))}"), $"slip:{dossier}", Role.Citizen);
        var append = new StreamAppend(stream, Questionnaire.InvitationType, 1, command, [new QuestionnaireAnswered(now, inOrder)]);
        return (await database.Log.AppendAsync([append], cancel))[0] is AppendOutcome.Conflict ? new("answered-before", $"{code} was answered about {dossier}") : null;
    }

    /// <summary>By where it was received; where no place is known, by the agency.</summary>
    internal static ServiceLevel LevelOf(Units organisation, string? place, string? agency, DateTimeOffset at) =>
        (organisation.UnitAt(place ?? "", at) ?? organisation.UnitAt(agency ?? "", at))?.Kind is UnitKind.DistrictCentre or UnitKind.CommuneCentre ? ServiceLevel.Locality : ServiceLevel.Centre;

    private async Task<Questionnaire> AtAsync(Questionnaire newest, long version, CancellationToken cancel) =>
        newest.Version == version ? newest : new(newest.Code, version, (await VersionsAsync(newest.Code, cancel))[(int)version - 1]);

    private async Task<List<QuestionnaireDecided>> VersionsAsync(string code, CancellationToken cancel) =>
        [.. (await database.Log.ReadStreamAsync(Questionnaire.Stream(code), cancel: cancel)).Select(e => (QuestionnaireDecided)e.Event)];

    private async Task<List<(string Code, string? Agency, string? Place)>> ReturnedAsync(DateTimeOffset from, DateTimeOffset to, string? agency, CancellationToken cancel)
    {
        await using var command = database.App.CreateCommand(
            $"""
            SELECT o.code, o.agency, (
                SELECT e.data ->> 'place' FROM dossier.mt_events e WHERE e.stream_id = o.code AND e.data ->> 'place' IS NOT NULL ORDER BY e.version LIMIT 1)
            FROM {Overview.View.Table} o
            WHERE o.returned_at >= @from AND o.returned_at < @to AND (@agency IS NULL OR o.agency = @agency) ORDER BY o.code
            """);
        command.Parameters.AddWithValue("from", from.ToUniversalTime());
        command.Parameters.AddWithValue("to", to.ToUniversalTime());
        command.Parameters.AddText("agency", agency);
        var rows = new List<(string, string?, string?)>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            rows.Add((row.GetString(0), row.TextOrNull(1), row.TextOrNull(2)));
        return rows;
    }
}
