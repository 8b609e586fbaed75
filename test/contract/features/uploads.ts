/** Streams to the hub, and both ways at once: every kind of source, early ends, and failures. */
import { Readable } from "node:stream";
import { eventually, upTo } from "../../support/witness.js";
import { drain, iterate, read, type Contract } from "../contract-site.js";
import type { Area, ContractSubject, Feature } from "../contract.js";
import { generate, observable, readable } from "../../support/stream-sources.js";

function feed<T>(subject: ContractSubject<T>, ...items: T[]): void {
  for (const item of items) subject.next(item);
  subject.complete();
}

/** A source that is not a `Subject` is uploaded. */
function uploaded(what: string, source: (...items: number[]) => unknown, more: Partial<Feature> = {}): Feature {
  return {
    name: what,
    ...more,
    async run(contract) {
      const connection = await contract.connect();
      await expect(connection.invoke("Upload", "numbers", source(1, 2, 3))).resolves.toBe(6);
      await expect(connection.invoke("Upload", "none", source())).resolves.toBe(0);
    },
  };
}

/** The texts of two Subjects, joined by a hub method that has them as parameters. */
async function joined(contract: Contract, call: (first: unknown, second: unknown) => readonly [string, ...unknown[]]) {
  const connection = await contract.connect();
  const [first, second] = [contract.subject<string>(), contract.subject<string>()];
  const joining = connection.invoke(...call(first, second));
  second.next("c");
  feed(first, "a", "b");
  feed(second, "d");
  return joining;
}

/** Streams to the hub. */
export const uploads: Area = {
  name: "streams to the hub",
  features: [
    {
      name: "a Subject, in any number of items",
      async run(contract) {
        const connection = await contract.connect();
        for (const count of [0, 1, 300]) {
          const subject = contract.subject<number>();
          const uploading = connection.invoke("Upload", "numbers", subject);
          feed(subject, ...upTo(count));
          await expect(uploading).resolves.toBe(upTo(count).reduce((sum, item) => sum + item, 0));
        }
      },
    },
    uploaded("an observable", observable),
    uploaded("an async generator", generate, { needs: "iterables" }),
    uploaded("a ReadableStream", readable, { needs: "iterables" }),
    uploaded("a Readable of Node", (...items) => Readable.from(items), { needs: "iterables" }),
    {
      name: "two streams between plain arguments",
      async run(contract) {
        await expect(joined(contract, (first, second) => ["Join", first, "-", second, "."])).resolves.toBe("a-b-c-d.");
      },
    },
    {
      name: "two streams side by side",
      needs: "adjacent-uploads",
      async run(contract) {
        await expect(joined(contract, (first, second) => ["JoinTwo", first, second])).resolves.toBe("a+b+c+d");
      },
    },
    {
      name: "calls are answered while an upload runs",
      async run(contract) {
        const connection = await contract.connect();
        const subject = contract.subject<string>();
        const reading = read(connection.stream<string>("EchoStream", subject));
        subject.next("one");
        await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
        feed(subject, "two");
        await expect(reading).resolves.toEqual({ items: ["one", "two"], error: undefined });
      },
    },
    {
      name: "items are read while they are sent",
      async run(contract) {
        const connection = await contract.connect();
        const subject = contract.subject<number>();
        const uploading = connection.invoke("Upload", "numbers", subject);
        for (const item of upTo(500)) {
          subject.next(item);
          if (item % 100 === 0) await connection.invoke("Nothing");
        }
        subject.complete();
        await expect(uploading).resolves.toBe(124_750);
      },
    },
    {
      name: "send uploads too",
      async run(contract) {
        const connection = await contract.connect();
        const subject = contract.subject<string>();
        await connection.send("NoteAll", subject);
        feed(subject, "one", "€");
        let notes: string[] = [];
        while (notes.length < 2) notes = await connection.invoke<string[]>("Notes");
        expect(notes).toEqual(["one", "€"]);
      },
    },
    {
      name: "a hub that reads late gets everything",
      async run(contract) {
        const [connection, other] = [await contract.connect(), await contract.connect()];
        const gate = contract.newName();
        const subject = contract.subject<number>();
        const uploading = connection.invoke("UploadBehindGate", gate, subject);
        feed(subject, ...upTo(200));
        await other.invoke("OpenGate", gate);
        await expect(uploading).resolves.toBe(19_900);
      },
    },
    {
      name: "the hub may stop reading early; what still comes is ignored",
      async run(contract) {
        const connection = await contract.connect();
        const subject = contract.subject<number>();
        const uploading = connection.invoke("UploadSome", 2, subject);
        for (const item of [1, 2, 3]) subject.next(item);
        await expect(uploading).resolves.toBe(3);
        feed(subject, 4, 5);
        await drain(connection, 6);
        await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
      },
    },
    {
      name: "a source that the hub does not read to its end is released",
      needs: "iterables",
      async run(contract) {
        const connection = await contract.connect();
        let isReleased = false;
        async function* source(): AsyncGenerator<number> {
          try {
            yield* [1, 2, 3];
            for (;;) {
              await connection.invoke("Nothing");
              yield 4;
            }
          } finally {
            isReleased = true;
          }
        }
        await expect(connection.invoke("UploadSome", 3, source())).resolves.toBe(6);
        await eventually(() => isReleased);
        await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
      },
    },
    {
      name: "a source that fails fails for the hub, behind its items",
      async run(contract) {
        const connection = await contract.connect();
        const subject = contract.subject<number>();
        const outcome = connection.invoke("UploadOutcome", subject);
        subject.next(1);
        subject.next(2);
        subject.error(new Error("broken"));
        await expect(outcome).resolves.toBe("failed after 2");
      },
    },
    {
      name: "a call that fails at once leaves its upload without harm",
      async run(contract) {
        const connection = await contract.connect();
        const subject = contract.subject<number>();
        const failing = connection.invoke("NoSuchMethod", subject);
        feed(subject, 1, 2);
        await expect(failing).rejects.toThrow("Method does not exist.");
        await drain(connection, 3);
        await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
      },
    },
    {
      name: "both ways at once",
      async run(contract) {
        const connection = await contract.connect();
        const subject = contract.subject<string>();
        const reading = read(connection.stream<string>("EchoStream", subject));
        const words = upTo(100).map((i) => `word ${i}`);
        feed(subject, ...words);
        await expect(reading).resolves.toEqual({ items: words, error: undefined });
      },
    },
    {
      name: "a conversation: each item is answered before the next",
      needs: "iterables",
      async run(contract) {
        const connection = await contract.connect();
        const subject = contract.subject<string>();
        const answers = iterate(connection.stream<string>("EchoStream", subject))[Symbol.asyncIterator]();
        for (const word of ["one", "two", "three"]) {
          subject.next(word);
          await expect(answers.next()).resolves.toEqual({ done: false, value: word });
        }
        subject.complete();
        await expect(answers.next()).resolves.toMatchObject({ done: true });
      },
    },
  ],
};
