using EventDossier.Dossiers;

namespace EventDossier.Applicants;

/// <summary>Who applies, in clear. What dossiers hold of a person is opened for somebody to read here alone; whether they may is asked before.</summary>
public static class ApplicantNames
{
    /// <summary>The names of a page of dossiers, in one round trip to the key store.</summary>
    /// <returns>
    /// By the dossiers' codes: null where the applicant was erased, nothing where a dossier names none. Null as a whole where the key store can't be reached: a page without
    /// names is better than none.
    /// </returns>
    /// <exception cref="UserError"><c>sealed-damaged</c>, <c>key-missing</c></exception>
    public static async Task<IReadOnlyDictionary<string, string?>?> OpenAsync(Func<Task<KeyStore>> keys, IEnumerable<Overview.Row> page, CancellationToken cancel = default)
    {
        var named = page.Where(row => row.Sealed is not null).ToList();
        try
        {
            var applicants = named.Count == 0 ? [] : await (await keys()).OpenAsync([.. named.Select(row => new Sealed(Guid.Parse(row.Applicant!), row.Sealed!))], cancel);
            return named.Zip(applicants).ToDictionary(pair => pair.First.Code, pair => pair.Second?.Name);
        }
        catch (Exception e) when (Failure.Of(e) is { Exit: 3 })
        {
            return null;
        }
    }
}
