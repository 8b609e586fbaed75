/** Whom a message reaches: every selector of a hub, groups and users, and code outside of hubs. */
import { Calls } from "../../support/witness.js";
import type { Contract } from "../contract-site.js";
import type { Area, ContractConnection, Feature } from "../contract.js";

const NAMES = ["ann", "ann2", "bob", "eve"] as const;
type Name = (typeof NAMES)[number];

interface Person {
  readonly connection: ContractConnection;
  readonly received: Calls;
  readonly id: string;
}

/** Four connections, two of one user; three are in one group, and one of them in a second one. */
class People {
  readonly suffix: string;
  readonly #all = new Map<Name, Person>();

  private constructor(suffix: string) {
    this.suffix = suffix;
  }

  static async gather(contract: Contract): Promise<People> {
    const people = new People(contract.newName());
    for (const name of NAMES) {
      const connection = await contract.connect({ token: `good-${people.own(name.replace("2", ""))}` });
      const received = new Calls(connection, "Received");
      people.#all.set(name, { connection, received, id: connection.connectionId ?? "" });
    }
    for (const name of ["ann", "bob", "eve"] as const)
      await people.of(name).connection.invoke("JoinGroup", people.own("g"));
    await people.of("ann").connection.invoke("JoinGroup", people.own("h"));
    return people;
  }

  /** Names of users and groups that no other test has. */
  own(name: string): string {
    return `${name}-${this.suffix}`;
  }

  of(name: Name): Person {
    const person = this.#all.get(name);
    if (person === undefined) throw new Error(`${name} is not connected`);
    return person;
  }

  /** Who has got the text, and how often, once everything that was sent has arrived. */
  async reached(text: string): Promise<string[]> {
    await Promise.all(NAMES.map((name) => this.of(name).connection.invoke("Nothing")));
    return NAMES.flatMap((name) =>
      this.of(name)
        .received.firsts.filter((first) => first === text)
        .map(() => name),
    );
  }
}

/** What ann sends to a selection reaches just these. */
function reaches(
  selector: string,
  names: (people: People) => readonly string[],
  expected: readonly Name[],
  title = selector,
): Feature {
  return {
    name: title,
    async run(contract) {
      const people = await People.gather(contract);
      const text = `text for ${people.suffix}`;
      await people.of("ann").connection.invoke("Relay", selector, names(people), text);
      await expect(people.reached(text)).resolves.toEqual(expected);
    },
  };
}

/** Audience. */
export const audience: Area = {
  name: "audience",
  features: [
    reaches("all", () => [], ["ann", "ann2", "bob", "eve"]),
    reaches("caller", () => [], ["ann"]),
    reaches("others", () => [], ["ann2", "bob", "eve"]),
    reaches("allExcept", (people) => [people.of("ann").id, people.of("eve").id, "nobody"], ["ann2", "bob"]),
    reaches("client", (people) => [people.of("bob").id], ["bob"], "one connection"),
    reaches(
      "clients",
      (people) => [people.of("ann2").id, people.of("eve").id, "nobody"],
      ["ann2", "eve"],
      "some connections",
    ),
    reaches("group", (people) => [people.own("g")], ["ann", "bob", "eve"]),
    reaches("group", (people) => [people.own("G")], [], "names of groups are case-sensitive"),
    reaches("groups", (people) => [people.own("g"), people.own("h"), "none"], ["ann", "ann", "bob", "eve"]),
    reaches("groupExcept", (people) => [people.own("g"), people.of("bob").id], ["ann", "eve"]),
    reaches("othersInGroup", (people) => [people.own("g")], ["bob", "eve"]),
    reaches("user", (people) => [people.own("ann")], ["ann", "ann2"], "a user, with all connections"),
    reaches("users", (people) => [people.own("ann"), people.own("eve"), "nobody"], ["ann", "ann2", "eve"]),
    {
      name: "groups are left by request, and end with the connection",
      async run(contract) {
        const people = await People.gather(contract);
        const [group, text] = [people.own("g"), `text for ${people.suffix}`];
        await people.of("bob").connection.invoke("LeaveGroup", group);
        await people.of("bob").connection.invoke("LeaveGroup", "never joined");
        await people.of("ann").connection.stop();
        await people.of("ann").connection.start();
        await people.of("eve").connection.invoke("Relay", "group", [group], text);
        await expect(people.reached(text)).resolves.toEqual(["eve"]);
      },
    },
    {
      name: "code outside of hubs reaches all, a group, a user and a connection",
      async run(contract) {
        const people = await People.gather(contract);
        const method = "Received";
        const text = (what: string) => people.own(what);
        await contract.push({ target: "all", method, arguments: [text("all")] });
        await contract.push({ target: "group", name: people.own("h"), method, arguments: [text("group")] });
        await contract.push({ target: "user", name: people.own("bob"), method, arguments: [text("user")] });
        const { id } = people.of("eve");
        await contract.push({ target: "connection", name: id, method, arguments: [text("connection")] });
        await expect(people.reached(text("all"))).resolves.toEqual([...NAMES]);
        await expect(people.reached(text("group"))).resolves.toEqual(["ann"]);
        await expect(people.reached(text("user"))).resolves.toEqual(["bob"]);
        await expect(people.reached(text("connection"))).resolves.toEqual(["eve"]);
      },
    },
  ],
};
