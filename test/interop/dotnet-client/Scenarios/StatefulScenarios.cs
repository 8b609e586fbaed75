using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.SignalR.Client;

namespace Hubwire.Interop.Client.Scenarios;

/// <summary>
/// Conversations with stateful reconnect, for a network that breaks again and again: nothing may be lost, doubled or out of order, and
/// the application must not notice. Apart from the others, because they need a hub that allows it.
/// </summary>
public static class StatefulScenarios
{
    /// <summary>The scenarios of this group.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("stateful calls", CallsAsync),
        new("stateful calls at the same time", ManyCallsAsync),
        new("stateful stream down", StreamDownAsync),
        new("stateful stream up", StreamUpAsync),
        new("stateful streams both ways", StreamBothAsync),
        new("stateful client results", ClientResultsAsync),
        new("stateful messages", MessagesAsync),
    ];

    private static Task CallsAsync(ScenarioContext context) => ConverseAsync(context, async connection =>
    {
        for (var number = 0; number < 300; number++)
        {
            Check.Equal(number, await connection.InvokeAsync<int>("Echo", number, context.Deadline), "Echo");
        }
    });

    private static Task ManyCallsAsync(ScenarioContext context) => ConverseAsync(context, async connection =>
    {
        for (var round = 0; round < 8; round++)
        {
            var numbers = Enumerable.Range(round, 50).ToArray();
            var asked = numbers.Select(one => connection.InvokeAsync<int>("Add", one, one, context.Deadline));
            Check.Equal(numbers.Select(one => 2 * one), await Task.WhenAll(asked), "sums");
        }
    });

    private static Task StreamDownAsync(ScenarioContext context) => ConverseAsync(context, async connection =>
    {
        for (var round = 0; round < 5; round++)
        {
            var stream = connection.StreamAsync<int>("Counter", 100, 1, context.Deadline);
            Check.Equal(Enumerable.Range(1, 100), await ReadAsync(stream), "Counter(100)");
        }
    });

    private static Task StreamUpAsync(ScenarioContext context) => ConverseAsync(context, async connection =>
    {
        for (var round = 0; round < 5; round++)
        {
            var words = CountAsync(100, context.Deadline);
            Check.Equal(5050, await connection.InvokeAsync<int>("Upload", "all", words, context.Deadline), "sum");
        }
    });

    private static Task StreamBothAsync(ScenarioContext context) => ConverseAsync(context, async connection =>
    {
        var words = Enumerable.Range(0, 500).Select(one => $"word {one}");
        var stream = connection.StreamAsync<string>("EchoStream", SlowlyAsync(words, context.Deadline), context.Deadline);
        Check.Equal(words, await ReadAsync(stream), "EchoStream");
    });

    private static Task ClientResultsAsync(ScenarioContext context) => ConverseAsync(context, async connection =>
    {
        connection.On<string, string>("Answer", async question =>
        {
            await Task.Yield();
            return $"{question}!";
        });
        for (var number = 0; number < 150; number++)
        {
            var answer = await connection.InvokeAsync<string>("AskClient", $"{number}", context.Deadline);
            Check.Equal($"client said: {number}!", answer, "AskClient");
        }
    });

    private static Task MessagesAsync(ScenarioContext context) => ConverseAsync(context, async connection =>
    {
        var ticks = context.Listen<int>(connection, "Tick");
        for (var round = 0; round < 8; round++)
        {
            await connection.InvokeAsync("Burst", 50, context.Deadline);
            for (var number = 0; number < 50; number++)
            {
                Check.Equal(number, await ticks.NextAsync(), "Tick");
            }
        }
    });

    /// <summary>Connects, whatever it takes, and talks on what has to stay one connection.</summary>
    private static async Task ConverseAsync(ScenarioContext context, Func<HubConnection, Task> conversation)
    {
        var connection = context.Create();
        var life = context.ListenToLife(connection);
        while (connection.State != HubConnectionState.Connected)
        {
            try
            {
                await connection.StartAsync(context.Deadline);
            }
            catch (Exception) when (!context.Deadline.IsCancellationRequested)
            {
                await Task.Delay(20, context.Deadline);
            }
        }

        var id = connection.ConnectionId;
        context.Doing = "talking to the hub";
        await conversation(connection);
        Check.Equal(id, await connection.InvokeAsync<string>("ConnectionId", context.Deadline), "connection id");
        life.MustNotHave(_ => true);
    }

    private static async Task<List<T>> ReadAsync<T>(IAsyncEnumerable<T> stream)
    {
        var read = new List<T>();
        await foreach (var item in stream)
        {
            read.Add(item);
        }

        return read;
    }

    private static IAsyncEnumerable<int> CountAsync(int to, CancellationToken cancellation) =>
        SlowlyAsync(Enumerable.Range(1, to), cancellation);

    private static async IAsyncEnumerable<T> SlowlyAsync<T>(
        IEnumerable<T> items, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var item in items)
        {
            await Task.Delay(1, cancellation);
            yield return item;
        }
    }
}
