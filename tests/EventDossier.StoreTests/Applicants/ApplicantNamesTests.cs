using EventDossier.Applicants;
using EventDossier.Dossiers;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.StoreTests.Applicants;

/// <summary>A page of names: the view holds ciphertext, the key store opens it.</summary>
public sealed class ApplicantNamesTests : IAsyncLifetime
{
    private readonly TestCentre _centre = new();

    public Task InitializeAsync() => _centre.InitializeAsync();

    public Task DisposeAsync() => _centre.DisposeAsync();

    [Fact]
    public async Task A_page_of_names_is_opened_in_one_round_trip_and_who_was_erased_has_none()
    {
        var people = await _centre.Keys.SealAsync([.. Enumerable.Range(0, 50).Select(i => (new Applicant($"Nguyễn Văn {i:00}") { IdentityNumber = $"0220900{i:00000}" }, KeyStoreTests.Id(i)))]);
        var codes = new List<string>();
        foreach (var person in people)
            codes.Add(await _centre.Centre.ReceiveAsync(applicant: person));
        await _centre.Centre.ReceiveAsync();
        var page = await PageAsync();

        // As a process that was started just now.
        await using var fresh = await _centre.OpenKeysAsync();
        using var trips = new RoundTrips(_centre.KeysConnection);
        var names = await Personal(() => Task.FromResult(fresh)).NamesAsync(Reader(1), page);
        trips.Count.ShouldBe(1);
        names!.Keys.ShouldBe(codes, ignoreOrder: true, "the last names nobody");
        codes.Select(code => names[code]).ShouldBe(Enumerable.Range(0, 50).Select(i => $"Nguyễn Văn {i:00}"));

        await _centre.Keys.DestroyAsync([people[7].Applicant], default);
        await using var later = await _centre.OpenKeysAsync();
        names = await Personal(() => Task.FromResult(later)).NamesAsync(Reader(2), page);
        names![codes[7]].ShouldBeNull();
        names[codes[8]].ShouldBe("Nguyễn Văn 08");
    }

    [Fact]
    public async Task Who_was_erased_elsewhere_is_forgotten_though_the_rest_of_the_page_is_new()
    {
        var people = await _centre.Keys.SealAsync([(KeyStoreTests.Hoa, KeyStoreTests.Id(1)), (new("Lê Văn Tám"), KeyStoreTests.Id(2))]);
        await using var other = await _centre.OpenKeysAsync();
        (await other.OpenAsync(people[0])).ShouldBe(KeyStoreTests.Hoa);
        await _centre.Keys.DestroyAsync([people[0].Applicant], default);

        (await other.OpenAsync(people)).Select(a => a?.Name).ShouldBe([null, "Lê Văn Tám"], "the second had to be fetched, and the erasure came with it");
    }

    [Fact]
    public async Task Without_the_key_store_there_is_a_page_without_names_and_in_the_events_database_never_a_name()
    {
        await _centre.Centre.ReceiveAsync(applicant: await _centre.Keys.SealAsync(KeyStoreTests.Hoa, KeyStoreTests.Id(1)));
        var page = await PageAsync();

        var nowhere = new NpgsqlConnectionStringBuilder(_centre.KeysConnection) { Database = "no_such_database" }.ConnectionString;
        (await Personal(() => KeyStore.OpenAsync(nowhere, _centre.Folder, _centre.Database)).NamesAsync(Reader(1), page)).ShouldBeNull();
        (await Personal(() => throw new InvalidOperationException("nothing is to be opened")).NamesAsync(Reader(1), [])).ShouldBeEmpty();

        await using var everything = _centre.Database.App.CreateCommand("SELECT string_agg(r::text, '') FROM (SELECT to_jsonb(o) r FROM dossier_views.overview o UNION ALL SELECT data FROM dossier.mt_events) x");
        var text = (string)(await everything.ExecuteScalarAsync())!;
        text.ShouldContain(page[0].Sealed!);
        text.ShouldNotContain("Hoà");
    }

    private PersonalData Personal(Func<Task<KeyStore>> keys) => new(_centre.Database, keys);

    private static Reader Reader(int number) => new(KeyStoreTests.Id(900 + number), "clerk-7", Role.Clerk, "list");

    private async Task<IReadOnlyList<Overview.Row>> PageAsync()
    {
        await new Views(ProductViews.All, _centre.Database).CatchUpAsync(default);
        return await Overview.View.FindAsync(_centre.Database.App, new(Limit: 100));
    }
}
