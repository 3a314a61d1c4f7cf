using Microsoft.AspNetCore.Components;

namespace EventDossier.Web.Pages;

/// <summary>What every component has at hand.</summary>
[Layout(typeof(Layout))]
public abstract class PageBase : ComponentBase
{
    [Inject]
    internal Visit Visit { get; set; } = null!;

    internal Words Say => Visit.Say;
}
