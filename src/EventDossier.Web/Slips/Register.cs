using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Store;
using EventDossier.Web.Pages;
using static EventDossier.Web.Slips.SlipSheet;

namespace EventDossier.Web.Slips;

/// <summary>Form 07: the dossiers that an agency numbered on one day, without a gap, and what became of each.</summary>
internal static class Register
{
    private const int Page = 500;
    private static readonly Words _vi = new(Language.Vi);

    /// <summary>In the order of their numbers.</summary>
    /// <param name="units">Only what lies with one of these units, or whose agency is one of them; null for all.</param>
    public static async Task<IReadOnlyList<(Overview.Row Row, Dossier Dossier)>> ReadAsync(Database database, string agency, DateOnly day, IReadOnlySet<string>? units, CancellationToken cancel)
    {
        // Codes of a day begin alike, so they lie side by side in the index.
        var (prefix, found) = ($"{agency}-{day:yyMMdd}-", new List<(Overview.Row, Dossier)>());
        for (var after = prefix; ;)
        {
            var rows = await Overview.View.FindAsync(database.App, new(After: after, Limit: Page) { Units = units }, cancel);
            // Asked for at once, they are read in one go.
            found.AddRange(await Task.WhenAll(rows.TakeWhile(r => r.Code.StartsWith(prefix, StringComparison.Ordinal))
                .Select(async row => (row, Dossier.Fold(row.Code, await database.Log.ReadStreamAsync(row.Code, cancel: cancel))))));
            if (rows.Count < Page || !rows[^1].Code.StartsWith(prefix, StringComparison.Ordinal))
                return [.. found.OrderBy(d => d.Item2.Code.Length).ThenBy(d => d.Item2.Code, StringComparer.Ordinal)];
            after = rows[^1].Code;
        }
    }

    /// <param name="names">By code; null where the applicant was erased, or as a whole where the key store can't be reached.</param>
    public static Markup Of(string agency, DateOnly day, IReadOnlyList<Dossier> dossiers, IReadOnlyDictionary<string, string?>? names, Rulebook rules, DateTimeOffset now, bool sample)
    {
        var marks = new List<Wording>();
        if (sample)
            marks.Add(new("Sample: not a register of any authority.", "MẪU THỬ: không có giá trị pháp lý."));
        if (names is null)
            marks.Add(new("Without names: the key store can't be reached.", "Không có tên: không kết nối được kho khóa."));
        return SlipSheet.Of($"{agency}/07-{day:yyMMdd}", Slip.Title("07"), rules.Organisation.UnitAt(agency, now)?.Name ?? new(agency, agency), marks, Markup.Of(
        [
            Says($"Hồ sơ được cấp mã ngày {day:dd/MM/yyyy}: {dossiers.Count}", $"Dossiers numbered on {day:yyyy-MM-dd}: {dossiers.Count}"),
            Grid(
                [
                    new("No.", "STT"), new("Dossier", "Mã hồ sơ"), new("Procedure", "Tên thủ tục"), new("Applicant", "Tên cá nhân, tổ chức"), new("Agency", "Cơ quan giải quyết"), new("Received", "Nhận hồ sơ"),
                    new("Promised", "Hẹn trả"), new("Handed on", "Chuyển giải quyết"), new("Result ready", "Có kết quả"), new("Returned", "Trả kết quả"), new("How", "Phương thức"), new("Note", "Ghi chú"),
                ],
                dossiers.Index().Select(d => Line(d.Index + 1, d.Item, names, rules))),
        ]), wide: true);
    }

    private static IReadOnlyList<Markup> Line(int number, Dossier d, IReadOnlyDictionary<string, string?>? names, Rulebook rules)
    {
        static Markup At(DateTimeOffset? at) => Markup.Of($"{(at is { } moment ? CentreTime.Show(moment) : "")}");
        var name = names is null || d.Applicant is null ? "" : names.GetValueOrDefault(d.Code) ?? "(đã xóa / erased)";
        return
        [
            Markup.Of($"{number}"), Markup.Of($"{d.Code}"), Markup.Of($"{rules.Procedure(d.Procedure)?.Published.Name ?? d.Procedure?.Code}"), Markup.Of($"{name}"), Markup.Of($"{d.Agency}"), At(d.ReceivedAt), At(d.Promised),
            At(d.HandOvers.FirstOrDefault(h => h.AcceptedAt is not null)?.AcceptedAt), At(d.FinishedAt), At(d.ReturnedAt), Markup.Of($"{_vi.Channel(d.ReturnedBy?.ToString().ToLowerInvariant())}"), Markup.Of($"{_vi.Stage(d.Stage)}"),
        ];
    }
}
