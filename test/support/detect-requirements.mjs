// Before jest's workers start: looks once for what optional parts need, which requirements.ts reads in each worker, and keeps the
// tests' own servers clear of a proxy that the machine may have.
import { detectRequirements } from "../../scripts/requirements.mjs";

export default function detect() {
  process.env.HUBWIRE_REQUIREMENTS = JSON.stringify(detectRequirements());
  const direct = [process.env.no_proxy ?? process.env.NO_PROXY, "127.0.0.1", "localhost", "[::1]"];
  process.env.no_proxy = process.env.NO_PROXY = direct.filter(Boolean).join(",");
}
