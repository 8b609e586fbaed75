using Microsoft.Extensions.Logging;

namespace Hubwire.Interop.Client.Scenarios;

/// <summary>Where and how scenarios connect.</summary>
/// <param name="HubUrl">Address of the hub.</param>
/// <param name="Transport">The transport's name, as negotiated.</param>
/// <param name="IsStateful">Asks for stateful reconnect, and goes on over a new WebSocket when one is lost.</param>
public sealed record ScenarioSetting(Uri HubUrl, string Transport, bool IsStateful);

/// <summary>What became of a scenario; printed as a JSON line.</summary>
/// <param name="Name">The scenario.</param>
/// <param name="Ok">It passed.</param>
/// <param name="Detail">What came of it, or how long it took, or why it failed.</param>
public sealed record ScenarioResult(string Name, bool Ok, string Detail);

/// <summary>One behaviour of a hub, shown by a real client. It passes when its steps throw nothing in time.</summary>
public sealed record Scenario(string Name, Func<ScenarioContext, Task> Steps)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Runs the steps with connections of their own.</summary>
    public async Task<ScenarioResult> RunAsync(ScenarioSetting setting, ILoggerFactory logging)
    {
        var started = TimeProvider.System.GetTimestamp();
        using var deadline = new CancellationTokenSource(Limit);
        await using var context = new ScenarioContext(setting, logging, deadline.Token);
        try
        {
            await Steps(context).WaitAsync(deadline.Token);
            var tookMs = TimeProvider.System.GetElapsedTime(started).TotalMilliseconds;
            return new ScenarioResult(Name, true, context.Outcome ?? $"{tookMs:0} ms");
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return new ScenarioResult(Name, false, $"not finished after {Limit.TotalSeconds} s, while {context.Doing}");
        }
        catch (Exception error)
        {
            return new ScenarioResult(Name, false, $"{error.GetType().Name}: {error.Message} (while {context.Doing})");
        }
    }
}
