using EventDossier.Applicants;
using EventDossier.Store;

namespace EventDossier.Simulation;

/// <summary>Applicants put together at random from common names. Their identity numbers begin with a province code that no province has.</summary>
public static class SimulatedPeople
{
    private static readonly Guid _ids = new("8b1f7c6e-2d3a-5e4f-9a6b-0c1d2e3f4a5b");
    private static readonly string[] _family = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô", "Dương", "Lý", "Đoàn", "Hà", "Tô"];
    private static readonly string[] _middle = ["Văn", "Thị", "Đức", "Minh", "Ngọc", "Quang", "Thu", "Hồng", "Xuân", "Thanh", "Hữu", "Bích"];
    private static readonly string[] _given = ["An", "Bình", "Cường", "Dung", "Giang", "Hà", "Hải", "Hạnh", "Hiền", "Hùng", "Hương", "Lan", "Linh", "Long", "Mai", "Nam", "Nga", "Phong", "Sơn", "Thảo", "Tuấn", "Yến"];

    /// <summary>One for each dossier, with the id of the key each gets.</summary>
    public static IReadOnlyList<(Applicant Applicant, Guid Id)> Make(int many, int seed)
    {
        var random = new Random(unchecked((seed * 7919) + 1));
        string OneOf(string[] of) => of[random.Next(of.Length)];
        return [.. Enumerable.Range(0, many).Select(i => (
            new Applicant($"{OneOf(_family)} {OneOf(_middle)} {OneOf(_given)}") { IdentityNumber = $"999{i:000000000}", Phone = $"0900{random.Next(1_000_000):000000}" },
            Uuid.V5(_ids, $"{seed} {i}")))];
    }
}
