using Hubwire.Interop.Server.Hosting;
using Microsoft.AspNetCore.SignalR;

namespace Hubwire.Interop.Server.Hubs;

/// <summary>
/// The hub that hubwire's client is tested against. Its methods are spread over one file per feature; README.md lists
/// them all.
/// </summary>
public partial class InteropHub(HubServices services) : Hub
{
    /// <inheritdoc />
    public override Task OnConnectedAsync()
    {
        services.Connections.Add(Context);
        services.Events.Add("connected", Context.ConnectionId);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public override Task OnDisconnectedAsync(Exception? exception)
    {
        services.Connections.Remove(Context);
        var detail = exception is null ? null : $"{exception.GetType().Name}: {exception.Message}";
        services.Events.Add("disconnected", Context.ConnectionId, detail);
        return Task.CompletedTask;
    }
}
