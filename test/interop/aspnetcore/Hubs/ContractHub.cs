using System.Runtime.CompilerServices;
using Hubwire.Interop.Server.Hosting;
using Microsoft.AspNetCore.SignalR;

namespace Hubwire.Interop.Server.Hubs;

/// <summary>
/// The hub contract of ../dotnet-client/README.md on the original server. The .NET client runs the same scenarios here
/// and on hubwire's server; passing here shows that the contract asks for nothing but real SignalR behaviour.
/// </summary>
public sealed class ContractHub(EventLog events) : Hub
{
    /// <inheritdoc />
    public override Task OnConnectedAsync()
    {
        var refusal = Context.GetHttpContext()?.Request.Query["refuse"].FirstOrDefault();
        return refusal is null ? Task.CompletedTask : throw new HubException(refusal);
    }

    public object? Echo(object? value) => value;

    public int Add(int left, int right) => left + right;

    public void Nothing()
    {
    }

    public void Fail() => throw new InvalidOperationException("This text must not reach the client.");

    public void FailHub(string message) => throw new HubException(message);

    public async IAsyncEnumerable<int> Counter(
        int to, int delayMs, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ending = new StreamEnding(events, Context.ConnectionId, nameof(Counter));
        for (var number = 1; number <= to; number++)
        {
            await Task.Delay(delayMs, cancellationToken);
            yield return number;
        }

        ending.Complete();
    }

    public int CancelledStreams()
    {
        var connectionId = Context.ConnectionId;
        return events.Find(one => one.Kind == "stream-cancelled" && one.ConnectionId == connectionId).Count;
    }

    public async IAsyncEnumerable<int> FailingStream(int after)
    {
        await Task.Yield();
        for (var number = 1; number <= after; number++)
        {
            yield return number;
        }

        throw new InvalidOperationException("This text must not reach the client.");
    }

    public async IAsyncEnumerable<int> FailingStreamHub(int after, string message)
    {
        await Task.Yield();
        for (var number = 1; number <= after; number++)
        {
            yield return number;
        }

        throw new HubException(message);
    }

    public async Task<int> Upload(string name, IAsyncEnumerable<int> items)
    {
        var sum = 0;
        await foreach (var item in items)
        {
            sum += item;
        }

        return sum;
    }

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

    public async Task<string> UploadOutcome(IAsyncEnumerable<int> items)
    {
        var count = 0;
        try
        {
            await foreach (var item in items)
            {
                count++;
            }

            return $"completed after {count}";
        }
        catch (Exception)
        {
            return $"failed after {count}";
        }
    }

    public async IAsyncEnumerable<string> EchoStream(
        IAsyncEnumerable<string> items, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            yield return item;
        }
    }

    public async Task<string> AskClient(string question) =>
        $"client said: {await Clients.Caller.InvokeAsync<string>("Answer", question, Context.ConnectionAborted)}";

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

    public string? WhoAmI() => Context.UserIdentifier;

    public string ConnectionId() => Context.ConnectionId;

    public void AbortMe() => Context.Abort();

    public void DropMe() => LiveConnections.Drop(Context, DropKind.Reset);
}
