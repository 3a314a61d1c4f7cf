namespace EventDossier.StoreTests;

public sealed class TestDatabase
{
#pragma warning disable RS0030 // The tests' composition.
    internal static TimeProvider Time => TimeProvider.System;
#pragma warning restore RS0030
}
