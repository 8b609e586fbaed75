/** The command line of the demo. */
import { DemoProcess } from "../support/demo-process.js";

const started: DemoProcess[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((demo) => demo.stop()));
});

test("--help says what there is", async () => {
  const demo = run("--help");
  expect(await demo.ended).toMatchObject({ code: 0 });
  const options = ["--port", "--host", "--url", "--transport", "--protocol"];
  const names = ["WebSockets, ServerSentEvents or LongPolling", "json or messagepack", "ReceiveMessage", "SendMessage"];
  for (const option of [...options, ...names]) {
    expect(demo.output).toContain(option);
  }
});

test.each([
  [["--prot", "1"], "Unknown option '--prot'"],
  [["--port"], "argument missing"],
  [["--port", "http"], "--port needs a number from 0 to 65535, not 'http'"],
  [["--port", "70000"], "--port needs a number from 0 to 65535, not '70000'"],
  [["--url", "example.com"], "--url needs an http or https address, not 'example.com'"],
  [["--url", "http://example.com", "--port", "1"], "--url starts no server"],
  [["8080"], "Unexpected argument '8080'"],
  [["--transport", "Telepathy"], "--transport needs WebSockets, ServerSentEvents or LongPolling, not 'Telepathy'"],
  [["--protocol", "xml"], "--protocol needs json or messagepack, not 'xml'"],
  [["--transport", "ServerSentEvents", "--protocol", "messagepack"], "ServerSentEvents carry text only"],
])("%j is refused", async (args, message) => {
  const demo = run(...args);
  expect(await demo.ended).toEqual({ code: 1, signal: null });
  expect(demo.output).toContain(message);
  expect(demo.output).toContain("Usage: npm start");
});

function run(...args: readonly string[]): DemoProcess {
  const demo = new DemoProcess(args);
  started.push(demo);
  return demo;
}
