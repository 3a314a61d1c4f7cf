using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventDossier.Store;

namespace EventDossier.Web;

/// <summary>The composition: what is opened, hosted and routed. It answers on this machine alone unless it is told otherwise.</summary>
internal static class Server
{
    private const string Loopback = "http://127.0.0.1:5080";

    public static async Task RunAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = [.. args.Select(arg => arg == "--sample" ? "--sample=true" : arg)], ContentRootPath = AppContext.BaseDirectory,
        });
        var configuration = builder.Configuration;
        var sample = configuration["sample"] == "true";
        if (configuration["urls"] is not { Length: > 0 })
            builder.WebHost.UseUrls(Loopback);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
#pragma warning disable RS0030 // Composition: here the real clock enters.
        var clock = TimeProvider.System;
#pragma warning restore RS0030
        await using var centre = await Centre.OpenAsync(configuration["data"], sample, clock, CancellationToken.None);

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = ActBody.MostBytes;
        });
        builder.Services.ConfigureHttpJsonOptions(json => Configure(json.SerializerOptions));
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.AddSingleton(clock).AddSingleton(centre).AddSingleton(centre.Database);
        builder.Services.AddHostedService<Following>();
        var key = builder.AddSignIn(sample);
        builder.AddDescription();

        await using var app = builder.Build();
        app.UseProblems();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapHealth();
        app.MapActs();
        app.MapDossiers();
        app.MapDeadlines();
        app.MapCatalogue();
        app.MapOpenApi().AllowAnonymous();
        await app.StartAsync();
        await TellAsync(app, centre, key);
        await app.WaitForShutdownAsync();
    }

    /// <summary>As the command's <c>--json</c> tells it.</summary>
    private static void Configure(JsonSerializerOptions options)
    {
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
    }

    /// <summary>Where it answers; and, where anybody's token would do for want of settings, one to begin with.</summary>
    private static async Task TellAsync(WebApplication app, Centre centre, byte[]? key)
    {
        foreach (var url in app.Urls)
            await Console.Out.WriteLineAsync($"listening {url}");
        if (key is not null)
            await Console.Out.WriteLineAsync($"token {SignIn.SampleToken(key, await centre.DirectorAsync(), centre.Now)}");
        await Console.Out.FlushAsync();
    }

    /// <summary>Keeps every view up with the log.</summary>
    private sealed class Following(Centre centre) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stop) => new Views(ProductViews.All, centre.Database).FollowAsync(stop);
    }
}
