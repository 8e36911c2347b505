import type { Receipt } from "@tagwire/messages";
import { type Command, scanToSend } from "../outbox/command.ts";
import { type Answer, call, type Refusal } from "./http.ts";

/* Something on the way answered in the server's place. What became of the scans is unknown, so they are asked for again. */
const unreadable: Refusal = {
  status: 200,
  code: "unreadable",
  message: "The answer could not be read.",
  retryable: true,
};

/** The body that hands in scans of one device and life of it; also what a rescue file holds. */
export const scansBody = (commands: readonly Command[]) => {
  const { deviceId: id = "", incarnation = "" } = commands[0] ?? {};
  return {
    scans: commands.map(scanToSend),
    ...(incarnation === "" ? {} : { device: { id, incarnation } }),
  };
};

/** Sends scans; one receipt each comes back, in the order sent. Safe to repeat: the ids say which scans they are. */
export const postScans = async (
  site: string,
  commands: readonly Command[],
): Promise<Answer<readonly Receipt[]>> => {
  const answer = await call<{ receipts?: Receipt[] } | null>(`/sites/${encodeURIComponent(site)}/scans`, {
    method: "POST",
    // By this device's own clock, which is measured against when it arrives.
    body: { ...scansBody(commands), sentAt: new Date().toISOString() },
  });
  if (answer.kind !== "ok") return answer;
  const { receipts } = answer.value ?? {};
  return Array.isArray(receipts) ? { kind: "ok", value: receipts } : { kind: "refused", refusal: unreadable };
};
