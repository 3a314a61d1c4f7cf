using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EventDossier.Audit;

namespace EventDossier.Tests.Audit;

/// <summary>An agency's signature and a time stamp, made by OpenSSL with certificates of its own, hold by these certificates and no others.</summary>
public sealed class PackSignatureTests(PackSignatureTests.Authorities made) : IClassFixture<PackSignatureTests.Authorities>
{
    private static readonly byte[] _manifest = Encoding.UTF8.GetBytes("""{"code":"H49.12-260504-0001","format":1}""");
    private static readonly byte[] _other = Encoding.UTF8.GetBytes("""{"code":"H49.12-260504-0002","format":1}""");

    /// <summary>An authority that certified an agency and a time stamping authority, another that certified an agency of the same name, and a certificate for encryption alone.</summary>
    public sealed class Authorities : IAsyncLifetime
    {
        public string Folder { get; } = Directory.CreateTempSubdirectory("eventdossier-certificates-").FullName;

        public async Task InitializeAsync()
        {
            await File.WriteAllBytesAsync(At("manifest.json"), _manifest);
            await File.WriteAllBytesAsync(At("other.json"), _other);
            await File.WriteAllTextAsync(At("tsa.cnf"), $"""
                [tsa]
                default_tsa = stamps
                [stamps]
                serial = {At("serial")}
                crypto_device = builtin
                signer_cert = {At("tsa.pem")}
                signer_key = {At("tsa.key")}
                signer_digest = sha256
                default_policy = 1.2.3.4.1
                digests = sha1, sha256, sha512
                accuracy = secs:1
                ess_cert_id_chain = no
                ess_cert_id_alg = sha256
                """);
            foreach (var ca in (string[])["ca", "stranger"])
                await RunAsync($"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {ca}.key -out {ca}.pem -days 3650 -subj /CN={ca} -addext basicConstraints=critical,CA:true -addext keyUsage=critical,keyCertSign");
            await CertifyAsync("agency", "ca", "keyUsage=critical,digitalSignature");
            await CertifyAsync("impostor", "stranger", "keyUsage=critical,digitalSignature");
            await CertifyAsync("sealing", "ca", "keyUsage=critical,keyEncipherment");
            await CertifyAsync("tsa", "ca", "keyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping");
        }

        public Task DisposeAsync()
        {
            Directory.Delete(Folder, recursive: true);
            return Task.CompletedTask;
        }

        private async Task CertifyAsync(string name, string ca, string extensions)
        {
            await File.WriteAllTextAsync(At($"{name}.ext"), extensions);
            await RunAsync($"req -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}");
            await RunAsync($"x509 -req -in {name}.csr -CA {ca}.pem -CAkey {ca}.key -CAcreateserial -days 365 -extfile {name}.ext -out {name}.pem");
        }

        public string At(string file) => Path.Combine(Folder, file);

        public X509Certificate2Collection Trusted(string ca)
        {
            var trusted = new X509Certificate2Collection();
            trusted.ImportFromPemFile(At($"{ca}.pem"));
            return trusted;
        }

        public async Task<byte[]> SignAsync(string by, string file = "manifest.json", string more = "")
        {
            await RunAsync($"cms -sign -binary -in {file} -signer {by}.pem -inkey {by}.key -outform DER -out {by}.p7s {more}");
            return await File.ReadAllBytesAsync(At($"{by}.p7s"));
        }

        public async Task<byte[]> StampAsync(string file = "manifest.json", string digest = "sha256", string more = "")
        {
            await RunAsync($"ts -query -data {file} -{digest} -cert -out query.tsq");
            await RunAsync($"ts -reply -config tsa.cnf -queryfile query.tsq -out answer.tsr {more}");
            return await File.ReadAllBytesAsync(At("answer.tsr"));
        }

        private async Task RunAsync(string arguments)
        {
            var start = new ProcessStartInfo("openssl", arguments.Trim()) { WorkingDirectory = Folder, UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
            using var process = Process.Start(start)!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            process.ExitCode.ShouldBe(0, $"openssl {arguments}: {await error}{await output}");
        }
    }

    private X509Certificate2Collection Ca => made.Trusted("ca");

#pragma warning disable RS0030 // Certificates are made by the real clock.
    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();
#pragma warning restore RS0030

    [Fact]
    public async Task A_signature_holds_by_the_certificate_of_who_certified_the_agency_and_no_other()
    {
        var cms = await made.SignAsync("agency");
        var by = PackSignature.OfSignature(cms, _manifest, Ca, Now).ShouldHaveSingleItem();
        (by.Slot, by.By, by.Issuer).ShouldBe(("signature/manifest.p7s", "CN=agency", "CN=ca"));
        by.At!.Value.ShouldBe(Now, TimeSpan.FromMinutes(5));

        Refused(() => PackSignature.OfSignature(cms, _other, Ca, Now)).ShouldNotBeEmpty();
        Refused(() => PackSignature.OfSignature(cms, _manifest, made.Trusted("stranger"), Now)).ShouldContain("does not hold by those given");
        Refused(() => PackSignature.OfSignature(cms, _manifest, [], Now)).ShouldContain("does not hold by those given");
        Refused(() => PackSignature.OfSignature(cms[..^9], _manifest, Ca, Now)).ShouldNotBeEmpty();
        // The signature itself stands last.
        for (var i = 1; i < 256; i += 17)
        {
            var changed = cms.ToArray();
            changed[^i] ^= 4;
            Refused(() => PackSignature.OfSignature(changed, _manifest, Ca, Now)).ShouldNotBeEmpty();
        }
    }

    [Fact]
    public async Task Whoever_signs_with_more_than_one_hand_is_refused_where_one_is_a_strangers()
    {
        Refused(() => PackSignature.OfSignature([], _manifest, Ca, Now)).ShouldNotBeEmpty();
        var both = await made.SignAsync("agency", more: $"-signer {made.At("impostor.pem")} -inkey {made.At("impostor.key")}");
        Refused(() => PackSignature.OfSignature(both, _manifest, Ca, Now)).ShouldContain("CN=impostor");
        PackSignature.OfSignature(both, _manifest, [.. Ca, .. made.Trusted("stranger")], Now).Select(s => s.By).ShouldBe(["CN=agency", "CN=impostor"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_signature_over_something_else_for_another_purpose_by_a_weak_hash_or_out_of_its_time_is_refused()
    {
        var own = await made.SignAsync("agency", "other.json", "-nodetach");
        Refused(() => PackSignature.OfSignature(own, _manifest, Ca, Now)).ShouldNotBeEmpty("what it brings along is not what is verified");
        Refused(() => PackSignature.OfSignature(made.SignAsync("sealing").Result, _manifest, Ca, Now)).ShouldContain("not for signing");
        Refused(() => PackSignature.OfSignature(made.SignAsync("agency", more: "-md sha1").Result, _manifest, Ca, Now)).ShouldContain("too weak");
        var timeless = await made.SignAsync("agency", more: "-noattr");
        PackSignature.OfSignature(timeless, _manifest, Ca, Now).ShouldHaveSingleItem().At.ShouldBeNull();
        Refused(() => PackSignature.OfSignature(timeless, _manifest, Ca, Now.AddYears(2))).ShouldContain("does not hold by those given");
    }

    [Fact]
    public async Task A_time_stamp_holds_as_the_authoritys_answer_and_as_its_token_and_not_of_anything_else()
    {
        foreach (var stamp in (byte[][])[await made.StampAsync(), await made.StampAsync(more: "-token_out")])
        {
            var at = PackSignature.OfTimestamp(stamp, _manifest, Ca);
            (at.Slot, at.By, at.Issuer).ShouldBe(("signature/manifest.tsr", "CN=tsa", "CN=ca"));
            at.At!.Value.ShouldBe(Now, TimeSpan.FromMinutes(5));
            Refused(() => PackSignature.OfTimestamp(stamp, _other, Ca)).ShouldContain("not over this manifest");
            Refused(() => PackSignature.OfTimestamp(stamp, _manifest, made.Trusted("stranger"))).ShouldContain("does not hold by those given");
            Refused(() => PackSignature.OfTimestamp(stamp[..^9], _manifest, Ca)).ShouldNotBeEmpty();
        }
        var weak = await made.StampAsync(digest: "sha1");
        Refused(() => PackSignature.OfTimestamp(weak, _manifest, Ca)).ShouldContain("too weak");
        var signature = await made.SignAsync("agency");
        Refused(() => PackSignature.OfTimestamp(signature, _manifest, Ca)).ShouldNotBeEmpty("a signature is no time stamp");
        // status 2, rejection (RFC 3161, 2.4.2)
        Refused(() => PackSignature.OfTimestamp([0x30, 5, 0x30, 3, 2, 1, 2], _manifest, Ca)).ShouldContain("refused to stamp");
    }

    private static string Refused(Func<object> verify) => Should.Throw<CryptographicException>(() => _ = verify()).Message;
}
