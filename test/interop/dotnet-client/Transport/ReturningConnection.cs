using System.IO.Pipelines;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Abstractions;
using Microsoft.AspNetCore.Http.Features;

#pragma warning disable CA2252 // the feature that stateful reconnect goes by is marked as a preview

namespace Hubwire.Interop.Client.Transport;

/// <summary>
/// A connection that goes on over another WebSocket when it loses one, for <c>HubConnection</c> with stateful reconnect: what is
/// received goes into the same pipe all the time, what is to be sent comes through a new one after each return.
/// </summary>
public sealed class ReturningConnection : ConnectionContext, IStatefulReconnectFeature
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    private readonly Func<CancellationToken, Task<WebSocket>> _open;
    private readonly Pipe _incoming = new(new PipeOptions(useSynchronizationContext: false));
    private readonly CancellationTokenSource _disposed = new();
    private readonly Task _running;
    private Pipe _outgoing = new(new PipeOptions(useSynchronizationContext: false));
    private Func<PipeWriter, Task> _onReconnected = _ => Task.CompletedTask;
    private volatile bool _returns = true;

    /// <summary>Starts pumping a socket that is open.</summary>
    public ReturningConnection(WebSocket socket, string connectionId, Func<CancellationToken, Task<WebSocket>> open)
    {
        _open = open;
        ConnectionId = connectionId;
        Transport = new PipePair(_incoming.Reader, _outgoing.Writer);
        Features.Set<IStatefulReconnectFeature>(this);
        _running = RunAsync(socket);
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
    public void OnReconnected(Func<PipeWriter, Task> notifyOnReconnect) => _onReconnected = notifyOnReconnect;

    /// <inheritdoc />
    public void DisableReconnect() => _returns = false;

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        _returns = false;
        await _outgoing.Writer.CompleteAsync();
        _disposed.CancelAfter(CloseTimeout);
        await _running;
        _disposed.Dispose();
    }

    private async Task RunAsync(WebSocket first)
    {
        Exception? failure = null;
        WebSocket? socket = first;
        for (var isReturn = false; socket is not null; isReturn = true)
        {
            using (socket)
            {
                failure = await PumpAsync(socket, _outgoing, isReturn);
            }

            socket = failure is not null && _returns ? await ReturnAsync() : null;
        }

        await _incoming.Writer.CompleteAsync(failure);
        await _outgoing.Reader.CompleteAsync(failure);
    }

    /// <returns>Why the socket ended, unless it was closed in order.</returns>
    private async Task<Exception?> PumpAsync(WebSocket socket, Pipe outgoing, bool isReturn)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_disposed.Token);
        var sending = SendAsync(socket, outgoing.Reader, over.Token);
        var resending = isReturn ? _onReconnected(outgoing.Writer) : Task.CompletedTask;
        Exception? failure = null;
        try
        {
            await ReceiveAsync(socket);
            await resending;
        }
        catch (Exception error)
        {
            failure = error;
        }

        await over.CancelAsync();
        await sending;
        return failure;
    }

    private async Task<WebSocket?> ReturnAsync()
    {
        // Writing into the old pipe goes on working and leads nowhere: the client has it in its buffer.
        await _outgoing.Reader.CompleteAsync();
        _outgoing = new Pipe(new PipeOptions(useSynchronizationContext: false));
        Transport = new PipePair(_incoming.Reader, _outgoing.Writer);
        while (_returns)
        {
            try
            {
                return await _open(_disposed.Token);
            }
            catch (WebSocketException error) when (error.Message.Contains("404"))
            {
                return null; // the server has forgotten us
            }
            catch (Exception)
            {
                await Task.Delay(BetweenTries);
            }
        }

        return null;
    }

    private async Task ReceiveAsync(WebSocket socket)
    {
        // Whole messages only: a part that the next socket does not continue would spoil what follows it.
        var message = new MemoryStream();
        var buffer = new byte[4096];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, _disposed.Token);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return;
            }

            message.Write(buffer, 0, received.Count);
            if (received.EndOfMessage)
            {
                await _incoming.Writer.WriteAsync(message.GetBuffer().AsMemory(0, (int)message.Length), _disposed.Token);
                message.SetLength(0);
            }
        }
    }

    private static async Task SendAsync(WebSocket socket, PipeReader reader, CancellationToken over)
    {
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(over);
                foreach (var segment in read.Buffer)
                {
                    await socket.SendAsync(segment, WebSocketMessageType.Text, endOfMessage: false, over);
                }

                if (!read.Buffer.IsEmpty)
                {
                    await socket.SendAsync(
                        default(ReadOnlyMemory<byte>), WebSocketMessageType.Text, endOfMessage: true, over);
                }

                reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, over);
                    return;
                }
            }
        }
        catch (Exception)
        {
            // The socket is gone. The receiver sees the same and reports it.
        }
    }

    private sealed record PipePair(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
