using System.Text.Json;
using Microsoft.AspNetCore.SignalR;

namespace Hubwire.Interop.Server.Hubs;

/// <summary>What came of asking a client, in the contract.</summary>
public sealed record ContractOutcome(bool Ok, object? Result, string? Error);

// What the contract's hub sends to clients, and asks them.
public sealed partial class ContractHub
{
    public async Task<string> AskClient(string question) =>
        $"client said: {await Clients.Caller.InvokeAsync<string>("Answer", question, Context.ConnectionAborted)}";

    public async Task<string> AskConnection(string connectionId, string question) =>
        $"client said: {await Clients.Client(connectionId).InvokeAsync<string>("Answer", question, Context.ConnectionAborted)}";

    public async Task<ContractOutcome> AskOutcome(string method, JsonElement[] arguments, int timeoutMs)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Context.ConnectionAborted);
        limit.CancelAfter(timeoutMs);
        try
        {
            var answer = await Clients.Caller.InvokeCoreAsync<object?>(method, AsObjects(arguments), limit.Token);
            return new ContractOutcome(true, answer, null);
        }
        catch (Exception error)
        {
            return new ContractOutcome(false, null, error.Message);
        }
    }

    public Task CallMe(string method, JsonElement[] arguments) =>
        Clients.Caller.SendCoreAsync(method, AsObjects(arguments));

    public Task Relay(string selector, string[] names, string text) =>
        Selected(selector, names).SendAsync("Received", text);

    public Task JoinGroup(string group) => Groups.AddToGroupAsync(Context.ConnectionId, group);

    public Task LeaveGroup(string group) => Groups.RemoveFromGroupAsync(Context.ConnectionId, group);

    public Task SendToGroup(string group, string text) => Clients.Group(group).SendAsync("GroupMessage", group, text);

    public Task SendToUser(string user, string text) => Clients.User(user).SendAsync("UserMessage", text);

    public Task Broadcast(string text) => Clients.All.SendAsync("Broadcasted", text);

    public Task SendToOthers(string text) => Clients.Others.SendAsync("FromOther", text);

    public async Task Burst(int count)
    {
        for (var index = 0; index < count; index++)
        {
            await Clients.Caller.SendAsync("Tick", index);
        }
    }

    private static object?[] AsObjects(JsonElement[] arguments) => [.. arguments.Cast<object?>()];

    private IClientProxy Selected(string selector, string[] names) => selector switch
    {
        "all" => Clients.All,
        "caller" => Clients.Caller,
        "others" => Clients.Others,
        "client" => Clients.Client(names[0]),
        "group" => Clients.Group(names[0]),
        "user" => Clients.User(names[0]),
        "othersInGroup" => Clients.OthersInGroup(names[0]),
        "allExcept" => Clients.AllExcept(names),
        "clients" => Clients.Clients(names),
        "groups" => Clients.Groups(names),
        "users" => Clients.Users(names),
        "groupExcept" => Clients.GroupExcept(names[0], names[1..]),
        _ => throw new HubException($"unknown selector {selector}"),
    };
}
