import { type Check, failed, ok, skipped, warning } from "./doctor-check.ts";
import type { ServiceEndpoint } from "./endpoints.ts";

const answerTimeoutMs = 5_000;

/** What `/readyz` of a service says. */
type Readiness = {
  readonly ready: boolean;
  readonly stopping: boolean;
  readonly checks: Readonly<Record<string, boolean>>;
  readonly lacks: readonly string[];
};

const lookAtService = async ({ name, http }: Pick<ServiceEndpoint, "name" | "http">): Promise<Check> => {
  const logs = "Its log is in the folder logs.";
  try {
    const answer = await fetch(`${http}/readyz`, { signal: AbortSignal.timeout(answerTimeoutMs) });
    const { ready, stopping, checks, lacks } = (await answer.json()) as Readiness;
    const missing = Object.entries(checks).flatMap(([condition, holds]) => (holds ? [] : condition));
    if (stopping) return warning(name, "is stopping", "Ask again when it has been started anew.");
    if (!ready)
      return failed(
        name,
        `is not ready: ${missing.join(", ")}`,
        `What it waits for may pass, as a rebuild does. ${logs}`,
      );
    return lacks.length === 0
      ? ok(name, "is ready")
      : warning(name, `is ready, without ${lacks.join(", ")}`, `It said more when it started. ${logs}`);
  } catch {
    return failed(name, `does not answer at ${http}`, `The launcher starts it again by itself. ${logs}`);
  }
};

/** Whether each service can do its work, as its own probe says. */
export const lookAtServices = async (
  services: readonly Pick<ServiceEndpoint, "name" | "http">[] | undefined,
): Promise<Check[]> =>
  services === undefined
    ? [skipped("services", "their probes are on the machine that they run on")]
    : Promise.all(services.map(lookAtService));
