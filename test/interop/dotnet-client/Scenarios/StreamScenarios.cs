using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;

namespace Hubwire.Interop.Client.Scenarios;

/// <summary>Streams down, up and both ways; how they end early and how they fail.</summary>
public static class StreamScenarios
{
    /// <summary>
    /// The scenarios of this group. Two uploads in one call are missing: the .NET client 10.0.12 breaks them.
    /// </summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("stream down", CounterAsync),
        new("long stream down", LongCounterAsync),
        new("cancelled stream down", CancelCounterAsync),
        new("failing stream down", FailingStreamAsync),
        new("stream down failing with a hub error", FailingStreamHubAsync),
        new("unknown streaming method", UnknownStreamAsync),
        new("plain method called as a stream", PlainCalledAsStreamAsync),
        new("call during a stream", CallDuringStreamAsync),
        new("stream up", UploadAsync),
        new("empty stream up", EmptyUploadAsync),
        new("long stream up", LongUploadAsync),
        new("stream up through a channel", UploadChannelAsync),
        new("stream up that the server leaves early", UploadSomeAsync),
        new("stream up that completes", UploadOutcomeAsync),
        new("stream up that fails", FailingUploadAsync),
        new("stream both ways", EchoStreamAsync),
    ];

    private static async Task CounterAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        Check.Equal(
            Enumerable.Range(1, 5),
            await ReadAsync(connection.StreamAsync<int>("Counter", 5, 10, context.Deadline)),
            "Counter(5)");
        Check.Equal(
            Array.Empty<int>(),
            await ReadAsync(connection.StreamAsync<int>("Counter", 0, 0, context.Deadline)),
            "Counter(0)");
    }

    private static async Task LongCounterAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        var channel = await connection.StreamAsChannelAsync<int>("Counter", 1000, 0, context.Deadline);
        Check.Equal(
            Enumerable.Range(1, 1000),
            await ReadAsync(channel.ReadAllAsync(context.Deadline)),
            "Counter(1000)");
    }

    private static async Task CancelCounterAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(context.Deadline);
        var read = new List<int>();
        try
        {
            await foreach (var item in connection.StreamAsync<int>("Counter", 1_000_000, 20, cancel.Token))
            {
                read.Add(item);
                if (read.Count == 3)
                {
                    await cancel.CancelAsync();
                }
            }
        }
        catch (OperationCanceledException) when (!context.Deadline.IsCancellationRequested)
        {
            // Either way of ending is the .NET client's business.
        }

        Check.Equal(new[] { 1, 2, 3 }, read.Take(3), "items before the end");
        context.Doing = "waiting for the server to notice the cancellation";
        while (await connection.InvokeAsync<int>("CancelledStreams", context.Deadline) < 1)
        {
            await Task.Delay(20, context.Deadline);
        }
    }

    private static async Task FailingStreamAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        var read = new List<int>();
        await Check.FailsAsync(
            () => ReadAsync(connection.StreamAsync<int>("FailingStream", 3, context.Deadline), read),
            "An error occurred on the server while streaming results.",
            "FailingStream(3)");
        Check.Equal(new[] { 1, 2, 3 }, read, "items before the error");
    }

    private static async Task FailingStreamHubAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        var read = new List<int>();
        await Check.FailsAsync(
            () => ReadAsync(connection.StreamAsync<int>("FailingStreamHub", 2, "dry", context.Deadline), read),
            "An error occurred on the server while streaming results. HubException: dry",
            "FailingStreamHub(2)");
        Check.Equal(new[] { 1, 2 }, read, "items before the error");
    }

    private static async Task UnknownStreamAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        await Check.FailsAsync(
            () => ReadAsync(connection.StreamAsync<int>("NoSuchStream", context.Deadline)),
            "Failed to invoke 'NoSuchStream' due to an error on the server. HubException: Method does not exist.",
            "NoSuchStream()");
    }

    private static async Task PlainCalledAsStreamAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        await Check.FailsAsync(
            () => ReadAsync(connection.StreamAsync<int>("Add", 1, 2, context.Deadline)),
            "The client attempted to invoke the non-streaming 'Add' method with a streaming invocation.",
            "Add by stream");
    }

    private static async Task CallDuringStreamAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        var read = new List<int>();
        await foreach (var item in connection.StreamAsync<int>("Counter", 5, 5, context.Deadline))
        {
            read.Add(await connection.InvokeAsync<int>("Add", item, 100, context.Deadline));
        }

        Check.Equal(new[] { 101, 102, 103, 104, 105 }, read, "answers during the stream");
    }

    private static async Task UploadAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        Check.Equal(
            15,
            await connection.InvokeAsync<int>("Upload", "five", CountAsync(5), context.Deadline),
            "sum of 1 to 5");
    }

    private static async Task EmptyUploadAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        Check.Equal(
            0,
            await connection.InvokeAsync<int>("Upload", "none", CountAsync(0), context.Deadline),
            "sum of nothing");
    }

    private static async Task LongUploadAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        Check.Equal(
            500500,
            await connection.InvokeAsync<int>("Upload", "many", CountAsync(1000), context.Deadline),
            "sum of 1 to 1000");
    }

    private static async Task UploadChannelAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        var channel = Channel.CreateUnbounded<int>();
        var sum = connection.InvokeAsync<int>("Upload", "channel", channel.Reader, context.Deadline);
        foreach (var item in new[] { 10, 20, 30 })
        {
            await channel.Writer.WriteAsync(item, context.Deadline);
        }

        channel.Writer.Complete();
        Check.Equal(60, await sum, "sum");
    }

    private static async Task UploadSomeAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        // A channel, and few late items: one that meets a full upload (10 items) whose method has just returned makes
        // ASP.NET Core 10 close the connection.
        var channel = Channel.CreateUnbounded<int>();
        var sum = connection.InvokeAsync<int>("UploadSome", 4, channel.Reader, context.Deadline);
        for (var number = 1; number <= 4; number++)
        {
            await channel.Writer.WriteAsync(number, context.Deadline);
        }

        Check.Equal(10, await sum, "sum of the first 4");
        // Items that come after the answer must not disturb the connection.
        await channel.Writer.WriteAsync(5, context.Deadline);
        Check.Equal("fine", await connection.InvokeAsync<string>("Echo", "fine", context.Deadline), "Echo after it");
        channel.Writer.Complete();
        Check.Equal(
            "fine",
            await connection.InvokeAsync<string>("Echo", "fine", context.Deadline),
            "Echo after the upload");
    }

    private static async Task UploadOutcomeAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        Check.Equal(
            "completed after 3",
            await connection.InvokeAsync<string>("UploadOutcome", CountAsync(3), context.Deadline),
            "outcome");
    }

    private static async Task FailingUploadAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        Check.Equal(
            "failed after 2",
            await connection.InvokeAsync<string>("UploadOutcome", BrokenAsync(2), context.Deadline),
            "outcome");
    }

    private static async Task EchoStreamAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        var sent = Channel.CreateUnbounded<string>();
        var received = new List<string>();
        await sent.Writer.WriteAsync("0", context.Deadline);
        // Each item goes up only after the one before came down: both directions are open at once.
        await foreach (var item in connection.StreamAsync<string>("EchoStream", sent.Reader, context.Deadline))
        {
            received.Add(item);
            if (received.Count == 20)
            {
                sent.Writer.Complete();
            }
            else
            {
                await sent.Writer.WriteAsync($"{received.Count}", context.Deadline);
            }
        }

        Check.Equal(Enumerable.Range(0, 20).Select(one => $"{one}"), received, "texts");
    }

    private static async Task<List<int>> ReadAsync(IAsyncEnumerable<int> stream, List<int>? into = null)
    {
        var read = into ?? [];
        await foreach (var item in stream)
        {
            read.Add(item);
        }

        return read;
    }

    private static async IAsyncEnumerable<int> CountAsync(int to)
    {
        await Task.Yield();
        for (var number = 1; number <= to; number++)
        {
            yield return number;
        }
    }

    private static async IAsyncEnumerable<int> BrokenAsync(int after)
    {
        await Task.Yield();
        for (var number = 1; number <= after; number++)
        {
            yield return number;
        }

        throw new HubException("The source broke.");
    }
}
