// Looks once, before jest's workers start, for what optional parts need; requirements.ts reads it in each worker.
import { detectRequirements } from "../../scripts/requirements.mjs";

export default function detect() {
  process.env.HUBWIRE_REQUIREMENTS = JSON.stringify(detectRequirements());
}
