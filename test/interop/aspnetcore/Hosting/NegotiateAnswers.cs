using Microsoft.AspNetCore.Http.Extensions;

namespace Hubwire.Interop.Server.Hosting;

/// <summary>Negotiate answers that the framework never gives by itself: redirects, errors, other servers.</summary>
public static class NegotiateAnswers
{
    /// <summary>Maps the plain HTTP endpoints listed in README.md.</summary>
    public static void MapNegotiateAnswers(this WebApplication app)
    {
        app.MapPost("/redirect/negotiate", (HttpRequest request) =>
            Results.Json(new { url = AddressOf(request, "/hub"), accessToken = "good-redirected" }));
        app.MapPost("/redirect-to-secure/negotiate", (HttpRequest request) =>
            Results.Json(new { url = AddressOf(request, "/secure"), accessToken = "good-redirected" }));
        app.MapPost("/redirect-twice/negotiate", (HttpRequest request) =>
            Results.Json(new { url = AddressOf(request, "/redirect-to-secure"), accessToken = "good-first" }));
        app.MapPost("/redirect-without-token/negotiate", (HttpRequest request) =>
            Results.Json(new { url = AddressOf(request, "/hub") }));
        app.MapPost("/redirect-loop/negotiate", (HttpRequest request) =>
            Results.Json(new { url = AddressOf(request, "/redirect-loop") }));

        app.MapPost("/refreshing/negotiate", (HttpRequest request) => Results.Json(new
        {
            url = AddressOf(request, "/secure"),
            accessToken = "good-redirected",
            tokenLifetimeSeconds = 1,
        }));
        app.MapPost("/refreshing/refresh", Refresh);

        app.MapPost("/negotiate-error/negotiate", () =>
            Results.Json(new { error = "Negotiation refused by the test." }));
        app.MapPost("/not-json/negotiate", () => Results.Text("<html>not a hub</html>", "text/html"));
        app.MapPost("/unavailable/negotiate", () => Results.Text("Try later.", statusCode: 503));
        app.MapPost("/no-transports/negotiate", () => Results.Json(new
        {
            negotiateVersion = 1,
            connectionId = "none",
            connectionToken = "none",
            availableTransports = Array.Empty<object>(),
        }));
        app.MapPost("/unknown-transport/negotiate", () => Results.Json(new
        {
            negotiateVersion = 1,
            connectionId = "none",
            connectionToken = "none",
            availableTransports = new[] { new { transport = "CarrierPigeon", transferFormats = new[] { "Text" } } },
        }));
        app.MapPost("/classic/negotiate", () => Results.Text(
            """
            {"Url":"/classic","ConnectionToken":"AQAAANCMnd8","ConnectionId":"d71b8d4b","KeepAliveTimeout":20.0,
             "DisconnectTimeout":30.0,"ConnectionTimeout":110.0,"TryWebSockets":true,"ProtocolVersion":"1.5",
             "TransportConnectTimeout":5.0,"LongPollDelay":0.0}
            """,
            "application/json"));
    }

    /// <summary>Refreshes as a service of .NET 11 in front of a hub does: its next token comes with the answer.</summary>
    private static IResult Refresh(HttpRequest request) => TestIdentities.AccessTokenOf(request) switch
    {
        _ when request.Query["id"].FirstOrDefault() is null or "" =>
            Results.Json(new { error = "missing_connection_token" }, statusCode: 400),
        "good-refresh" => Results.Json(new { accessToken = "good-refreshed", tokenLifetimeSeconds = 3600 }),
        "good-eve" => Results.Json(new { error = "user_changed" }, statusCode: 403),
        _ => Results.StatusCode(401),
    };

    /// <summary>
    /// Serves <c>/version-zero</c> as a server from before negotiate version 1 would: the hub of <c>/hub</c>, with the
    /// client's <c>negotiateVersion</c> unheard.
    /// </summary>
    public static void UseVersionZeroNegotiation(this WebApplication app) => app.Use((context, next) =>
    {
        var request = context.Request;
        if (request.Path.StartsWithSegments("/version-zero", out var rest))
        {
            request.Path = "/hub" + rest;
            var kept = request.Query.Where(pair =>
                !pair.Key.Equals("negotiateVersion", StringComparison.OrdinalIgnoreCase));
            request.QueryString = new QueryBuilder(kept).ToQueryString();
        }

        return next(context);
    });

    private static string AddressOf(HttpRequest request, string path)
    {
        var marker = request.Query["marker"].FirstOrDefault();
        var query = marker is null ? "" : $"?marker={Uri.EscapeDataString(marker)}";
        return $"{request.Scheme}://{request.Host}{path}{query}";
    }
}
