using System.Collections;
using System.Reflection;
using System.Text.RegularExpressions;
using EventDossier.Dossiers;
using EventDossier.Store;
using EventDossier.Tests.Samples;

namespace EventDossier.Tests.Conventions;

public sealed partial class EventConventions
{
    private static readonly IReadOnlyList<EventName> _names = ProductEvents.Names.All;

    public static IEnumerable<object[]> ViewsAndEvents => from view in ProductViews.All where view.GetType().GetMethod("Apply") is not null // Tables of whole dossiers fold them.
        from sample in Sample.Files select new object[] { view.Name, sample };

    [Fact]
    public void Names_are_snake_case_and_unique()
    {
        _names.ShouldAllBe(n => SnakeCase().IsMatch(n.Name));
        _names.Select(n => n.Name).ShouldBeUnique();
        _names.Where(n => n.Upcast is null).Select(n => n.Event).ShouldBeUnique();
    }

    [Fact]
    public void Every_event_of_a_dossier_has_a_name() =>
        typeof(DossierEvent).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(DossierEvent)) && !t.IsAbstract)
            .Except(_names.Select(n => n.Event)).ShouldBeEmpty();

    [Fact]
    public void No_event_holds_a_float_or_a_decimal() =>
        _names.SelectMany(n => Held(n.Event, n.Event.Name, []))
            .Where(held => held.Type == typeof(double) || held.Type == typeof(float) || held.Type == typeof(decimal) || held.Type == typeof(Half))
            .Select(held => held.Place).ShouldBeEmpty("hashes need one spelling: money in whole đồng, durations in whole minutes");

    [Fact]
    public void Times_in_events_have_an_offset() =>
        _names.SelectMany(n => Held(n.Event, n.Event.Name, [])).Where(held => held.Type == typeof(DateTime)).Select(held => held.Place).ShouldBeEmpty();

    [Theory, MemberData(nameof(ViewsAndEvents))]
    public void Every_view_takes_every_event_alone_and_after_a_receipt(string view, string sample)
    {
        // Events of other streams reach every view too, and leave it as it was.
        var stream = Sample.Event(sample) is DossierEvent ? "H49.12-260424-0001" : "/other/1";
        var received = Apply(null, Sample.Stored("dossier_received", 1));

        Should.NotThrow(() => Apply(null, Sample.Stored(sample, 2, stream)));
        var after = Should.NotThrow(() => Apply(received, Sample.Stored(sample, 2, stream)));
        if (stream.StartsWith('/'))
            after.ShouldBe(received);

        object? Apply(object? row, StoredEvent e)
        {
            var of = ProductViews.Named(view);
            try
            {
                return of.GetType().GetMethod("Apply")!.Invoke(of, [row, e]);
            }
            catch (TargetInvocationException thrown)
            {
                throw thrown.InnerException!;
            }
        }
    }

    private static IEnumerable<(Type Type, string Place)> Held(Type type, string place, HashSet<Type> seen)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetIndexParameters().Length == 0))
        {
            var held = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (held != typeof(string) && held.IsAssignableTo(typeof(IEnumerable)))
                held = held.GetGenericArguments()[^1];
            yield return (held, $"{place}.{property.Name}");
            if (held.Assembly == typeof(DossierEvent).Assembly && seen.Add(held))
            {
                foreach (var deeper in Held(held, $"{place}.{property.Name}", seen))
                    yield return deeper;
            }
        }
    }

    [GeneratedRegex("^[a-z][a-z0-9]*(_[a-z0-9]+)*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SnakeCase();
}
