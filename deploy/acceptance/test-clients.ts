import { setTimeout as wait } from "node:timers/promises";
import { type LoggedEvent, newId, type Receipt, type Scan } from "@tagwire/messages";
import type { Stack } from "@tagwire/testing";
import { expect } from "vitest";

/* Clients that go on scanning whatever is killed, and the log that they are held against. */

const pageMax = 1_000;
const retryDelayMs = 50;
/** Between two batches of a client, so that a slow start of a service does not make hundreds of thousands of scans, in ms. */
const breathMs = 20;

type Api = Pick<Stack, "call">;

/** A client as a tablet is: what it scans has its id before it is sent, and is sent again until there is a receipt. */
export const openClient = (stack: Api, name: string, tags: readonly string[]) => {
  const receipts = new Map<string, { scan: Scan; receipt: Receipt }>();
  let isSending = false;
  let repeats = 0;
  let isOver = false;

  const deliver = async (given: Pick<Scan, "type" | "contract">) => {
    const scans = tags.map(
      (tag): Scan => ({ id: newId(), tag, scannedAt: new Date().toISOString(), ...given }),
    );
    for (;;) {
      isSending = true;
      const answer = await stack.call("POST", "/sites/north/scans", { scans }).catch(() => undefined);
      isSending = false;
      if (answer?.status === 200) {
        const { receipts: all } = answer.body as { receipts: Receipt[] };
        for (const [index, scan] of scans.entries()) {
          const receipt = all[index];
          if (receipt !== undefined) receipts.set(scan.id, { scan, receipt });
        }
        return;
      }
      // Nothing but an absence may refuse what is in order.
      if (answer !== undefined) expect([503, 504]).toContain(answer.status);
      repeats += 1;
      await wait(retryDelayMs);
    }
  };
  let contract = "";
  const scanOn = async () => {
    for (let round = 1; !isOver; round += 1) {
      contract = `${name}-${round}`;
      await deliver({ type: "rental", contract });
      await deliver({ type: "return" });
      await wait(breathMs);
    }
    // Left in a state that nothing but the last scans explains.
    contract = `${name}-last`;
    await deliver({ type: "rental", contract });
  };
  const scanning = scanOn();
  return {
    tags,
    receipts,
    count: () => receipts.size,
    isSending: () => isSending,
    repeats: () => repeats,
    contract: () => contract,
    stop: () => {
      isOver = true;
      return scanning;
    },
  };
};

/** The log of `north`, from its beginning. */
export const readFeed = async (stack: Api): Promise<LoggedEvent[]> => {
  const all: LoggedEvent[] = [];
  for (let after = "0:0"; ; ) {
    const { status, body } = await stack.call("GET", `/sites/north/events?after=${after}&limit=${pageMax}`);
    expect(status).toBe(200);
    const { events, next } = body as { events: LoggedEvent[]; next: string };
    all.push(...events);
    // A page may end early, when its events are large.
    if (events.length === 0) return all;
    after = next;
  }
};
