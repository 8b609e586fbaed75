namespace Hubwire.Interop.Server.Hosting;

/// <summary>What every test hub needs, in one constructor argument.</summary>
public sealed record HubServices(EventLog Events, GateKeeper Gates, LiveConnections Connections);
