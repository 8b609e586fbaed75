using System.Net;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR.Client;

namespace Hubwire.Interop.Client.Transport;

/// <summary>
/// Opens the connections of a <c>HubConnection</c>: negotiate, then the transport. A token travels in headers.
/// </summary>
/// <param name="transport">The transport's name, as negotiated.</param>
/// <param name="accessToken">Bearer token for every request.</param>
/// <param name="isStateful">Asks for stateful reconnect, and has to get it; for WebSockets.</param>
public sealed class TransportConnectionFactory(string transport, string? accessToken, bool isStateful)
    : IConnectionFactory
{
    // What the client's own HTTP stack would say, which is not part of Client.Core.
    private static readonly string UserAgent =
        $"Microsoft SignalR/{typeof(HubConnection).Assembly.GetName().Version?.ToString(2)} "
        + $"({typeof(HubConnection).Assembly.GetName().Version?.ToString(3)}; Linux; .NET; "
        + $"{RuntimeInformation.FrameworkDescription})";

    /// <inheritdoc />
    public async ValueTask<ConnectionContext> ConnectAsync(
        EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var hubUrl = ((UriEndPoint)endpoint).Uri;
        var answer = await Negotiation.AskAsync(hubUrl, transport, accessToken, isStateful, cancellationToken);
        var url = Negotiation.ConnectionUrl(hubUrl, answer);
        var connectionId = answer.ConnectionId ?? "";
        return transport switch
        {
            "WebSockets" => await ConnectSocketAsync(url, connectionId, cancellationToken),
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

    private async Task<ConnectionContext> ConnectSocketAsync(
        Uri url, string connectionId, CancellationToken cancellationToken)
    {
        var socket = await OpenSocketAsync(url, cancellationToken);
        return isStateful
            ? new ReturningConnection(socket, connectionId, cancellation => OpenSocketAsync(url, cancellation))
            : new WebSocketConnection(socket, connectionId);
    }

    private async Task<WebSocket> OpenSocketAsync(Uri url, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        socket.Options.Proxy = null;
        socket.Options.SetRequestHeader("User-Agent", UserAgent);
        if (accessToken is not null)
        {
            socket.Options.SetRequestHeader("Authorization", $"Bearer {accessToken}");
        }

        try
        {
            var address = new UriBuilder(url) { Scheme = url.Scheme == Uri.UriSchemeHttps ? "wss" : "ws" };
            await socket.ConnectAsync(address.Uri, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
