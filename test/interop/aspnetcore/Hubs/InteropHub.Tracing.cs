using System.Diagnostics;

namespace Hubwire.Interop.Server.Hubs;

/// <summary>The activity that the server made for a call.</summary>
public sealed record SeenActivity(
    string TraceId, string ParentSpanId, string Source, string OperationName, string Name, string? TraceState, string[] Tags);

// Distributed traces: what came in the headers of the message.
public partial class InteropHub
{
    /// <summary>The activity of this very call, or null.</summary>
    public SeenActivity? Trace() => CurrentActivity();

    /// <summary>The same, as the one item of a stream.</summary>
    public async IAsyncEnumerable<SeenActivity?> TraceStream()
    {
        await Task.Yield();
        yield return CurrentActivity();
    }

    private static SeenActivity? CurrentActivity() => Activity.Current is not { } activity ? null : new SeenActivity(
        activity.TraceId.ToHexString(),
        activity.ParentSpanId.ToHexString(),
        activity.Source.Name,
        activity.OperationName,
        activity.DisplayName,
        activity.TraceStateString,
        [.. activity.TagObjects.Select(tag => $"{tag.Key}={tag.Value}")]);
}
