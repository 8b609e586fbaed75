using System.Collections.Concurrent;
using Hubwire.Interop.Server.Hosting;
using Microsoft.AspNetCore.Http.Connections.Features;
using Microsoft.AspNetCore.SignalR;

namespace Hubwire.Interop.Server.Hubs;

/// <summary>
/// The hub contract of ../dotnet-client/README.md on the original server. The .NET client runs the same scenarios here
/// and on hubwire's server, and so does the contract suite with hubwire's client; passing here shows that the contract asks
/// for nothing but real SignalR behaviour.
/// </summary>
public sealed partial class ContractHub(HubServices services) : Hub
{
    private const string NotesKey = "notes";

    private ConcurrentQueue<string> Noted => (ConcurrentQueue<string>)Context.Items[NotesKey]!;

    /// <inheritdoc />
    public override async Task OnConnectedAsync()
    {
        Context.Items[NotesKey] = new ConcurrentQueue<string>();
        var query = Context.GetHttpContext()?.Request.Query;
        if (query?["refuse"].FirstOrDefault() is { } refusal)
        {
            throw new HubException(refusal);
        }

        if (query?["welcome"].FirstOrDefault() is { } welcome)
        {
            await Clients.Caller.SendAsync("Welcome", welcome);
        }
    }

    /// <inheritdoc />
    public override Task OnDisconnectedAsync(Exception? exception)
    {
        services.Events.Add("disconnected", Context.ConnectionId, exception?.GetType().Name);
        return Task.CompletedTask;
    }

    public object? Echo(object? value) => value;

    public int Add(int left, int right) => left + right;

    public void Nothing()
    {
    }

    public void Fail() => throw new InvalidOperationException("This text must not reach the client.");

    public void FailHub(string message) => throw new HubException(message);

    public void Note(string text) => Noted.Enqueue(text);

    public string[] Notes() => [.. Noted];

    public int LengthOf(string text) => text.Length;

    public string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    public Task WaitAtGate(string gate) => services.Gates.PassAsync(gate, Context.ConnectionAborted);

    public void OpenGate(string gate) => services.Gates.Open(gate);

    public async Task<string> Ended(string connectionId)
    {
        var ending = await services.Events.WaitForAsync(
            one => one.Kind == "disconnected" && one.ConnectionId == connectionId,
            Context.ConnectionAborted);
        return ending.Detail ?? "in order";
    }

    public string? WhoAmI() => Context.UserIdentifier;

    public string ConnectionId() => Context.ConnectionId;

    public string? Transport() => Context.Features.Get<IHttpTransportFeature>()?.TransportType.ToString();

    public void AbortMe() => Context.Abort();

    public void DropMe() => LiveConnections.Drop(Context, DropKind.Reset);
}
