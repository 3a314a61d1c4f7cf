using EventDossier.Applicants;
using EventDossier.Store;
using Npgsql;

namespace EventDossier.StoreTests.Applicants;

public sealed class KeyStoreTests : IAsyncLifetime
{
    internal static readonly Applicant Hoa = new("Đỗ Thị Hoà")
    {
        IdentityNumber = "022090001234", Address = "12 Lê Lợi, Hạ Long", Phone = "0912 345 678", Mail = "hoa@example.vn",
    };

    private readonly TestCentre _centre = new();

    public Task InitializeAsync() => _centre.InitializeAsync();

    public Task DisposeAsync() => _centre.DisposeAsync();

    [Fact]
    public async Task What_is_sealed_opens_again_whole()
    {
        var data = await _centre.Keys.SealAsync(Hoa, Id(1));

        data.Applicant.ShouldBe(Id(1));
        (await _centre.Keys.OpenAsync(data)).ShouldBe(Hoa);
    }

    [Fact]
    public async Task An_applicant_is_known_again_by_the_identity_number_and_keeps_one_key()
    {
        var first = await _centre.Keys.SealAsync(Hoa, Id(1));
        var again = await _centre.Keys.SealAsync(Hoa with { IdentityNumber = "022 090 001 234", Phone = "0987 000 111" }, Id(2));
        var without = await _centre.Keys.SealAsync(Hoa with { IdentityNumber = null }, Id(3));

        again.Applicant.ShouldBe(first.Applicant);
        without.Applicant.ShouldBe(Id(3));
        (await _centre.Keys.FindAsync("0987000111")).ShouldBe([first.Applicant]);
    }

    [Fact]
    public async Task The_same_applicant_sealed_again_gives_the_same_bytes_and_another_gives_others()
    {
        var first = await _centre.Keys.SealAsync(Hoa, Id(1));

        (await _centre.Keys.SealAsync(Hoa, Id(1))).ShouldBe(first);
        (await _centre.Keys.SealAsync(Hoa with { Phone = null }, Id(1))).Data.ShouldNotBe(first.Data);
        (await _centre.Keys.SealAsync(Hoa with { IdentityNumber = null }, Id(2))).Data.ShouldNotBe(first.Data);
    }

    [Fact]
    public async Task Names_of_like_length_are_of_one_length_when_sealed()
    {
        var sealed_ = await _centre.Keys.SealAsync([(new("An"), Id(1)), (new("Nguyễn Hoàng"), Id(2))]);

        sealed_[0].Data.Length.ShouldBe(sealed_[1].Data.Length);
    }

    [Fact]
    public async Task Many_are_sealed_at_once_each_person_once()
    {
        var many = Enumerable.Range(0, 3000).Select(i => (new Applicant($"Người thứ {i % 1000}") { IdentityNumber = $"0220900{i % 1000:00000}" }, Id(i))).ToList();

        var data = await _centre.Keys.SealAsync(many);

        data.Select(d => d.Applicant).Distinct().Count().ShouldBe(1000);
        (await _centre.Keys.OpenAsync(data)).ShouldBe(many.Select(m => m.Item1));
        (await _centre.Keys.SealAsync(many)).ShouldBe(data);
    }

    [Fact]
    public async Task One_person_sealed_by_many_at_once_gets_one_key()
    {
        var data = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(() => _centre.Keys.SealAsync(Hoa, Id(i)))));

        data.Distinct().ShouldHaveSingleItem();
        (await _centre.Keys.OpenAsync(data[0])).ShouldBe(Hoa);
    }

    [Fact]
    public async Task Batches_that_share_their_people_in_any_order_all_come_through()
    {
        var data = await Task.WhenAll(Enumerable.Range(0, 12).Select(batch => Task.Run(async () =>
        {
            var random = new Random(batch);
            var people = Enumerable.Range(0, 200).Select(i => (new Applicant($"Người thứ {i}") { IdentityNumber = $"0220900{i:00000}", Phone = $"09{batch}" }, Id((batch * 1000) + i))).ToArray();
            random.Shuffle(people);
            return await _centre.Keys.SealAsync(people);
        })));

        data.SelectMany(d => d).Select(d => d.Applicant).Distinct().Count().ShouldBe(200);
        (await _centre.Keys.FindAsync("093", limit: 1000)).Count.ShouldBe(200, "each batch's phone is kept");
    }

    [Theory]
    [InlineData("Đỗ Thị Hoà")]
    [InlineData("hoa do")]
    [InlineData("THI, hoà")]
    [InlineData("022-090-001-234")]
    [InlineData("+84 912 345 678")]
    public async Task An_applicant_is_found_by(string text)
    {
        var hoa = await _centre.Keys.SealAsync(Hoa, Id(1));
        await _centre.Keys.SealAsync(new Applicant("Đỗ Văn Bình") { IdentityNumber = "022090009999", Phone = "0912345679" }, Id(2));

        (await _centre.Keys.FindAsync(text)).ShouldBe([hoa.Applicant]);
    }

    [Theory]
    [InlineData("Hoa Binh")]
    [InlineData("")]
    [InlineData("--")]
    [InlineData("\ud800 hoa\ufffe binh")]
    [InlineData("02209000123")]
    public async Task Nobody_is_found_by(string text)
    {
        await _centre.Keys.SealAsync(Hoa, Id(1));
        (await _centre.Keys.FindAsync(text)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_changed_bit_is_an_error_and_never_another_text()
    {
        var data = await _centre.Keys.SealAsync(Hoa, Id(1));
        var other = await _centre.Keys.SealAsync(new Applicant("Đỗ Văn Bình"), Id(2));
        var bytes = Convert.FromBase64String(data.Data);
        foreach (var at in (int[])[0, 11, 12, bytes.Length / 2, bytes.Length - 1])
        {
            bytes[at] ^= 1;
            await ShouldBeDamagedAsync(data with { Data = Convert.ToBase64String(bytes) });
            bytes[at] ^= 1;
        }
        await ShouldBeDamagedAsync(data with { Data = data.Data[..^8] });
        await ShouldBeDamagedAsync(data with { Data = "not base64!" });
        await ShouldBeDamagedAsync(data with { Data = "" });
        await ShouldBeDamagedAsync(data with { Applicant = other.Applicant });

        async Task ShouldBeDamagedAsync(Sealed changed) =>
            (await Should.ThrowAsync<UserError>(() => _centre.Keys.OpenAsync(changed))).Code.ShouldBe("sealed-damaged");
    }

    [Fact]
    public async Task An_applicant_whom_the_store_never_had_is_not_taken_for_erased() =>
        (await Should.ThrowAsync<UserError>(() => _centre.Keys.OpenAsync(new Sealed(Id(9), "")))).Code.ShouldBe("key-missing");

    [Fact]
    public async Task A_key_put_into_another_row_does_not_open()
    {
        await _centre.Keys.SealAsync([(Hoa, Id(1)), (new("Đỗ Văn Bình"), Id(2))]);
        await _centre.AskKeysAsync($"UPDATE dossier_keys.applicant SET wrapped = (SELECT wrapped FROM dossier_keys.applicant WHERE id = '{Id(1)}') WHERE id = '{Id(2)}'");

        await using var fresh = await _centre.OpenKeysAsync();
        (await Should.ThrowAsync<UserError>(() => fresh.OpenAsync(new Sealed(Id(2), "")))).Code.ShouldBe("key-damaged");
    }

    [Fact]
    public async Task Another_process_opens_what_this_one_sealed_and_none_does_without_the_master_key()
    {
        var data = await _centre.Keys.SealAsync(Hoa, Id(1));
        await using (var other = await _centre.OpenKeysAsync())
            (await other.OpenAsync(data)).ShouldBe(Hoa);

        var file = MasterKey.FileIn(_centre.Folder, sample: false);
        File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var master = File.ReadAllText(file);
        File.Delete(file);
        (await RefusedAsync()).ShouldBe("master-key-missing");
        await MasterKey.New().SaveAsync(file);
        (await RefusedAsync()).ShouldBe("master-key-wrong");
        File.WriteAllText(file, "secret");
        (await RefusedAsync()).ShouldBe("master-key-unusable");
        File.WriteAllText(file, master);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        (await RefusedAsync()).ShouldBe("master-key-unusable");

        async Task<string> RefusedAsync() => (await Should.ThrowAsync<UserError>(() => _centre.OpenKeysAsync())).Code;
    }

    [Fact]
    public async Task Two_simulations_of_one_seed_seal_the_same_bytes()
    {
        await using var one = new TestCentre(sample: true, seed: [1, 2, 3]);
        await using var two = new TestCentre(sample: true, seed: [1, 2, 3]);
        await using var three = new TestCentre(sample: true, seed: [4]);
        foreach (var centre in (TestCentre[])[one, two, three])
            await centre.InitializeAsync();

        var first = await one.Keys.SealAsync(Hoa, Id(1));
        (await two.Keys.SealAsync(Hoa, Id(1))).ShouldBe(first);
        (await three.Keys.SealAsync(Hoa, Id(1))).Data.ShouldNotBe(first.Data);
        await Should.ThrowAsync<InvalidOperationException>(() => KeyStore.OpenAsync(_centre.KeysConnection, _centre.Folder, _centre.Database, [1]));
    }

    internal static Guid Id(int number) => Uuid.V5(Guid.Parse("3f0c1b52-8e0f-4f43-8f6a-6f0f2b8f7c01"), number);
}

/// <summary>A centre with a key store and a data folder of its own.</summary>
internal sealed class TestCentre(bool sample = false, byte[]? seed = null) : IAsyncLifetime
{
    private Centre _centre = null!;
    private TestDatabase _keys = null!;

    public string Folder { get; } = Directory.CreateTempSubdirectory("eventdossier-keys-").FullName;
    public KeyStore Keys { get; private set; } = null!;
    public Centre Centre => _centre;
    public Database Database => _centre.Database;
    public string KeysConnection => _keys.ConnectionString;

    public async Task InitializeAsync()
    {
        (_centre, _keys) = (await Centre.OpenAsync(sample), await TestDatabase.CreateAsync());
        Keys = await OpenKeysAsync();
    }

    public Task<KeyStore> OpenKeysAsync() => KeyStore.OpenAsync(KeysConnection, Folder, Database, seed);

    public async Task<object?> AskKeysAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(KeysConnection);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    public async Task DisposeAsync()
    {
        await Keys.DisposeAsync();
        await _keys.DisposeAsync();
        await _centre.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

}
