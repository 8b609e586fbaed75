using System.IO.Pipelines;
using System.Net.ServerSentEvents;
using System.Text;

namespace Hubwire.Interop.Client.Transport;

/// <summary>Server-Sent Events (TRANSPORTS §4): one answer that never ends.</summary>
public sealed class ServerSentEventsConnection(Uri url, string? accessToken, string connectionId)
    : RequestConnection(url, accessToken, connectionId)
{
    private const string MediaType = "text/event-stream";

    private HttpResponseMessage? _answer;

    /// <inheritdoc />
    protected override async Task OpenAsync(CancellationToken cancellationToken)
    {
        _answer = await AskAsync(HttpMethod.Get, null, MediaType, cancellationToken);
        var found = _answer.EnsureSuccessStatusCode().Content.Headers.ContentType?.MediaType;
        if (found != MediaType)
        {
            throw new InvalidOperationException($"The stream has the type {found}.");
        }
    }

    /// <inheritdoc />
    protected override async Task ReceiveAsync(PipeWriter writer, CancellationToken stop)
    {
        using var answer = _answer!;
        await using var stream = await answer.Content.ReadAsStreamAsync(stop);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(stop))
        {
            await writer.WriteAsync(Encoding.UTF8.GetBytes(item.Data), stop);
        }
    }
}
