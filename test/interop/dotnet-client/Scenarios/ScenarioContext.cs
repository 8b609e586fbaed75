using System.Net;
using Hubwire.Interop.Client.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Hubwire.Interop.Client.Scenarios;

/// <summary>What a scenario works with: connections to the hub, which end with it, and its deadline.</summary>
public sealed class ScenarioContext(ScenarioSetting setting, ILoggerFactory logging, CancellationToken deadline)
    : IAsyncDisposable
{
    private readonly List<HubConnection> _connections = [];

    /// <summary>Cancelled when the scenario's time is over.</summary>
    public CancellationToken Deadline => deadline;

    /// <summary>What the scenario is at, for the report of a failure.</summary>
    public string Doing { get; set; } = "starting";

    /// <summary>What came of a scenario that can pass in several ways.</summary>
    public string? Outcome { get; set; }

    /// <summary>A connection that is not started yet.</summary>
    /// <param name="accessToken">Bearer token for every request.</param>
    /// <param name="query">Query of the hub URL, without the question mark.</param>
    /// <param name="reconnects">Tries again at once, and some more times, when the connection is lost.</param>
    public HubConnection Create(string? accessToken = null, string? query = null, bool reconnects = false)
    {
        var address = new UriBuilder(setting.HubUrl);
        if (query is not null)
        {
            address.Query = query;
        }

        var builder = new HubConnectionBuilder();
        builder.Services.AddSingleton<IConnectionFactory>(
            new TransportConnectionFactory(setting.Transport, accessToken, setting.IsStateful));
        builder.Services.AddSingleton<EndPoint>(new UriEndPoint(address.Uri));
        builder.Services.AddSingleton(logging);
        builder.WithKeepAliveInterval(TimeSpan.FromSeconds(1));
        if (reconnects)
        {
            builder.WithAutomaticReconnect([TimeSpan.Zero, .. Enumerable.Repeat(TimeSpan.FromMilliseconds(200), 20)]);
        }

        var connection = builder.Build();
        _connections.Add(connection);
        return connection;
    }

    /// <summary>A connection that is started.</summary>
    public async Task<HubConnection> ConnectAsync(
        string? accessToken = null, string? query = null, bool reconnects = false)
    {
        var connection = Create(accessToken, query, reconnects);
        Doing = "connecting";
        await connection.StartAsync(deadline);
        Doing = "calling the hub";
        return connection;
    }

    /// <summary>Collects what the server sends to a client method with one argument.</summary>
    public Inbox<T> Listen<T>(HubConnection connection, string method)
    {
        var inbox = new Inbox<T>(method, this);
        connection.On<T>(method, inbox.Add);
        return inbox;
    }

    /// <summary>Collects the lifecycle events of a connection.</summary>
    public Inbox<LifeEvent> ListenToLife(HubConnection connection)
    {
        var inbox = new Inbox<LifeEvent>("a lifecycle event", this);
        connection.Reconnecting += error => Add(new LifeEvent("reconnecting", error, null));
        connection.Reconnected += id => Add(new LifeEvent("reconnected", null, id));
        connection.Closed += error => Add(new LifeEvent("closed", error, null));
        return inbox;

        Task Add(LifeEvent one)
        {
            inbox.Add(one);
            return Task.CompletedTask;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }
    }
}

/// <summary>A lifecycle event of a connection: <c>reconnecting</c>, <c>reconnected</c> or <c>closed</c>.</summary>
public sealed record LifeEvent(string Kind, Exception? Error, string? ConnectionId);
