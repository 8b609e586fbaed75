using System.Text.Json;
using Microsoft.AspNetCore.SignalR;

namespace Hubwire.Interop.Server.Hubs;

// Messages from the server to clients. Each of them arrives as Received(how, text).
public partial class InteropHub
{
    private const string Received = "Received";

    /// <summary>Calls any client method of the caller with any arguments.</summary>
    public Task CallMe(string method, JsonElement[] arguments) =>
        Clients.Caller.SendCoreAsync(method, [.. arguments.Cast<object?>()]);

    /// <summary>Sends <c>Tick(0)</c> to <c>Tick(count - 1)</c> to the caller, then returns the count.</summary>
    public async Task<int> Burst(int count)
    {
        for (var index = 0; index < count; index++)
        {
            await Clients.Caller.SendAsync("Tick", index);
        }

        return count;
    }

    /// <summary>To the caller: <c>Received("caller", text)</c>.</summary>
    public Task SendToCaller(string text) => Clients.Caller.SendAsync(Received, "caller", text);

    /// <summary>To everybody but the caller: <c>Received("others", text)</c>.</summary>
    public Task SendToOthers(string text) => Clients.Others.SendAsync(Received, "others", text);

    /// <summary>To everybody: <c>Received("all", text)</c>.</summary>
    public Task SendToAll(string text) => Clients.All.SendAsync(Received, "all", text);

    /// <summary>To everybody but these connections: <c>Received("allExcept", text)</c>.</summary>
    public Task SendToAllExcept(string[] connectionIds, string text) =>
        Clients.AllExcept(connectionIds).SendAsync(Received, "allExcept", text);

    /// <summary>To one connection: <c>Received("connection", text)</c>.</summary>
    public Task SendToConnection(string connectionId, string text) =>
        Clients.Client(connectionId).SendAsync(Received, "connection", text);

    /// <summary>To some connections: <c>Received("connections", text)</c>.</summary>
    public Task SendToConnections(string[] connectionIds, string text) =>
        Clients.Clients(connectionIds).SendAsync(Received, "connections", text);

    /// <summary>Makes the caller a member of a group.</summary>
    public Task JoinGroup(string group) => Groups.AddToGroupAsync(Context.ConnectionId, group);

    /// <summary>Ends the caller's membership.</summary>
    public Task LeaveGroup(string group) => Groups.RemoveFromGroupAsync(Context.ConnectionId, group);

    /// <summary>To a group: <c>Received("group", text)</c>.</summary>
    public Task SendToGroup(string group, string text) => Clients.Group(group).SendAsync(Received, "group", text);

    /// <summary>To some groups: <c>Received("groups", text)</c>.</summary>
    public Task SendToGroups(string[] groups, string text) =>
        Clients.Groups(groups).SendAsync(Received, "groups", text);

    /// <summary>To a group but not these connections: <c>Received("groupExcept", text)</c>.</summary>
    public Task SendToGroupExcept(string group, string[] connectionIds, string text) =>
        Clients.GroupExcept(group, connectionIds).SendAsync(Received, "groupExcept", text);

    /// <summary>To a group but not the caller: <c>Received("othersInGroup", text)</c>.</summary>
    public Task SendToOthersInGroup(string group, string text) =>
        Clients.OthersInGroup(group).SendAsync(Received, "othersInGroup", text);

    /// <summary>To all connections of a user: <c>Received("user", text)</c>.</summary>
    public Task SendToUser(string user, string text) => Clients.User(user).SendAsync(Received, "user", text);

    /// <summary>To all connections of some users: <c>Received("users", text)</c>.</summary>
    public Task SendToUsers(string[] users, string text) => Clients.Users(users).SendAsync(Received, "users", text);
}
