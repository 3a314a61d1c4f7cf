using System.Globalization;
using System.Security.Cryptography;
using EventDossier.Dossiers;
using EventDossier.Exports;
using EventDossier.OpenData;
using EventDossier.Record;
using EventDossier.Store;

namespace EventDossier.Releases;

/// <summary>Carries acts on releases out: load, build where files are needed, decide, append.</summary>
/// <param name="keyFile">Of the key that signs the public log, and with it releases.</param>
/// <param name="drafts">Folder where checked files wait for the second person.</param>
/// <param name="openData">Folder that the public may fetch from.</param>
public sealed class ReleaseDesk(Database database, string keyFile, string drafts, string openData)
{
    private const int MostTries = 8;
    private readonly ReleaseBuilder _builder = new(database);

    /// <param name="Release">As it is afterwards; null where there is none.</param>
    public sealed record Result(Release? Release, Refusal? Refusal = null);

    public sealed record RequestResult(InformationRequest? Request, Refusal? Refusal = null);

    /// <summary>A file that is not as it was published.</summary>
    public sealed record Tampered(string File, string Why);

    /// <summary>With the folders of a data folder.</summary>
    public static ReleaseDesk In(string dataFolder, Database database) => new(
        database, RecordKeys.FileIn(dataFolder, database.IsSample),
        Path.Combine(dataFolder, $"releases{(database.IsSample ? "_sample" : "")}"),
        OpenDataFolder.FolderIn(dataFolder, database.IsSample));

    public string DraftOf(string number) => Path.Combine(drafts, number);

    public string PublishedOf(string number) => OpenDataFolder.ReleaseIn(openData, number);

    public async Task<Result> DraftAsync(DraftRelease act, ActContext context, CancellationToken cancel = default)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            if (await database.Log.FindCommandAsync(context.Command.CommandId, cancel) is { } done)
                return await ToldAsync(done, context, cancel);
            var releases = await Release.AllAsync(database, cancel);
            var request = act.Request is null ? null : await RequestAsync(act.Request, cancel);
            var rules = await Rulebook.LoadAsync(database, cancel);
            var facts = new DraftRelease.Facts(
                Publisher(context.At, rules), Licence, await database.HeadAsync(cancel), releases,
                await IsKnownAsync("agency", act.Agency, rules, cancel),
                await IsKnownAsync("procedure", act.Procedure, rules, cancel), request)
            {
                ProcedurePublishable = ReleaseBuilder.IsPublishable(rules, act.Procedure),
            };
            var decision = DraftRelease.Decide(act, facts, context);
            if (decision.Event is null)
                return new(null, decision.Refusal);
            var year = context.At.Year.ToString(CultureInfo.InvariantCulture);
            var last = releases.Where(r => r.Number.StartsWith($"{year}-", StringComparison.Ordinal))
                .Select(r => int.Parse(r.Number[5..], CultureInfo.InvariantCulture)).DefaultIfEmpty().Max();
            var number = string.Create(CultureInfo.InvariantCulture, $"{year}-{last + 1:0000}");
            await ReleaseStore.SecretAsync(database, number, cancel);
            if (await AppendAsync(Release.Stream(number), Release.StreamType, 0, context, decision.Event,
                cancel) is not AppendOutcome.Conflict)
                return await ShowAsync(number, cancel);
        }
        throw new StreamBusyException(Release.StreamPrefix);
    }

    /// <summary>Makes the files and asks the gate. A release that fails leaves its report alone.</summary>
    public async Task<Result> CheckAsync(string number, ActContext context, Action<long>? progress = null,
        CancellationToken cancel = default)
    {
        if (await FindAsync(number, cancel) is not { } release)
            return NoSuch(number);
        if (release.Stage >= ReleaseStage.Published)
            return new(release, CheckRelease.Decide(new(None), release, context).Refusal);
        if (ReleaseActs.Refuse(context) is { } refused)
            return new(release, refused);
        // What lies in the tree already stays where it is: the next build finds the same checkpoint in the event.
        var checkpoint = release.Checked?.Checkpoint ?? await CheckpointAsync(cancel);
        var beside = Beside(DraftOf(number), context);
        try
        {
            var build = await _builder.BuildAsync(release, checkpoint, await Release.AllAsync(database, cancel),
                beside, progress: progress, cancel: cancel);
            var result = await DoAsync(number, context, (now, _) => CheckRelease.Decide(new(build), now, context),
                cancel);
            if (result.Release?.Checked?.Sha256 == build.Sha256 && result.Release.Published is null)
                Replace(beside, DraftOf(number));
            return result;
        }
        finally
        {
            Remove(beside);
        }
    }

    public async Task<Result> ApproveAsync(string number, ApproveRelease act, ActContext context,
        CancellationToken cancel = default)
    {
        var known = context with { Rules = await Rulebook.LoadAsync(database, cancel) };
        return await DoAsync(number, context, (release, _) => ApproveRelease.Decide(act, release, known), cancel);
    }

    /// <summary>
    /// Makes the files once more, asks the gate once more, and puts them where they are handed out once the event is
    /// there. Asked again after a crash, it ends what was begun.
    /// </summary>
    public async Task<Result> PublishAsync(string number, ActContext context, Action<long>? progress = null,
        CancellationToken cancel = default)
    {
        if (await FindAsync(number, cancel) is not { } release)
            return NoSuch(number);
        var releases = await Release.AllAsync(database, cancel);
        // What can be refused without the files is; the decision with them follows.
        var early = PublishRelease.Decide(new(None with { Sha256 = release.Checked?.Sha256 ?? "" }, _ => ""), release,
            releases, context);
        if (early.Refusal is not null)
            return new(release, early.Refusal);
        if (release.Stage == ReleaseStage.Published && Directory.Exists(PublishedOf(number)))
        {
            await SupersedeAsync(release, context, cancel);
            return new(release);
        }

        var beside = Beside(PublishedOf(number), context);
        try
        {
            var build = await _builder.BuildAsync(release, release.Checked!.Checkpoint, releases, beside, keep: true,
                progress, cancel);
            var signer = await RecordKeys.SignerAsync(database, keyFile, RecordSealer.Origin, cancel);
            var result = await DoAsync(number, context, (now, all) => PublishRelease.Decide(
                new(build, sums => new SignedNote(sums, [signer.Sign(sums)]).ToString()), now, all, context), cancel);
            if (result.Refusal is not null || result.Release!.Published is not { } published)
                return result;
            if (published.Sha256 != build.Sha256)
                return result with { Refusal = new("files-changed",
                    $"{number} can't be made again as it was published") };
            await File.WriteAllTextAsync(Path.Combine(beside, ReleaseBuilder.Signature), published.Signature, cancel);
            Replace(beside, PublishedOf(number));
            await SupersedeAsync(release, context, cancel);
            return result;
        }
        finally
        {
            Remove(beside);
        }
    }

    private async Task SupersedeAsync(Release by, ActContext context, CancellationToken cancel)
    {
        if (by.Drafted is { Supersedes: { } before, Reason: { } reason })
        {
            var command = context.Command with { CommandId = Uuid.V5(context.Command.CommandId, before) };
            await DoAsync(before, context with { Command = command }, (old, _) => old.IsCurrent
                ? new ReleaseSuperseded(context.At, context.Command.Actor, by.Number, reason)
                : ReleaseDecision.AlreadyDone, cancel);
        }
        await CatalogueAsync(cancel);
    }

    /// <summary>What the public finds, as the events have it.</summary>
    private async Task CatalogueAsync(CancellationToken cancel)
    {
        var releases = (await Release.AllAsync(database, cancel)).Where(r => r.Published is not null).ToList();
        if (releases.Count == 0)
            return;
        await OpenDataFolder.WriteCatalogueAsync(openData, releases[^1].Drafted.Publisher, [.. releases.Select(r =>
            ReleaseBuilder.Describe(r, r.Withdrawn is null ? Files(PublishedOf(r.Number)) : []) with
            {
                Issued = r.Published!.OccurredAt, ReplacedBy = r.Superseded?.With, Withdrawn = r.Withdrawn is { } w
                    ? new(w.OccurredAt, w.Reason) : null,
            })], cancel);

        static List<WrittenFile> Files(string folder) => !File.Exists(Path.Combine(folder, ReleaseBuilder.Sums)) ? [] :
        [
            .. File.ReadLines(Path.Combine(folder, ReleaseBuilder.Sums)).Select(line => line.Split("  ", 2))
            .Select(parts => (Sha256: parts[0], Path: Path.Combine(folder, Path.GetFileName(parts[^1]))))
                .Where(file => File.Exists(file.Path))
                .Select(file => new WrittenFile(Path.GetFileName(file.Path), new FileInfo(file.Path).Length,
                    file.Sha256, file.Path.EndsWith(".gz", StringComparison.Ordinal) ? "" : null)),
        ];
    }

    /// <summary>
    /// What was published stays in the catalogue, with the reason and without its files, which go back among the
    /// drafts.
    /// </summary>
    public async Task<Result> WithdrawAsync(string number, WithdrawRelease act, ActContext context,
        CancellationToken cancel = default)
    {
        var result = await DoAsync(number, context, (release, _) => WithdrawRelease.Decide(act, release, context),
            cancel);
        if (result is { Refusal: null, Release.Published: not null } && Directory.Exists(PublishedOf(number)))
        {
            Replace(PublishedOf(number), DraftOf(number));
            await CatalogueAsync(cancel);
        }
        return result;
    }

    /// <summary>Makes a release's files again, anywhere.</summary>
    /// <exception cref="UserError"><c>no-such-release</c>, <c>not-checked</c></exception>
    public async Task<ReleaseBuild> BuildAsync(string number, string folder, Action<long>? progress = null,
        CancellationToken cancel = default)
    {
        var release = await FindAsync(number, cancel) ?? throw new UserError("no-such-release",
            $"there is no release {number}");
        if (release.Checked is not { } checked_)
            throw new UserError("not-checked", $"{number} is not checked yet");
        // Compared with those that it was compared with then.
        var releases = (await Release.AllAsync(database, cancel)).Where(r => checked_.Earlier.Contains(r.Number))
            .ToList();
        var build = await _builder.BuildAsync(release, checked_.Checkpoint, releases, folder, progress: progress,
            cancel: cancel);
        if (release.Published is { } out_)
            await File.WriteAllTextAsync(Path.Combine(folder, ReleaseBuilder.Signature), out_.Signature, cancel);
        return build;
    }

    /// <summary>The published files against what the log says of them.</summary>
    /// <exception cref="UserError"><c>no-such-release</c>, <c>not-published</c></exception>
    public async Task<IReadOnlyList<Tampered>> VerifyAsync(string number, CancellationToken cancel = default)
    {
        var release = await FindAsync(number, cancel) ?? throw new UserError("no-such-release",
            $"there is no release {number}");
        if (release.Published is not { } out_)
            throw new UserError("not-published", $"{number} was never published");
        var folder = release.Withdrawn is null ? PublishedOf(number) : DraftOf(number);
        var (sumsFile, signature) = (Path.Combine(folder, ReleaseBuilder.Sums),
            Path.Combine(folder, ReleaseBuilder.Signature));
        var found = new List<Tampered>();
        if (!File.Exists(sumsFile))
            return [new(ReleaseBuilder.Sums, "is missing")];
        var sums = await File.ReadAllBytesAsync(sumsFile, cancel);
        if (Convert.ToHexStringLower(SHA256.HashData(sums)) != out_.Sha256)
            found.Add(new(ReleaseBuilder.Sums, "is not the list that was published"));
        if (!File.Exists(signature) || await File.ReadAllTextAsync(signature, cancel) != out_.Signature)
            found.Add(new(ReleaseBuilder.Signature, "is not the signature that was published"));
        var listed = System.Text.Encoding.UTF8.GetString(sums).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split("  ", 2)).Where(parts => parts.Length == 2).ToList();
        foreach (var parts in listed)
        {
            var file = Path.Combine(folder, Path.GetFileName(parts[1]));
            if (!File.Exists(file))
            {
                found.Add(new(parts[1], "is missing"));
                continue;
            }
            await using var stream = File.OpenRead(file);
            if (Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancel)) != parts[0])
                found.Add(new(parts[1], "was changed"));
        }
        var names = listed.Select(parts => parts[1]).Append(ReleaseBuilder.Sums).Append(ReleaseBuilder.Signature)
            .ToHashSet(StringComparer.Ordinal);
        found.AddRange(Directory.EnumerateFileSystemEntries(folder).Select(entry => Path.GetFileName(entry)!)
            .Where(name => !names.Contains(name)).Select(name => new Tampered(name, "does not belong there")));
        return found;
    }

    public async Task<RequestResult> EnterAsync(string number, EnterRequest act, ActContext context,
        CancellationToken cancel = default) =>
        await RegisterAsync(number, context, known => EnterRequest.Decide(act, number, known, context), cancel);

    public async Task<RequestResult> AnswerAsync(string number, AnswerRequest act, ActContext context,
        CancellationToken cancel = default)
    {
        var release = act.Release is null ? null : await FindAsync(act.Release, cancel);
        return await RegisterAsync(number, context, known =>
            AnswerRequest.Decide(act, number, known, release, context), cancel);
    }

    public async Task<Release?> FindAsync(string number, CancellationToken cancel = default) =>
        await database.Log.ReadStreamAsync(Release.Stream(number), cancel: cancel) is { Count: > 0 } events
            ? Release.Fold(number, events) : null;

    public async Task<InformationRequest?> RequestAsync(string number, CancellationToken cancel = default) =>
        InformationRequest.Fold(number, await database.Log.ReadStreamAsync(InformationRequest.Stream(number),
            cancel: cancel));

    private static string Licence => Environment.GetEnvironmentVariable("EVENTDOSSIER_LICENCE") is { Length: > 0 } named
        ? named
        : "https://creativecommons.org/licenses/by/4.0/";

    /// <summary>As it is set; else the unit that the director heads.</summary>
    private static string Publisher(DateTimeOffset at, Rulebook rules) =>
        Environment.GetEnvironmentVariable("EVENTDOSSIER_PUBLISHER") is { Length: > 0 } named ? named
        : rules.Organisation.UnitsAt(at).FirstOrDefault(unit => rules.Organisation.PostsOfUnit(unit.Code, at)
        .Any(post => post.Role == Organisation.PostRole.Director))?.Name.Vi ?? "EventDossier";

    private static readonly ReleaseBuild None = new("", "", [], 0, 0, 0, "", []);

    private static Result NoSuch(string number) => new(null, new("no-such-release", $"there is no release {number}"));

    /// <summary>Of the whole log as it stands, so that every event of the release lies within it.</summary>
    private async Task<string> CheckpointAsync(CancellationToken cancel)
    {
        await new RecordSealer(database, keyFile).CatchUpAsync(cancel: cancel);
        return $"{(await new RecordProofs(database, keyFile).CurrentAsync(cancel: cancel)).Checkpoint}";
    }

    private async Task<Result> DoAsync(string number, ActContext context, Func<Release, IReadOnlyList<Release>,
        ReleaseDecision> decide, CancellationToken cancel)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            var events = await database.Log.ReadStreamAsync(Release.Stream(number), cancel: cancel);
            if (events.Count == 0)
                return NoSuch(number);
            if (await database.Log.FindCommandAsync(context.Command.CommandId, cancel) is { } done)
                return await ToldAsync(done, context, cancel);
            var release = Release.Fold(number, events);
            var decision = decide(release, await Release.AllAsync(database, cancel));
            if (decision.Event is null)
                return new(release, decision.Refusal);
            if (await AppendAsync(Release.Stream(number), Release.StreamType, release.Version, context, decision.Event,
                cancel) is not AppendOutcome.Conflict)
                return await ShowAsync(number, cancel);
        }
        throw new StreamBusyException(Release.Stream(number));
    }

    private async Task<RequestResult> RegisterAsync(
        string number, ActContext context, Func<InformationRequest?,
        (InformationRequestEvent? Event, Refusal? Refusal)> decide, CancellationToken cancel)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            var known = await RequestAsync(number, cancel);
            var (@event, refusal) = decide(known);
            if (@event is null)
                return new(known, refusal);
            if (await AppendAsync(InformationRequest.Stream(number), InformationRequest.StreamType,
                known?.Version ?? 0, context, @event, cancel) is not AppendOutcome.Conflict)
                return new(await RequestAsync(number, cancel));
        }
        throw new StreamBusyException(InformationRequest.Stream(number));
    }

    private async Task<AppendOutcome> AppendAsync(string stream, string type, long version, ActContext context,
        object @event, CancellationToken cancel) =>
        (await database.Log.AppendAsync([new(stream, type, version, context.Command, [@event], context.RecordedAt)],
            cancel))[0];

    private async Task<Result> ShowAsync(string number, CancellationToken cancel) =>
        new(await FindAsync(number, cancel));

    /// <summary>What the command did before, as it is now; the same key for another request is refused.</summary>
    private async Task<Result> ToldAsync(AppendOutcome.Duplicate done, ActContext context, CancellationToken cancel) =>
        done.Request == context.Command.Request && done.Stream.StartsWith(Release.StreamPrefix,
            StringComparison.Ordinal)
            ? await ShowAsync(done.Stream[Release.StreamPrefix.Length..], cancel)
            : new(null, new("key-reused", "this idempotency key was used for another request"));

    /// <summary>
    /// By the organisation or the catalogue; or, where neither knows it, by a dossier that names it, as those of an
    /// older system do.
    /// </summary>
    private async Task<bool> IsKnownAsync(string what, string? code, Rulebook rules, CancellationToken cancel)
    {
        if (code is null)
            return true;
        if (what == "agency" ? rules.Organisation.UnitCodes.Contains(code) : rules.Procedures.ContainsKey(code))
            return true;
        await using var command = database.App.CreateCommand(
            $"""
            SELECT EXISTS (SELECT FROM dossier.mt_events e WHERE e.type = 'dossier_received' AND e.data {(what == "agency" ? "->> 'agency'" : "#>> '{procedure,code}'")} = @code)
            """);
        command.CommandTimeout = 0;
        command.Parameters.AddWithValue("code", code);
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>Where files are made: nobody else makes any there, and no name that ends so is handed out.</summary>
    private static string Beside(string folder, ActContext context) => $"{folder}.{context.Command.CommandId:n}.new";

    /// <summary>A folder takes another's place, which may be on another disk.</summary>
    private static void Replace(string from, string to)
    {
        Remove(to);
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        try
        {
            Directory.Move(from, to);
        }
        catch (IOException)
        {
            Directory.CreateDirectory(to);
            foreach (var file in Directory.EnumerateFiles(from))
                File.Move(file, Path.Combine(to, Path.GetFileName(file)));
            Remove(from);
        }
        DurableFile.FlushFolder(Path.GetDirectoryName(to)!);
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
