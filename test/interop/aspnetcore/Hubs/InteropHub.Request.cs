using Hubwire.Interop.Server.Hosting;
using Microsoft.AspNetCore.Http.Connections.Features;
using Microsoft.AspNetCore.SignalR;

namespace Hubwire.Interop.Server.Hubs;

/// <summary>The caller and the request that opened its connection, as the hub sees them.</summary>
public sealed record CallerInfo(
    string ConnectionId, string? UserIdentifier, bool Authenticated, string? Transport, SeenRequest? Request);

// What the server knows about the caller.
public partial class InteropHub
{
    /// <summary>The caller's connection id.</summary>
    public string MyConnectionId() => Context.ConnectionId;

    /// <summary>The caller's user id, or null.</summary>
    public string? WhoAmI() => Context.UserIdentifier;

    /// <summary>Everything about the caller. For WebSockets the request is the upgrade.</summary>
    public CallerInfo Caller() => new(
        Context.ConnectionId,
        Context.UserIdentifier,
        Context.User?.Identity?.IsAuthenticated ?? false,
        Context.Features.Get<IHttpTransportFeature>()?.TransportType.ToString(),
        Context.GetHttpContext() is { } http ? SeenRequest.From(http) : null);
}
