using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Hubwire.Interop.Server.Hubs;

/// <summary>What the server made of one upload.</summary>
public sealed record UploadResult(string Name, int Count, int Sum);

/// <summary>How an upload ended for the hub method that read it.</summary>
/// <param name="Count">Items read.</param>
/// <param name="Error">Message of the exception that ended it; null when it completed.</param>
public sealed record UploadOutcome(int Count, string? Error);

// Streams from the client to the server. How UploadOutcome ended is an event too: upload-completed or upload-failed.
public partial class InteropHub
{
    /// <summary>A name and a stream of numbers.</summary>
    public async Task<UploadResult> Upload(string name, IAsyncEnumerable<int> items)
    {
        var (count, sum) = (0, 0);
        await foreach (var item in items)
        {
            count++;
            sum += item;
        }

        return new UploadResult(name, count, sum);
    }

    /// <summary>A stream of texts through a channel, joined with commas.</summary>
    public async Task<string> UploadChannel(ChannelReader<string> items)
    {
        var all = new List<string>();
        await foreach (var item in items.ReadAllAsync())
        {
            all.Add(item);
        }

        return string.Join(",", all);
    }

    /// <summary>Two streams in one call; the sum of each.</summary>
    public async Task<int[]> UploadTwo(IAsyncEnumerable<int> left, IAsyncEnumerable<int> right)
    {
        var sums = await Task.WhenAll(SumAsync(left), SumAsync(right));
        return sums;
    }

    /// <summary>Streams between ordinary arguments: shows that each argument reaches its own parameter.</summary>
    public async Task<string> UploadBetween(
        string before, IAsyncEnumerable<int> numbers, int middle, IAsyncEnumerable<string> words, string after)
    {
        var sum = SumAsync(numbers);
        var joined = JoinAsync(words);
        return $"{before}|{await sum}|{middle}|{await joined}|{after}";
    }

    /// <summary>Reads only the first items, then returns while the client still has more.</summary>
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

    /// <summary>Reads an item only after the gate is open, so that the client runs into back-pressure.</summary>
    public async Task<int> UploadBehindGate(string gate, IAsyncEnumerable<int> items)
    {
        await services.Gates.PassAsync(gate, Context.ConnectionAborted);
        return await SumAsync(items);
    }

    /// <summary>Reads to the end, however it ends, and says how.</summary>
    public async Task<UploadOutcome> UploadOutcome(IAsyncEnumerable<int> items)
    {
        var (connectionId, count) = (Context.ConnectionId, 0);
        try
        {
            await foreach (var item in items)
            {
                count++;
            }

            services.Events.Add("upload-completed", connectionId, nameof(UploadOutcome));
            return new UploadOutcome(count, null);
        }
        catch (Exception error)
        {
            services.Events.Add("upload-failed", connectionId, $"{error.GetType().Name}: {error.Message}");
            return new UploadOutcome(count, error.Message);
        }
    }

    /// <summary>Adds each item to the connection's notes and returns nothing: for uploads without an answer.</summary>
    public async Task NoteAll(IAsyncEnumerable<string> items)
    {
        await foreach (var item in items)
        {
            Note(item);
        }

        services.Events.Add("upload-completed", Context.ConnectionId, nameof(NoteAll));
    }

    /// <summary>Streams both ways: every text comes back in capitals.</summary>
    public async IAsyncEnumerable<string> EchoStream(
        IAsyncEnumerable<string> items, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            yield return item.ToUpperInvariant();
        }
    }

    /// <summary>Two streams up, one down: their items in pairs, joined with the separator.</summary>
    public async IAsyncEnumerable<string> Zip(
        IAsyncEnumerable<int> left,
        string separator,
        IAsyncEnumerable<int> right,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var other = right.GetAsyncEnumerator(cancellationToken);
        await foreach (var item in left.WithCancellation(cancellationToken))
        {
            if (!await other.MoveNextAsync())
            {
                yield break;
            }

            yield return $"{item}{separator}{other.Current}";
        }
    }

    private static async Task<int> SumAsync(IAsyncEnumerable<int> items)
    {
        var sum = 0;
        await foreach (var item in items)
        {
            sum += item;
        }

        return sum;
    }

    private static async Task<string> JoinAsync(IAsyncEnumerable<string> items)
    {
        var all = new List<string>();
        await foreach (var item in items)
        {
            all.Add(item);
        }

        return string.Join("+", all);
    }
}
