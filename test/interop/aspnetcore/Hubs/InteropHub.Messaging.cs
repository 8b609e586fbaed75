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

    /// <summary>To one connection: <c>Received("connection", text)</c>.</summary>
    public Task SendToConnection(string connectionId, string text) =>
        Clients.Client(connectionId).SendAsync(Received, "connection", text);

    /// <summary>Makes the caller a member of a group.</summary>
    public Task JoinGroup(string group) => Groups.AddToGroupAsync(Context.ConnectionId, group);

    /// <summary>To a group: <c>Received("group", text)</c>.</summary>
    public Task SendToGroup(string group, string text) => Clients.Group(group).SendAsync(Received, "group", text);
}
