using System.Diagnostics;

namespace Hubwire.Interop.Server.Hosting;

/// <summary>Makes the server trace hub calls: without a listener it makes no activities.</summary>
public static class ActivityWatch
{
    /// <summary>Listens to the hub server's own source until the program ends.</summary>
    public static void Start() => ActivitySource.AddActivityListener(new ActivityListener
    {
        ShouldListenTo = source => source.Name == "Microsoft.AspNetCore.SignalR.Server",
        Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
    });
}
