/** Reaching clients: every address, groups, users, and asking for results (SERVER_API §2, Clients and Groups). */
import { ClientResultError, HubError, InvalidArgumentError, LimitError } from "../../../src/errors/call-errors.js";
import { MessageType, type HubMessage } from "../../../src/protocol/messages.js";
import { JsonHubProtocol } from "../../../src/protocol/json-hub-protocol.js";
import { AudienceClients, AudienceGroups } from "../../../src/server/hub-clients.js";
import { Hub } from "../../../src/server/hub.js";
import { HubHarness, type TestClient } from "../../support/hub-harness.js";

class ClientsHub extends Hub {
  toCaller(): Promise<void> {
    return this.clients.caller.send("M");
  }

  toOthers(): Promise<void> {
    return this.clients.others.send("M");
  }

  toOthersInGroup(group: string): Promise<void> {
    return this.clients.othersInGroup(group).send("M");
  }

  async ask(connectionId: string): Promise<unknown> {
    return this.clients.client(connectionId).invoke("Question", 1, "two");
  }
}

let harness: HubHarness;
let people: Record<string, TestClient>;
let clients: AudienceClients;
let groups: AudienceGroups;

beforeEach(async () => {
  harness = new HubHarness(ClientsHub);
  clients = new AudienceClients(harness.runtime.audience);
  groups = new AudienceGroups(harness.runtime.audience);
  people = {};
  for (const [connectionId, userIdentifier] of [
    ["a1", "ada"],
    ["a2", "ada"],
    ["b", "bob"],
    ["c", undefined],
  ] as const) {
    people[connectionId] = await harness.connect({ connectionId, userIdentifier });
  }
  await groups.add("a1", "g");
  await groups.add("b", "g");
  await groups.add("b", "h");
  await groups.add("c", "h");
});

/** Who got the message, as often as they got it. */
function whoGot(): string[] {
  return Object.entries(people).flatMap(([name, client]) =>
    client.calls.filter(([target]) => target === "M").map(() => name),
  );
}

async function settle(): Promise<void> {
  await harness.clock.settle();
}

describe("send", () => {
  test.each<[string, (to: AudienceClients) => { send(method: string): Promise<void> }, string]>([
    ["all", (to) => to.all, "a1 a2 b c"],
    ["allExcept", (to) => to.allExcept(["a1", "c", "nobody"]), "a2 b"],
    ["allExcept nobody", (to) => to.allExcept([]), "a1 a2 b c"],
    ["client", (to) => to.client("b"), "b"],
    ["an unknown client", (to) => to.client("B"), ""],
    ["clients", (to) => to.clients(["c", "a1", "nobody"]), "a1 c"],
    ["group", (to) => to.group("g"), "a1 b"],
    ["an unknown group", (to) => to.group("G"), ""],
    ["groups, twice to members of both", (to) => to.groups(["g", "h", "nobody"]), "a1 b b c"],
    ["groupExcept", (to) => to.groupExcept("g", ["b"]), "a1"],
    ["user", (to) => to.user("ada"), "a1 a2"],
    ["an unknown user", (to) => to.user("Ada"), ""],
    ["users", (to) => to.users(["ada", "bob", "nobody"]), "a1 a2 b"],
  ])("%s", async (_name, address, expected) => {
    await address(clients).send("M");
    await settle();
    expect(whoGot().join(" ")).toBe(expected);
  });

  test.each([
    ["toCaller", [], "a1"],
    ["toOthers", [], "a2 b c"],
    ["toOthersInGroup", ["g"], "b"],
  ])("%s", async (method, args, expected) => {
    await people["a1"]?.call(undefined, method, ...args);
    expect(whoGot().join(" ")).toBe(expected);
  });

  test("passes arguments on, and comes before the answer", async () => {
    await people["a1"]?.call("1", "toCaller");
    expect(people["a1"]?.received.map(({ type }) => type)).toEqual([MessageType.Invocation, MessageType.Completion]);
    await clients.all.send("N", 1, { two: [null] }, "three");
    await settle();
    expect(people["c"]?.received).toEqual([{ type: 1, target: "N", arguments: [1, { two: [null] }, "three"] }]);
  });

  test("encodes once for all", async () => {
    let encodings = 0;
    class CountingProtocol extends JsonHubProtocol {
      override encode(message: HubMessage): string {
        encodings++;
        return super.encode(message);
      }
    }
    class Other extends CountingProtocol {
      override readonly name: "json" = "other" as "json";
    }
    harness = new HubHarness(ClientsHub, { protocols: [new CountingProtocol(), new Other()] });
    const others: TestClient[] = [];
    for (let index = 0; index < 6; index++) {
      const client = harness.accept();
      await client.sendText(`{"protocol":"${index % 2 === 0 ? "json" : "other"}","version":1}\u001e`);
      others.push(client);
    }
    await new AudienceClients(harness.runtime.audience).all.send("M", 1);
    await settle();
    expect(encodings).toBe(2);
    for (const client of others) expect(client.calls).toEqual([["M", 1]]);
  });

  test("rejects what cannot be encoded, and sends it to nobody", async () => {
    await expect(clients.all.send("M", 1n)).rejects.toMatchObject({ code: "not-serializable" });
    await expect(clients.all.send("M", (async function* () {})())).rejects.toBeInstanceOf(InvalidArgumentError);
    await settle();
    expect(whoGot()).toEqual([]);
  });

  test("refuses a text where a list belongs", () => {
    expect(() => clients.users("ada" as unknown as string[])).toThrow(InvalidArgumentError);
    expect(() => clients.allExcept("a1" as unknown as string[])).toThrow(InvalidArgumentError);
  });

  test("waits for slow clients, and only for them", async () => {
    people["b"]?.connection.congest();
    await people["b"]?.call("1", "toCaller"); // fills what the connection takes
    let isDone = false;
    const sent = clients.all.send("M").then(() => (isDone = true));
    await clients.user("ada").send("M");
    await settle();
    expect(isDone).toBe(false);
    people["b"]?.connection.relieve();
    await sent;
  });

  test("does not wait for a client that is lost meanwhile", async () => {
    people["b"]?.connection.congest();
    await people["b"]?.call("1", "toCaller");
    const sent = clients.all.send("M");
    await people["b"]?.lose(undefined);
    await expect(sent).resolves.toBeUndefined();
  });

  test("drops a client for which too much waits, and reaches the others", async () => {
    people["b"]?.connection.congest();
    await people["b"]?.call("1", "toCaller");
    const text = "x".repeat(6 * 1024 * 1024);
    for (let index = 0; index < 5; index++) void clients.all.send("Large", text);
    await settle();
    expect(people["b"]?.isTerminated).toBe(true);
    expect(people["b"]?.isOver).toBe(true);
    expect(people["c"]?.calls).toHaveLength(5);
  });
});

describe("groups", () => {
  test("are joined and left any number of times", async () => {
    await groups.add("c", "g");
    await groups.add("c", "g");
    await groups.remove("b", "g");
    await groups.remove("b", "g");
    await groups.remove("nobody", "g");
    await groups.add("nobody", "g");
    await clients.group("g").send("M");
    await settle();
    expect(whoGot()).toEqual(["a1", "c"]);
  });

  test("are left with the connection", async () => {
    await people["b"]?.lose(undefined);
    people["b"] = await harness.connect({ connectionId: "b", userIdentifier: "bob" });
    await clients.groups(["g", "h"]).send("M");
    await settle();
    expect(whoGot()).toEqual(["a1", "c"]);
  });

  test("are limited for each connection", async () => {
    harness = new HubHarness(ClientsHub, { maximumGroupsPerConnection: 2 });
    groups = new AudienceGroups(harness.runtime.audience);
    await harness.connect({ connectionId: "x" });
    await groups.add("x", "1");
    await groups.add("x", "2");
    await groups.add("x", "2");
    await expect(groups.add("x", "3")).rejects.toBeInstanceOf(LimitError);
    await groups.remove("x", "1");
    await expect(groups.add("x", "3")).resolves.toBeUndefined();
  });
});

describe("invoke", () => {
  function question(client: TestClient | undefined): string {
    const asked = client?.received.filter((message) => message.type === MessageType.Invocation).at(-1);
    return asked?.invocationId ?? "";
  }

  function answer(client: TestClient | undefined, outcome: { result?: unknown; error?: string }): Promise<void> {
    const message = { type: MessageType.Completion as const, invocationId: question(client), ...outcome };
    return client?.send(message) ?? Promise.resolve();
  }

  test("asks and gets the answer", async () => {
    const asked = clients.client("b").invoke("Question", 1, "two");
    await settle();
    expect(people["b"]?.received).toEqual([
      { type: 1, invocationId: expect.stringMatching(/^s/), target: "Question", arguments: [1, "two"] },
    ]);
    await answer(people["b"], { result: { deep: [1] } });
    await expect(asked).resolves.toEqual({ deep: [1] });
  });

  test("passes the client's error on as a hub error", async () => {
    await people["a1"]?.call("1", "ask", "b");
    await answer(people["b"], { error: "no idea" });
    const text = "An unexpected error occurred invoking 'ask' on the server. HubException: no idea";
    expect(people["a1"]?.answers).toEqual({ 1: text });
  });

  test("fails for a connection that is not there", async () => {
    const failure = clients.client("nobody").invoke("Question");
    await expect(failure).rejects.toThrow("Connection 'nobody' does not exist.");
    await expect(failure).rejects.toBeInstanceOf(ClientResultError);
  });

  test("fails when the connection ends", async () => {
    const failure = clients.client("b").invoke("Question");
    await settle();
    await people["b"]?.lose(undefined);
    await expect(failure).rejects.toBeInstanceOf(ClientResultError);
    await expect(failure).rejects.toThrow("Connection 'b' disconnected.");
  });

  test("ends with its signal; the client is not told, and its late answer is ignored", async () => {
    const controller = new AbortController();
    const asked = clients.client("b").with({ signal: controller.signal }).invoke("Question");
    await settle();
    controller.abort();
    await expect(asked).rejects.toBeInstanceOf(HubError);
    await expect(asked).rejects.toThrow("Invocation canceled by the server.");
    await answer(people["b"], { result: 1 });
    expect(people["b"]?.received.map(({ type }) => type)).toEqual([MessageType.Invocation]);
    expect(people["b"]?.isOver).toBe(false);
  });

  test("asks nobody when the signal has fired before", async () => {
    const asked = clients.client("b").with({ signal: AbortSignal.abort() }).invoke("Question");
    await expect(asked).rejects.toThrow("Invocation canceled by the server.");
    expect(people["b"]?.received).toEqual([]);
  });

  test("takes no answer from anybody else", async () => {
    const asked = clients.client("b").invoke("Question");
    await settle();
    const forged = { type: MessageType.Completion as const, invocationId: question(people["b"]), result: "forged" };
    await people["c"]?.send(forged);
    await answer(people["b"], { result: "real" });
    await expect(asked).resolves.toBe("real");
    expect(people["c"]?.isOver).toBe(false);
  });

  test("refuses streams as arguments", async () => {
    const asked = clients.client("b").invoke("Question", new ReadableStream());
    await expect(asked).rejects.toBeInstanceOf(InvalidArgumentError);
  });
});
