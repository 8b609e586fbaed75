/** What the compiler says about hubs; `npm run types` fails when it says something else. */
import { createHubServer, Hub, type HubServer } from "../../../src/server/index.js";

interface ChatClient {
  ReceiveMessage(user: string, text: string): void;
  GetLocation(precise: boolean): Promise<{ city: string }>;
  readonly notAMethod: string;
}

interface User {
  readonly id: string;
  readonly name: string;
}

class ChatHub extends Hub<ChatClient> {
  static readonly streamParameters = { upload: [1] };

  async typed(): Promise<string> {
    await this.clients.all.send("ReceiveMessage", "ada", "hi");
    // @ts-expect-error: there is no such method
    await this.clients.all.send("Receive", "ada", "hi");
    // @ts-expect-error: this is not a method
    await this.clients.all.send("notAMethod");
    // @ts-expect-error: an argument is missing
    await this.clients.group("g").send("ReceiveMessage", "ada");
    // @ts-expect-error: an argument has the wrong type
    await this.clients.user("u").send("ReceiveMessage", "ada", 1);
    // @ts-expect-error: several clients cannot be asked
    await this.clients.others.invoke("GetLocation", true);
    const { city } = await this.clients.caller.invoke("GetLocation", true);
    const user = this.context.user as User | undefined;
    return city + (user?.name ?? "");
  }

  async upload(_name: string, items: AsyncIterable<string>): Promise<void> {
    for await (const _ of items);
  }
}

class LooseHub extends Hub {
  async anything(): Promise<number> {
    await this.clients.all.send("Whatever", 1, "two");
    const unknown: unknown = await this.clients.caller.invoke("Question");
    return typeof unknown === "number" ? unknown : this.clients.caller.invoke<number>("Question", 1);
  }
}

class NeedyHub extends Hub {
  constructor(readonly dependency: string) {
    super();
  }
}

class MisplacedHub extends Hub {
  static readonly streamParameters = { nothing: [0] };
}

function compiles(server: HubServer, user: User): void {
  server.mapHub("/chat", ChatHub, { authenticate: () => user });
  server.mapHub("/chat", ChatHub, { authenticate: () => ({ id: "1", name: "Ada", roles: [] }) });
  server.mapHub("/chat", ChatHub, { authenticate: async () => (user.name === "" ? null : user) });
  // @ts-expect-error: an id is a text
  server.mapHub("/chat", ChatHub, { authenticate: () => ({ id: 1 }) });
  // @ts-expect-error: its objects need something
  server.mapHub("/needy", NeedyHub);
  server.mapHub("/needy", NeedyHub, { createHub: () => new NeedyHub("it") });
  // @ts-expect-error: that is another hub
  server.mapHub("/needy", NeedyHub, { createHub: () => new LooseHub() });
  // @ts-expect-error: no method is called that
  server.mapHub("/misplaced", MisplacedHub);
  // @ts-expect-error: that is no hub
  server.mapHub("/date", Date);
  const { clients } = server.hub(ChatHub);
  void clients.all.send("ReceiveMessage", "ada", "hi");
  // @ts-expect-error: the interface holds outside of the hub too
  void clients.all.send("Receive");
  void server.hub(LooseHub).clients.client("x").invoke<string>("Question");
}

test("typed hubs can be mapped", () => {
  expect(compiles).toBeInstanceOf(Function);
  const server = createHubServer({ logger: null });
  expect(server.mapHub("/chat", ChatHub).mapHub("/loose", LooseHub)).toBe(server);
});
