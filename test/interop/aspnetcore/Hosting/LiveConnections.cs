using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.SignalR;

namespace Hubwire.Interop.Server.Hosting;

/// <summary>How the server ends a connection when a test asks for it.</summary>
public enum DropKind
{
    /// <summary>TCP reset: nothing is sent, the peer's socket errors.</summary>
    Reset,

    /// <summary>TCP FIN without a WebSocket close frame.</summary>
    Fin,

    /// <summary>What <c>Context.Abort()</c> does: Close message without allowReconnect, WebSocket close.</summary>
    Abort,
}

/// <summary>The hub connections that are alive now, so that they can be ended from outside a hub.</summary>
public sealed class LiveConnections
{
    private readonly ConcurrentDictionary<string, HubCallerContext> _contexts = new(StringComparer.Ordinal);

    /// <summary>The ids of the connections alive now.</summary>
    public ICollection<string> Ids => _contexts.Keys;

    /// <summary>Called when a connection opened.</summary>
    public void Add(HubCallerContext context) => _contexts[context.ConnectionId] = context;

    /// <summary>Called when a connection ended.</summary>
    public void Remove(HubCallerContext context) => _contexts.TryRemove(context.ConnectionId, out _);

    /// <summary>Ends the connection with this id; false when there is none.</summary>
    public bool Drop(string connectionId, DropKind kind)
    {
        if (!_contexts.TryGetValue(connectionId, out var context))
        {
            return false;
        }

        Drop(context, kind);
        return true;
    }

    /// <summary>Ends this connection.</summary>
    public static void Drop(HubCallerContext context, DropKind kind)
    {
        if (kind == DropKind.Abort)
        {
            context.Abort();
            return;
        }

        var socket = context.GetHttpContext()?.Features.Get<IConnectionSocketFeature>()?.Socket
            ?? throw new HubException("This connection has no TCP socket to drop.");
        if (kind == DropKind.Reset)
        {
            // A linger time of zero makes close send RST instead of FIN.
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }
        else
        {
            socket.Shutdown(SocketShutdown.Both);
        }
    }
}
