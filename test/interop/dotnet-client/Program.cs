// Runs the real .NET HubConnection against the hub contract of README.md and prints one JSON line per scenario:
// {"name": …, "ok": …, "detail": …}. Exit code: 0 when all passed, 1 when one failed, 2 for wrong arguments.

using System.Text.Json;
using System.Threading.Channels;
using Hubwire.Interop.Client.Scenarios;
using Microsoft.Extensions.Logging;

const string Usage = """
    usage: interop-client <hub URL> [--transport=NAME] [--log] [--stateful] [scenario …]
           interop-client --converse [--log] <hub URL> …
    """;

var wantsLog = args.Contains("--log");
const string TransportOption = "--transport=";
var transport = args.LastOrDefault(one => one.StartsWith(TransportOption, StringComparison.Ordinal))
    ?.Substring(TransportOption.Length) ?? "WebSockets";
var isStateful = args.Contains("--stateful");
var positional = args.Where(one => !one.StartsWith("--", StringComparison.Ordinal)).ToArray();
if (positional.Length == 0 || !Uri.TryCreate(positional[0], UriKind.Absolute, out var hubUrl))
{
    Console.Error.WriteLine(Usage);
    return 2;
}

List<(Scenario Scenario, ScenarioSetting Setting)> chosen;
if (args.Contains("--converse"))
{
    chosen = [.. positional.Select(url => (Conversation.Named(url), new ScenarioSetting(new Uri(url), transport, true)))];
}
else
{
    var scenarios = isStateful ? ScenarioList.Stateful : ScenarioList.Ordinary;
    var setting = new ScenarioSetting(hubUrl, transport, isStateful);
    chosen = [.. scenarios
        .Where(one => positional.Length == 1 || positional.Contains(one.Name))
        .Select(one => (one, setting))];
    if (chosen.Count == 0)
    {
        var names = string.Join(", ", scenarios.Select(one => one.Name));
        Console.Error.WriteLine($"No scenario has that name. There are: {names}");
        return 2;
    }
}

using var logging = LoggerFactory.Create(builder =>
{
    if (wantsLog)
    {
        builder.SetMinimumLevel(LogLevel.Debug);
        builder.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }
});

// A few at a time: some scenarios only wait, and none depends on being alone.
var results = Channel.CreateUnbounded<ScenarioResult>();
var running = Parallel.ForEachAsync(
    chosen,
    new ParallelOptions { MaxDegreeOfParallelism = args.Contains("--converse") ? 12 : 4 },
    async (one, _) => await results.Writer.WriteAsync(await one.Scenario.RunAsync(one.Setting, logging)));
_ = running.ContinueWith(done => results.Writer.Complete(done.Exception), TaskScheduler.Default);

var failed = 0;
await foreach (var result in results.Reader.ReadAllAsync())
{
    failed += result.Ok ? 0 : 1;
    Console.WriteLine(JsonSerializer.Serialize(result, JsonSerializerOptions.Web));
}

return failed == 0 ? 0 : 1;
