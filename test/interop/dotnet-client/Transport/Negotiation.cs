using System.Net.Http.Json;

namespace Hubwire.Interop.Client.Transport;

/// <summary>What a server answered to negotiate.</summary>
public sealed record NegotiateAnswer(
    int NegotiateVersion,
    string? ConnectionId,
    string? ConnectionToken,
    string? Error,
    OfferedTransport[]? AvailableTransports,
    bool UseStatefulReconnect = false);

/// <summary>One transport of a <see cref="NegotiateAnswer"/>.</summary>
public sealed record OfferedTransport(string Transport, string[] TransferFormats);

/// <summary>Asks a hub server for a connection (TRANSPORTS §1); redirects are not expected here.</summary>
public static class Negotiation
{
    // Tests talk to this machine: a proxy from the environment must not get between.
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false });

    /// <summary>Sends negotiate and checks that the answer offers the transport with text.</summary>
    /// <exception cref="InvalidOperationException">The server refused, or does not offer it.</exception>
    public static async Task<NegotiateAnswer> AskAsync(
        Uri hubUrl, string transport, string? accessToken, bool isStateful, CancellationToken cancellationToken)
    {
        var address = new UriBuilder(hubUrl) { Path = hubUrl.AbsolutePath.TrimEnd('/') + "/negotiate" };
        address.Query = WithParameter(address.Query, "negotiateVersion", "1");
        if (isStateful)
        {
            address.Query = WithParameter(address.Query, "useStatefulReconnect", "true");
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, address.Uri);
        if (accessToken is not null)
        {
            request.Headers.Authorization = new("Bearer", accessToken);
        }

        using var response = await Http.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<NegotiateAnswer>(cancellationToken)
            ?? throw new InvalidOperationException("The negotiate answer is empty.");
        if (answer.Error is not null)
        {
            throw new InvalidOperationException($"Negotiate failed: {answer.Error}");
        }

        if (answer.UseStatefulReconnect != isStateful)
        {
            throw new InvalidOperationException($"Stateful reconnect was answered with {answer.UseStatefulReconnect}.");
        }

        var offered = answer.AvailableTransports ?? [];
        return offered.Any(one => one.Transport == transport && one.TransferFormats.Contains("Text"))
            ? answer
            : throw new InvalidOperationException($"The server does not offer {transport} with text.");
    }

    /// <summary>The address of a negotiated connection.</summary>
    public static Uri ConnectionUrl(Uri hubUrl, NegotiateAnswer answer)
    {
        var id = (answer.NegotiateVersion > 0 ? answer.ConnectionToken : answer.ConnectionId)
            ?? throw new InvalidOperationException("The negotiate answer has no connection token.");
        var address = new UriBuilder(hubUrl);
        address.Query = WithParameter(address.Query, "id", id);
        return address.Uri;
    }

    private static string WithParameter(string query, string name, string value)
    {
        var kept = query.TrimStart('?');
        return $"{kept}{(kept.Length > 0 ? "&" : "")}{name}={Uri.EscapeDataString(value)}";
    }
}
