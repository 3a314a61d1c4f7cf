using System.Text.Json;
using System.Text.Json.Serialization;
using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Record;
using EventDossier.Store;

namespace EventDossier.Complaints;

/// <summary>
/// Carries acts on complaints out, and tells them. Whoever one is about is answered as if there were none: the one place at which that is asked is <see cref="SeenAsync"/>.
/// </summary>
public sealed class ComplaintDesk(Database database, Desk desk, Func<Task<KeyStore>> keys)
{
    private const int MostTries = 8;
    private const string Digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static readonly Guid _numbers = new("3e0b9d52-7f41-5a3c-8c0d-61b0a4d2e917"), _duties = new("c2d81f64-0b3a-5e9f-9a77-18e5f0d3b246");

    /// <param name="Complaint">As it is afterwards.</param>
    public sealed record Result(Complaint? Complaint, Refusal? Refusal = null);

    /// <param name="Key">By which whoever made it follows it.</param>
    public sealed record Registered(string? Number, string? Key, DateTimeOffset? AcceptBy, Refusal? Refusal = null);

    /// <param name="Statement">Null where whoever made it was erased; so are the others.</param>
    public sealed record Opened(Complaint Complaint, ComplaintStatement? Statement, string? Answer, string? DeclinedFor);

    /// <param name="clerk">Who takes it from paper; null where it came online.</param>
    public async Task<Registered> RegisterAsync(RegisterComplaint act, ComplaintReader? clerk, ActContext context, CancellationToken cancel = default)
    {
        context = context with { Rules = await desk.RulesAsync(cancel) };
        if (await database.Log.FindCommandAsync(context.Command.CommandId, cancel) is { } done)
            return await ToldAsync(done, context, cancel);
        var events = act.About.Dossier is { } code && DossierCode.IsCode(code) ? await database.Log.ReadStreamAsync(code, cancel: cancel) : [];
        var concerned = Concerned.Of(act.About, events);
        if (RegisterComplaint.Refuse(act, clerk, concerned, events.Count > 0, context) is { } refused)
            return new(null, null, null, refused);
        var limit = (await ComplaintLimits.AtAsync(database, context.At, cancel)).Single(l => l.Kind == act.Kind);
        var statement = await SealAsync(context.Command.CommandId, act.Statement, cancel);
        for (var tries = 0; ; tries++)
        {
            var number = NumberOf(context.Command.CommandId, tries);
            var received = RegisterComplaint.Decide(act, clerk is null, concerned, limit, statement, context);
            var append = new StreamAppend(Complaint.Stream(number), Complaint.StreamType, 0, context.Command, [received], context.RecordedAt);
            switch ((await database.Log.AppendAsync([append], cancel))[0])
            {
                case AppendOutcome.Appended:
                    return await ToldAsync(number, received, cancel);
                case AppendOutcome.Duplicate duplicate:
                    return await ToldAsync(duplicate, context, cancel);
            }
        }
    }

    /// <summary>What the reader may see, the oldest first.</summary>
    /// <param name="over">Those too that are closed or declined.</param>
    public async Task<IReadOnlyList<Complaint>> ListAsync(ComplaintReader reader, DateTimeOffset now, bool over = false, CancellationToken cancel = default)
    {
        var organisation = (await desk.RulesAsync(cancel)).Organisation;
        return [.. (await Complaint.AllAsync(database, over, cancel)).Where(c => reader.Sees(c, organisation, now))];
    }

    /// <summary>A page of the same, and how many of the open ones are late.</summary>
    /// <param name="after">When the last of the page before came in, and its number.</param>
    public async Task<(IReadOnlyList<Complaint> Page, int Late)> PageAsync(
        ComplaintReader reader, DateTimeOffset now, bool over, (DateTimeOffset At, string Number)? after, int limit, CancellationToken cancel = default)
    {
        var (rules, open) = (await desk.RulesAsync(cancel), await Complaint.AllAsync(database, over: false, cancel));
        bool Sees(Complaint c) => reader.Sees(c, rules.Organisation, now);
        bool IsAfter((DateTimeOffset At, string Number) n) =>
            after is not var (at, number) || n.At > at || (n.At == at && string.CompareOrdinal(n.Number, number) > 0);
        // Whom one is about takes a while to find: only those are asked of that are shown or late.
        var late = open.Count(c => c.Owed(rules.Calendar) is { } owed && owed.DueAt < now && Sees(c));
        if (!over)
            return ([.. open.Where(c => IsAfter((c.Received.OccurredAt, c.Number))).Where(Sees).Take(limit)], late);
        var page = new List<Complaint>();
        foreach (var numbers in (await Complaint.NumbersAsync(database, cancel)).Where(IsAfter).Chunk(limit).TakeWhile(_ => page.Count < limit))
        {
            // Asked for at once, they are read in one go.
            var streams = await Task.WhenAll(numbers.Select(n => database.Log.ReadFactsAsync(Complaint.Stream(n.Number), cancel)));
            page.AddRange(numbers.Zip(streams, (n, events) => Complaint.Fold(n.Number, events)!).Where(Sees).Take(limit - page.Count));
        }
        return (page, late);
    }

    /// <summary>What it says, and who made it; that it was read is put down in it first.</summary>
    /// <param name="id">Of the request: the same is put down once.</param>
    /// <exception cref="UserError"><c>no-such-complaint</c>, also of one that is about the reader.</exception>
    public async Task<Opened> OpenAsync(string number, ComplaintReader reader, Reader who, CancellationToken cancel = default)
    {
        var now = WorkCalendar.Vietnam.Local(database.Clock.GetUtcNow());
        _ = await SeenAsync(number, reader, now, cancel) ?? throw new UserError("no-such-complaint", NoSuch(number).Reason);
        var read = new ComplaintRead(now, who.Actor, who.Role, who.Where, who.Reason);
        var append = new StreamAppend(Complaint.Stream(number), Complaint.StreamType, StreamAppend.Any, new(Uuid.V5(who.Id, number), who.Actor, who.Role), [read]);
        if ((await database.Log.AppendAsync([append], cancel))[0] is AppendOutcome.Conflict)
            throw new InvalidOperationException("a reading takes any version");
        return await OpenedAsync((await FindAsync(number, cancel))!, cancel);
    }

    /// <summary>For whoever made it; null where the key is none of it. Without its key nothing is read.</summary>
    public async Task<Opened?> FollowAsync(string number, string key, CancellationToken cancel = default)
    {
        number = number.Trim().ToUpperInvariant();
        return number.Length <= RegisterComplaint.MostOther && LookUpKey.Opens(await SecretAsync(cancel), Complaint.Stream(number), key)
            && await FindAsync(number, cancel) is { } complaint ? await OpenedAsync(complaint, cancel) : null;
    }

    public Task<Result> AcceptAsync(string number, AcceptComplaint act, ComplaintReader reader, ActContext context, CancellationToken cancel = default) =>
        DoAsync(number, reader, context, (complaint, c) => AcceptComplaint.Decide(act, complaint, reader, c), cancel);

    public Task<Result> AssignAsync(string number, AssignComplaint act, ComplaintReader reader, ActContext context, CancellationToken cancel = default) =>
        DoAsync(number, reader, context, (complaint, c) => AssignComplaint.Decide(act, complaint, reader, c), cancel);

    public Task<Result> CloseAsync(string number, CloseComplaint act, ComplaintReader reader, ActContext context, CancellationToken cancel = default) =>
        DoAsync(number, reader, context, (complaint, c) => CloseComplaint.Decide(act, complaint, reader, c), cancel);

    public async Task<Result> DeclineAsync(string number, DeclineComplaint act, ComplaintReader reader, ActContext context, CancellationToken cancel = default)
    {
        if (await SeenAsync(number, reader, context.Now, cancel) is not { } seen)
            return new(null, NoSuch(number));
        var reason = await SealTextAsync(seen, act.Reason, cancel);
        return await DoAsync(number, reader, context, (complaint, c) => DeclineComplaint.Decide(act, reason, complaint, reader, c), cancel);
    }

    public async Task<Result> AnswerAsync(string number, AnswerComplaint act, ComplaintReader reader, ActContext context, CancellationToken cancel = default)
    {
        if (await SeenAsync(number, reader, context.Now, cancel) is not { } seen)
            return new(null, NoSuch(number));
        var answer = await SealTextAsync(seen, act.Text, cancel);
        return await DoAsync(number, reader, context, (complaint, c) => AnswerComplaint.Decide(act, answer, complaint, reader, c), cancel);
    }

    /// <summary>Raises what is late and was not raised: once, whoever asks, and however often.</summary>
    /// <returns>How many were raised.</returns>
    public async Task<int> RaiseAsync(DateTimeOffset now, CancellationToken cancel = default)
    {
        var (rules, raised) = (await desk.RulesAsync(cancel), 0);
        foreach (var complaint in await Complaint.AllAsync(database, over: false, cancel))
        {
            if (RaiseOverdue.Decide(complaint, rules.Known(now), rules.Organisation, rules.Calendar.Local(now)) is not { } overdue)
                continue;
            var command = new CommandMetadata(Uuid.V5(_duties, $"{complaint.Number} {overdue.Duty}"), "eventdossier", "alarm clock");
            var append = new StreamAppend(Complaint.Stream(complaint.Number), Complaint.StreamType, complaint.Version, command, [overdue], database.IsSample ? now : null);
            // Whoever was faster may have done what was owed; the next look tells.
            raised += (await database.Log.AppendAsync([append], cancel))[0] is AppendOutcome.Appended ? 1 : 0;
        }
        return raised;
    }

    /// <summary>By a guess nobody learns how many there are, or which is the next.</summary>
    internal static string NumberOf(Guid command, int tries)
    {
        var bytes = Uuid.V5(_numbers, $"{command} {tries}").ToByteArray();
        return $"PA-{string.Concat(bytes.Take(8).Select(b => Digits[b & 31]))}";
    }

    private async Task<Complaint?> FindAsync(string number, CancellationToken cancel) =>
        Complaint.Fold(number, await database.Log.ReadStreamAsync(Complaint.Stream(number), cancel: cancel));

    /// <summary>Null where there is none, and where it is about the reader.</summary>
    private async Task<Complaint?> SeenAsync(string number, ComplaintReader reader, DateTimeOffset now, CancellationToken cancel) =>
        number.Length <= RegisterComplaint.MostOther && await FindAsync(number, cancel) is { } complaint
            && reader.Sees(complaint, (await desk.RulesAsync(cancel)).Organisation, now) ? complaint : null;

    private static Refusal NoSuch(string number) => new("no-such-complaint", $"there is no complaint {number}");

    private async Task<Result> DoAsync(
        string number, ComplaintReader reader, ActContext context, Func<Complaint, ActContext, (ComplaintEvent? Event, Refusal? Refusal)> decide, CancellationToken cancel)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            if (await SeenAsync(number, reader, context.Now, cancel) is not { } known)
                return new(null, NoSuch(number));
            if (await database.Log.FindCommandAsync(context.Command.CommandId, cancel) is { } done)
            {
                var same = done.Request == context.Command.Request && done.Stream == Complaint.Stream(number);
                return new(known, same ? null : new("key-reused", "this idempotency key was used for another request"));
            }
            var (@event, refusal) = decide(known, context with { Rules = await desk.FreshRulesAsync(cancel) });
            if (@event is null)
                return new(known, refusal);
            var append = new StreamAppend(Complaint.Stream(number), Complaint.StreamType, known.Version, context.Command, [@event], context.RecordedAt);
            if ((await database.Log.AppendAsync([append], cancel))[0] is not AppendOutcome.Conflict)
                return new(await FindAsync(number, cancel));
        }
        throw new StreamBusyException(Complaint.Stream(number));
    }

    private async Task<Registered> ToldAsync(AppendOutcome.Duplicate done, ActContext context, CancellationToken cancel)
    {
        if (done.Request != context.Command.Request || !done.Stream.StartsWith(Complaint.StreamPrefix, StringComparison.Ordinal))
            return new(null, null, null, new("key-reused", "this idempotency key was used for another request"));
        var number = done.Stream[Complaint.StreamPrefix.Length..];
        return await ToldAsync(number, (await FindAsync(number, cancel))!.Received, cancel);
    }

    private async Task<Registered> ToldAsync(string number, ComplaintReceived received, CancellationToken cancel) => new(
        number, LookUpKey.Of(await SecretAsync(cancel), Complaint.Stream(number)),
        DueDate.Of(received.OccurredAt, received.Limit.Accept, (await desk.RulesAsync(cancel)).Calendar));

    private Task<byte[]> SecretAsync(CancellationToken cancel) => new RecordTree(database.App).SecretAsync(LookUpKey.Secret, cancel);

    /// <summary>
    /// Under a key that nothing finds: no search for a name or a number leads to who complained. The same command seals the same.
    /// </summary>
    private async Task<Sealed> SealAsync(Guid command, ComplaintStatement statement, CancellationToken cancel)
    {
        var store = await keys();
        var owner = await store.SealAsync(new Applicant(""), Uuid.V5(command, "complaint"), cancel);
        return await store.SealTextAsync(owner.Applicant, JsonSerializer.Serialize(statement, ComplaintJson.Default.ComplaintStatement), cancel);
    }

    private async Task<Sealed> SealTextAsync(Complaint complaint, string text, CancellationToken cancel) =>
        await (await keys()).SealTextAsync(complaint.Received.Statement.Applicant, text, cancel);

    private async Task<Opened> OpenedAsync(Complaint complaint, CancellationToken cancel)
    {
        var store = await keys();
        var statement = await store.OpenTextAsync(complaint.Received.Statement, cancel);
        return new(
            complaint, statement is null ? null : JsonSerializer.Deserialize(statement, ComplaintJson.Default.ComplaintStatement),
            complaint.Answered is { } answered ? await store.OpenTextAsync(answered.Answer, cancel) : null,
            complaint.Declined is { } declined ? await store.OpenTextAsync(declined.Reason, cancel) : null);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ComplaintStatement))]
internal sealed partial class ComplaintJson : JsonSerializerContext;
