using EventDossier.Applicants;
using EventDossier.Backups;
using EventDossier.Deadlines;
using EventDossier.Documents;
using EventDossier.Dossiers;
using EventDossier.Figures;
using EventDossier.Organisation;
using EventDossier.Record;
using EventDossier.Releases;
using EventDossier.Store;

namespace EventDossier.Web;

/// <summary>What the server works on: the events' database and the key store, migrated and open, and the desk before them.</summary>
internal sealed class Centre : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _opened = new();

    private Centre() { }

    public required Database Database { get; init; }
    public required KeyStore Keys { get; init; }
    public required Desk Desk { get; init; }
    public required KeptFigures Figures { get; init; }

    public Workloads Workloads => field ??= new(this);
    public required DocumentFolder Documents { get; init; }

    /// <summary>Where the documents lie.</summary>
    public required string DocumentsFolder { get; init; }
    public required PersonalData Personal { get; init; }

    /// <summary>For what keeps tables of its own beside the events, as the application's role.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>What a backup is made of.</summary>
    public required BackupPlace Place { get; init; }

    /// <summary>Where backups lie; null where none is set, or the centre is a sample's.</summary>
    public BackupShelf? Shelf { get; private init; }

    /// <summary>What the public may fetch.</summary>
    public required string OpenDataFolder { get; init; }

    public required ReleaseDesk Releases { get; init; }

    /// <summary>Of the key that signs the public log.</summary>
    public required string SigningKeyFile { get; init; }

    /// <summary>In the centre's own time.</summary>
    public DateTimeOffset Now => WorkCalendar.Vietnam.Local(Database.Clock.GetUtcNow());

    public static async Task<Centre> OpenAsync(string? data, bool sample, TimeProvider clock, CancellationToken cancel)
    {
        var opened = new Stack<IAsyncDisposable>();
        T Keep<T>(T resource) where T : IAsyncDisposable
        {
            opened.Push(resource);
            return resource;
        }
        try
        {
            var lease = Keep(await DatabaseLease.OpenAsync(data, sample, clock, cancel));
            try
            {
                await Migration.RunAsync(lease.ConnectionString, sample, ProductViews.All, cancel);
                await ViewUpgrade.RunAsync(lease.ConnectionString, ProductViews.All, ProductEvents.Names, clock, cancel: cancel);
            }
            catch (UserError e) when (e.Code == "not-owner")
            {
                // The application's login need not be the owner: then somebody else has migrated, or opening says so.
            }
            var database = Keep(await Database.OpenAsync(lease.ConnectionString, ProductEvents.Names, clock, cancel));
            var keysLease = Keep(await DatabaseLease.OpenKeysAsync(data, sample, clock, cancel));
            var keys = Keep(await KeyStore.OpenAsync(keysLease.ConnectionString, Cluster.DataFolder(data), database, cancel: cancel));
            var documents = DocumentFolder.FolderIn(Cluster.DataFolder(data), database.IsSample);
            var centre = new Centre
            {
                Database = database, Keys = keys, Desk = new(database), Figures = new(database), Documents = new(documents, keys), DocumentsFolder = documents,
                Personal = new(database, () => Task.FromResult(keys)),
                ConnectionString = Database.AsApplication(lease.ConnectionString),
                Place = new(lease.ConnectionString, keysLease.ConnectionString, Cluster.DataFolder(data), database.IsSample),
                Shelf = !database.IsSample && BackupPlan.Read(Environment.GetEnvironmentVariable) is { } plan ? new(plan, clock) : null,
                OpenDataFolder = OpenData.OpenDataFolder.FolderIn(Cluster.DataFolder(data), database.IsSample),
                SigningKeyFile = RecordKeys.FileIn(Cluster.DataFolder(data), database.IsSample),
                Releases = ReleaseDesk.In(Cluster.DataFolder(data), database),
            };
            foreach (var resource in opened.Reverse())
                centre._opened.Push(resource);
            return centre;
        }
        catch
        {
            await DisposeAsync(opened);
            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        Figures.Dispose();
        return DisposeAsync(_opened);
    }

    /// <summary>Who directs the centre just now; somebody invented where the organisation is kept elsewhere.</summary>
    public async Task<string> DirectorAsync()
    {
        var (organisation, now) = ((await Desk.RulesAsync()).Organisation, Now);
        return organisation.UnitsAt(now).SelectMany(unit => organisation.PostsOfUnit(unit.Code, now))
            .Where(post => post.Role == PostRole.Director).Select(post => organisation.ActingHolder(post.Code, now)).FirstOrDefault(person => person is not null) ?? "director";
    }

    private static async ValueTask DisposeAsync(Stack<IAsyncDisposable> opened)
    {
        while (opened.TryPop(out var resource))
            await resource.DisposeAsync();
    }
}
