import type { Bus } from "@tagwire/bus";
import { bucketOf, keptBuckets } from "@tagwire/digest";
import { AskVerifyLog, eventBlockPositions, verifiedPositionsMax } from "@tagwire/messages";
import type { Sighting } from "../actors/sighting.ts";
import { askAgain } from "./ask-again.ts";

/** The blocks of a log of `head` events whose digests are in some buckets. */
export const blocksIn = (buckets: readonly number[], head: number): number[] => {
  const wanted = new Set(buckets);
  const blocks = Math.ceil(head / eventBlockPositions);
  return Array.from({ length: blocks }, (_, block) => block).filter((block) =>
    wanted.has(bucketOf(String(block), keptBuckets)),
  );
};

const words = {
  hash: "the event does not come to the hash that it carries",
  chain: "the event does not name the hash of the one before",
  gap: "the event is not there",
} as const;

/** An event that the log has after one that was recorded later; in the words of the rule that looks at the newest ones. */
const outOfOrder = (epoch: number, pos: number): Sighting => ({
  ...{ code: "record_order", entity: "event", key: `${epoch}:${pos}`, isCertain: false },
  evidence: { detail: "recorded before the event before it" },
});

/** Checks the chain over a stretch of the log that there has to be, in small questions, and gives where it is broken, or out of order. */
export const checkStretch = async (
  bus: Bus,
  {
    site,
    epoch,
    after,
    until,
  }: { readonly site: string; readonly epoch: number; readonly after: number; readonly until: number },
): Promise<{ readonly checked: number; readonly broken: readonly Sighting[] }> => {
  const [broken, disordered]: [Sighting[], Sighting[]] = [[], []];
  let checked = 0;
  for (let at: number | null = after; at !== null && at < until; ) {
    const limit = Math.min(verifiedPositionsMax, until - at);
    const answer: {
      checked: number;
      next: number | null;
      broken: { pos: number; why: keyof typeof words }[];
      disordered?: number[];
    } = await askAgain(bus, AskVerifyLog, { site, epoch, after: at, limit });
    checked += answer.checked;
    broken.push(
      ...answer.broken.map(
        ({ pos, why }): Sighting => ({
          code: "event_changed",
          entity: "event",
          key: `${epoch}:${pos}`,
          evidence: { detail: words[why] },
          isCertain: true,
        }),
      ),
    );
    for (const pos of answer.disordered ?? []) disordered.push(outOfOrder(epoch, pos));
    at = answer.next;
  }
  // The log ends before its head says so: what is not there cannot name anything.
  if (checked < until - after && broken.length === 0)
    broken.push({
      code: "event_changed",
      entity: "event",
      key: `${epoch}:${after + checked + 1}`,
      evidence: { detail: words.gap },
      isCertain: true,
    });
  // An event that was changed is named once, however many ways it shows.
  const once = new Map(broken.map((one) => [one.key, one]));
  return { checked, broken: [...once.values(), ...disordered] };
};

/** Checks the chain of some blocks. */
export const checkBlocks = async (
  bus: Bus,
  {
    site,
    epoch,
    blocks,
    head,
  }: {
    readonly site: string;
    readonly epoch: number;
    readonly blocks: readonly number[];
    /** The last position that there has to be. */
    readonly head: number;
  },
): Promise<{ readonly checked: number; readonly broken: readonly Sighting[] }> => {
  const broken: Sighting[] = [];
  let checked = 0;
  for (const block of blocks) {
    const after = block * eventBlockPositions;
    const found = await checkStretch(bus, {
      site,
      epoch,
      after,
      until: Math.min(head, after + eventBlockPositions),
    });
    checked += found.checked;
    broken.push(...found.broken);
  }
  return { checked, broken };
};
