using EventDossier.Store;
using EventDossier.StoreTests;

namespace EventDossier.EndToEnd;

/// <summary>Where the databases stand on other machines, PostgreSQL's client is all that a backup needs; and a client that is too old is told.</summary>
public sealed class BackupToolTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventdossier-tools-").FullName;
    private TestDatabase _events = null!, _keys = null!;

    private string Bin => Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName;

    public async Task InitializeAsync() => (_events, _keys) = (await TestDatabase.CreateMigratedAsync(), await TestDatabase.CreateAsync());

    public async Task DisposeAsync()
    {
        await _events.DisposeAsync();
        await _keys.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_client_alone_is_enough_and_one_that_is_missing_or_older_than_the_backup_is_named()
    {
        (await BackUpAsync("none")).Error.ShouldContain("no pg_dump of version 15 or later is installed");

        var server = await ClusterBinaries.FindAsync(major: null);
        foreach (var tool in (string[])["pg_dump", "pg_restore"])
            File.CreateSymbolicLink(Path.Combine(Bin, tool), server[tool]);
        (await BackUpAsync("made")).ShouldSatisfyAllConditions(b => b.Exit.ShouldBe(0, b.Error), b => b.Output.ShouldStartWith("backed up and verified"));

        // The format of a dump grows with the versions, and an older client can't read a newer one's.
        var restore = Path.Combine(Bin, "pg_restore");
        File.Delete(restore);
        await File.WriteAllTextAsync(restore, "#!/bin/sh\n[ \"$1\" = --version ] && echo 'pg_restore (PostgreSQL) 15.1' && exit\necho 'pg_restore: error: unsupported version (1.99) in file header'\nexit 1\n");
        File.SetUnixFileMode(restore, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        (await BackUpAsync("older")).ShouldSatisfyAllConditions(b => b.Exit.ShouldBe(1), b => b.Error.ShouldContain($"{restore} is older than the pg_dump that made this backup"));
    }

    private Task<Dossier> BackUpAsync(string to) => Dossier.RunAsync(["backup", Path.Combine(_folder, to), "--data", _folder],
        ("ConnectionStrings__EventDossier", _events.ConnectionString), ("ConnectionStrings__Keys", _keys.ConnectionString), ("EVENTDOSSIER_PG_BIN", Bin));
}
