using System.CommandLine;
using EventDossier.Cli;

// Each family of verbs is a static class with one method, Commands(); a new one is a line here.
Command[] verbs =
[
    .. DbVerbs.Commands(),
];
return await CommandLine.RunAsync(args, verbs);
