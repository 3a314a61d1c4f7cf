namespace EventDossier.Deadlines;

/// <summary>What a supplement asked for during the appraisal does to the limit.</summary>
public enum SupplementRule
{
    /// <summary>The time of waiting is not counted.</summary>
    Pause,

    /// <summary>The full limit runs again from the day the dossier is complete.</summary>
    Restart,
}
