using System.Text.Json;
using Hubwire.Interop.Server.Hubs;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.SignalR;

namespace Hubwire.Interop.Server.Hosting;

/// <summary>What <c>POST /control/send</c> takes.</summary>
/// <param name="Target"><c>all</c>, <c>group</c>, <c>user</c> or <c>connection</c>.</param>
/// <param name="Name">The group, user or connection; unused for <c>all</c>.</param>
/// <param name="Method">Name of the client method.</param>
/// <param name="Arguments">Its arguments, as they are.</param>
/// <param name="Hub"><c>contract</c> for the clients of ContractHub; those of InteropHub otherwise.</param>
public sealed record PushOrder(string Target, string? Name, string Method, JsonElement[] Arguments, string? Hub = null);

/// <summary>The HTTP endpoints through which a test acts on the server from outside any hub connection.</summary>
public static class Control
{
    /// <summary>Maps <c>/control/…</c>, as listed in README.md.</summary>
    public static void MapControl(this WebApplication app)
    {
        var control = app.MapGroup("/control");
        control.MapPost("/send", SendAsync);
        control.MapPost("/drop/{connectionId}", Drop);
        control.MapPost("/gates/{name}", (string name, GateKeeper gates) => gates.Open(name));
        control.MapPost("/stop", (IHostApplicationLifetime lifetime) => lifetime.StopApplication());
        control.MapGet("/connections", (LiveConnections connections) => connections.Ids);
        control.MapGet("/requests", (string marker, RequestLog requests) => requests.Find(marker));
        control.MapGet("/events", (string? kind, string? connectionId, EventLog events) =>
            events.Find(Matching(kind, connectionId, null)));
        control.MapGet("/events/{kind}", WaitForEventAsync);
    }

    private static async Task<IResult> SendAsync(
        [FromBody] PushOrder order, IHubContext<InteropHub> interop, IHubContext<ContractHub> contract)
    {
        var name = order.Name ?? "";
        var clients = order.Hub == "contract" ? contract.Clients : interop.Clients;
        IClientProxy? receivers = order.Target switch
        {
            "all" => clients.All,
            "group" => clients.Group(name),
            "user" => clients.User(name),
            "connection" => clients.Client(name),
            _ => null,
        };
        if (receivers is null)
        {
            return Results.BadRequest("target must be all, group, user or connection");
        }

        await receivers.SendCoreAsync(order.Method, [.. order.Arguments]);
        return Results.NoContent();
    }

    private static IResult Drop(string connectionId, string? how, LiveConnections connections)
    {
        if (!Enum.TryParse<DropKind>(how ?? nameof(DropKind.Reset), ignoreCase: true, out var kind))
        {
            return Results.BadRequest("how must be reset, fin or abort");
        }

        return connections.Drop(connectionId, kind) ? Results.NoContent() : Results.NotFound();
    }

    private static async Task<IResult> WaitForEventAsync(
        string kind,
        string? connectionId,
        string? detail,
        int? timeoutMs,
        EventLog events,
        CancellationToken requestAborted)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(requestAborted);
        limit.CancelAfter(timeoutMs ?? 10_000);
        try
        {
            return Results.Json(await events.WaitForAsync(Matching(kind, connectionId, detail), limit.Token));
        }
        catch (OperationCanceledException)
        {
            return Results.NotFound();
        }
    }

    private static Func<ServerEvent, bool> Matching(string? kind, string? connectionId, string? detail) => one =>
        (kind is null || one.Kind == kind)
        && (connectionId is null || one.ConnectionId == connectionId)
        && (detail is null || one.Detail == detail);
}
