namespace Hubwire.Interop.Client.Scenarios;

/// <summary>Every scenario there is. README.md describes the hub they need.</summary>
public static class ScenarioList
{
    // The slow one comes first and runs beside the others.
    private static readonly IReadOnlyList<Scenario> Common =
    [
        .. LifetimeScenarios.All,
        .. CallScenarios.All,
        .. StreamScenarios.All,
        .. MessageScenarios.All,
        .. ClientResultScenarios.All,
    ];

    /// <summary>Those for ordinary connections.</summary>
    public static IReadOnlyList<Scenario> Ordinary { get; } = [.. Common, .. LifetimeScenarios.Losses];

    /// <summary>Those for connections with stateful reconnect.</summary>
    public static IReadOnlyList<Scenario> Stateful { get; } = [.. Common, .. StatefulScenarios.All];
}
