using Microsoft.AspNetCore.SignalR.Client;

namespace Hubwire.Interop.Client.Scenarios;

/// <summary>Messages from the server to clients: everybody, others, groups, users.</summary>
public static class MessageScenarios
{
    /// <summary>The scenarios of this group. Each uses texts of its own, because they share the hub.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("message to all", BroadcastAsync),
        new("message to others", OthersAsync),
        new("groups", GroupsAsync),
        new("message to a user", UserAsync),
        new("messages keep their order and precede the answer", OrderAsync),
        new("user identifier", WhoAmIAsync),
    ];

    private static async Task BroadcastAsync(ScenarioContext context)
    {
        var (first, second) = (await context.ConnectAsync(), await context.ConnectAsync());
        var inboxes = new[] { first, second }.Select(one => context.Listen<string>(one, "Broadcasted")).ToList();
        var text = Unique("to all");
        await first.InvokeAsync("Broadcast", text, context.Deadline);
        foreach (var inbox in inboxes)
        {
            await inbox.NextAsync(one => one == text);
        }
    }

    private static async Task OthersAsync(ScenarioContext context)
    {
        var (sender, other) = (await context.ConnectAsync(), await context.ConnectAsync());
        var (own, foreign) = (context.Listen<string>(sender, "FromOther"), context.Listen<string>(other, "FromOther"));
        var text = Unique("to others");
        await sender.InvokeAsync("SendToOthers", text, context.Deadline);
        await foreign.NextAsync(one => one == text);
        // The answer to a later call comes after everything that was sent to this connection before.
        await sender.InvokeAsync("Nothing", context.Deadline);
        own.MustNotHave(one => one == text);
    }

    private static async Task GroupsAsync(ScenarioContext context)
    {
        var (member, outsider) = (await context.ConnectAsync(), await context.ConnectAsync());
        var (inside, outside) = (ListenToGroup(context, member), ListenToGroup(context, outsider));
        var group = Unique("Group");

        await member.InvokeAsync("JoinGroup", group, context.Deadline);
        await outsider.InvokeAsync("SendToGroup", group, "one", context.Deadline);
        Check.Equal(new GroupMessage(group, "one"), await inside.NextAsync(), "message to the member");
        await outsider.InvokeAsync("SendToGroup", group.ToLowerInvariant(), "other case", context.Deadline);

        await outsider.InvokeAsync("JoinGroup", group, context.Deadline);
        await outsider.InvokeAsync("SendToGroup", group, "two", context.Deadline);
        Check.Equal(new GroupMessage(group, "two"), await inside.NextAsync(), "second message to the member");
        Check.Equal(new GroupMessage(group, "two"), await outside.NextAsync(), "message to the new member");

        await member.InvokeAsync("LeaveGroup", group, context.Deadline);
        await outsider.InvokeAsync("SendToGroup", group, "three", context.Deadline);
        Check.Equal(new GroupMessage(group, "three"), await outside.NextAsync(), "message after the other left");
        await member.InvokeAsync("Nothing", context.Deadline);
        inside.MustNotHave(_ => true);
    }

    private static async Task UserAsync(ScenarioContext context)
    {
        var name = Unique("user");
        var first = await context.ConnectAsync($"good-{name}");
        var second = await context.ConnectAsync($"good-{name}");
        var stranger = await context.ConnectAsync($"good-{Unique("stranger")}");
        var inboxes = new[] { first, second }.Select(one => context.Listen<string>(one, "UserMessage")).ToList();
        var strange = context.Listen<string>(stranger, "UserMessage");

        await stranger.InvokeAsync("SendToUser", name, "psst", context.Deadline);
        foreach (var inbox in inboxes)
        {
            Check.Equal("psst", await inbox.NextAsync(), "message to the user");
        }

        await stranger.InvokeAsync("Nothing", context.Deadline);
        strange.MustNotHave(_ => true);
    }

    private static async Task OrderAsync(ScenarioContext context)
    {
        var connection = await context.ConnectAsync();
        var ticks = context.Listen<int>(connection, "Tick");
        await connection.InvokeAsync("Burst", 200, context.Deadline);
        for (var expected = 0; expected < 200; expected++)
        {
            Check.Equal(expected, await ticks.NextAsync(), "tick");
        }
    }

    private static async Task WhoAmIAsync(ScenarioContext context)
    {
        var known = await context.ConnectAsync("good-alice");
        Check.Equal("alice", await known.InvokeAsync<string?>("WhoAmI", context.Deadline), "WhoAmI with a token");
        var unknown = await context.ConnectAsync();
        Check.Equal((string?)null, await unknown.InvokeAsync<string?>("WhoAmI", context.Deadline), "WhoAmI without");
    }

    private static Inbox<GroupMessage> ListenToGroup(ScenarioContext context, HubConnection connection)
    {
        var inbox = new Inbox<GroupMessage>("GroupMessage", context);
        connection.On<string, string>("GroupMessage", (group, text) => inbox.Add(new GroupMessage(group, text)));
        return inbox;
    }

    private static string Unique(string text) => $"{text}-{Guid.NewGuid():N}";

    private sealed record GroupMessage(string Group, string Text);
}
