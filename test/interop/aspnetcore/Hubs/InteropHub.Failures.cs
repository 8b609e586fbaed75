using Hubwire.Interop.Server.Hosting;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.SignalR;

namespace Hubwire.Interop.Server.Hubs;

// Methods that fail, take long or are not for everybody, and ways to end the connection.
public partial class InteropHub
{
    /// <summary>Throws an ordinary exception, before the first await.</summary>
    public void Throw(string message) => throw new InvalidOperationException(message);

    /// <summary>Throws an ordinary exception, later.</summary>
    public async Task ThrowLater(string message)
    {
        await Task.Yield();
        throw new InvalidOperationException(message);
    }

    /// <summary>Throws a HubException, whose message clients get to see.</summary>
    public void ThrowHub(string message) => throw new HubException(message);

    /// <summary>Throws a HubException, later.</summary>
    public async Task ThrowHubLater(string message)
    {
        await Task.Yield();
        throw new HubException(message);
    }

    /// <summary>Takes this long, then answers with it.</summary>
    public async Task<int> TakeLong(int delayMs)
    {
        await Task.Delay(delayMs, Context.ConnectionAborted);
        return delayMs;
    }

    /// <summary>Waits at a gate until another call or <c>POST /control/gates/{name}</c> opens it.</summary>
    public async Task<string> WaitAtGate(string gate)
    {
        services.Events.Add("waiting-at-gate", Context.ConnectionId, gate);
        await services.Gates.PassAsync(gate, Context.ConnectionAborted);
        return gate;
    }

    /// <summary>Opens a gate.</summary>
    public void OpenGate(string gate) => services.Gates.Open(gate);

    /// <summary>Only for callers with a good token; checked when called.</summary>
    [Authorize]
    public string Secret() => $"secret of {Context.UserIdentifier}";

    /// <summary>Only for the user <c>admin</c>.</summary>
    [Authorize(Policy = TestIdentities.AdminOnly)]
    public string AdminSecret() => "secret of the admin";

    /// <summary>Ends the caller's connection for good: Close without allowReconnect.</summary>
    public void Abort() => Context.Abort();

    /// <summary>Resets the caller's TCP connection: it sees a lost connection.</summary>
    public void DropMe() => LiveConnections.Drop(Context, DropKind.Reset);

    /// <summary>Ends the caller's TCP connection with FIN and no WebSocket close frame.</summary>
    public void DropMeQuietly() => LiveConnections.Drop(Context, DropKind.Fin);
}
