import { randomBytes } from "node:crypto";
import { ask, type Bus, request } from "@tagwire/bus";
import {
  AskManagerAudit,
  AskOperationsAudit,
  auditEntities,
  type Barrier,
  commandSubject,
  newId,
} from "@tagwire/messages";
import { eventually } from "@tagwire/testing";

const timeoutMs = 30_000;

export const placeBarrier = async (bus: Bus, site: string): Promise<Barrier> => {
  const placed = await request<{ barrier: Barrier }>(
    bus,
    commandSubject(site),
    {
      kind: "audit.barrier",
      id: newId(),
      by: {},
      receivedAt: new Date().toISOString(),
      traceparent: `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-00`,
      body: { barrier: newId() },
    },
    { timeoutMs },
  );
  return placed.barrier;
};

/** What both sides hold at one position of the log, entity by entity; one without rows is empty on both. */
export const digestsAtBarrier = async (bus: Bus, site: string) => {
  const barrier = await placeBarrier(bus, site);
  const asked = { site, barrier: barrier.barrier };
  const operations = await ask(bus, AskOperationsAudit.barrier, asked);
  const manager = await eventually("the manager has come to the barrier", async () => {
    const answer = await ask(bus, AskManagerAudit.barrier, asked).catch(() => undefined);
    return answer?.digests == null ? undefined : answer.digests;
  });
  const whole = (digests: Readonly<Record<string, string>>) =>
    Object.fromEntries(auditEntities.map((entity) => [entity, digests[entity] ?? "0:0:0:0:0"]));
  return {
    barrier,
    operations: whole(operations.digests ?? {}),
    said: whole(barrier.digests),
    manager: whole(manager),
  };
};
