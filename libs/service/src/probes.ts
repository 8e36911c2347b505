import { writeFile } from "node:fs/promises";
import fastify, { type FastifyInstance } from "fastify";
import { drainOnClose } from "./drain.ts";
import type { Telemetry } from "./telemetry.ts";

/** A condition of being ready: its name, and whether it holds now. */
export type Readiness = { readonly name: string; readonly holds: () => boolean | Promise<boolean> };

/** What a process is asked about itself: its conditions, and what it works without. */
export type Standing = { readonly conditions: readonly Readiness[]; readonly lacking: readonly string[] };

/** A condition that cannot be looked at within this does not hold, in ms: whoever asks has a limit too. */
const conditionMsMax = 2_000;

const holdsNow = async ({ holds }: Readiness): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, conditionMsMax, false);
  });
  try {
    return await Promise.race([(async () => holds())(), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
};

/** How long somebody who asks for a probe while we end is waited for, in ms. */
const probeWaitMsMax = 1_000;

/**
 * `/healthz` (the process turns), `/readyz` (it can do its work: every condition by name, and what it lacks) and `/metrics`, on loopback or on
 * the address a container gives.
 */
export const openProbes = (
  telemetry: Telemetry,
  { conditions, lacking }: Standing,
  isStopping: () => boolean,
): FastifyInstance => {
  const app = fastify({ logger: false, forceCloseConnections: "idle", return503OnClosing: false });
  drainOnClose(app, { waitMsMax: probeWaitMsMax, onCut: () => {} });
  app.get("/healthz", async () => ({ status: "ok" }));
  app.get("/readyz", async (_request, reply) => {
    const checked = await Promise.all(
      conditions.map(async (condition) => [condition.name, await holdsNow(condition)] as const),
    );
    const ready = !isStopping() && checked.every(([, holds]) => holds);
    return reply
      .status(ready ? 200 : 503)
      .send({ ready, stopping: isStopping(), checks: Object.fromEntries(checked), lacks: lacking });
  });
  app.get("/metrics", async (_request, reply) =>
    reply.type("text/plain; version=0.0.4").send(await telemetry.metricsText()),
  );
  return app;
};

/** Tells whoever started us where we are. */
export const writeEndpoint = async (
  file: string | undefined,
  endpoint: Readonly<Record<string, unknown>>,
): Promise<void> => {
  if (file === undefined || file === "") return;
  await writeFile(file, `${JSON.stringify(endpoint)}\n`, { mode: 0o600 });
};
