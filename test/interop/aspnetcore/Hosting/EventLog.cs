namespace Hubwire.Interop.Server.Hosting;

/// <summary>One thing that happened on the server, for tests that must know what the server saw.</summary>
/// <param name="Number">Counts up from 1.</param>
/// <param name="Kind">One of the kinds listed in README.md, such as <c>disconnected</c>.</param>
/// <param name="ConnectionId">The hub connection it happened on.</param>
/// <param name="Detail">More about it; null when there is nothing to say.</param>
public sealed record ServerEvent(long Number, string Kind, string ConnectionId, string? Detail);

/// <summary>Remembers what happened and lets a test wait for it instead of sleeping.</summary>
public sealed class EventLog
{
    private readonly Lock _lock = new();
    private readonly List<ServerEvent> _events = [];
    private TaskCompletionSource _next = NewSignal();

    /// <summary>Appends an event and wakes everybody who waits.</summary>
    public void Add(string kind, string connectionId, string? detail = null)
    {
        TaskCompletionSource waiting;
        lock (_lock)
        {
            _events.Add(new ServerEvent(_events.Count + 1, kind, connectionId, detail));
            waiting = _next;
            _next = NewSignal();
        }

        waiting.SetResult();
    }

    /// <summary>The events so far that <paramref name="match"/> accepts.</summary>
    public IReadOnlyList<ServerEvent> Find(Func<ServerEvent, bool> match)
    {
        lock (_lock)
        {
            return [.. _events.Where(match)];
        }
    }

    /// <summary>The first matching event, past or future.</summary>
    /// <exception cref="OperationCanceledException">Nothing matched before the token was cancelled.</exception>
    public async Task<ServerEvent> WaitForAsync(Func<ServerEvent, bool> match, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task next;
            lock (_lock)
            {
                if (_events.Find(one => match(one)) is { } found)
                {
                    return found;
                }

                next = _next.Task;
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
