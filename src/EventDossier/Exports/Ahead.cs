using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace EventDossier.Exports;

internal static class AheadExtensions
{
    /// <summary>The same, made on another thread while the one before is worked on.</summary>
    /// <param name="most">How many may wait.</param>
    public static async IAsyncEnumerable<T> Ahead<T>(this IAsyncEnumerable<T> source, int most,
        [EnumeratorCancellation] CancellationToken cancel)
    {
        var made = Channel.CreateBounded<T>(new BoundedChannelOptions(most) { SingleReader = true, SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var making = Task.Run(MakeAsync, CancellationToken.None);
        try
        {
            await foreach (var one in made.Reader.ReadAllAsync(cancel))
                yield return one;
        }
        finally
        {
            await stop.CancelAsync();
            await making;
        }

        async Task MakeAsync()
        {
            try
            {
                await foreach (var one in source.WithCancellation(stop.Token))
                    await made.Writer.WriteAsync(one, stop.Token);
                made.Writer.Complete();
            }
            catch (Exception e)
            {
                // It reaches whoever reads.
                made.Writer.Complete(e);
            }
        }
    }
}
