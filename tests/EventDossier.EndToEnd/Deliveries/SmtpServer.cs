using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace EventDossier.EndToEnd.Deliveries;

/// <summary>A real mail server, aiosmtpd of the distribution, in a process of its own; <c>ops/test</c> installs it. What it takes lies in a folder, also while it is down.</summary>
internal sealed class SmtpServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventdossier-mail-").FullName;
    private readonly string[] _certificate;
    private Process? _process;

    /// <param name="certificate">Files of certificate and key: then STARTTLS and a login are wanted.</param>
    private SmtpServer(string[] certificate) => _certificate = certificate;

    public int Port { get; } = FreePort();

    public sealed record Mail(string Id, IReadOnlyList<string> To, string Subject, string Text, string Html, string Auto, bool Tls, bool Login, string Raw);

    public static async Task<SmtpServer> StartAsync(params string[] certificate)
    {
        var server = new SmtpServer(certificate);
        await server.StartAsync();
        return server;
    }

    public async Task StartAsync()
    {
        // The distribution's own Python, whatever else is on the path.
        var python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
        _process = Process.Start(new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, "Deliveries", "smtp.py"), $"{Port}", _folder, .. _certificate])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var line = await _process.StandardOutput.ReadLineAsync();
        if (line != "ready")
            throw new InvalidOperationException($"aiosmtpd did not start (ops/test installs python3-aiosmtpd): {await _process.StandardError.ReadToEndAsync()}");
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
    }

    public async Task StopAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public IReadOnlyList<Mail> Mails => [.. Directory.EnumerateFiles(_folder, "*.json").Order(StringComparer.Ordinal)
        .Select(file => JsonSerializer.Deserialize<Mail>(File.ReadAllText(file), JsonSerializerOptions.Web)!)];

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
