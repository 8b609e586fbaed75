/** Snippets about streams, client results and errors; see snippets-on-aspnetcore.test.ts. */
import * as signalR from "../../src/index.js";
import { RealHub } from "../support/real-hub.js";
import { describeWhen } from "../support/requirements.js";

/* eslint-disable @typescript-eslint/no-floating-promises -- and leaves promises alone */

describeWhen("dotnet", "the documentation's snippets about streams and results", () => {
  const hub = new RealHub();
  let chatHub: string;
  let connection: signalR.HubConnection;

  beforeAll(() => void (chatHub = `${hub.server.url}/hub`));
  afterEach(() => connection.stop());

  test("stream from the server", async () => {
    const items: unknown[] = [];
    connection = new signalR.HubConnectionBuilder().withUrl(chatHub).configureLogging("none").build();
    await connection.start();
    await new Promise<void>((resolve, reject) => {
      connection.stream("Counter", 10, 5).subscribe({
        next: (item) => {
          items.push(item);
        },
        complete: () => {
          items.push("Stream completed");
          resolve();
        },
        error: (err) => {
          reject(err instanceof Error ? err : new Error(String(err)));
        },
      });
    });
    expect(items).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, "Stream completed"]);
  });

  test("end a stream early", async () => {
    connection = new signalR.HubConnectionBuilder().withUrl(chatHub).configureLogging("none").build();
    await connection.start();
    await new Promise<void>((resolve) => {
      const subscription = connection.stream<number>("Endless", 1).subscribe({
        next: (item) => {
          if (item === 3) {
            subscription.dispose();
            resolve();
          }
        },
        complete: () => undefined,
        error: () => undefined,
      });
    });
    await hub.server.waitForEvent("stream-cancelled", { connectionId: connection.connectionId });
  });

  test("stream to the server", async () => {
    connection = new signalR.HubConnectionBuilder().withUrl(chatHub).configureLogging("none").build();
    await connection.start();

    const subject = new signalR.Subject<string>();
    connection.send("NoteAll", subject);
    let iteration = 0;
    const intervalHandle = setInterval(() => {
      iteration++;
      subject.next(iteration.toString());
      if (iteration === 10) {
        clearInterval(intervalHandle);
        subject.complete();
      }
    }, 5);

    await hub.server.waitForEvent("upload-completed", { connectionId: connection.connectionId });
    expect(await connection.invoke("Notes")).toHaveLength(10);
  });

  test("a client result", async () => {
    connection = new signalR.HubConnectionBuilder().withUrl(chatHub).configureLogging("none").build();
    connection.on("GetMessage", async () => {
      const promise = new Promise((resolve) => {
        setTimeout(() => {
          resolve("message");
        }, 10);
      });
      return promise;
    });
    await connection.start();
    expect(await connection.invoke("AskMeForText", "GetMessage", "?")).toBe("client said: message");
  });

  test("errors of a hub method", async () => {
    connection = new signalR.HubConnectionBuilder().withUrl(chatHub).configureLogging("none").build();
    await connection.start();
    const shown: string[] = [];
    await connection.invoke("ThrowHub", "Not this way.").catch((err) => shown.push(err.toString()));
    expect(shown).toEqual([
      "HubError: An unexpected error occurred invoking 'ThrowHub' on the server. HubException: Not this way.",
    ]);
  });
});
