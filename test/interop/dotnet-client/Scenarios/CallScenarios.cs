using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Client;

namespace Hubwire.Interop.Client.Scenarios;

/// <summary>Plain calls: values there and back, and every way in which a call fails.</summary>
public static class CallScenarios
{
    /// <summary>An object within an object, with every JSON type in it.</summary>
    private static readonly object Nested = new
    {
        text = "Zoë \"quoted\" \\ 日本語 👍",
        number = -12.5,
        yes = true,
        nothing = (string?)null,
        list = new object?[] { 1, "two", null, new[] { 3, 4 }, new { five = 5 } },
        bytes = new byte[] { 0, 1, 254, 255 },
        when = new DateTimeOffset(2026, 2, 28, 23, 59, 59, 123, TimeSpan.FromHours(-5)),
        inner = new { inner = new { inner = new { deep = "enough" } } },
        empty = new { },
        none = Array.Empty<int>(),
    };

    private static readonly (string Name, object? Value)[] Values =
    [
        ("null", null),
        ("true", true),
        ("false", false),
        ("zero", 0),
        ("negative integer", -42),
        ("largest safe integer", 9007199254740991),
        ("fraction", 0.1),
        ("large number", 1.5e300),
        ("small number", 5e-324),
        ("empty string", ""),
        ("string", "Hello, hub"),
        ("unicode string", "Grüße, κόσμε, 世界, 👩‍👩‍👧‍👦"),
        ("control characters", "\0 \u001e \n \r\n \t \u2028 \u2029 \u007f"),
        ("string that looks like a message", "{\"type\":6}\u001e"),
        ("long string", new string('x', 30_000)),
        ("empty array", Array.Empty<int>()),
        ("array", new[] { 1, 2, 3 }),
        ("empty object", new { }),
        ("nested object", Nested),
        ("bytes", Enumerable.Range(0, 256).Select(one => (byte)one).ToArray()),
        ("date", new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc)),
        ("guid", Guid.Parse("9b2e8c46-5b0b-4f5d-9d0a-6a1d0f6f2b11")),
    ];

    /// <summary>The scenarios of this group.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        .. Values.Select(one => new Scenario($"echo {one.Name}", context => EchoAsync(context, one.Value))),
        new("several arguments", AddAsync),
        new("method names match in any case", AnyCaseAsync),
        new("void method answers null", NothingAsync),
        new("plain error is hidden", FailAsync),
        new("hub error is told", FailHubAsync),
        new("unknown method", UnknownMethodAsync),
        new("wrong number of arguments", WrongArgumentsAsync),
        new("streaming method called plainly", StreamCalledPlainlyAsync),
        new("failing call without answer leaves the connection alone", SendFailingAsync),
        new("many calls at once", ManyCallsAsync),
    ];

    private static async Task EchoAsync(ScenarioContext context, object? value)
    {
        var connection = await context.ConnectAsync();
        var answer = await connection.InvokeAsync<JsonElement>("Echo", value, context.Deadline);
        Check.Equal(value, answer, "Echo");
    }

    private static async Task AddAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        Check.Equal(5, await connection.InvokeAsync<int>("Add", 2, 3, context.Deadline), "Add(2, 3)");
    }

    private static async Task AnyCaseAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        foreach (var name in new[] { "add", "ADD", "aDd" })
        {
            Check.Equal(5, await connection.InvokeAsync<int>(name, 2, 3, context.Deadline), name);
        }
    }

    private static async Task NothingAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        await connection.InvokeAsync("Nothing", context.Deadline);
        Check.Equal((string?)null, await connection.InvokeAsync<string?>("Nothing", context.Deadline), "Nothing()");
    }

    private static async Task FailAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        await Check.FailsAsync(
            () => connection.InvokeAsync("Fail", context.Deadline),
            "An unexpected error occurred invoking 'Fail' on the server.",
            "Fail()");
        Check.Equal(1, await connection.InvokeAsync<int>("Echo", 1, context.Deadline), "Echo after it");
    }

    private static async Task FailHubAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        await Check.FailsAsync(
            () => connection.InvokeAsync("FailHub", "Nö: \"no\"", context.Deadline),
            "An unexpected error occurred invoking 'FailHub' on the server. HubException: Nö: \"no\"",
            "FailHub()");
    }

    private static async Task UnknownMethodAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        await Check.FailsAsync(
            () => connection.InvokeAsync("NoSuchMethod", 1, context.Deadline),
            "Failed to invoke 'NoSuchMethod' due to an error on the server. HubException: Method does not exist.",
            "NoSuchMethod()");
        foreach (var inherited in new[] { "OnConnectedAsync", "onConnected", "constructor", "toString", "Dispose" })
        {
            await Check.FailsAsync(
                () => connection.InvokeAsync(inherited, context.Deadline),
                $"Failed to invoke '{inherited}' due to an error on the server. HubException: Method does not exist.",
                $"{inherited}()");
        }
    }

    private static async Task WrongArgumentsAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        await Check.FailsAsync(
            () => connection.InvokeAsync("Add", 2, context.Deadline),
            "Failed to invoke 'Add' due to an error on the server.",
            "Add(2)");
    }

    private static async Task StreamCalledPlainlyAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        await Check.FailsAsync(
            () => connection.InvokeAsync("Counter", 3, 0, context.Deadline),
            "The client attempted to invoke the streaming 'Counter' method with a non-streaming invocation.",
            "Counter by invoke");
    }

    private static async Task SendFailingAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        await connection.SendAsync("Fail", context.Deadline);
        await connection.SendAsync("NoSuchMethod", context.Deadline);
        Check.Equal("still here", await connection.InvokeAsync<string>("Echo", "still here", context.Deadline), "Echo");
    }

    private static async Task ManyCallsAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        var calls = Enumerable.Range(0, 500).Select(one => connection.InvokeAsync<int>("Echo", one, context.Deadline));
        Check.Equal(Enumerable.Range(0, 500), await Task.WhenAll(calls), "500 answers");
    }
}
