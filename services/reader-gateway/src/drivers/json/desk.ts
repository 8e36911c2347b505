import type { PushedEvents } from "@tagwire/messages";
import type { DriverHost, DriverSettings, TagRead } from "../driver.ts";
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

/** Takes in events as one frame. One that cannot be read is told and costs nothing but itself. */
export type Desk = (events: readonly HeardEvent[]) => PushedEvents;

export const openDesk = ({ host, settings, inbox, reading, isReading }: DeskOptions): Desk => {
  const clock = new ReaderClock();
  const tellOdd = tellOddReads(host);
  const tellClock = tellClockOffset(host);
  const unknown = new Set<string>();
  const ownAntenna = settings.antennas[0]?.port ?? 1;

  const readOf = (tag: ToldTag, arrivedAtMs: number): TagRead => {
    const { epc, rssiDbm, count, tid } = tag;
    const odd = oddTag(epc);
    if (odd !== undefined) tellOdd(odd, count);
    const heardAtMs = tag.stampMs === undefined ? arrivedAtMs : clock.ours("utc", tag.stampMs, arrivedAtMs);
    const read = { epc, rssiDbm, count, antenna: tag.antenna ?? ownAntenna, heardAtMs };
    return tid === undefined ? read : { ...read, tid };
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

  return (events) => {
    const arrivedAtMs = Date.now();
    const heard = events
      .map(({ event, text }) => ({ text, told: reading(event) }))
      .filter(({ text, told }) => !(hasStamp(told) && inbox.repeats.isRepeat(text, performance.now())));
    const tags = heard.flatMap(({ told }) => told.filter((one) => one.kind === "tag"));
    const stamps = heard.flatMap(({ told }) => told.flatMap((one) => stampOf(one) ?? []));
    const newest = stamps.reduce((newer, stamp) => Math.max(newer, stamp), Number.NEGATIVE_INFINITY);
    if (stamps.length > 0) clock.observe("utc", newest, arrivedAtMs);
    tellClock(clock);
    const before = clock.unbelievable;
    const reads = tags.map((tag) => readOf(tag, arrivedAtMs));
    if (clock.unbelievable > before) tellOdd("clock_unbelievable", clock.unbelievable - before);
    for (const { told, text } of heard) for (const one of told) tell(one, { text, arrivedAtMs });
    host.frame(reads);
    const malformed = heard.filter(({ told }) => told.some(({ kind }) => kind === "unreadable")).length;
    return { taken: heard.length - malformed, malformed, repeated: events.length - heard.length };
  };
};
