using System.Diagnostics;

namespace EventDossier.Cli.Bench;

/// <summary>Looks every 20 ms how much memory the process has.</summary>
internal sealed class MostMemory : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task<long> _looking;

    public MostMemory(TimeProvider time) => _looking = Task.Run(async () =>
    {
        long most = 0;
        while (!_stop.IsCancellationRequested)
        {
            using (var process = Process.GetCurrentProcess())
                most = Math.Max(most, process.WorkingSet64);
            await Task.Delay(TimeSpan.FromMilliseconds(20), time);
        }
        return most;
    });

    public async Task<long> EndAsync()
    {
        await _stop.CancelAsync();
        return await _looking;
    }

    public void Dispose() => _stop.Dispose();
}
