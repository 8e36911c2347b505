import { setTimeout as wait } from "node:timers/promises";
import { startLlrpReader, type TagSource } from "@tagwire/emulators";
import type { Reader } from "@tagwire/messages";
import { call, type Setting } from "./setting.ts";

const id = "gate";
const place = "dock";
const roundMs = 50;
/** Tags in front of the antenna at once, as on a trolley; more wait for their turn. */
const trolleyTags = 40;
const settleMsMax = 60_000;
const pollMs = 100;

/** Trolleys that come by one after the other, each for as long as it takes to look at it once. */
const trolleys = () => {
  const waiting: string[] = [];
  const world: TagSource = {
    sees: (antenna) =>
      antenna === 1 ? waiting.splice(0, trolleyTags).map((epc) => ({ epc, rssiDbm: -55 })) : [],
  };
  return {
    world,
    isEmpty: () => waiting.length === 0,
    push: (tags: readonly string[]) => waiting.push(...tags),
  };
};

const isHexWord = /^(?:[0-9A-F]{4})+$/;

export type Gate = {
  /** What is scanned passes the gate as well; only what is an EPC has anything to say there. */
  readonly pass: (tags: readonly string[]) => void;
  /** Waits until everything the reader saw has its outcome, and gives its counts. @throws Error when they do not add up */
  readonly settled: () => Promise<Reader["counts"]>;
  readonly stop: () => Promise<void>;
};

/** A reader at the dock of a site, through which everything goes that tablets scan meanwhile. */
export const openGate = async ({ system }: Setting, site: string): Promise<Gate> => {
  const { world, isEmpty, push } = trolleys();
  const reader = await startLlrpReader({ world, roundMs });
  const antennas = [{ port: 1, place }];
  await call(system, "POST", `/sites/${site}/readers`, {
    id,
    driver: "llrp",
    address: reader.address,
    antennas,
  });

  const countsNow = async () =>
    ((await call(system, "GET", `/sites/${site}/readers/${id}`)) as Reader).counts;
  return {
    pass: (tags) => push(tags.filter((tag) => isHexWord.test(tag))),
    settled: async () => {
      const giveUpAtMs = performance.now() + settleMsMax;
      while (performance.now() < giveUpAtMs) {
        const counts = await countsNow();
        const { accepted, alreadyApplied, rejected, quarantined, pending, observations } = counts;
        if (isEmpty() && counts.held === 0 && pending === 0) {
          const decided = accepted + alreadyApplied + rejected + quarantined;
          if (counts.reads !== counts.filtered + counts.observed || observations !== decided)
            throw new Error(`the reader's ledger does not add up: ${JSON.stringify(counts)}`);
          return counts;
        }
        await wait(pollMs);
      }
      throw new Error(`the reader has not settled: ${JSON.stringify(await countsNow())}`);
    },
    stop: reader.stop,
  };
};
