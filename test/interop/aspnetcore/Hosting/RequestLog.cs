using System.Collections.Concurrent;

namespace Hubwire.Interop.Server.Hosting;

/// <summary>An HTTP request as the server received it.</summary>
public sealed record SeenRequest(
    string Method,
    string Path,
    bool IsWebSocketUpgrade,
    IReadOnlyDictionary<string, string> Query,
    IReadOnlyDictionary<string, string> Headers,
    string? AccessToken)
{
    /// <summary>Copies what is of interest out of a live request.</summary>
    public static SeenRequest From(HttpContext context)
    {
        var request = context.Request;
        return new SeenRequest(
            request.Method,
            request.Path,
            context.WebSockets.IsWebSocketRequest || request.Headers.Upgrade == "websocket",
            request.Query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString()),
            request.Headers.ToDictionary(pair => pair.Key.ToLowerInvariant(), pair => pair.Value.ToString()),
            TestIdentities.AccessTokenOf(request));
    }
}

/// <summary>
/// Remembers requests whose query has a <c>marker</c>. A client keeps its URL's query on every request, so a test
/// finds its own negotiate, upgrade and retries by the marker it chose.
/// </summary>
public sealed class RequestLog
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<SeenRequest>> _requests = new(StringComparer.Ordinal);

    /// <summary>The requests with this marker, oldest first.</summary>
    public IReadOnlyList<SeenRequest> Find(string marker) =>
        _requests.TryGetValue(marker, out var seen) ? [.. seen] : [];

    /// <summary>Notes the request when it carries a marker.</summary>
    public void Note(HttpContext context)
    {
        if (context.Request.Query["marker"].FirstOrDefault() is { Length: > 0 } marker
            && !context.Request.Path.StartsWithSegments("/control"))
        {
            _requests.GetOrAdd(marker, _ => new ConcurrentQueue<SeenRequest>()).Enqueue(SeenRequest.From(context));
        }
    }
}

/// <summary>Puts the log in front of everything else.</summary>
public static class RequestLogMiddleware
{
    /// <summary>Notes every request before anything can refuse it.</summary>
    public static void UseRequestLog(this WebApplication app)
    {
        var log = app.Services.GetRequiredService<RequestLog>();
        app.Use((context, next) =>
        {
            log.Note(context);
            return next(context);
        });
    }
}
