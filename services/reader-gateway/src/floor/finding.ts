import { type Bus, say } from "@tagwire/bus";
import { type FoundReads, findIntervalMs, findSubject, type ReaderId, type SiteId } from "@tagwire/messages";
import { hearSought, isSought, newFinder, seek, takeFound } from "../actors/finder.ts";
import type { TagRead } from "../drivers/driver.ts";

export type Finding = {
  readonly seek: (who: { readonly seeker: string; readonly tags: readonly string[] }) => void;
  readonly hear: (reader: ReaderId, reads: readonly TagRead[]) => void;
  readonly stop: () => void;
};

/** Says what somebody looks for as soon as it is heard, at most once an interval: a first read waits for nothing. */
export const createFinding = (bus: Bus, site: SiteId): Finding => {
  const finder = newFinder();
  let saidAtMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  const tell = () => {
    timer = undefined;
    const reads = takeFound(finder);
    if (reads.length === 0) return;
    saidAtMs = performance.now();
    say(bus, findSubject(site), { reads } satisfies FoundReads);
  };

  return {
    seek: (who) => seek(finder, who, performance.now()),
    hear: (reader, reads) => {
      if (!isSought(finder)) return;
      hearSought(finder, reader, reads, performance.now());
      if (finder.heard.size === 0 || timer !== undefined) return;
      timer = setTimeout(tell, Math.max(0, saidAtMs + findIntervalMs - performance.now()));
    },
    stop: () => clearTimeout(timer),
  };
};
