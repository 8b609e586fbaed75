/** What all connections of one mapped hub share. */
import type { Clock } from "../common/clock.js";
import type { Log } from "../logging/logger.js";
import { tickIntervalMs, type KeepAliveIntervals } from "../session/keep-alive.js";
import type { Audience } from "./audience.js";
import type { Heartbeat } from "./heartbeat.js";
import { AudienceGroups, type GroupManager } from "./hub-clients.js";
import { filterLayers, type FilterLayer } from "./hub-filters.js";
import { HubDefinition } from "./hub-definition.js";
import { bindHub, type HubLike, type HubScope } from "./hub.js";
import type { ResolvedHubOptions } from "./options.js";
import type { WorkCounter } from "./work-counter.js";

/** What the server gives to each of its hubs. */
export interface ServerServices {
  readonly clock: Clock;
  readonly log: Log;
  readonly heartbeat: Heartbeat;
  readonly work: WorkCounter;
}

/** A mapped hub, as its connections see it. */
export interface HubRuntime extends ServerServices {
  readonly definition: HubDefinition;
  readonly options: ResolvedHubOptions;
  readonly audience: Audience;
  readonly groups: GroupManager;
  /** For clients that have pinged, and for those that have not: only the former time out (HUB_PROTOCOL §3). */
  readonly intervals: { readonly watched: KeepAliveIntervals; readonly unwatched: KeepAliveIntervals };
  /** What is around methods. */
  readonly filterLayers: readonly FilterLayer[];
  /** Makes a hub object; may throw. */
  readonly createHub: () => HubLike;
}

/**
 * Puts a hub together.
 * @param createHub Makes its objects, if the class alone is not enough.
 * @throws InvalidArgumentError when the class is no hub, or names of its methods clash.
 */
export function createHubRuntime(
  services: ServerServices,
  hubClass: new () => HubLike,
  createHub: (() => HubLike) | undefined,
  audience: Audience,
  options: ResolvedHubOptions,
): HubRuntime {
  const {
    keepAliveInterval: keepAliveIntervalMs,
    clientTimeoutInterval,
    handshakeTimeout,
    transportSendTimeout,
    disconnectTimeout,
    longPolling: { pollTimeout },
  } = options;
  const timeouts = [clientTimeoutInterval, handshakeTimeout, transportSendTimeout, disconnectTimeout, pollTimeout];
  const timeoutMs = Math.min(...timeouts);
  services.heartbeat.quicken(tickIntervalMs({ keepAliveIntervalMs, timeoutMs }));
  return {
    ...services,
    definition: new HubDefinition(hubClass),
    options,
    audience,
    groups: new AudienceGroups(audience),
    intervals: {
      watched: { keepAliveIntervalMs, timeoutMs: clientTimeoutInterval },
      unwatched: { keepAliveIntervalMs, timeoutMs: Infinity },
    },
    filterLayers: filterLayers(options.filters),
    createHub: createHub ?? (() => new hubClass()),
  };
}

/** Makes a hub object for one call. Throws what the application's code throws. */
export function hubFor<Scope extends HubScope>({ createHub }: HubRuntime, scope: Scope): HubLike {
  const hub = createHub();
  bindHub(hub, scope);
  return hub;
}
