/** Names of the scenarios of test/interop/dotnet-client, in areas as the matrix shows them; the suite fails when the program has others. */

import { withResume, withoutResume, type Combination } from "./contract.js";

/** Scenarios that belong together. */
export interface ScenarioArea {
  readonly area: string;
  readonly names: readonly string[];
  /** Default: to all. */
  readonly appliesTo?: (combination: Combination) => boolean;
}

/** Those for a network that breaks; without one they are quickly done. */
export const statefulScenarios: ScenarioArea = {
  area: "stateful reconnect",
  names: [
    "stateful calls",
    "stateful calls at the same time",
    "stateful stream down",
    "stateful stream up",
    "stateful streams both ways",
    "stateful client results",
    "stateful messages",
  ],
  appliesTo: withResume,
};

/** All there are. */
export const dotnetScenarios: readonly ScenarioArea[] = [
  {
    area: "connections",
    names: [
      "pings keep an idle connection alive",
      "connection id of client and hub agree",
      "stop and start again",
      "abort closes for good",
      "connection refused by the hub closes with an error",
      "message that is too large closes with an error and lets reconnect",
    ],
  },
  {
    area: "losses",
    names: [
      "lost connection reconnects",
      "lost connection without automatic reconnect closes",
      "calls in flight fail when the connection is lost",
      "groups end with the connection",
    ],
    appliesTo: withoutResume,
  },
  statefulScenarios,
  {
    area: "values",
    names: [
      "echo null",
      "echo true",
      "echo false",
      "echo zero",
      "echo negative integer",
      "echo largest safe integer",
      "echo fraction",
      "echo large number",
      "echo small number",
      "echo empty string",
      "echo string",
      "echo unicode string",
      "echo control characters",
      "echo string that looks like a message",
      "echo long string",
      "echo empty array",
      "echo array",
      "echo empty object",
      "echo nested object",
      "echo bytes",
      "echo date",
      "echo guid",
    ],
  },
  {
    area: "calls",
    names: [
      "several arguments",
      "method names match in any case",
      "void method answers null",
      "plain error is hidden",
      "hub error is told",
      "unknown method",
      "wrong number of arguments",
      "streaming method called plainly",
      "failing call without answer leaves the connection alone",
      "many calls at once",
    ],
  },
  {
    area: "streams",
    names: [
      "stream down",
      "long stream down",
      "cancelled stream down",
      "failing stream down",
      "stream down failing with a hub error",
      "unknown streaming method",
      "plain method called as a stream",
      "call during a stream",
      "stream up",
      "empty stream up",
      "long stream up",
      "stream up through a channel",
      "stream up that the server leaves early",
      "stream up that completes",
      "stream up that fails",
      "stream both ways",
    ],
  },
  {
    area: "messages",
    names: [
      "message to all",
      "message to others",
      "groups",
      "message to a user",
      "messages keep their order and precede the answer",
      "user identifier",
    ],
  },
  {
    area: "client results",
    names: [
      "client result",
      "client result given later",
      "client result that fails",
      "client without a handler",
      "many client results at once",
    ],
  },
];
