using System.Runtime.CompilerServices;
using EventDossier.Marten;

namespace EventDossier;

/// <summary>Compiled into each program that is built with the edition: names it before anything else runs.</summary>
internal static class Chosen
{
    [ModuleInitializer]
    internal static void Edition() => Store.Edition.Current = new MartenEdition();
}
