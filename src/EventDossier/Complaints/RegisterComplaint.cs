using EventDossier.Applicants;
using EventDossier.Dossiers;

namespace EventDossier.Complaints;

/// <summary>Takes a complaint or a suggestion in: as somebody sent it, or from paper by a clerk whom it is not about.</summary>
public sealed record RegisterComplaint(ComplaintKind Kind, ComplainantKind From, ComplaintSubject About, ComplaintStatement Statement)
{
    public const int MostText = 4_000, MostOther = 200;

    /// <param name="clerk">Who takes it from paper; null where it came online.</param>
    /// <param name="isDossier">There is a dossier of the code that it names.</param>
    public static Refusal? Refuse(RegisterComplaint act, ComplaintReader? clerk, Concerned concerned, bool isDossier, ActContext context)
    {
        var (told, organisation) = (act.Statement, context.Rules.Organisation);
        if (context.At > context.Now)
            return new("in-the-future", $"{context.At:yyyy-MM-dd HH:mm zzz} has not come yet");
        if (string.IsNullOrWhiteSpace(told.Text) || told.Text.Length > MostText)
            return new("text-missing", $"a complaint says what it is about, in at most {MostText} characters");
        if (((string?[])[told.Name, told.Phone, told.Mail, told.Address, act.About.Dossier]).Any(text => text?.Length > MostOther))
            return new("too-long", $"name, phone, mail, address and code have at most {MostOther} characters");
        if (act.Kind == ComplaintKind.Complaint && (string.IsNullOrWhiteSpace(told.Name) || string.IsNullOrWhiteSpace(told.Address)))
            return new("complainant-missing", $"a complaint says who makes it, by name and address of at most {MostOther} characters each; feedback and suggestions need not");
        if (act.About.Unit is { } unit && context.Rules.RefuseUnit(unit, context.At) is { } noUnit)
            return noUnit;
        if (act.About.Person is { } person && !organisation.IsEmpty && !organisation.Knows(person))
            return new("unknown-person", $"{person} was never appointed to anything");
        // Online nobody is told which codes exist.
        if (clerk is not null && act.About.Dossier is { } code && !isDossier)
            return new("no-such-dossier", $"there is no dossier {code}");
        return clerk?.IsConcerned(concerned, organisation, context.At, context.Now) == true
            ? new("clerk-is-concerned", $"it is about {clerk.Person} or their unit: a clerk of another unit takes it")
            : null;
    }

    public static ComplaintReceived Decide(RegisterComplaint act, bool online, Concerned concerned, ComplaintLimit limit, Sealed statement, ActContext context) =>
        new(context.At, context.Command.Actor, act.Kind, act.From, online ? "online" : "counter", statement, act.About, concerned, limit);
}
