using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace EventDossier.Web;

/// <summary>The product's and the framework's meters, sent by OTLP where somebody is named who takes them.</summary>
internal static class Telemetry
{
    /// <summary>The exporter reads <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and its like itself.</summary>
    public static MeterProvider? Start() => Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is not { Length: > 0 } ? null
        : Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => resource.AddService("eventdossier"))
            .AddMeter(Metrics.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Npgsql", "System.Runtime")
            .AddOtlpExporter()
            .Build();
}
