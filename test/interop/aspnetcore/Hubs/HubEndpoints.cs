using Hubwire.Interop.Server.Hosting;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;

namespace Hubwire.Interop.Server.Hubs;

/// <summary>Which hub answers where, and with which options. README.md has the same as a table.</summary>
public static class HubEndpoints
{
    /// <summary>Registers the hubs and the options of those that differ from the default.</summary>
    public static void AddInteropHubs(this IServiceCollection services) => services
        .AddSignalR()
        .AddHubOptions<DetailedHub>(options => options.EnableDetailedErrors = true)
        .AddHubOptions<QuickHub>(options =>
        {
            options.KeepAliveInterval = TimeSpan.FromSeconds(1);
            options.ClientTimeoutInterval = TimeSpan.FromSeconds(2);
            options.HandshakeTimeout = TimeSpan.FromSeconds(1);
        })
        .AddHubOptions<ParallelHub>(options => options.MaximumParallelInvocationsPerClient = 8)
        .AddHubOptions<LargeHub>(options => options.MaximumReceiveMessageSize = 64 * 1024 * 1024)
        .AddHubOptions<ContractHub>(options =>
        {
            options.KeepAliveInterval = TimeSpan.FromSeconds(1);
            options.ClientTimeoutInterval = TimeSpan.FromSeconds(6);
        });

    /// <summary>Maps every hub address.</summary>
    public static void MapInteropHubs(this WebApplication app)
    {
        app.MapHub<InteropHub>("/hub");
        app.MapHub<InteropHub>("/secure").RequireAuthorization();
        app.MapHub<InteropHub>("/stateful", options => options.AllowStatefulReconnects = true);
        app.MapHub<InteropHub>("/websockets-only", options => options.Transports = HttpTransportType.WebSockets);
        app.MapHub<InteropHub>("/no-websockets", options =>
            options.Transports = HttpTransportType.ServerSentEvents | HttpTransportType.LongPolling);
        app.MapHub<DetailedHub>("/detailed");
        app.MapHub<QuickHub>("/quick");
        app.MapHub<ParallelHub>("/parallel");
        app.MapHub<LargeHub>("/large");
        app.MapHub<RefusingHub>("/refuse");
        app.MapHub<ContractHub>("/contract", options => options.AllowStatefulReconnects = true);
    }
}

/// <summary>Hub options belong to a hub's type, so each set of options has a type of its own.</summary>
public sealed class DetailedHub(HubServices services) : InteropHub(services);

/// <summary>Pings each second, gives up on a silent client after two and on a missing handshake after one.</summary>
public sealed class QuickHub(HubServices services) : InteropHub(services);

/// <summary>Runs up to eight plain invocations of one client at a time.</summary>
public sealed class ParallelHub(HubServices services) : InteropHub(services);

/// <summary>Takes messages of up to 64 MiB.</summary>
public sealed class LargeHub(HubServices services) : InteropHub(services);

/// <summary>Accepts nobody: its <c>OnConnectedAsync</c> throws, so the client gets Close with an error.</summary>
public sealed class RefusingHub : Hub
{
    /// <inheritdoc />
    public override Task OnConnectedAsync() => throw new HubException("This hub accepts nobody.");
}
