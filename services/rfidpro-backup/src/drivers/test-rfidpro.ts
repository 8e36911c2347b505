import { type Rfidpro as Fake, makeRfidproData, type RfidproOptions, startRfidpro } from "@tagwire/emulators";
import type { DatasetProgress, RfidproDataset } from "@tagwire/messages";
import { quietLog } from "@tagwire/testing";
import { expect, onTestFinished } from "vitest";
import type { PulledPage, PullOutcome, RawRow } from "../actors/rows.ts";
import type { PullOptions } from "./pull.ts";
import { openRfidpro } from "./rfidpro.ts";
import type { RfidproLimits } from "./settings.ts";

/** When the made-up house was scanned last, and five days later, when every device has uploaded. */
export const endMs = Date.parse("2025-09-10T20:00:00Z");
export const allArrivedMs = endMs + 5 * 86_400_000;

/** 624 items, 45 classes and 1,329 transactions: several pages of what is not tiny. */
const house = makeRfidproData({ seed: 7, scale: 0.05, endMs });

/** As fast as it goes. What waits for a timeout waits for long enough that a slow machine answers in time. */
const quickly: Partial<RfidproLimits> = {
  ...{ requestsPerSecond: 100_000, retryDelayMs: 1, retryDelayMsMax: 4 },
};

/**
 * The second page begins with rows of the first: with the last one, and where rows stand in order with the one before it, too. So the
 * pages of 624 items begin at 0, 198, 396 and 594, or at 0, 199, 398 and 597.
 */
export const secondAt = 198;
export const secondAtUnsorted = 199;

export const startFake = async (options: RfidproOptions = {}): Promise<Fake> => {
  const fake = await startRfidpro({ clock: allArrivedMs, data: house, ...options });
  onTestFinished(() => fake.stop());
  return fake;
};

export type Pulled = {
  readonly outcome: PullOutcome;
  /** The rows of the last pass. */
  readonly rows: readonly RawRow[];
  readonly pages: readonly PulledPage[];
  readonly progress: readonly DatasetProgress[];
};

type How = Partial<PullOptions> & { readonly limits?: Partial<RfidproLimits>; readonly now?: () => number };

/** Pulls a data set of the emulator. */
export const pull = async (fake: Fake, dataset: RfidproDataset, how: How = {}): Promise<Pulled> => {
  const { limits, now = fake.control.nowMs, ...options } = how;
  const rfidpro = openRfidpro({ settings: fake, log: quietLog(), now, limits: { ...quickly, ...limits } });
  const pages: PulledPage[] = [];
  const progress: DatasetProgress[] = [];
  const outcome = await rfidpro.pull({
    ...{ dataset, since: null, signal: new AbortController().signal },
    progress: (one) => progress.push(one),
    ...options,
    page: async (page) => {
      pages.push(page);
      await options.page?.(page);
    },
  });
  const last = pages.at(-1)?.pass;
  const rows = pages.filter(({ pass }) => pass === last).flatMap((page) => page.rows);
  return { outcome, rows, pages, progress };
};

/** Rows in an order of their own, so that two heaps of them can be compared: how often each comes counts. */
export const heap = (rows: readonly RawRow[]): string[] => rows.map((row) => JSON.stringify(row)).toSorted();

export const loginsOf = (fake: Fake): number =>
  fake.requests().filter(({ method }) => method === "POST").length;

type Counts = ReadonlyMap<string, number>;
const countsOf = (rows: readonly RawRow[]): Counts =>
  new Map(
    Object.entries(Object.groupBy(heap(rows), (row) => row)).map(([row, all = []]) => [row, all.length]),
  );

/** Looks at what the emulator holds while it is read: what stood throughout a pass has to be read, and what was never there must not. */
export const watchRows = (fake: Fake, dataset: RfidproDataset) => {
  const ever = new Map<string, number>();
  let pass = 0;
  let throughout: Counts = new Map();
  const look = (now: number): void => {
    const held = countsOf(fake.rows(dataset));
    for (const [row, count] of held) ever.set(row, Math.max(count, ever.get(row) ?? 0));
    const before = throughout;
    throughout =
      now === pass
        ? new Map([...before].map(([row, count]) => [row, Math.min(count, held.get(row) ?? 0)]))
        : held;
    pass = now;
  };
  look(0);
  return {
    /** To be told of each page, and of which pass it is. */
    look,
    expectRead: (rows: readonly RawRow[], isAsked: (row: RawRow) => boolean, what: string): void => {
      look(pass);
      const read = countsOf(rows);
      const missing = [...throughout].filter(
        ([row, count]) => isAsked(JSON.parse(row)) && (read.get(row) ?? 0) < count,
      );
      const strange = [...read].filter(([row, count]) => count > (ever.get(row) ?? 0));
      expect({ missing, strange }, what).toEqual({ missing: [], strange: [] });
    },
  };
};
