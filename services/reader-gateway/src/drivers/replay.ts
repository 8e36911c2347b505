import { ReplayedEvent } from "@tagwire/messages";
import { Compile } from "typebox/compile";
import type { Driver, DriverHost } from "./driver.ts";
import { portionMax } from "./in-turns.ts";
import type { Desk, HeardEvent } from "./json/desk.ts";
import { Inbox } from "./json/inbox.ts";
import { oddTag, tellOddReads } from "./odd-reads.ts";
import { hearAtDesk } from "./push.ts";

const isReplayed = Compile(ReplayedEvent);
/** So much of an event that cannot be read is kept to be looked at, in characters. */
const shownEventMax = 256;

/** What an event costs at least: one read, or as many as are in its frame. */
const readsIn = (event: unknown): number =>
  isReplayed.Check(event) && "reads" in event ? Math.max(1, event.reads.length) : 1;

/** Tells what was recorded as the driver that was recorded told it: each frame by itself. */
const openReplayDesk = (host: DriverHost, inbox: Inbox): Desk => {
  const tellOdd = tellOddReads(host);

  const tell = (event: ReplayedEvent): void => {
    const arrivedAtMs = Date.now();
    if ("malformed" in event) return host.malformed(event.malformed, Buffer.from(event.bytes, "hex"));
    if ("input" in event) {
      const { port, ageMs } = event.input;
      return host.notice({ kind: "input", port, atMs: arrivedAtMs - ageMs });
    }
    for (const { epc, count } of event.reads) {
      const odd = oddTag(epc);
      if (odd !== undefined) tellOdd(odd, count);
    }
    host.frame(event.reads.map(({ ageMs, ...read }) => ({ ...read, heardAtMs: arrivedAtMs - ageMs })));
  };
  const take = ({ event, text }: HeardEvent): "taken" | "malformed" | "repeated" => {
    if (!isReplayed.Check(event)) {
      host.malformed("no event of a replay", Buffer.from(text.slice(0, shownEventMax)));
      return "malformed";
    }
    const key = inbox.repeats.keyOf(text);
    if (inbox.isRepeat(key)) return "repeated";
    inbox.remember(key);
    tell(event);
    return "taken";
  };

  return function* (events) {
    const became = { taken: 0, malformed: 0, repeated: 0 };
    let portion = 0;
    for (const heard of events) {
      became[take(heard)] += 1;
      portion += readsIn(heard.event);
      if (portion < portionMax) continue;
      portion = 0;
      yield;
    }
    return became;
  };
};

/**
 * Recordings, which `tagwire replay` pushes event by event in the pace that it wants: whatever comes after a driver is the real thing.
 * A reader that plays by itself would stand beside this one, with a desk of its own.
 */
export const replayDriver: Driver = async (settings, host, signal) => {
  if (signal.aborted) return;
  const { inbox = new Inbox() } = settings;
  await hearAtDesk({ host, inbox, desk: openReplayDesk(host, inbox) }, signal);
};
