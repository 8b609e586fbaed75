/** The client packages that the contract suite drives: hubwire's, and the official one that it replaces. */
import * as official from "@microsoft/signalr";
import { MessagePackHubProtocol as OfficialMessagePack } from "@microsoft/signalr-protocol-msgpack";
import * as hubwire from "../../src/index.js";
import { MessagePackHubProtocol } from "../../src/msgpack.js";
import type { Ability, ContractClient } from "./contract.js";

const ALL_ABILITIES: readonly Ability[] = [
  "exact-integers",
  "iterables",
  "disposers",
  "adjacent-uploads",
  "plain-handler-errors",
  "named-losses",
];

/** hubwire's client, from its sources. */
export const hubwireClient: ContractClient = {
  abilities: new Set(ALL_ABILITIES),
  subject: () => new hubwire.Subject(),
  build(url, { transports, encoding, resumes, token, reconnectDelaysMs, serverTimeoutMs }) {
    const transport = transports.reduce((mask, name) => mask | hubwire.HttpTransportType[name], 0);
    const accessTokenFactory = token === undefined ? {} : { accessTokenFactory: () => token };
    const builder = new hubwire.HubConnectionBuilder().withUrl(url, { transport, logger: null, ...accessTokenFactory });
    if (encoding === "messagepack") builder.withHubProtocol(new MessagePackHubProtocol({ useBigInt64: true }));
    if (resumes) builder.withStatefulReconnect();
    if (reconnectDelaysMs !== undefined) builder.withAutomaticReconnect(reconnectDelaysMs);
    if (serverTimeoutMs !== undefined) builder.withServerTimeout(serverTimeoutMs);
    return builder.build();
  },
};

/** The official JavaScript client, with the official MessagePack encoding. */
export const officialClient: ContractClient = {
  abilities: new Set(),
  subject: () => new official.Subject(),
  build(url, { transports, encoding, resumes, token, reconnectDelaysMs, serverTimeoutMs }) {
    const transport = transports.reduce((mask, name) => mask | official.HttpTransportType[name], 0);
    const accessTokenFactory = token === undefined ? {} : { accessTokenFactory: () => token };
    const { None } = official.LogLevel;
    const builder = new official.HubConnectionBuilder()
      .withUrl(url, { transport, logger: None, ...accessTokenFactory })
      .configureLogging(None);
    if (encoding === "messagepack") builder.withHubProtocol(new OfficialMessagePack());
    if (resumes) builder.withStatefulReconnect();
    if (reconnectDelaysMs !== undefined) builder.withAutomaticReconnect([...reconnectDelaysMs]);
    if (serverTimeoutMs !== undefined) builder.withServerTimeout(serverTimeoutMs);
    return builder.build();
  },
};
