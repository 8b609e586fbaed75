/** Makes an authority, a server's and a client's certificate with the openssl program, for tests of TLS. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { programPath } from "./requirements.js";

const run = promisify(execFile);

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** A certificate with its private key, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** What {@link makeCertificates} makes. */
export interface Certificates {
  /** The certificate of the authority that the others are from. */
  readonly ca: string;
  /** For `localhost` and 127.0.0.1. */
  readonly server: Certificate;
  /** For `CN=hubwire client`. */
  readonly client: Certificate;
  /** The client's as PKCS #12. */
  readonly clientPfx: { readonly pfx: Buffer; readonly passphrase: string };
}

/** Makes them. Use it in tests that need `openssl`. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), "hubwire-certificates-"));
  const openssl = (...args: string[]) => run(programPath("openssl"), args, { cwd: folder });
  const text = (name: string) => readFile(join(folder, name), "utf8");
  const issue = async (name: string, subject: string, extensions: string): Promise<Certificate> => {
    await writeFile(join(folder, `${name}.ext`), extensions);
    await openssl("req", ...NEW_KEY, "-subj", subject, "-keyout", `${name}.key`, "-out", `${name}.csr`);
    const from = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", `${name}.ext`, "-days", "30"];
    await openssl("x509", "-req", "-in", `${name}.csr`, ...from, "-out", `${name}.pem`);
    return { cert: await text(`${name}.pem`), key: await text(`${name}.key`) };
  };
  try {
    const authority = ["-subj", "/CN=hubwire test authority", "-days", "30", "-keyout", "ca.key", "-out", "ca.pem"];
    await openssl("req", "-x509", ...NEW_KEY, ...authority);
    const server = await issue("server", "/CN=localhost", "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
    const client = await issue("client", "/CN=hubwire client", "extendedKeyUsage=clientAuth\n");
    const passphrase = "open sesame";
    const inputs = ["-in", "client.pem", "-inkey", "client.key", "-passout", `pass:${passphrase}`];
    await openssl("pkcs12", "-export", ...inputs, "-out", "client.p12");
    const pfx = await readFile(join(folder, "client.p12"));
    return { ca: await text("ca.pem"), server, client, clientPfx: { pfx, passphrase } };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
