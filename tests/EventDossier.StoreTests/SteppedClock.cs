namespace EventDossier.StoreTests;

/// <summary>A time that only the test moves. Timers are real, so nothing that waits waits for it.</summary>
internal sealed class SteppedClock : TimeProvider
{
    public DateTimeOffset Now { get; set; }

    public override DateTimeOffset GetUtcNow() => Now.ToUniversalTime();

    /// <summary>Ages go by it too: what is read anew every second is read anew at every step.</summary>
    public override long GetTimestamp() => Now.UtcTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;
}
