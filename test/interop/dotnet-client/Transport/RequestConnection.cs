using System.IO.Pipelines;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Hubwire.Interop.Client.Transport;

/// <summary>
/// HTTP requests seen as the pair of pipes that <c>HubConnection</c> reads and writes: POST requests carry what it
/// writes, one at a time. Where the answers come from is the transport's own.
/// </summary>
public abstract class RequestConnection : ConnectionContext
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    // Tests talk to this machine: a proxy from the environment must not get between. Each request has its own limit.
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly Uri _url;
    private readonly string? _accessToken;
    private readonly Pipe _incoming = new(new PipeOptions(useSynchronizationContext: false));
    private readonly Pipe _outgoing = new(new PipeOptions(useSynchronizationContext: false));
    private readonly CancellationTokenSource _stop = new();
    private Exception? _sendFailure;
    private Task _receiving = Task.CompletedTask;
    private Task _sending = Task.CompletedTask;

    /// <summary>A connection that is not started.</summary>
    /// <param name="url">With the connection token.</param>
    /// <param name="accessToken">Bearer token for every request.</param>
    /// <param name="connectionId">The public id.</param>
    protected RequestConnection(Uri url, string? accessToken, string connectionId)
    {
        _url = url;
        _accessToken = accessToken;
        ConnectionId = connectionId;
        Transport = new PipePair(_incoming.Reader, _outgoing.Writer);
    }

    /// <inheritdoc />
    public override string ConnectionId { get; set; }

    /// <inheritdoc />
    public override IFeatureCollection Features { get; } = new FeatureCollection();

    /// <inheritdoc />
    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    /// <inheritdoc />
    public override IDuplexPipe Transport { get; set; }

    /// <summary>Opens the connection.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        _receiving = RunReceiverAsync();
        _sending = SendAsync();
    }

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        // What is left still goes out.
        await _outgoing.Writer.CompleteAsync();
        _outgoing.Reader.CancelPendingRead();
        await Task.WhenAny(_sending, Task.Delay(CloseTimeout));
        await _stop.CancelAsync();
        await Task.WhenAll(_sending, _receiving);
        await EndAsync();
        _stop.Dispose();
    }

    /// <summary>Makes the first request.</summary>
    protected abstract Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>Writes what comes, until the server ends the connection.</summary>
    protected abstract Task ReceiveAsync(PipeWriter writer, CancellationToken stop);

    /// <summary>Tells the server that the connection is over.</summary>
    protected virtual Task EndAsync() => Task.CompletedTask;

    /// <summary>Sends a request of this connection; its answer has been read up to the headers.</summary>
    protected async Task<HttpResponseMessage> AskAsync(
        HttpMethod method, HttpContent? content, string? accept, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, _url) { Content = content };
        if (_accessToken is not null)
        {
            request.Headers.Authorization = new("Bearer", _accessToken);
        }

        if (accept is not null)
        {
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
        }

        return await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    private async Task RunReceiverAsync()
    {
        Exception? failure = null;
        try
        {
            await ReceiveAsync(_incoming.Writer, _stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            failure = _sendFailure;
        }
        catch (Exception error)
        {
            failure = error;
        }

        await _incoming.Writer.CompleteAsync(failure);
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
                    var content = new ReadOnlyMemoryContent(System.Buffers.BuffersExtensions.ToArray(read.Buffer));
                    using var answer = await AskAsync(HttpMethod.Post, content, null, _stop.Token);
                    answer.EnsureSuccessStatusCode();
                    reader.AdvanceTo(read.Buffer.End);
                }
                else if (read.IsCanceled || read.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception error)
        {
            _sendFailure = error;
            await _stop.CancelAsync();
        }

        await reader.CompleteAsync();
    }

    private sealed record PipePair(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
