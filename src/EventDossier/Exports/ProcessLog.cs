using System.Threading.Channels;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.Exports;

/// <summary>Which dossiers are taken, each with all of its events.</summary>
/// <param name="From">Begun then or later: received, or else submitted.</param>
/// <param name="To">Begun earlier.</param>
public sealed record ProcessSelection(
    DateTimeOffset? From = null, DateTimeOffset? To = null, string? Agency = null, string? Procedure = null);

/// <summary>The event log as a process log: dossier by dossier in the order of their codes, however many there are.</summary>
public static class ProcessLog
{
    /// <summary>What an export says that is no release.</summary>
    public const string Internal = "internal use, not for publication";

    private const int CasesAtOnce = 64;

    /// <summary>
    /// One ordered reading of the events; what is read ahead of the writer is bounded. Two readings up to one position give
    /// the same cases.
    /// </summary>
    /// <param name="position">Settled: <see cref="Database.HeadAsync"/>, or one before it.</param>
    /// <param name="progress">Told how many events were read in all.</param>
    public static async IAsyncEnumerable<ProcessCase> ReadAsync(
        Database database, Rulebook rules, long position, ProcessSelection which, Action<long>? progress = null,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel = default)
    {
        var chunks = Channel.CreateBounded<List<ProcessCase>>(4);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var reading = Task.Run(() => Read(database, rules, position, which, chunks.Writer, progress, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var chunk in chunks.Reader.ReadAllAsync(cancel))
            {
                foreach (var one in chunk)
                    yield return one;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await reading;
        }
    }

    /// <summary>Each case says what it may be used for, in whatever file it comes to stand.</summary>
    public static IAsyncEnumerable<ProcessCase> For(this IAsyncEnumerable<ProcessCase> cases, string use) => cases.Select(
        one => one with { Attributes = [new(DataDictionary.Use, use), .. one.Attributes.Where(a => a.Name != DataDictionary.Use)] });

    private static void Read(
        Database database, Rulebook rules, long position, ProcessSelection which, ChannelWriter<List<ProcessCase>> to,
        Action<long>? progress, CancellationToken cancel)
    {
        try
        {
            var (events, chunk, read) = (new List<StoredEvent>(), new List<ProcessCase>(CasesAtOnce), 0L);
            StreamOrder.Read(database.App, database.Names, StreamOrder.Range.All, position, metadata: true, e =>
            {
                if (events.Count > 0 && events[0].Stream != e.Stream)
                    Take();
                if (DossierCode.IsCode(e.Stream))
                    events.Add(e);
            }, more => progress?.Invoke(read += more), cancel);
            if (events.Count > 0)
                Take();
            Send();
            to.Complete();

            void Take()
            {
                if (CaseOfDossier.Of(events, rules, which) is { } one)
                    chunk.Add(one);
                events.Clear();
                if (chunk.Count == CasesAtOnce)
                    Send();
            }

            void Send()
            {
                to.WriteAsync(chunk, cancel).AsTask().GetAwaiter().GetResult();
                chunk = new(CasesAtOnce);
            }
        }
        catch (Exception e)
        {
            to.TryComplete(e);
        }
    }
}
