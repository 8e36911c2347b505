import type { PushedEvents } from "@tagwire/messages";
import type { DriverHost, DriverSettings, TagRead } from "../driver.ts";
import { portionMax } from "../in-turns.ts";
import { oddTag, tellOddReads } from "../odd-reads.ts";
import { ReaderClock, tellClockOffset } from "../reader-clock.ts";
import type { Inbox } from "./inbox.ts";
import type { EventReading, Told, ToldInput, ToldTag } from "./told.ts";

/** Of the sorts of events that nobody here knows, so many are told of each connection. */
const unknownToldMax = 20;
/** So much of an event that cannot be read is kept to be looked at, in characters. */
const shownEventMax = 256;

/** An event, and its text, by which one that comes again is known. */
export type HeardEvent = { readonly event: unknown; readonly text: string };

export type DeskOptions = {
  readonly host: DriverHost;
  readonly settings: DriverSettings;
  readonly inbox: Inbox;
  readonly reading: EventReading;
  /** The reader began or ended reading without us. */
  readonly isReading?: (isReading: boolean) => void;
};

const stampOf = (told: Told): number | undefined =>
  told.kind === "tag" || told.kind === "input" ? told.stampMs : undefined;
/** Without a time of its own, a tag that is read twice is told twice in the same words, and so is an input that is broken twice. */
const hasStamp = (told: readonly Told[]): boolean => told.some((one) => stampOf(one) !== undefined);

type Heard = { readonly text: string; readonly told: readonly Told[] };

/**
 * Takes in events as one frame, or as several where they are many: in between it can be left for a moment. One that cannot be read is told
 * and costs nothing but itself.
 */
export type Desk = (events: readonly HeardEvent[]) => Generator<void, PushedEvents>;

export const openDesk = ({ host, settings, inbox, reading, isReading }: DeskOptions): Desk => {
  const clock = new ReaderClock();
  const tellOdd = tellOddReads(host);
  const tellClock = tellClockOffset(host);
  const unknown = new Set<string>();
  const ownAntenna = settings.antennas[0]?.port ?? 1;

  const readOf = (tag: ToldTag, arrivedAtMs: number): TagRead => {
    const { epc, rssiDbm, count, tid, isIso } = tag;
    const odd = oddTag(epc);
    if (odd !== undefined) tellOdd(odd, count);
    const heardAtMs = tag.stampMs === undefined ? arrivedAtMs : clock.ours("utc", tag.stampMs, arrivedAtMs);
    const read = { epc, rssiDbm, count, antenna: tag.antenna ?? ownAntenna, heardAtMs };
    return { ...read, ...(tid === undefined ? {} : { tid }), ...(isIso === undefined ? {} : { isIso }) };
  };
  const tellUnknown = (name: string): void => {
    if (unknown.has(name) || unknown.size >= unknownToldMax) return;
    unknown.add(name);
    host.notice({
      kind: "warning",
      code: "event_unknown",
      message: `an event that is not known here: ${name}`,
    });
  };
  const tellInput = ({ port, stampMs }: ToldInput, arrivedAtMs: number): void => {
    // A reader tells of all its inputs; what nobody listens to may be anything.
    if (settings.inputs?.includes(port) !== true) return;
    const atMs = stampMs === undefined ? arrivedAtMs : clock.ours("utc", stampMs, arrivedAtMs);
    host.notice({ kind: "input", port, atMs });
  };
  const tell = (told: Told, { text, arrivedAtMs }: { text: string; arrivedAtMs: number }): void => {
    if (told.kind === "input") tellInput(told, arrivedAtMs);
    if (told.kind === "notice") host.notice(told.notice);
    if (told.kind === "reading") isReading?.(told.isReading);
    if (told.kind === "unknown") tellUnknown(told.name);
    if (told.kind === "unreadable") host.malformed(told.no, Buffer.from(text.slice(0, shownEventMax)));
  };

  const observe = (heard: readonly Heard[], arrivedAtMs: number): void => {
    let newest = Number.NEGATIVE_INFINITY;
    for (const { told } of heard) for (const one of told) newest = Math.max(newest, stampOf(one) ?? newest);
    if (Number.isFinite(newest)) clock.observe("utc", newest, arrivedAtMs);
    tellClock(clock);
  };

  return function* (events) {
    const arrivedAtMs = Date.now();
    const became = { taken: 0, malformed: 0, repeated: 0 };
    const heard: Heard[] = [];
    let portionRead = 0;
    for (const { event, text } of events) {
      const told: Told[] = [];
      for (const one of reading(event)) {
        told.push(one);
        portionRead += 1;
        if (portionRead < portionMax) continue;
        portionRead = 0;
        yield;
      }
      heard.push({ text, told });
    }
    // Of the whole message: what is oldest in it would have the reader's clock behind.
    observe(heard, arrivedAtMs);
    const before = clock.unbelievable;
    let reads: TagRead[] = [];
    let frames = 0;
    let portion = 0;
    const tellFrame = (): void => {
      if (reads.length > 0 || frames === 0) host.frame(reads);
      frames += 1;
      portion = 0;
      reads = [];
    };
    for (const { told, text } of heard) {
      const key = hasStamp(told) ? inbox.repeats.keyOf(text) : undefined;
      if (key !== undefined && inbox.isRepeat(key)) {
        became.repeated += 1;
        continue;
      }
      for (const one of told) {
        if (portion >= portionMax) {
          tellFrame();
          yield;
        }
        if (one.kind === "tag") reads.push(readOf(one, arrivedAtMs));
        else tell(one, { text, arrivedAtMs });
        portion += 1;
      }
      // Not before: of an event that is heard half when the reader is stopped, the other half must not be taken for heard.
      if (key !== undefined) inbox.remember(key);
      if (told.some(({ kind }) => kind === "unreadable")) became.malformed += 1;
      else became.taken += 1;
    }
    if (portion > 0 || frames === 0) tellFrame();
    if (clock.unbelievable > before) tellOdd("clock_unbelievable", clock.unbelievable - before);
    return became;
  };
};
