namespace Hubwire.Interop.Client.Scenarios;

/// <summary>Every scenario there is. README.md describes the hub they need.</summary>
public static class ScenarioList
{
    /// <summary>Those for a hub that allows stateful reconnect; they run when they are asked for.</summary>
    public static IReadOnlyList<Scenario> Stateful { get; } = StatefulScenarios.All;

    /// <summary>All the others. The slow one comes first and runs beside the others.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        .. LifetimeScenarios.All,
        .. CallScenarios.All,
        .. StreamScenarios.All,
        .. MessageScenarios.All,
        .. ClientResultScenarios.All,
    ];
}
