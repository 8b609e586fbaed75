/** What clients can call on a hub class: looked up once, when the hub is mapped (SERVER_API §2). */
import { InvalidArgumentError } from "../errors/call-errors.js";
import { Hub, type HubClass, type HubLike } from "./hub.js";

/** One method that clients can call. */
export interface HubMethod {
  /** Its name as declared. */
  readonly name: string;
  /** The function; called on a hub object. */
  readonly run: (this: HubLike, ...args: unknown[]) => unknown;
  /** How many arguments it cannot do without, streams included. */
  readonly requiredParameters: number;
  /** Positions of its stream parameters, in ascending order, where the class declares them. */
  readonly streamPositions: readonly number[] | undefined;
  /** Whether it is known to be a stream without calling it. */
  readonly isAsyncGenerator: boolean;
}

/** Where the methods of a hub class have their stream parameters. */
export type StreamParameters = Readonly<Record<string, readonly number[] | undefined>>;

const generatorPrototype: unknown = Object.getPrototypeOf(function* () {});
const asyncGeneratorPrototype: unknown = Object.getPrototypeOf(async function* () {});

/** The callable methods of one hub class. */
export class HubDefinition {
  readonly #exact = new Map<string, HubMethod>();
  readonly #lowerCase = new Map<string, HubMethod>();

  /** @throws InvalidArgumentError when the class is no hub, or two of its methods differ by case only. */
  constructor(hubClass: HubClass) {
    const declared = declaredMethods(hubClass);
    const streamParameters = streamParametersOf(hubClass);
    for (const [name, run] of declared) {
      if (Object.getPrototypeOf(run) === generatorPrototype) {
        throw new InvalidArgumentError(`The hub method '${name}' is a generator; streams are async generators.`);
      }
      this.#add({
        name,
        run,
        requiredParameters: run.length,
        streamPositions: streamParameters[name],
        isAsyncGenerator: Object.getPrototypeOf(run) === asyncGeneratorPrototype,
      });
    }
    const unknown = Object.keys(streamParameters).find((name) => !declared.has(name));
    if (unknown !== undefined) throw new InvalidArgumentError(`streamParameters names no method: '${unknown}'.`);
  }

  /** The method that a client means, if there is one. */
  find(target: string): HubMethod | undefined {
    // Nearly all clients write names as they are declared, and lower-casing has its price.
    return this.#exact.get(target) ?? this.#lowerCase.get(target.toLowerCase());
  }

  #add(method: HubMethod): void {
    const key = method.name.toLowerCase();
    const other = this.#lowerCase.get(key)?.name ?? lifecycleHooks.find((hook) => hook.toLowerCase() === key);
    if (other !== undefined) {
      throw new InvalidArgumentError(`Hub methods differ by case only: '${other}' and '${method.name}'.`);
    }
    this.#exact.set(method.name, method);
    this.#lowerCase.set(key, method);
  }
}

const lifecycleHooks = ["onConnected", "onDisconnected", "onAuthenticationRefreshed"];

function declaredMethods(hubClass: HubClass): Map<string, HubMethod["run"]> {
  const methods = new Map<string, HubMethod["run"]>();
  for (const prototype of prototypesBelowHub(hubClass)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      // What a derived class overrides is there already.
      if (typeof value === "function" && isCallableName(name) && !methods.has(name)) {
        methods.set(name, value as HubMethod["run"]);
      }
    }
  }
  return methods;
}

/** The prototypes of a hub class, from its own to that of `Hub`, without it. @throws InvalidArgumentError when it is no hub. */
export function prototypesBelowHub(hubClass: HubClass): object[] {
  const prototypes: object[] = [];
  let prototype: unknown = typeof hubClass === "function" ? hubClass.prototype : undefined;
  while (typeof prototype === "object" && prototype !== null) {
    if (prototype === Hub.prototype) return prototypes;
    prototypes.push(prototype);
    prototype = Object.getPrototypeOf(prototype);
  }
  throw new InvalidArgumentError("A hub must be a class that extends Hub.");
}

function isCallableName(name: string): boolean {
  return !name.startsWith("_") && !(name in Hub.prototype); // which has those of Object too
}

function streamParametersOf(hubClass: HubClass): StreamParameters {
  const { streamParameters } = hubClass as { readonly streamParameters?: StreamParameters };
  for (const [name, positions] of Object.entries(streamParameters ?? {})) {
    const isValid =
      Array.isArray(positions) && positions.every((position, index) => isPosition(position, positions[index - 1]));
    if (!isValid) {
      throw new InvalidArgumentError(`streamParameters.${name} must be a list of ascending parameter positions.`);
    }
  }
  return streamParameters ?? {};
}

function isPosition(position: unknown, previous: unknown): boolean {
  return Number.isInteger(position) && Number(position) > Number(previous ?? -1);
}
