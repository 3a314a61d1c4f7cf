using EventDossier.Applicants;
using EventDossier.Complaints;
using EventDossier.Dossiers;
using EventDossier.Store;

namespace EventDossier.StoreTests.Complaints;

/// <summary>Complaints in pages, beside the list of all.</summary>
public sealed class ComplaintPageTests : IAsyncLifetime
{
    private static readonly ComplaintReader _director = new("tt-giamdoc-1", "director", [], null);
    private Centre _centre = null!;

    public async Task InitializeAsync() => _centre = await Centre.OpenAsync();

    public Task DisposeAsync() => _centre.DisposeAsync().AsTask();

    private ComplaintDesk Desk => new(_centre.Database, new(_centre.Database), () => throw new InvalidOperationException("no text is opened for a list"));

    private async Task ComeAsync(string number, double hours, string about, bool closed = false)
    {
        var at = _centre.Now.AddHours(hours);
        var limit = ComplaintLimits.Product.Single(l => l.Kind == ComplaintKind.Feedback);
        ComplaintEvent[] events =
        [
            new ComplaintReceived(at, "anybody", ComplaintKind.Feedback, ComplainantKind.Citizen, "online", new Sealed(Guid.Empty, "x"), new(null, null, about), new([], [about]), limit),
            .. closed ? [new ComplaintClosed(at.AddHours(1), "tt-giamdoc-1", ComplaintOutcome.Noted)] : Array.Empty<ComplaintEvent>(),
        ];
        await _centre.Database.Log.AppendAsync([new(Complaint.Stream(number), Complaint.StreamType, 0, Centre.Command(), events)]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pages_have_what_the_list_has_in_its_order_without_what_is_about_the_reader(bool over)
    {
        // Two came at the same moment; one is about the reader, two are over, three are long late.
        await ComeAsync("PA-4", -3_000, "a");
        await ComeAsync("PA-3", -3_000, "a");
        await ComeAsync("PA-2", -2_000, "tt-giamdoc-1");
        await ComeAsync("PA-5", -1_500, "a", closed: true);
        await ComeAsync("PA-1", -1_000, "a");
        await ComeAsync("PA-6", -2, "a");
        await ComeAsync("PA-7", -1, "a", closed: true);

        var all = (await Desk.ListAsync(_director, _centre.Now, over)).Select(c => c.Number).ToList();
        all.ShouldBe(over ? ["PA-3", "PA-4", "PA-5", "PA-1", "PA-6", "PA-7"] : ["PA-3", "PA-4", "PA-1", "PA-6"]);
        var (told, after) = (new List<string>(), default((DateTimeOffset, string)?));
        while (true)
        {
            var (page, late) = await Desk.PageAsync(_director, _centre.Now, over, after, limit: 2);
            late.ShouldBe(3);
            if (page.Count == 0)
                break;
            page.Count.ShouldBeLessThanOrEqualTo(2);
            told.AddRange(page.Select(c => c.Number));
            after = (page[^1].Received.OccurredAt, page[^1].Number);
        }
        told.ShouldBe(all);
    }
}
