using System.Collections.Concurrent;

namespace Hubwire.Interop.Server.Hosting;

/// <summary>Named gates that hold a hub method until a test opens them; an open gate stays open.</summary>
public sealed class GateKeeper
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new(StringComparer.Ordinal);

    /// <summary>Completes when the gate is opened, at once when it already is.</summary>
    public Task PassAsync(string name, CancellationToken cancellationToken) =>
        Gate(name).Task.WaitAsync(cancellationToken);

    /// <summary>Lets everybody through who waits at the gate or comes later.</summary>
    public void Open(string name) => Gate(name).TrySetResult();

    private TaskCompletionSource Gate(string name) =>
        _gates.GetOrAdd(name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
