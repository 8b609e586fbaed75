using System.IO.Pipelines;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Hubwire.Interop.Client.Transport;

/// <summary>A WebSocket seen as the pair of pipes that <c>HubConnection</c> reads and writes.</summary>
public sealed class WebSocketConnection : ConnectionContext
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    private readonly WebSocket _socket;
    private readonly Pipe _incoming = new(new PipeOptions(useSynchronizationContext: false));
    private readonly Pipe _outgoing = new(new PipeOptions(useSynchronizationContext: false));
    private readonly Task _receiving;
    private readonly Task _sending;

    /// <summary>Starts pumping a socket that is open.</summary>
    public WebSocketConnection(WebSocket socket, string connectionId)
    {
        _socket = socket;
        ConnectionId = connectionId;
        Transport = new PipePair(_incoming.Reader, _outgoing.Writer);
        _receiving = ReceiveAsync();
        _sending = SendAsync();
    }

    /// <inheritdoc />
    public override string ConnectionId { get; set; }

    /// <inheritdoc />
    public override IFeatureCollection Features { get; } = new FeatureCollection();

    /// <inheritdoc />
    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    /// <inheritdoc />
    public override IDuplexPipe Transport { get; set; }

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        // The sender sends what is left and then the close frame; the receiver ends with the peer's close frame.
        await _outgoing.Writer.CompleteAsync();
        _outgoing.Reader.CancelPendingRead();
        try
        {
            await Task.WhenAll(_sending, _receiving).WaitAsync(CloseTimeout);
        }
        catch (TimeoutException)
        {
            _socket.Abort();
            await Task.WhenAll(_sending, _receiving);
        }

        _socket.Dispose();
    }

    private async Task ReceiveAsync()
    {
        var writer = _incoming.Writer;
        Exception? failure = null;
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveAsync(writer.GetMemory(4096), CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    failure = FailureOf(_socket.CloseStatus);
                    break;
                }

                writer.Advance(received.Count);
                var flushed = await writer.FlushAsync();
                if (flushed.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception error)
        {
            failure = error;
        }

        await writer.CompleteAsync(failure);
        _outgoing.Reader.CancelPendingRead();
    }

    private async Task SendAsync()
    {
        var reader = _outgoing.Reader;
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync();
                if (!read.Buffer.IsEmpty)
                {
                    foreach (var segment in read.Buffer)
                    {
                        await _socket.SendAsync(
                            segment,
                            WebSocketMessageType.Text,
                            endOfMessage: false,
                            CancellationToken.None);
                    }

                    await _socket.SendAsync(
                        default(ReadOnlyMemory<byte>),
                        WebSocketMessageType.Text,
                        endOfMessage: true,
                        CancellationToken.None);
                    reader.AdvanceTo(read.Buffer.End);
                }
                else if (read.IsCanceled || read.IsCompleted)
                {
                    break;
                }
            }

            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            }
        }
        catch (Exception)
        {
            // The socket is gone. The receiver sees the same and reports it.
        }

        await reader.CompleteAsync();
    }

    private static WebSocketException? FailureOf(WebSocketCloseStatus? status) =>
        status is null or WebSocketCloseStatus.NormalClosure or WebSocketCloseStatus.Empty
            ? null
            : new WebSocketException(WebSocketError.Faulted, $"The server closed the WebSocket with status {status}.");

    private sealed record PipePair(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
