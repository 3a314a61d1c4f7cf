using EventDossier.Dossiers;

namespace EventDossier.Requests;

/// <summary>Enters a request in the register, by what the body's letter says.</summary>
public sealed record EnterAuthorityRequest(AuthorityBody Body, string From, string Letter, IReadOnlyList<string> Dossiers, string Basis, bool Names, DateTimeOffset? AnswerBy)
{
    /// <param name="missing">Codes of its scope that no dossier has.</param>
    public static (AuthorityRequestEvent? Event, Refusal? Refusal) Decide(
        EnterAuthorityRequest act, string number, AuthorityRequest? known, IReadOnlyList<string> missing, ActContext context)
    {
        if (AuthorityRequestActs.Refuse(context) is { } refused)
            return (null, refused);
        var codes = act.Dossiers.Select(code => code.Trim()).Where(code => code.Length > 0).Distinct().ToList();
        if (known is not null)
        {
            var same = known.Asked.From == act.From.Trim() && known.Asked.Letter == act.Letter.Trim() && known.Asked.Dossiers.SequenceEqual(codes) && known.Asked.Names == act.Names;
            return (null, same ? null : new("request-known", $"{number} is another request"));
        }
        if (string.IsNullOrWhiteSpace(act.From) || string.IsNullOrWhiteSpace(act.Letter))
            return (null, new("body-missing", $"{number}: a request names the body that asks and the number of its letter"));
        if (string.IsNullOrWhiteSpace(act.Basis))
            return (null, new Refusal("basis-missing", "a request names the provision that it rests on"));
        if (codes.Count is 0 or > AuthorityRequest.MostDossiers)
            return (null, new("scope-missing", $"a request names 1 to {AuthorityRequest.MostDossiers} dossiers; a larger one is entered in parts"));
        if (missing.Count > 0)
            return (null, new("no-such-dossier", $"there is no dossier {missing[0]}"));
        return (new EvidenceRequested(context.At, context.Command.Actor, act.Body, act.From.Trim(), act.Letter.Trim(), codes, act.Basis.Trim(), act.Names, act.AnswerBy), null);
    }
}
