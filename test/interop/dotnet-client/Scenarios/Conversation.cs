using Microsoft.AspNetCore.SignalR.Client;

namespace Hubwire.Interop.Client.Scenarios;

/// <summary>
/// A conversation that uses everything a connection offers, as that of test/faults/cuts/conversation.ts, for a network that cuts it off
/// somewhere. It passes in two ways: everything arrived once and in order ("whole"), or the connection was reported as closed.
/// </summary>
public static class Conversation
{
    /// <summary>The conversation under the name that its result shall have.</summary>
    public static Scenario Named(string name) => new(name, ConverseAsync);

    private static async Task ConverseAsync(ScenarioContext context)
    {
        var connection = context.Create();
        var life = context.ListenToLife(connection);
        await connection.StartAsync(context.Deadline);
        context.Doing = "conversing";
        Func<HubConnection, CancellationToken, Task>[] parts =
            [TakeNotesAsync, AddAsync, ReceiveBurstAsync, AnswerAsync, DownloadAsync, UploadAsync, EchoAsync];
        var failures = await Task.WhenAll(parts.Select(part => FailureOfAsync(part(connection, context.Deadline))));
        var failed = failures.OfType<Exception>().ToArray();
        if (failed.OfType<CheckFailedException>().FirstOrDefault() is { } wrong)
        {
            throw wrong;
        }

        if (failed.Length == 0)
        {
            context.Outcome = "whole";
            life.MustNotHave(_ => true);
            return;
        }

        // A part may fail only because the connection is over, and then the application has to be told that, too.
        context.Doing = $"waiting to be told why a part failed with {failed[0].GetType().Name}: {failed[0].Message}";
        var closed = await life.NextAsync();
        Check.Equal("closed", closed.Kind, "event");
        context.Outcome = $"reported: {closed.Error?.Message}";
    }

    private static async Task<Exception?> FailureOfAsync(Task part)
    {
        try
        {
            await part;
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    private static async Task TakeNotesAsync(HubConnection connection, CancellationToken deadline)
    {
        var notes = Enumerable.Range(0, 12).Select(index => $"note {index}").ToArray();
        foreach (var note in notes)
        {
            await connection.SendAsync("Note", note, deadline);
            await Task.Yield();
        }

        Check.Equal(notes, await connection.InvokeAsync<string[]>("Notes", deadline), "notes");
    }

    private static async Task AddAsync(HubConnection connection, CancellationToken deadline)
    {
        for (var index = 0; index < 8; index++)
        {
            Check.Equal(index + 1, await connection.InvokeAsync<int>("Add", index, 1, deadline), "sum");
        }
    }

    private static async Task ReceiveBurstAsync(HubConnection connection, CancellationToken deadline)
    {
        var ticks = new List<int>();
        var all = new TaskCompletionSource();
        connection.Closed += _ => Task.FromResult(all.TrySetCanceled(CancellationToken.None));
        connection.On<int>("Tick", tick =>
        {
            ticks.Add(tick);
            if (ticks.Count == 25)
            {
                all.TrySetResult();
            }
        });
        await connection.InvokeAsync("Burst", 25, deadline);
        // This client calls its handlers behind the back of the call.
        await all.Task;
        Check.Equal(Enumerable.Range(0, 25), ticks, "ticks");
    }

    private static async Task AnswerAsync(HubConnection connection, CancellationToken deadline)
    {
        var asked = new List<int>();
        connection.On<int, int>("Square", number =>
        {
            asked.Add(number);
            return number * number;
        });
        var answers = await connection.InvokeAsync<int[]>("AskMeManyTimes", "Square", 6, deadline);
        Check.Equal(Enumerable.Range(0, 6).Select(number => number * number), answers, "answers");
        Check.Equal(Enumerable.Range(0, 6), asked, "questions");
    }

    private static async Task DownloadAsync(HubConnection connection, CancellationToken deadline)
    {
        var flood = await ReadAsync(connection.StreamAsync<int>("Flood", 30, deadline));
        Check.Equal(Enumerable.Range(0, 30), flood, "Flood(30)");
        var counted = await ReadAsync(connection.StreamAsync<int>("Counter", 10, 2, deadline));
        Check.Equal(Enumerable.Range(1, 10), counted, "Counter(10)");
    }

    private static async Task UploadAsync(HubConnection connection, CancellationToken deadline)
    {
        var uploaded = await connection.InvokeAsync<string>("UploadChannel", TextsAsync("up", 20), deadline);
        Check.Equal(string.Join(",", Enumerable.Range(0, 20).Select(index => $"up{index}")), uploaded, "upload");
    }

    private static async Task EchoAsync(HubConnection connection, CancellationToken deadline)
    {
        var echoed = await ReadAsync(connection.StreamAsync<string>("EchoStream", TextsAsync("echo", 15), deadline));
        Check.Equal(Enumerable.Range(0, 15).Select(index => $"ECHO{index}"), echoed, "echo");
    }

    private static async IAsyncEnumerable<string> TextsAsync(string prefix, int count)
    {
        for (var index = 0; index < count; index++)
        {
            await Task.Yield();
            yield return $"{prefix}{index}";
        }
    }

    private static async Task<List<T>> ReadAsync<T>(IAsyncEnumerable<T> stream)
    {
        var read = new List<T>();
        await foreach (var item in stream)
        {
            read.Add(item);
        }

        return read;
    }
}
