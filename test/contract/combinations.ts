/** Which transports and encodings each pair of peers is tried with. A new one is one more line. */
import type { Combination } from "./contract.js";

/** Everything that hubwire's server speaks. */
export const ON_HUBWIRE: readonly Combination[] = [
  { transport: "WebSockets", encoding: "json" },
  { transport: "WebSockets", encoding: "messagepack" },
  { transport: "ServerSentEvents", encoding: "json" },
  { transport: "LongPolling", encoding: "json" },
  { transport: "LongPolling", encoding: "messagepack" },
  { transport: "WebSockets", encoding: "json", resumes: true },
  { transport: "WebSockets", encoding: "messagepack", resumes: true },
];

/** Server-Sent Events carry text only. */
export const IMPOSSIBLE: readonly Combination[] = [{ transport: "ServerSentEvents", encoding: "messagepack" }];

/** ASP.NET Core's MessagePack is a package that the SDK does not have. */
export const ON_ASPNETCORE: readonly Combination[] = [
  { transport: "WebSockets", encoding: "json" },
  { transport: "ServerSentEvents", encoding: "json" },
  { transport: "LongPolling", encoding: "json" },
  { transport: "WebSockets", encoding: "json", resumes: true },
];

/** What the .NET client is tried with; its MessagePack is a package of its own too. */
export const ON_DOTNET: readonly Combination[] = [
  { transport: "WebSockets", encoding: "json" },
  { transport: "ServerSentEvents", encoding: "json" },
  { transport: "LongPolling", encoding: "json" },
  { transport: "WebSockets", encoding: "json", resumes: true },
];
