/** hubwire's client with TLS settings against a real TLS server that wants client certificates. */
import * as https from "node:https";
import { connect } from "node:tls";
import { HttpTransportType, HubConnectionBuilder } from "../../../src/index.js";
import { makeCertificates, type Certificates } from "../../support/certificates.js";
import { stopAll } from "../../support/hub-server.js";
import { describeWhen } from "../../support/requirements.js";
import { connectionTo, converse, WatchedHub, TRANSPORTS } from "../../support/watched-hub.js";

afterEach(stopAll);

describeWhen("openssl", "a hub that wants client certificates", () => {
  let certificates: Certificates;
  beforeAll(async () => {
    certificates = await makeCertificates();
  });

  /** A hub that talks to nobody without a certificate from the authority. */
  function strict(more: https.ServerOptions = {}): Promise<WatchedHub> {
    const { ca, server } = certificates;
    return WatchedHub.start({ ...server, ca, requestCert: true, rejectUnauthorized: true, ...more });
  }

  it.each(TRANSPORTS)("gets one with every request of %s", async (name, kinds) => {
    const site = await strict();
    const { ca, client } = certificates;
    const connection = connectionTo(site.url, { tls: { ca, ...client }, transport: HttpTransportType[name] });
    await connection.start();
    expect(connection.transport).toBe(name);
    await converse(connection);
    await connection.stop();
    expect(site.kinds).toEqual(expect.arrayContaining([...kinds]));
    expect(site.requests.map((request) => request.client)).toEqual(site.requests.map(() => "hubwire client"));
  });

  it("takes certificate and key as one file with a passphrase, and as bytes", async () => {
    const site = await strict();
    const { ca, client, clientPfx } = certificates;
    const bytes = (text: string) => new TextEncoder().encode(text);
    for (const tls of [
      { ca, ...clientPfx },
      { ca: [ca], cert: bytes(client.cert), key: bytes(client.key) },
    ]) {
      const connection = connectionTo(site.url, { tls });
      await connection.start();
      await converse(connection);
      await connection.stop();
    }
    expect(site.requests.map((request) => request.client)).toEqual(Array(4).fill("hubwire client"));
  });

  it("has nothing to do with a client that has none, or trusts another authority", async () => {
    const site = await strict();
    const { ca, client } = certificates;
    const failure = (tls: object) => connectionTo(site.url, { tls }).start();
    await expect(failure({ ca })).rejects.toMatchObject({ name: "NegotiationError" });
    const untrusted = { code: expect.stringMatching(/^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE)$/) };
    await expect(failure(client)).rejects.toMatchObject({ name: "NegotiationError", cause: untrusted });
    const direct = { skipNegotiation: true, transport: HttpTransportType.WebSockets, tls: client };
    await expect(connectionTo(site.url, direct).start()).rejects.toMatchObject({
      attempts: [{ cause: untrusted }],
    });
    expect(site.requests).toEqual([]);
    const trusting = connectionTo(site.url, { tls: { ...client, rejectUnauthorized: false } });
    await trusting.start();
    await trusting.stop();
  });

  it("can be asked for by another name, and with a version of TLS", async () => {
    const site = await strict({ maxVersion: "TLSv1.2" });
    const { ca, client } = certificates;
    const tls = { ca, ...client };
    const named = connectionTo(site.url, { tls: { ...tls, servername: "localhost" } });
    await named.start();
    await named.stop();
    const wrong = connectionTo(site.url, { tls: { ...tls, servername: "other.example" } });
    await expect(wrong.start()).rejects.toMatchObject({ cause: { code: "ERR_TLS_CERT_ALTNAME_INVALID" } });
    const modern = connectionTo(site.url, { tls: { ...tls, minVersion: "TLSv1.3" } });
    await expect(modern.start()).rejects.toMatchObject({ name: "NegotiationError" });
  });

  it("is reached with an agent of the application just as well, on every transport", async () => {
    const site = await strict();
    const { ca, client } = certificates;
    const agent = new https.Agent({ keepAlive: true, ca, ...client });
    for (const [name] of TRANSPORTS) {
      const connection = connectionTo(site.url, { httpAgent: agent, transport: HttpTransportType[name] });
      await connection.start();
      await converse(connection);
      await connection.stop();
    }
    expect(new Set(site.requests.map((request) => request.client))).toEqual(new Set(["hubwire client"]));
    // Theirs to end, not ours.
    expect(Object.keys(agent.freeSockets).length).toBeGreaterThan(0);
    agent.destroy();
  });

  it("uses one connection for the negotiation and the upgrade", async () => {
    const site = await strict();
    const { ca, client } = certificates;
    const { host, hostname, port } = new URL(site.url);
    let connections = 0;
    const createConnection = (options: object) => {
      connections++;
      return connect({ ...options, host: hostname, port: Number(port), ca, ...client });
    };
    const counting = Object.assign(new https.Agent({ keepAlive: true }), { createConnection });
    const connection = new HubConnectionBuilder().withUrl(`https://${host}/hub`, { httpAgent: () => counting }).build();
    await connection.start();
    await connection.stop();
    expect(connections).toBe(1);
    counting.destroy();
  });

  it("may have settings for TLS that a plain address has no use for", async () => {
    const site = await WatchedHub.start();
    const { ca, client } = certificates;
    const connection = connectionTo(site.url, { tls: { ca, ...client } });
    await connection.start();
    await connection.stop();
    expect(site.kinds).toEqual(["negotiate", "upgrade"]);
  });
});
