using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;

namespace Hubwire.Interop.Client.Scenarios;

/// <summary>A scenario found something that is not as it must be.</summary>
public sealed class CheckFailedException(string message) : Exception(message);

/// <summary>The assertions of the scenarios.</summary>
public static class Check
{
    // Complaints are for people: no escapes that JSON does not need.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Fails with <paramref name="complaint"/> when the condition does not hold.</summary>
    public static void That(bool holds, string complaint)
    {
        if (!holds)
        {
            throw new CheckFailedException(complaint);
        }
    }

    /// <summary>Both are the same JSON value, whatever their types here.</summary>
    public static void Equal<TExpected, TActual>(TExpected expected, TActual actual, string what)
    {
        var left = JsonSerializer.SerializeToElement(expected, Json);
        var right = JsonSerializer.SerializeToElement(actual, Json);
        That(JsonElement.DeepEquals(left, right), $"{what}: expected {Short(left)}, got {Short(right)}");
    }

    /// <summary>The call fails at the hub with exactly this text.</summary>
    public static async Task FailsAsync(Func<Task> call, string expected, string what)
    {
        try
        {
            await call();
        }
        catch (HubException error)
        {
            Equal(expected, error.Message, $"error text of {what}");
            return;
        }

        throw new CheckFailedException($"{what} must fail");
    }

    private static string Short(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length > 200 ? $"{text[..200]}… ({text.Length} characters)" : text;
    }
}
