using EventDossier.Backups;

namespace EventDossier.Tests.Backups;

/// <summary>What is promised of backups, which are kept, and what is told when a promise does not hold. The folders here are empty but for the files that make one whole.</summary>
public sealed class BackupShelfTests : IDisposable
{
    private static readonly DateTimeOffset _now = new(2026, 5, 4, 9, 0, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("eventdossier-shelf-").FullName;
    private readonly Clock _clock = new();

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = _now;
        public override DateTimeOffset GetUtcNow() => Now;
    }

    private BackupPlan Plan => new(_folder, TimeSpan.FromMinutes(60), TimeSpan.FromMinutes(30), Days: 3, Months: 4);

    private BackupShelf Shelf => new(Plan, _clock);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void One_that_was_cut_off_or_has_another_name_is_none_and_the_newest_comes_first()
    {
        Put("20260504T080000Z");
        Put("20260504T083000Z");
        Put("making-20260504T084500Z");
        Put("20260504T085000Z", manifests: false);
        Put("mine");
        Shelf.List().Select(e => Path.GetFileName(e.Folder)).ShouldBe(["20260504T083000Z", "20260504T080000Z"]);
        new BackupShelf(Plan with { Folder = Path.Combine(_folder, "none") }, _clock).List().ShouldBeEmpty();
    }

    [Fact]
    public void One_is_due_when_the_last_is_half_as_old_as_the_recovery_point()
    {
        (Shelf.IsDue(), Shelf.Age).ShouldBe((true, null));
        Put("20260504T083001Z");
        (Shelf.IsDue(), Shelf.Age).ShouldBe((false, new TimeSpan(0, 29, 59)));
        _clock.Now = _now.AddSeconds(1);
        Shelf.IsDue().ShouldBeTrue();
        Put("making-20260504T085000Z", manifests: false);
        Shelf.IsDue().ShouldBeFalse("somebody is at it");
        Shelf.Age.ShouldBe(TimeSpan.FromMinutes(30), "what is being made is no backup yet");
        _clock.Now = _now.AddMinutes(20);
        Shelf.IsDue().ShouldBeTrue("and died");
    }

    [Fact]
    public async Task A_promise_that_does_not_hold_is_told()
    {
        (await Shelf.FaultAsync()).ShouldBe($"there is no backup in {_folder}");
        Put("20260504T075959Z");
        (await Shelf.FaultAsync())!.ShouldContain("60 minutes old; 60 are promised");
        Put("20260504T080000Z");
        (await Shelf.FaultAsync()).ShouldBe("no restore was rehearsed yet");
        var good = new BackupShelf.Rehearsal(_now.AddDays(-92), _now, TimeSpan.FromMinutes(30), 0);
        await Shelf.RehearsedAsync(good);
        (await Shelf.FaultAsync()).ShouldBeNull();
        await Shelf.RehearsedAsync(good with { At = _now.AddDays(-92).AddSeconds(-1) });
        (await Shelf.FaultAsync())!.ShouldContain("last rehearsed on 2026-02-01");
        await Shelf.RehearsedAsync(good with { Took = TimeSpan.FromMinutes(31) });
        (await Shelf.FaultAsync())!.ShouldContain("took 31 minutes; 30 are promised");
        await Shelf.RehearsedAsync(good with { Findings = 1 });
        (await Shelf.FaultAsync())!.ShouldContain("found something");
    }

    [Fact]
    public void All_of_two_days_the_last_of_days_and_months_and_always_the_last_good_one_are_kept()
    {
        // One each six hours for a year.
        var all = Enumerable.Range(0, 4 * 365).Select(i => new BackupShelf.Entry(_now.AddHours(-6 * i), $"{i}")).ToList();
        var removed = BackupShelf.ToRemove(all, Plan, _now).ToHashSet();
        var kept = all.Where(e => !removed.Contains(e)).Select(e => e.At.UtcDateTime).ToList();
        kept.Where(at => at >= _now.UtcDateTime.AddDays(-2)).Count().ShouldBe(9);
        kept.Select(at => at.ToString("MM-dd HH")).ShouldBe(
        [
            "05-04 09", "05-04 03", "05-03 21", "05-03 15", "05-03 09", "05-03 03", "05-02 21", "05-02 15", "05-02 09", // two days, with the last of three
            "04-30 21", "03-31 21", "02-28 21", // the last of four months, May's among the two days
        ]);

        // Pruned after each that is made, the same are left as pruned once.
        var shelf = new List<BackupShelf.Entry>();
        foreach (var entry in Enumerable.Reverse(all))
        {
            shelf.Insert(0, entry);
            var old = BackupShelf.ToRemove(shelf, Plan, entry.At).ToHashSet();
            shelf.RemoveAll(old.Contains);
            shelf[0].ShouldBe(entry);
        }
        shelf.Select(e => e.At.UtcDateTime).ShouldBe(kept);

        BackupShelf.ToRemove([all[^1]], Plan, _now).ShouldBeEmpty("old as it is, it is the last good one");
    }

    [Fact]
    public void A_setting_that_is_no_number_is_named()
    {
        BackupPlan.Read(_ => null).ShouldBeNull();
        BackupPlan.Read(name => name == "Backup__Folder" ? _folder : null).ShouldBe(new(_folder, TimeSpan.FromHours(1), TimeSpan.FromHours(4), 30, 12));
        foreach (var wrong in (string[])["0", "-5", "soon", "525601"])
        {
            Should.Throw<UserError>(() => BackupPlan.Read(name => name == "Backup__Folder" ? _folder : name == "Backup__PointMinutes" ? wrong : null))
                .ShouldSatisfyAllConditions(e => e.Code.ShouldBe("bad-setting"), e => e.Message.ShouldContain("Backup__PointMinutes"));
        }
    }

    private void Put(string name, bool manifests = true)
    {
        foreach (var store in (string[])["events", "keys"])
        {
            Directory.CreateDirectory(Path.Combine(_folder, name, store));
            if (manifests)
                File.WriteAllText(Path.Combine(_folder, name, store, "manifest.json"), "{}");
        }
    }
}
