/** Which servers are reached without the proxy of the environment, as docs/node.md says. */
import { ProxyAgents } from "../../../src/platform/node/proxy-agents.js";

const VARIABLES = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"].flatMap((name) => [name, name.toUpperCase()]);
const before = new Map(VARIABLES.map((name) => [name, process.env[name]]));

beforeEach(() => {
  for (const name of VARIABLES) delete process.env[name];
});

afterAll(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

describe("NO_PROXY", () => {
  it.each<[string, string, "direct" | "proxied"]>([
    ["*", "https://example.com/", "direct"],
    ["other, example.com", "https://EXAMPLE.com/", "direct"],
    ["other example.com", "wss://example.com/", "direct"],
    ["example.com", "ws://sub.example.com/", "proxied"],
    [".example.com", "https://sub.example.com/", "direct"],
    ["*.example.com", "http://sub.example.com/", "direct"],
    [".example.com", "http://example.com/", "proxied"],
    [".example.com", "http://badexample.com/", "proxied"],
    ["example.com:8080", "ws://example.com:8080/", "direct"],
    ["example.com:443", "wss://example.com/", "direct"],
    ["example.com:8080", "http://example.com/", "proxied"],
    ["[::1]", "http://[::1]:5000/", "direct"],
    ["::1", "http://[::1]:5000/", "proxied"],
    ["10.0.0.0/8", "http://10.1.2.3/", "proxied"],
    ["", "http://localhost/", "proxied"],
  ])("of '%s': %s is %s", (hosts, url, expected) => {
    process.env["ALL_PROXY"] = "http://proxy.example:3128";
    process.env["NO_PROXY"] = hosts;
    const agents = new ProxyAgents({});
    expect(agents.agentFor(url) ? "proxied" : "direct").toBe(expected);
    agents.dispose();
  });
});
