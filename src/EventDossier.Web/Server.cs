using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventDossier.Alerts;
using EventDossier.Deliveries;
using EventDossier.Record;
using EventDossier.Store;
using EventDossier.Web.LookUp;
using EventDossier.Web.Pages;
using EventDossier.Web.Slips;

namespace EventDossier.Web;

/// <summary>The composition: what is opened, hosted and routed. It answers on this machine alone unless it is told otherwise.</summary>
internal static class Server
{
    private static readonly TimeSpan WitnessedEvery = TimeSpan.FromSeconds(10);
    private const string Loopback = "http://127.0.0.1:5080";

    public static async Task RunAsync(string[] args)
    {
        var builder = Builder(args);
        var configuration = builder.Configuration;
        var sample = configuration["sample"] == "true";
#pragma warning disable RS0030 // Composition: here the real clock enters.
        var clock = TimeProvider.System;
#pragma warning restore RS0030
        await using var centre = await Centre.OpenAsync(configuration["data"], sample, clock, CancellationToken.None);
        builder.Services.AddSingleton(centre);
        var (settings, witnesses) = (DeliverySettings.Read(Environment.GetEnvironmentVariable), Witness.Configured);
        using var delivery = new DeliveryService(centre.Database, centre.Keys, settings);
        builder.Services.AddSingleton(settings).AddSingleton(delivery).AddSingleton<Jobs>();
        builder.Services.AddSingleton(services => new LongTasks(clock, services.GetRequiredService<IHostApplicationLifetime>())).AddSingleton<PublicFigures>();
        builder.Services.AddHostedService<Following>();
        builder.Services.AddHostedService<Delivering>();
        builder.Services.AddSingleton<PortalWatch>().AddHostedService(services => services.GetRequiredService<PortalWatch>());
        builder.Services.AddHostedService<AlarmClock>();
        builder.Services.AddHostedService<ComplaintWatch>();
        builder.Services.AddSingleton(new RecordSealer(centre.Database, centre.SigningKeyFile)).AddSingleton(new RecordProofs(centre.Database, centre.SigningKeyFile));
        builder.Services.AddHostedService<Sealing>();
        builder.Services.AddSingleton(services => new Witnesses(centre.Database, services.GetRequiredService<RecordProofs>(), witnesses, WitnessedEvery));
        builder.Services.AddHostedService<Witnessing>();
        builder.Services.AddHostedService(services => services.GetRequiredService<LogTail>());
        Session.Add(builder, Path.Combine(Cluster.DataFolder(configuration["data"]), "keys", sample ? "sessions.sample" : "sessions"));
        var key = builder.AddSignIn(sample);
        ServerEdition.Current.Add(builder, centre);
        using var meters = Telemetry.Start();
        await using var app = Build(builder);
        await app.StartAsync();
        foreach (var missed in await app.Services.GetRequiredService<Jobs>().MissedAsync(CancellationToken.None))
            await app.Services.GetRequiredService<ITimetable>().TriggerAsync(missed, CancellationToken.None);
        await TellAsync(app, centre, key);
        await app.WaitForShutdownAsync();
    }

    /// <summary>The routes, without anything behind them.</summary>
    public static IReadOnlyList<RouteEndpoint> Routes()
    {
        var builder = Builder(["--urls", "http://127.0.0.1:0"]);
        builder.Services.AddSingleton<Centre>(_ => throw new InvalidOperationException("nothing is open"));
        builder.Services.AddSingleton<DeliveryService>(_ => throw new InvalidOperationException("nothing is open"));
        builder.Services.AddSingleton<RecordSealer>(_ => throw new InvalidOperationException("nothing is open"));
        builder.Services.AddSingleton<Witnesses>(_ => throw new InvalidOperationException("nothing is open"));
        builder.Services.AddSingleton<RecordProofs>(_ => throw new InvalidOperationException("nothing is open"));
        builder.Services.AddSingleton<DeliverySettings>(_ => throw new InvalidOperationException("nothing is open")).AddSingleton<PortalWatch>();
        builder.Services.AddSingleton<LongTasks>(_ => throw new InvalidOperationException("nothing is open")).AddSingleton<PublicFigures>();
        Session.Add(builder, keysFolder: null);
        builder.Services.AddAuthorization();
        ServerEdition.Current.Add(builder, null);
        IEndpointRouteBuilder app = Build(builder);
        return [.. app.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()];
    }

    private static WebApplicationBuilder Builder(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = [.. args.Select(arg => arg == "--sample" ? "--sample=true" : arg)], ContentRootPath = AppContext.BaseDirectory,
        });
        if (builder.Configuration["urls"] is not { Length: > 0 })
            builder.WebHost.UseUrls(Loopback);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = ActBody.MostBytes;
        });
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        // That sessions' keys lie in the data folder as they are is said in the threat model, not at every start.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        builder.Services.ConfigureHttpJsonOptions(json => Configure(json.SerializerOptions));
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.AddSingleton(services => services.GetRequiredService<Centre>().Database).AddSingleton<LogTail>();
        builder.AddDescription();
        builder.AddLookUp();
        builder.AddComplaints();
        Site.Add(builder);
        return builder;
    }

    private static WebApplication Build(WebApplicationBuilder builder)
    {
        var app = builder.Build();
        app.UseResponseCompression();
        app.UseProblems();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();
        app.MapHealth();
        app.MapActs();
        app.MapDossiers();
        app.MapDeadlines();
        app.MapAlerts();
        app.MapAccess();
        app.MapPacks();
        app.MapCatalogue();
        app.MapAudit();
        app.MapRecord();
        app.MapReleases();
        app.MapOpenData();
        app.MapSlips();
        app.MapLookUp();
        app.MapJobs();
        app.MapAdministration();
        app.MapWorkload();
        app.MapPortal();
        app.MapOutages();
        app.MapCutOver();
        app.MapPeaks();
        app.MapAuthorityRequests();
        app.MapArchives();
        app.MapRetention();
        app.MapComplaints();
        app.MapQuestionnaires();
        Site.Map(app);
        ServerEdition.Current.Map(app);
        app.MapOpenApi().WithTags("description").WithSummary("This page for programs: OpenAPI").AllowAnonymous();
        return app;
    }

    /// <summary>As the command's <c>--json</c> tells it.</summary>
    private static void Configure(JsonSerializerOptions options)
    {
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
        options.NumberHandling = JsonNumberHandling.Strict;
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

    /// <summary>Sends what is due to staff and applicants.</summary>
    private sealed class Delivering(DeliveryService delivery) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stop) => delivery.RunAsync(stop);
    }

    /// <summary>Raises what is due.</summary>
    private sealed class AlarmClock(Centre centre) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stop) => new Waker(centre.Database).RunAsync(stop);
    }

    /// <summary>Seals what is appended in the public log.</summary>
    private sealed class Sealing(RecordSealer sealer) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stop) => sealer.RunAsync(stop);
    }

    /// <summary>Has witnesses sign what the public log is.</summary>
    private sealed class Witnessing(Witnesses witnesses) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stop) => witnesses.RunAsync(stop);
    }

    /// <summary>Keeps every view up with the log.</summary>
    private sealed class Following(Centre centre) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stop) => new Views(ProductViews.All, centre.Database).FollowAsync(stop);
    }
}
