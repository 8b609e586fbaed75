using System.Text.Json;
using Microsoft.AspNetCore.SignalR;

namespace Hubwire.Interop.Server.Hubs;

/// <summary>What came of asking a client.</summary>
public sealed record AskOutcome(bool Ok, object? Result, string? ErrorType, string? Error);

// The server asks a client and waits for its answer. A client's failure is this method's failure, except in AskOutcome.
public partial class InteropHub
{
    /// <summary>Asks the caller for anything and passes the answer on.</summary>
    public Task<object?> AskMe(string method, JsonElement[] arguments) =>
        Clients.Caller.InvokeCoreAsync<object?>(method, [.. arguments.Cast<object?>()], Context.ConnectionAborted);

    /// <summary>Asks the caller for a text.</summary>
    public async Task<string> AskMeForText(string method, string question) =>
        $"client said: {await Clients.Caller.InvokeAsync<string>(method, question, Context.ConnectionAborted)}";

    /// <summary>Asks the caller for a number; an answer that is none fails.</summary>
    public Task<int> AskMeForNumber(string method, int left, int right) =>
        Clients.Caller.InvokeAsync<int>(method, left, right, Context.ConnectionAborted);

    /// <summary>Asks the caller, waits so long at most, and says what came of it.</summary>
    public async Task<AskOutcome> AskOutcome(string method, JsonElement[] arguments, int timeoutMs)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Context.ConnectionAborted);
        limit.CancelAfter(timeoutMs);
        try
        {
            var answer = await Clients.Caller
                .InvokeCoreAsync<object?>(method, [.. arguments.Cast<object?>()], limit.Token);
            return new AskOutcome(true, answer, null, null);
        }
        catch (Exception error)
        {
            return new AskOutcome(false, null, error.GetType().Name, error.Message);
        }
    }

    /// <summary>Asks the caller the same question many times at once; the answers in the order of asking.</summary>
    public async Task<int[]> AskMeManyTimes(string method, int times)
    {
        var caller = Clients.Caller;
        var aborted = Context.ConnectionAborted;
        return await Task.WhenAll(
            Enumerable.Range(0, times).Select(index => caller.InvokeAsync<int>(method, index, aborted)));
    }
}
