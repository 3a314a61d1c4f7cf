using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace EventDossier.EndToEnd.Drills;

/// <summary>
/// Stands between a client and PostgreSQL and, once armed, cuts each connection at a seeded point: after the server has carried out what it was sent (it
/// is ready for the next query) but before that answer, or all of it, is passed on; or in the middle of what the client sends.
/// </summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private enum Cut { Answer, HalfOfTheAnswer, HalfOfTheRequest }

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly NpgsqlConnectionStringBuilder _server;
    private readonly Random _random;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _cuts;

    public CuttingProxy(string connectionString, int seed)
    {
        (_server, _random) = (new(connectionString), new(seed));
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public bool Armed { get; set; }

    public int Cuts => _cuts;

    public string ConnectionString => new NpgsqlConnectionStringBuilder(_server.ConnectionString)
    {
        Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port, SslMode = SslMode.Disable, GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                connections.Add(ConnectionAsync(client, (Cut)_random.Next(3), answers: _random.Next(1, 25)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ConnectionAsync(Socket fromClient, Cut cut, int answers)
    {
        await using var client = new NetworkStream(fromClient, ownsSocket: true);
        using var toServer = _server.Host is ['/', ..] ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        if (_server.Host is ['/', ..] folder)
            await toServer.ConnectAsync(new UnixDomainSocketEndPoint($"{folder}/.s.PGSQL.{_server.Port}"));
        else
            await toServer.ConnectAsync(_server.Host!, _server.Port);
        await using var server = new NetworkStream(toServer);

        var cutRequest = false;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        await Task.WhenAll(UntilOverAsync(RequestsAsync), UntilOverAsync(AnswersAsync));

        async Task UntilOverAsync(Func<Task> pump)
        {
            try
            {
                await pump();
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The other side has ended the connection, or we have.
            }
            await over.CancelAsync();
        }

        async Task RequestsAsync()
        {
            var buffer = new byte[1 << 14];
            while (await client.ReadAsync(buffer, over.Token) is var read and > 0)
            {
                var cutHere = Volatile.Read(ref cutRequest);
                await server.WriteAsync(buffer.AsMemory(0, cutHere ? read / 2 : read), over.Token);
                if (!cutHere)
                    continue;
                Interlocked.Increment(ref _cuts);
                return;
            }
        }

        async Task AnswersAsync()
        {
            var held = new List<byte[]>();
            while (await MessageAsync(server, over.Token) is { } message)
            {
                held.Add(message);
                // Only what the client waits for is passed on: a question, a go-ahead, a notification, the end of an answer.
                if (message[0] is not ((byte)'R' or (byte)'G' or (byte)'A' or (byte)'Z'))
                    continue;
                if (message[0] == 'Z' && Armed && --answers == 0)
                {
                    if (cut == Cut.HalfOfTheRequest)
                    {
                        Volatile.Write(ref cutRequest, true);
                    }
                    else
                    {
                        foreach (var passedOn in cut == Cut.Answer ? [] : held.Take(held.Count / 2))
                            await client.WriteAsync(passedOn, over.Token);
                        Interlocked.Increment(ref _cuts);
                        return;
                    }
                }
                foreach (var passedOn in held)
                    await client.WriteAsync(passedOn, over.Token);
                held.Clear();
            }
            foreach (var passedOn in held)
                await client.WriteAsync(passedOn, over.Token);
        }
    }

    /// <summary>A message of the server: one byte that says what it is, its length, its body. Null at the end.</summary>
    private static async Task<byte[]?> MessageAsync(NetworkStream server, CancellationToken cancel)
    {
        var head = new byte[5];
        if (await server.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancel) < head.Length)
            return null;
        var message = new byte[1 + BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1))];
        head.CopyTo(message, 0);
        await server.ReadExactlyAsync(message.AsMemory(head.Length), cancel);
        return message;
    }
}
