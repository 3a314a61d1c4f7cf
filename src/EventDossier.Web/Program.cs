using System.Globalization;
using EventDossier;
using EventDossier.Web;

// Numbers and dates look the same on every machine.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

try
{
    if (args is ["routes"])
        await Console.Out.WriteAsync(RoutePage.Make());
    else
        await Server.RunAsync(args);
    return 0;
}
catch (Exception e)
{
    if (Environment.GetEnvironmentVariable("EVENTDOSSIER_TRACE") == "1")
        await Console.Error.WriteLineAsync(e.ToString());
    var fault = Failure.Of(e);
    await Console.Error.WriteLineAsync($"dossier-web: {fault.Message}");
    return fault.Exit;
}
