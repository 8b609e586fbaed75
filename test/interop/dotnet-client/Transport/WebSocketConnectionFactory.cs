using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;

namespace Hubwire.Interop.Client.Transport;

/// <summary>
/// Opens the connections of a <c>HubConnection</c>: negotiate, then a WebSocket. A token travels in headers.
/// </summary>
public sealed class WebSocketConnectionFactory(string? accessToken) : IConnectionFactory
{
    /// <inheritdoc />
    public async ValueTask<ConnectionContext> ConnectAsync(
        EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var hubUrl = ((UriEndPoint)endpoint).Uri;
        var answer = await Negotiation.AskAsync(hubUrl, accessToken, cancellationToken);
        var socket = new ClientWebSocket();
        socket.Options.Proxy = null;
        if (accessToken is not null)
        {
            socket.Options.SetRequestHeader("Authorization", $"Bearer {accessToken}");
        }

        try
        {
            await socket.ConnectAsync(Negotiation.WebSocketUrl(hubUrl, answer), cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        return new WebSocketConnection(socket, answer.ConnectionId ?? "");
    }
}
