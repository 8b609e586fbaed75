using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;

namespace Hubwire.Interop.Client.Transport;

/// <summary>
/// Opens the connections of a <c>HubConnection</c>: negotiate, then the transport. A token travels in headers.
/// </summary>
/// <param name="transport">The transport's name, as negotiated.</param>
/// <param name="accessToken">Bearer token for every request.</param>
public sealed class TransportConnectionFactory(string transport, string? accessToken) : IConnectionFactory
{
    /// <inheritdoc />
    public async ValueTask<ConnectionContext> ConnectAsync(
        EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var hubUrl = ((UriEndPoint)endpoint).Uri;
        var answer = await Negotiation.AskAsync(hubUrl, transport, accessToken, cancellationToken);
        var url = Negotiation.ConnectionUrl(hubUrl, answer);
        var connectionId = answer.ConnectionId ?? "";
        return transport switch
        {
            "WebSockets" => await OpenSocketAsync(url, connectionId, cancellationToken),
            "ServerSentEvents" => await StartAsync(
                new ServerSentEventsConnection(url, accessToken, connectionId), cancellationToken),
            "LongPolling" => await StartAsync(
                new LongPollingConnection(url, accessToken, connectionId), cancellationToken),
            _ => throw new InvalidOperationException($"There is no transport {transport}."),
        };
    }

    private static async Task<ConnectionContext> StartAsync(
        RequestConnection connection, CancellationToken cancellationToken)
    {
        await connection.StartAsync(cancellationToken);
        return connection;
    }

    private async Task<ConnectionContext> OpenSocketAsync(
        Uri url, string connectionId, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        socket.Options.Proxy = null;
        if (accessToken is not null)
        {
            socket.Options.SetRequestHeader("Authorization", $"Bearer {accessToken}");
        }

        try
        {
            var address = new UriBuilder(url) { Scheme = url.Scheme == Uri.UriSchemeHttps ? "wss" : "ws" };
            await socket.ConnectAsync(address.Uri, cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        return new WebSocketConnection(socket, connectionId);
    }
}
