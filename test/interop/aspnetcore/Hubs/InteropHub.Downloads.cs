using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.AspNetCore.SignalR;

namespace Hubwire.Interop.Server.Hubs;

// Streams from the server to the client. How each ended is an event: stream-completed or stream-cancelled.
public partial class InteropHub
{
    /// <summary>1 to <paramref name="to"/>, each after a delay.</summary>
    public async IAsyncEnumerable<int> Counter(
        int to, int delayMs, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ending = TrackStream("Counter");
        for (var number = 1; number <= to; number++)
        {
            await Task.Delay(delayMs, cancellationToken);
            yield return number;
        }

        ending.Complete();
    }

    /// <summary>1, 2, 3 … for as long as the client listens.</summary>
    public async IAsyncEnumerable<int> Endless(
        int delayMs, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ending = TrackStream("Endless");
        for (var number = 1; ; number++)
        {
            await Task.Delay(delayMs, cancellationToken);
            yield return number;
        }
    }

    /// <summary>The same as <see cref="Counter"/>, through a channel.</summary>
    public ChannelReader<int> CounterChannel(int to, int delayMs, CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<int>(4);
        _ = FillAsync(channel.Writer, to, delayMs, TrackStream("CounterChannel"), cancellationToken);
        return channel.Reader;
    }

    /// <summary>0 to <paramref name="count"/> - 1 as fast as they can be written.</summary>
    public async IAsyncEnumerable<int> Flood(int count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ending = TrackStream("Flood");
        await Task.Yield();
        for (var number = 0; number < count; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return number;
        }

        ending.Complete();
    }

    /// <summary>One item of every JSON type.</summary>
    public async IAsyncEnumerable<object?> EveryType()
    {
        await Task.Yield();
        yield return null;
        yield return true;
        yield return 42;
        yield return -0.5;
        yield return "text";
        yield return new[] { 1, 2, 3 };
        yield return new { name = "object", nested = new { empty = (string?)null } };
    }

    /// <summary>Items 1 to <paramref name="after"/>, then an ordinary exception.</summary>
    public async IAsyncEnumerable<int> FailingStream(int after)
    {
        await Task.Yield();
        for (var number = 1; number <= after; number++)
        {
            yield return number;
        }

        throw new InvalidOperationException("The stream broke.");
    }

    /// <summary>Items 1 to <paramref name="after"/>, then a HubException.</summary>
    public async IAsyncEnumerable<int> FailingStreamHub(int after, string message)
    {
        await Task.Yield();
        for (var number = 1; number <= after; number++)
        {
            yield return number;
        }

        throw new HubException(message);
    }

    /// <summary>Fails before the stream exists.</summary>
    public IAsyncEnumerable<int> FailingBeforeStream(string message) => throw new HubException(message);

    /// <summary>Returns null where a stream should be.</summary>
    public IAsyncEnumerable<int>? NullStream() => null;

    private static async Task FillAsync(
        ChannelWriter<int> writer, int to, int delayMs, StreamEnding ending, CancellationToken cancellationToken)
    {
        using (ending)
        {
            try
            {
                for (var number = 1; number <= to; number++)
                {
                    await Task.Delay(delayMs, cancellationToken);
                    await writer.WriteAsync(number, cancellationToken);
                }

                ending.Complete();
                writer.Complete();
            }
            catch (OperationCanceledException cancelled)
            {
                writer.Complete(cancelled);
            }
        }
    }

    private StreamEnding TrackStream(string name) => new(services.Events, Context.ConnectionId, name);
}
