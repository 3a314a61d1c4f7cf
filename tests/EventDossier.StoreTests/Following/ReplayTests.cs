using System.Text;
using EventDossier.Alerts;
using EventDossier.Applicants;
using EventDossier.Dossiers;
using EventDossier.Questionnaires;
using EventDossier.Queues;
using EventDossier.Store;

namespace EventDossier.StoreTests.Following;

/// <summary>Dropping and replaying gives identical rows, for every view of the product and however the log is cut into pages.</summary>
public sealed class ReplayTests(ReplayTests.FollowedLives lives) : IClassFixture<ReplayTests.FollowedLives>
{
    /// <summary>Random lives, each act followed by every view on its own, then an import followed in pages.</summary>
    public sealed class FollowedLives : IAsyncLifetime
    {
        internal Centre Centre { get; private set; } = null!;

        internal Dictionary<string, string> Followed { get; } = [];

        public async Task InitializeAsync()
        {
            Centre = await Centre.OpenAsync();
            await Centre.LiveAsync(seed: 1, dossiers: 12, acts: 80, afterEach: Centre.CatchUpAsync);
            await Centre.ImportAsync("import", 800);
            await new Waker(Centre.Database).TickAsync(Centre.Now);
            await Centre.LiveAsync(seed: 2, dossiers: 6, acts: 40);
            await new Waker(Centre.Database).TickAsync(Centre.Now);
            foreach (var reader in (string[])["lan", "minh"])
            {
                var opened = new PersonalDataOpened(Centre.Now, reader, Role.Clerk, OpenedData.Applicant, "list", [.. Enumerable.Range(1, 20).Select(i => $"H49.12-260504-{i:0000}")]);
                await Centre.Database.Log.AppendAsync([new(PersonalDataOpened.Stream(Centre.Now), PersonalDataOpened.StreamType, StreamAppend.Any, Centre.Command(), [opened])]);
            }
            var queue = new QueueDesk(Centre.Database);
            for (var i = 0; i < 12; i++)
            {
                var ticket = (await queue.TakeAsync("H49.30", i % 2 == 0 ? "đất đai" : null, Centre.Context())).Ticket!.Id;
                var invitation = Questionnaire.Invitation("hai-long", $"H49.12-260504-{i:0000}");
                await AppendAsync(invitation, 0, new QuestionnaireInvited(Centre.Now, "minh", "hai-long", 1, "x", null, (ServiceLevel)(i % 2)));
                if (i % 3 == 0)
                    await Centre.CatchUpAsync();
                if (i % 4 < 2)
                    await queue.CallAsync(ticket, "4", Centre.Context());
                if (i % 4 == 0)
                    await queue.ServeAsync(ticket, null, Centre.Context());
                if (i % 3 == 0)
                    await AppendAsync(invitation, 1, new QuestionnaireAnswered(Centre.Now, [new("friendly", 1 + (i % 5)), new("clear", 4)]));
            }
            await Centre.CatchUpAsync();
            foreach (var view in ProductViews.All)
                Followed[view.Name] = await Centre.RowsAsync(view);
        }

        private async Task AppendAsync(string stream, long version, object @event) =>
            await Centre.Database.Log.AppendAsync([new(stream, Questionnaire.InvitationType, version, Centre.Command(), [@event])]);

        public Task DisposeAsync() => Centre.DisposeAsync().AsTask();
    }

    public static TheoryData<string> Names => new(ProductViews.All.Select(v => v.Name));

    [Theory, MemberData(nameof(Names))]
    public async Task Followed_event_by_event_or_rebuilt_or_followed_again_in_pages_the_rows_are_identical(string name)
    {
        var (centre, view) = (lives.Centre, ProductViews.Named(name));
        lives.Followed[name].Split('\n').Length.ShouldBeGreaterThan(name is "inbox" or "access" or "tickets" or "invitations" ? 10 : 800);

        await centre.TamperAsync($"TRUNCATE {view.Table}");
        await Rebuild.RunAsync([view], centre.Database.App, ProductEvents.Names, TestDatabase.Time);
        (await centre.RowsAsync(view)).ShouldBe(lives.Followed[name], "rebuilt");

        await centre.TamperAsync($"TRUNCATE {view.Table}; UPDATE dossier.mt_event_progression SET last_seq_id = 0 WHERE name = '{view.Checkpoint}'");
        await centre.Follower(view).CatchUpAsync(await centre.HeadAsync(), CancellationToken.None);
        (await centre.RowsAsync(view)).ShouldBe(lives.Followed[name], "followed in pages");
    }

    [Fact]
    public async Task Of_two_that_lead_in_turn_neither_goes_on_with_rows_as_it_left_them()
    {
        await using var centre = await Centre.OpenAsync();
        List<ViewFollower>[] nodes = [.. Enumerable.Range(0, 2).Select(_ => ProductViews.All.Select(centre.Follower).ToList())];
        var code = await centre.ReceiveAsync();
        for (var turn = 1; turn <= 3; turn++)
        {
            centre.Now = centre.Now.AddHours(1);
            await centre.DoAsync(code, new AssignDossier($"officer {turn}"));
            await FollowAsync(nodes[0]);
            var ladder = $$"""{"shortUnderHours":0,"rules":[{"name":"warning","clock":"handling","level":"warning","hours":{{-turn}},"to":["officer"]}]}""";
            await Ladders.DecideAsync(centre.Database, Ladders.Default, Encoding.UTF8.GetBytes(ladder), centre.Now, Centre.Command());
            await FollowAsync(nodes[0]);
            await centre.StepAsync(code, $"step {turn}");
            await FollowAsync(nodes[1]);
        }
        foreach (var view in ProductViews.All)
        {
            var followed = await centre.RowsAsync(view);
            await Rebuild.RunAsync([view], centre.Database.App, ProductEvents.Names, TestDatabase.Time);
            followed.ShouldBe(await centre.RowsAsync(view), view.Name);
        }

        async Task FollowAsync(List<ViewFollower> node)
        {
            var head = await centre.HeadAsync();
            await Task.WhenAll(node.Select(follower => follower.CatchUpAsync(head, CancellationToken.None)));
        }
    }

    [Fact]
    public async Task A_view_whose_definition_changed_is_made_anew_beside_the_one_that_serves()
    {
        await using var centre = await Centre.OpenAsync();
        await centre.ReceiveAsync();
        await centre.CatchUpAsync();
        await centre.TamperAsync("UPDATE dossier_meta.view SET definition = 'older' WHERE name = 'overview'; UPDATE dossier_views.overview SET officer = 'nobody'");
        (await Migration.RunAsync(centre.ConnectionString, sample: false, ProductViews.All)).ShouldBeEmpty();
        (await centre.RowsAsync(ProductViews.Named("overview"))).ShouldContain("nobody", customMessage: "it serves as it is until then");
        (await UpgradeAsync()).ShouldBe(["overview"]);
        (await centre.RowsAsync(ProductViews.Named("overview"))).ShouldSatisfyAllConditions(rows => rows.ShouldContain("H49.12-260504-0001"), rows => rows.ShouldNotContain("nobody"));
        (await UpgradeAsync()).ShouldBeEmpty();

        Task<IReadOnlyList<string>> UpgradeAsync() => ViewUpgrade.RunAsync(centre.ConnectionString, ProductViews.All, ProductEvents.Names, TestDatabase.Time);
    }
}
