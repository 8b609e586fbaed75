/** A real forward proxy: tinyproxy, as companies put between their machines and the internet. */
import { StartedProgram } from "./started-program.js";

/** What the proxy wants and allows. */
export interface ForwardProxyRules {
  /** User name and password that it asks for. Default: none. */
  readonly credentials?: readonly [user: string, password: string];
  /** The only port that tunnels may lead to. Default: any. */
  readonly connectPort?: number;
}

/** Listens on a free port of the loopback address. Use it in tests that need `tinyproxy`. */
export class ForwardProxy {
  readonly #program: StartedProgram;

  private constructor(program: StartedProgram) {
    this.#program = program;
  }

  /** Starts one. */
  static async start({ credentials, connectPort }: ForwardProxyRules = {}): Promise<ForwardProxy> {
    const program = await StartedProgram.start({
      requirement: "tinyproxy",
      ready: /Accepting connections/,
      arguments: (_folder, file) => ["-d", "-c", file],
      configuration: (port) =>
        [
          `Port ${port}`,
          "Listen 127.0.0.1",
          "Timeout 600",
          "LogLevel Info",
          "MaxClients 100",
          ...(credentials ? [`BasicAuth ${credentials.join(" ")}`] : []),
          ...(connectPort === undefined ? [] : [`ConnectPort ${connectPort}`]),
          "",
        ].join("\n"),
    });
    return new ForwardProxy(program);
  }

  /** Its address, with what is to stand in front of the host. */
  url(credentials = ""): string {
    return `http://${credentials && `${credentials}@`}127.0.0.1:${this.#program.port}`;
  }

  /** The request lines so far, such as `CONNECT host:port` and `GET http://…`. */
  async requests(): Promise<string[]> {
    // It prints them before it passes requests on, so they are here, but may wait to be read.
    await new Promise((resolve) => setImmediate(resolve));
    const lines = this.#program.output.matchAll(/Request \(file descriptor \d+\): (.*) HTTP\/1\.\d/g);
    return [...lines].map(([, line = ""]) => line);
  }

  /** Ends it. */
  stop(): Promise<void> {
    return this.#program.stop();
  }
}
