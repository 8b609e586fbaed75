// Entry point of the interop peer: a real ASP.NET Core hub server that hubwire's tests start as a child process.
// It listens where --urls says and ends when its standard input closes, so it never outlives the test run.

using Hubwire.Interop.Server.Hosting;
using Hubwire.Interop.Server.Hubs;

ActivityWatch.Start();

var builder = WebApplication.CreateBuilder(args);

builder.Logging.ClearProviders();
builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information); // prints "Now listening on"

builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
builder.Services.AddSingleton<EventLog>();
builder.Services.AddSingleton<GateKeeper>();
builder.Services.AddSingleton<LiveConnections>();
builder.Services.AddSingleton<RequestLog>();
builder.Services.AddSingleton<HubServices>();
builder.Services.AddHostedService<StandardInputWatch>();
builder.Services.AddTestIdentities();
builder.Services.AddInteropHubs();
builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
    .SetIsOriginAllowed(origin => Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.IsLoopback)
    .AllowAnyHeader()
    .AllowAnyMethod()
    .AllowCredentials()));

var app = builder.Build();

app.UseRequestLog();
app.UseVersionZeroNegotiation();
app.UseRouting();
app.UseCors();
app.UseAuthentication();
app.UseAuthorization();
app.MapInteropHubs();
app.MapNegotiateAnswers();
app.MapControl();

await app.RunAsync();
