import { setTimeout as wait } from "node:timers/promises";
import type { Bus } from "@tagwire/bus";
import { newId, type Scan } from "@tagwire/messages";
import { openDesk } from "./test-day.ts";

const types = ["rental", "return", "touch", "count", "stage", "delivery", "service"] as const;
const onContract: readonly Scan["type"][] = ["rental", "stage", "delivery"];
const tagsMax = 8;
const undoneShare = 0.05;
const sessionShare = 0.02;
const sessionTags = 5;
const betweenMs = 150;
const whileDownMs = 100;

const pick = <T>(from: readonly T[]): T => from[Math.floor(Math.random() * from.length)] as T;

/** What begins with this is scanned all the time; a fault that has to stay is made elsewhere. */
export const busy = "BUSY-";

/** What is scanned, and by which clocks. */
export type Load = {
  /** Where; at the site of every test if nothing is said. */
  readonly site?: string;
  /** How long nobody scans after the scans before, in ms. */
  readonly restMs?: number;
  readonly items: readonly string[];
  /** Tags that no item carries. */
  readonly strays: readonly string[];
  readonly contracts: readonly string[];
  /** How far the clocks of devices are off, one for each share of the scans that are made by it. */
  readonly skewsMs: readonly number[];
};

/** Scans without end, of items and of strays, in sessions and on contracts; some are taken back. */
export const keepScanning = (bus: Bus, load: Load) => {
  const { items, strays, contracts, skewsMs, restMs = betweenMs } = load;
  const control = new AbortController();
  const { hand, scan } = openDesk(bus, "tablet-1", load.site);
  let done = 0;
  const once = async () => {
    const type = pick(types);
    const scannedAt = new Date(Date.now() + pick(skewsMs)).toISOString();
    const more: Partial<Scan> = {
      ...{ scannedAt, place: pick(["hall", "dock", "yard"]) },
      ...(type === "service" ? { status: pick(["wash", "inspect", "ready"] as const) } : {}),
      ...(onContract.includes(type) ? { contract: pick(contracts) } : {}),
    };
    const tags = Array.from({ length: 1 + Math.floor(Math.random() * tagsMax) }, () =>
      pick([...items, ...strays]),
    );
    const receipts = await scan(type, [...new Set(tags)], more);
    done += receipts.length;
    const undone = pick(receipts)?.event?.pos;
    if (undone !== undefined && Math.random() < undoneShare)
      await hand("events.undo", { events: [undone], preview: false });
    if (Math.random() < sessionShare) {
      const id = newId();
      await hand("session.begin", { id, mode: "count", place: "hall" });
      await scan("count", items.slice(0, sessionTags), { session: id });
      await hand("session.close", { session: id, close: {} });
    }
  };
  const running = (async () => {
    while (!control.signal.aborted) {
      // A service that is down refuses: whoever scans goes on trying.
      await once().catch(() => wait(whileDownMs));
      await wait(restMs);
    }
  })();
  const stop = async () => {
    control.abort();
    await running;
  };
  return {
    /** How many scans were answered. */
    done: () => done,
    stop,
    [Symbol.asyncDispose]: stop,
  };
};
