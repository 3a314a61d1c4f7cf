using EventDossier.Applicants;

namespace EventDossier.Tests.Applicants;

public sealed class KeySharesTests
{
    [Fact]
    public void Two_shares_in_either_order_make_the_key_again()
    {
        var key = MasterKey.New();
        var (first, second) = KeyShares.Split(key);

        KeyShares.Join(first, second).Secret.ShouldBe(key.Secret);
        KeyShares.Join(second, first).Secret.ShouldBe(key.Secret);
        first.ShouldNotContain(Convert.ToHexStringLower(key.Secret));
        second.ShouldNotContain(Convert.ToHexStringLower(key.Secret));
    }

    [Fact]
    public void A_wrong_pair_is_refused()
    {
        var key = MasterKey.New();
        var (first, second) = KeyShares.Split(key);
        var (_, later) = KeyShares.Split(key);
        var (_, other) = KeyShares.Split(MasterKey.New());

        foreach (var (a, b) in ((string, string)[])[(first, first), (first, later), (first, other), (first, ""), (first, second[..^3]), (first, "eventdossier-share 2 x y z")])
            Should.Throw<UserError>(() => KeyShares.Join(a, b)).Code.ShouldBe("bad-share");
    }

    [Fact]
    public void Any_mistyped_letter_of_a_share_is_refused()
    {
        var (first, second) = KeyShares.Split(MasterKey.New());
        for (var i = 0; i < first.TrimEnd().Length; i++)
        {
            if (first[i] == ' ')
                continue;
            var mistyped = first[..i] + (first[i] == '7' ? '3' : '7') + first[(i + 1)..];
            Should.Throw<UserError>(() => KeyShares.Join(mistyped, second)).Code.ShouldBe("bad-share");
        }
    }
}
