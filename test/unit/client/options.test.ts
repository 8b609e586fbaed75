/** Options of the HTTP side: checked, completed, left alone. */
import { defaultsOn, resolveOptions, type HttpConnectionOptions } from "../../../src/client/options.js";
import { InvalidArgumentError } from "../../../src/errors/call-errors.js";
import { LogLevel } from "../../../src/logging/log-level.js";
import { NullLogger, type Logger } from "../../../src/logging/logger.js";
import { nodePlatform } from "../../../src/platform/node/node-platform.js";
import { HttpTransportType } from "../../../src/transports/transport.js";

const resolve = (options: HttpConnectionOptions, logger: Logger = NullLogger.instance) =>
  resolveOptions(options, defaultsOn(nodePlatform), logger);

function recorder() {
  const lines: string[] = [];
  const logger: Logger = { log: (_level, message) => lines.push(message) };
  return { lines, logger };
}

describe("resolveOptions", () => {
  it("fills in the documented defaults", () => {
    expect(resolve({})).toMatchObject({
      headers: {},
      transport: HttpTransportType.None,
      logMessageContent: false,
      skipNegotiation: false,
      withCredentials: true,
      timeout: 100_000,
      connectTimeout: 30_000,
      serverTimeout: 30_000,
      keepAliveInterval: 15_000,
      handshakeTimeout: 15_000,
    });
  });

  it("keeps what was given, and takes undefined and null for not given", () => {
    const given = { withCredentials: false, timeout: 5, transport: HttpTransportType.LongPolling, headers: { A: "1" } };
    expect(resolve(given)).toMatchObject(given);
    const nothing = { timeout: undefined, withCredentials: null, transport: undefined };
    expect(resolve(nothing as unknown as HttpConnectionOptions)).toMatchObject({
      timeout: 100_000,
      withCredentials: true,
      transport: HttpTransportType.None,
    });
  });

  it("never changes the given object", () => {
    const options = Object.freeze({ timeout: 5 });
    resolve(options);
    expect(options).toEqual({ timeout: 5 });
  });

  it.each([
    ["withCredentials", "yes"],
    ["skipNegotiation", 1],
    ["logMessageContent", "true"],
    ["headers", "A: 1"],
    ["transport", "WebSockets"],
    ["transport", {}],
    ["timeout", 0],
    ["timeout", -1],
    ["timeout", NaN],
    ["timeout", "100"],
    ["connectTimeout", Infinity],
    ["EventSource", {}],
  ])("refuses %s: %p and names it", (name, value) => {
    const refused = () => resolve({ [name]: value });
    expect(refused).toThrow(InvalidArgumentError);
    expect(refused).toThrow(`'${name}'`);
  });

  it("takes a transport of the user's", () => {
    const transport = { connect: jest.fn(), send: jest.fn(), stop: jest.fn(), onreceive: null, onclose: null };
    expect(resolve({ transport }).transport).toBe(transport);
  });

  describe("logger", () => {
    afterEach(() => jest.restoreAllMocks());

    it("is the one in the options, else the builder's", () => {
      const [own, builders] = [recorder(), recorder()];
      resolve({ logger: own.logger }, builders.logger).log.write(LogLevel.Error, "a");
      resolve({}, builders.logger).log.write(LogLevel.Error, "b");
      expect([own.lines, builders.lines]).toEqual([["a"], ["b"]]);
    });

    it("is a console logger for a level", () => {
      const warn = jest.spyOn(console, "warn").mockImplementation(() => undefined);
      const { log } = resolve({ logger: LogLevel.Warning });
      log.write(LogLevel.Information, "not this");
      log.write(LogLevel.Warning, "but this");
      expect(warn.mock.calls).toEqual([[expect.stringContaining("but this")]]);
    });

    it("is none for null, and when nobody set one (GAPS 37)", () => {
      const { lines, logger } = recorder();
      const info = jest.spyOn(console, "info").mockImplementation(() => undefined);
      resolve({ logger: null }, logger).log.write(LogLevel.Critical, "x");
      resolve({}).log.write(LogLevel.Information, "x");
      expect(lines).toEqual([]);
      expect(info).not.toHaveBeenCalled();
    });
  });
});
