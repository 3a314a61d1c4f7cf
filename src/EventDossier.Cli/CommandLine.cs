using System.CommandLine;
using System.CommandLine.Help;
using System.Runtime.InteropServices;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.Cli;

/// <summary>
/// What all verbs have in common. Exit codes: 0 fine, 1 a finding or refusal, 2 wrong use, 3 the database cannot be
/// reached. An error is the last line on standard error: <c>dossier: what and where</c>, or with <c>--json</c>
/// <c>{"error":{"code":"…","message":"…"}}</c>. <c>EVENTDOSSIER_TRACE=1</c> adds the stack trace.
/// </summary>
internal static class CommandLine
{
    public static readonly Option<string?> Data = new("--data")
    {
        Description = "Folder of the private database cluster (else EVENTDOSSIER_DATA, else .data)", HelpName = "DIR", Recursive = true,
    };

    public static readonly Option<bool> Json = new("--json") { Description = "One JSON document on standard output", Recursive = true };

    public static readonly Option<bool> Sample = new("--sample")
    {
        Description = "Work on the database of samples, beside the real one", Recursive = true,
    };

    public static async Task<int> RunAsync(string[] args, IEnumerable<Command> verbs)
    {
        var root = new RootCommand("Follows administrative dossiers from receipt to returned result.") { Data, Json, Sample };
        foreach (var verb in verbs) root.Add(verb);
        // An argument that begins with @ is data; it names no file to read arguments from.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        using var output = new Output(Array.IndexOf(args, Json.Name) >= 0);
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpAction)
            return output.Fail(2, "wrong-use", $"{Wrong(parsed)} (see {PathOf(parsed.CommandResult)} --help)");

        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            // The signals are ours: the library's handling would leave the database lease behind.
            var exit = await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop.Token);
            output.Flush();
            return exit;
        }
        catch (Exception e)
        {
            if (Environment.GetEnvironmentVariable("EVENTDOSSIER_TRACE") == "1") await Console.Error.WriteLineAsync(e.ToString());
            var (exit, code, message) = stop.IsCancellationRequested ? new(1, "stopped", "stopped")
                : e is WrongUseException ? new(2, "wrong-use", e.Message)
                : Failure.Of(e);
            return output.Fail(exit, code, message);
        }

        void Stop(PosixSignalContext signal)
        {
            // The second one is meant, and ends the process at once.
            signal.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }
    }

    /// <summary>Makes a command do its work: it gets what it needs from a <see cref="Run"/>, and its result is the exit code.</summary>
    public static Command Does(this Command command, Func<Run, Task<int>> work)
    {
        command.SetAction(async (parsed, cancel) =>
        {
            using var output = new Output(parsed.GetValue(Json));
            return await work(new Run(parsed, output, cancel));
        });
        return command;
    }

    // A word that nothing takes is the cause; that a verb is then missing is its effect.
    private static string Wrong(ParseResult parsed) => parsed.UnmatchedTokens is [var word, ..]
        ? $"no such verb or option: '{word}'"
        : parsed.Errors[0].Message.TrimEnd('.');

    private static string PathOf(System.CommandLine.Parsing.SymbolResult? at) => at switch
    {
        null => "",
        System.CommandLine.Parsing.CommandResult { Command: RootCommand } => "dossier",
        System.CommandLine.Parsing.CommandResult command => $"{PathOf(at.Parent)} {command.Command.Name}",
        _ => PathOf(at.Parent),
    };
}

/// <summary>One run of a verb: its arguments, where it answers, and when to stop.</summary>
internal sealed record Run(ParseResult Arguments, Output Output, CancellationToken Cancel)
{
#pragma warning disable RS0030 // Composition: here the real clock enters.
    public TimeProvider Time { get; } = TimeProvider.System;
#pragma warning restore RS0030

    public string? Data => Arguments.GetValue(CommandLine.Data);

    public bool Sample { get; init; } = Arguments.GetValue(CommandLine.Sample);

    /// <summary>The database that the global options and the environment name, held until disposed.</summary>
    public Task<DatabaseLease> OpenDatabaseAsync() => DatabaseLease.OpenAsync(Data, Sample, Time, Cancel);

    /// <summary>For what goes through much: it waits its turn beside those who act and look.</summary>
    public Progress Progress(string what)
    {
        BulkWork.Begin();
        return new(what, Time);
    }
}
