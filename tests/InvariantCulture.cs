using System.Globalization;
using System.Runtime.CompilerServices;

namespace EventDossier;

internal static class InvariantCulture
{
    /// <summary>As the programs do when they start.</summary>
    [ModuleInitializer]
    internal static void Set() => CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
}
