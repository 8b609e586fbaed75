using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;

namespace Hubwire.Interop.Client.Scenarios;

/// <summary>The server asks, the client answers.</summary>
public static class ClientResultScenarios
{
    /// <summary>The scenarios of this group.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("client result", AnswerAsync),
        new("client result given later", LateAnswerAsync),
        new("client result that fails", FailingAnswerAsync),
        new("client without a handler", NoHandlerAsync),
        new("many client results at once", ManyAnswersAsync),
    ];

    private static async Task AnswerAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        connection.On<string, string>("Answer", question => $"{question} 42");
        Check.Equal(
            "client said: what? 42",
            await connection.InvokeAsync<string>("AskClient", "what?", context.Deadline),
            "AskClient");
    }

    private static async Task LateAnswerAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        connection.On<string, string>("Answer", async _ =>
        {
            // The hub method is waiting for this very answer; another call must still get through to the hub.
            var sum = await connection.InvokeAsync<int>("Add", 40, 2, context.Deadline);
            return $"{sum}";
        });
        Check.Equal(
            "client said: 42",
            await connection.InvokeAsync<string>("AskClient", "", context.Deadline),
            "AskClient");
    }

    private static async Task FailingAnswerAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        connection.On<string, string>("Answer", string (_) => throw new InvalidOperationException("no idea"));
        await Check.FailsAsync(
            () => connection.InvokeAsync<string>("AskClient", "what?", context.Deadline),
            "An unexpected error occurred invoking 'AskClient' on the server. HubException: no idea",
            "AskClient");
        Check.Equal(1, await connection.InvokeAsync<int>("Echo", 1, context.Deadline), "Echo after it");
    }

    private static async Task NoHandlerAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        try
        {
            await connection.InvokeAsync<string>("AskClient", "anybody there?", context.Deadline);
        }
        catch (HubException error)
        {
            // The text after the prefix is the .NET client's own.
            const string Prefix =
                "An unexpected error occurred invoking 'AskClient' on the server. HubException: Client ";
            Check.That(error.Message.StartsWith(Prefix, StringComparison.Ordinal), $"error text: {error.Message}");
            return;
        }

        throw new CheckFailedException("AskClient must fail");
    }

    private static async Task ManyAnswersAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        connection.On<string, string>("Answer", async question =>
        {
            await Task.Yield();
            return question;
        });
        var asked = Enumerable.Range(0, 50)
            .Select(one => connection.InvokeAsync<string>("AskClient", $"{one}", context.Deadline));
        Check.Equal(Enumerable.Range(0, 50).Select(one => $"client said: {one}"), await Task.WhenAll(asked), "answers");
    }
}
