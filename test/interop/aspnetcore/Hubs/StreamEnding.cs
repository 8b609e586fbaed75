using Hubwire.Interop.Server.Hosting;

namespace Hubwire.Interop.Server.Hubs;

/// <summary>
/// Notes how a server stream ended: <c>stream-completed</c> when it said so, else <c>stream-cancelled</c>.
/// </summary>
public sealed class StreamEnding(EventLog events, string connectionId, string streamName) : IDisposable
{
    private bool _completed;

    /// <summary>The stream gave all its items.</summary>
    public void Complete() => _completed = true;

    /// <inheritdoc />
    public void Dispose() =>
        events.Add(_completed ? "stream-completed" : "stream-cancelled", connectionId, streamName);
}
