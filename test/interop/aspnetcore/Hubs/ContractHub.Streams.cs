using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.SignalR;

namespace Hubwire.Interop.Server.Hubs;

// Streams of the contract: down, up, and both ways.
public sealed partial class ContractHub
{
    public async IAsyncEnumerable<int> Counter(
        int to, int delayMs, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ending = new StreamEnding(services.Events, Context.ConnectionId, nameof(Counter));
        for (var number = 1; number <= to; number++)
        {
            await Task.Delay(delayMs, cancellationToken);
            yield return number;
        }

        ending.Complete();
    }

    public int CancelledStreams()
    {
        var connectionId = Context.ConnectionId;
        return services.Events.Find(one => one.Kind == "stream-cancelled" && one.ConnectionId == connectionId).Count;
    }

    public async IAsyncEnumerable<int> Flood(int count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        for (var number = 0; number < count; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return number;
        }
    }

    public async IAsyncEnumerable<object?> EveryKind()
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

    public async IAsyncEnumerable<int> FailingStream(int after)
    {
        await Task.Yield();
        for (var number = 1; number <= after; number++)
        {
            yield return number;
        }

        throw new InvalidOperationException("This text must not reach the client.");
    }

    public async IAsyncEnumerable<int> FailingStreamHub(int after, string message)
    {
        await Task.Yield();
        for (var number = 1; number <= after; number++)
        {
            yield return number;
        }

        throw new HubException(message);
    }

    public async Task<int> Upload(string name, IAsyncEnumerable<int> items)
    {
        var sum = 0;
        await foreach (var item in items)
        {
            sum += item;
        }

        return sum;
    }

    public async Task<int> UploadSome(int count, IAsyncEnumerable<int> items)
    {
        var (read, sum) = (0, 0);
        await foreach (var item in items)
        {
            sum += item;
            if (++read == count)
            {
                break;
            }
        }

        return sum;
    }

    public async Task<int> UploadBehindGate(string gate, IAsyncEnumerable<int> items)
    {
        await services.Gates.PassAsync(gate, Context.ConnectionAborted);
        return await Upload(gate, items);
    }

    public async Task<string> UploadOutcome(IAsyncEnumerable<int> items)
    {
        var count = 0;
        try
        {
            await foreach (var item in items)
            {
                count++;
            }

            return $"completed after {count}";
        }
        catch (Exception)
        {
            return $"failed after {count}";
        }
    }

    public async Task NoteAll(IAsyncEnumerable<string> items)
    {
        await foreach (var item in items)
        {
            Note(item);
        }
    }

    public async Task<string> Join(
        IAsyncEnumerable<string> first, string separator, IAsyncEnumerable<string> second, string end)
    {
        var texts = await Task.WhenAll(TextsOfAsync(first), TextsOfAsync(second));
        return string.Join(separator, texts.SelectMany(one => one)) + end;
    }

    public Task<string> JoinTwo(IAsyncEnumerable<string> first, IAsyncEnumerable<string> second) =>
        Join(first, "+", second, "");

    public async IAsyncEnumerable<string> EchoStream(
        IAsyncEnumerable<string> items, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            yield return item;
        }
    }

    private static async Task<List<string>> TextsOfAsync(IAsyncEnumerable<string> items)
    {
        var texts = new List<string>();
        await foreach (var item in items)
        {
            texts.Add(item);
        }

        return texts;
    }
}
