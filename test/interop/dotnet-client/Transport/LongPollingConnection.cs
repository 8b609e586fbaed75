using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections.Features;

namespace Hubwire.Interop.Client.Transport;

/// <summary>Long Polling (TRANSPORTS §5): one GET request waits at any time.</summary>
public sealed class LongPollingConnection : RequestConnection, IConnectionInherentKeepAliveFeature
{
    private static readonly TimeSpan DeleteTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A connection that is not started.</summary>
    public LongPollingConnection(Uri url, string? accessToken, string connectionId)
        : base(url, accessToken, connectionId) => Features.Set<IConnectionInherentKeepAliveFeature>(this);

    /// <summary>Polls show that the server is there: <c>HubConnection</c> neither pings nor waits for pings.</summary>
    public bool HasInherentKeepAlive => true;

    /// <inheritdoc />
    protected override async Task OpenAsync(CancellationToken cancellationToken)
    {
        using var answer = await AskAsync(HttpMethod.Get, null, null, cancellationToken);
        var body = await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(cancellationToken);
        if (answer.StatusCode != HttpStatusCode.OK || body.Length > 0)
        {
            throw new InvalidOperationException(
                $"The first poll was answered with {(int)answer.StatusCode} and {body.Length} bytes.");
        }
    }

    /// <inheritdoc />
    protected override async Task ReceiveAsync(PipeWriter writer, CancellationToken stop)
    {
        while (true)
        {
            using var answer = await AskAsync(HttpMethod.Get, null, null, stop);
            answer.EnsureSuccessStatusCode();
            if (answer.StatusCode == HttpStatusCode.NoContent)
            {
                return;
            }

            await writer.WriteAsync(await answer.Content.ReadAsByteArrayAsync(stop), stop);
        }
    }

    /// <inheritdoc />
    protected override async Task EndAsync()
    {
        using var limit = new CancellationTokenSource(DeleteTimeout);
        try
        {
            using var answer = await AskAsync(HttpMethod.Delete, null, null, limit.Token);
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            // It is lost already; the server finds out by itself.
        }
    }
}
