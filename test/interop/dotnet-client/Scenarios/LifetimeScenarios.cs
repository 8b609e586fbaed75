using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;

namespace Hubwire.Interop.Client.Scenarios;

/// <summary>How connections start, live, are lost and end.</summary>
public static class LifetimeScenarios
{
    /// <summary>The scenarios of this group.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("pings keep an idle connection alive", IdleAsync),
        new("connection id of client and hub agree", ConnectionIdAsync),
        new("stop and start again", RestartAsync),
        new("abort closes for good", AbortAsync),
        new("connection refused by the hub closes with an error", RefusedAsync),
        new("message that is too large closes with an error and lets reconnect", OversizeAsync),
    ];

    /// <summary>Those of losses; with stateful reconnect there are none.</summary>
    public static IReadOnlyList<Scenario> Losses { get; } =
    [
        new("lost connection reconnects", ReconnectAsync),
        new("lost connection without automatic reconnect closes", LostAsync),
        new("calls in flight fail when the connection is lost", LostCallAsync),
        new("groups end with the connection", GroupsAfterReconnectAsync),
    ];

    private static async Task IdleAsync(ScenarioContext context)
    {
        var connection = context.Create();
        var life = context.ListenToLife(connection);
        // Longer than the hub waits for a silent client, and than this client waits for a silent hub.
        connection.ServerTimeout = TimeSpan.FromSeconds(5);
        await connection.StartAsync(context.Deadline);
        await Task.Delay(TimeSpan.FromSeconds(8), context.Deadline);
        life.MustNotHave(_ => true);
        Check.Equal("awake", await connection.InvokeAsync<string>("Echo", "awake", context.Deadline), "Echo");
    }

    private static async Task ConnectionIdAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        Check.Equal(
            connection.ConnectionId,
            await connection.InvokeAsync<string>("ConnectionId", context.Deadline),
            "connection id");
    }

    private static async Task RestartAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        var life = context.ListenToLife(connection);
        var firstId = connection.ConnectionId;
        await connection.StopAsync(context.Deadline);
        var closed = await life.NextAsync();
        Check.Equal("closed", closed.Kind, "event of stop");
        Check.That(closed.Error is null, $"closed by stop with {closed.Error}");

        await connection.StartAsync(context.Deadline);
        Check.That(connection.ConnectionId != firstId, "a new start must have a new connection id");
        Check.Equal(7, await connection.InvokeAsync<int>("Echo", 7, context.Deadline), "Echo after the restart");
    }

    private static async Task AbortAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync(reconnects: true);
        var life = context.ListenToLife(connection);
        await connection.SendAsync("AbortMe", context.Deadline);
        var closed = await life.NextAsync();
        Check.Equal("closed", closed.Kind, "first event after AbortMe");
        Check.That(closed.Error is null, $"closed with {closed.Error}");
        Check.Equal(HubConnectionState.Disconnected.ToString(), connection.State.ToString(), "state");
    }

    private static async Task ReconnectAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync(reconnects: true);
        var life = context.ListenToLife(connection);
        var firstId = connection.ConnectionId;
        await connection.SendAsync("DropMe", context.Deadline);
        var lost = await life.NextAsync();
        Check.Equal("reconnecting", lost.Kind, "first event after DropMe");
        Check.That(lost.Error is not null, "a lost connection must come with an error");
        var back = await life.NextAsync();
        Check.Equal("reconnected", back.Kind, "second event after DropMe");
        Check.That(back.ConnectionId is not null && back.ConnectionId != firstId, $"connection id {back.ConnectionId}");
        Check.Equal(
            connection.ConnectionId,
            await connection.InvokeAsync<string>("ConnectionId", context.Deadline),
            "connection id");
        Check.Equal("back", await connection.InvokeAsync<string>("Echo", "back", context.Deadline), "Echo");
    }

    private static async Task LostAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        var life = context.ListenToLife(connection);
        await connection.SendAsync("DropMe", context.Deadline);
        var closed = await life.NextAsync();
        Check.Equal("closed", closed.Kind, "event after DropMe");
        Check.That(closed.Error is not null, "a lost connection must come with an error");
    }

    private static async Task LostCallAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        await using var items = connection
            .StreamAsync<int>("Counter", 1_000_000, 10, context.Deadline)
            .GetAsyncEnumerator(context.Deadline);
        Check.That(await items.MoveNextAsync(), "the stream must start");
        await connection.SendAsync("DropMe", context.Deadline);
        try
        {
            while (await items.MoveNextAsync())
            {
            }
        }
        catch (Exception) when (!context.Deadline.IsCancellationRequested)
        {
            return;
        }

        throw new CheckFailedException("the stream must fail");
    }

    private static async Task GroupsAfterReconnectAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync(reconnects: true);
        var life = context.ListenToLife(connection);
        var inbox = new Inbox<string>("GroupMessage", context);
        connection.On<string, string>("GroupMessage", (_, text) => inbox.Add(text));
        var group = $"kept-{Guid.NewGuid():N}";
        await connection.InvokeAsync("JoinGroup", group, context.Deadline);
        await connection.SendAsync("DropMe", context.Deadline);
        await life.NextAsync(one => one.Kind == "reconnected");
        await connection.InvokeAsync("SendToGroup", group, "after", context.Deadline);
        await connection.InvokeAsync("Nothing", context.Deadline);
        inbox.MustNotHave(_ => true);
    }

    private static async Task RefusedAsync(ScenarioContext context)
    {
        var connection = context.Create(query: "refuse=full%20house", reconnects: true);
        var life = context.ListenToLife(connection);
        await connection.StartAsync(context.Deadline);
        var closed = await life.NextAsync();
        Check.Equal("closed", closed.Kind, "first event");
        Check.That(closed.Error is HubException, $"closed with {closed.Error}");
        Check.Equal(
            "The server closed the connection with the following error: "
                + "Connection closed with an error. HubException: full house",
            closed.Error?.Message,
            "error of Closed");
    }

    private static async Task OversizeAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync(reconnects: true);
        var life = context.ListenToLife(connection);
        await connection.SendAsync("Echo", new string('x', 40_000), context.Deadline);
        var lost = await life.NextAsync();
        Check.Equal("reconnecting", lost.Kind, "first event");
        Check.That(
            lost.Error is HubException
                && lost.Error.Message.Contains("Connection closed with an error.", StringComparison.Ordinal),
            $"reconnecting with {lost.Error}");
        await life.NextAsync(one => one.Kind == "reconnected");
        Check.Equal("back", await connection.InvokeAsync<string>("Echo", "back", context.Deadline), "Echo");
    }
}
