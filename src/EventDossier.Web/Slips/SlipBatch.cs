using System.Globalization;
using EventDossier.Applicants;
using EventDossier.Deadlines;
using EventDossier.Dossiers;
using EventDossier.Record;
using EventDossier.Web.LookUp;
using static EventDossier.Web.Slips.SlipSheet;

namespace EventDossier.Web.Slips;

/// <summary>The newest slips 01 of many dossiers as one sheet to print. What can't be printed stands on its first page with the reason, and keeps none of the others.</summary>
internal static class SlipBatch
{
    public const int Most = 200;

    public static async Task<IResult> PrintAsync(IReadOnlyList<string> codes, HttpContext http, Caller caller, Centre centre, LookUps lookUps, IConfiguration configuration)
    {
        var (cancel, log) = (http.RequestAborted, centre.Database.Log);
        var (scope, rules) = (await Scope.OfAsync(caller, Rights.Names, centre, cancel), await centre.Desk.RulesAsync(cancel));
        var (found, wrong) = (new List<Slip>(), new List<(string Code, string Why)>());
        foreach (var code in codes.Distinct())
        {
            var events = DossierCode.IsCode(code) ? await log.ReadStreamAsync(code, cancel: cancel) : [];
            var dossier = Dossier.Fold(code, events);
            if (events.Count == 0)
                wrong.Add((code, "không có hồ sơ này / there is no such dossier"));
            else if (!Rights.Reaches(scope, dossier))
                wrong.Add((code, "ngoài phạm vi của bạn / it lies outside your units"));
            else if (dossier.Slips.FindLast(s => s is { Form: "01", Cancelled: false }) is not { } newest || Slip.Find(newest.Number, events) is not { } slip)
                wrong.Add((code, "chưa có phiếu 01 / it has no slip 01"));
            else
                found.Add(slip);
        }
        var named = found.Where(s => s.Then.Applicant is not null).ToList();
        var applicants = named.Count == 0 ? [] : await centre.Personal.OpenAsync(Asked.Reader(http, caller, Rights.Names), [.. named.Select(s => (s.Then.Code, s.Then.Applicant!))], OpenedData.Notice, cancel);
        var byCode = named.Zip(applicants).ToDictionary(pair => pair.First.Then.Code, pair => pair.Second);
        var (address, tree) = (new Uri(new Uri(configuration["Public:Url"] ?? $"{http.Request.Scheme}://{http.Request.Host}"), "/look-up"), new RecordTree(centre.Database.App));
        var sheets = new List<Markup>();
        foreach (var slip in found)
        {
            var code = slip.Then.Code;
            var lookUp = new LookUpOnSlip(address, code, await lookUps.KeyAsync(slip.Number, cancel), await tree.SecretAsync(code, cancel));
            sheets.Add(slip.Each(rules, byCode.GetValueOrDefault(code), lookUp));
        }
        var marks = centre.Database.IsSample ? [new Wording("Sample: not a slip of any authority.", "MẪU THỬ: không có giá trị pháp lý.")] : Array.Empty<Wording>();
        var count = found.Count.ToString(CultureInfo.InvariantCulture);
        return SlipRoutes.Sheet(http, SlipSheet.Of(count, Slip.Title("01"), new Wording("Public Administration Service Centre", "Trung tâm Phục vụ hành chính công"), marks, Markup.Of(
        [
            Says($"{count} phiếu.", $"{count} slips."),
            wrong.Count == 0 ? Markup.Nothing
                : Grid([new("Dossier", "Mã hồ sơ"), new("Why it is not printed", "Lý do không in")], wrong.Select(w => (IReadOnlyList<Markup>)[Markup.Of($"{w.Code}"), Markup.Of($"{w.Why}")])),
            .. sheets,
        ])));
    }
}
