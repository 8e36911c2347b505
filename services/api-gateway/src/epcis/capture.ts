import { createHash } from "node:crypto";
import type { Bus } from "@tagwire/bus";
import { canonicalJson } from "@tagwire/digest";
import {
  AskEpcTags,
  AskScanTags,
  epcsPerQuestionMax,
  Fault,
  type FaultCode,
  faultCatalogue,
  isFaultCode,
  type Receipt,
  type Scan,
  scansPerRequestMax,
  scanTagsMax,
} from "@tagwire/messages";
import { malformedAt } from "../edge/problem.ts";
import { inquire } from "../edge/questions.ts";
import { type Capture, type CaptureRefusal, readCaptured } from "./captured-event.ts";
import { epcisType, exceptionOf } from "./exceptions.ts";

export const capturedEventsMax = 1_000;

/** What became wrong of an event; `pointer` is RFC 6901 within the document. */
export type CaptureError = {
  readonly type: string;
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly pointer: string;
};

export type CapturedScan = { readonly scan: Scan; readonly pointer: string };
export type Reading = { readonly scans: readonly CapturedScan[]; readonly errors: readonly CaptureError[] };

type Located = { readonly event: unknown; readonly pointer: string };

const eventTypes = /Event$/;

/** Where the events of each kind of document stand: what was queried elsewhere can be captured as it came. */
const listOfDocument: Readonly<Record<string, readonly string[]>> = {
  EPCISDocument: ["epcisBody", "eventList"],
  EPCISQueryDocument: ["epcisBody", "queryResults", "resultsBody", "eventList"],
};

const memberAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (within, name) =>
      typeof within === "object" && within !== null && Object.hasOwn(within, name)
        ? (within as Record<string, unknown>)[name]
        : undefined,
    value,
  );

/**
 * The events of a document, or the one event that stands in its place.
 *
 * @throws Refusal `malformed`; Fault `too_large` beyond {@link capturedEventsMax}
 */
export const eventsIn = (document: Record<string, unknown>): readonly Located[] => {
  if (typeof document.type === "string" && eventTypes.test(document.type))
    return [{ event: document, pointer: "" }];
  const path = typeof document.type === "string" ? listOfDocument[document.type] : undefined;
  if (path === undefined)
    throw malformedAt("/type", "must be EPCISDocument, EPCISQueryDocument, or an event's own");
  const place = `/${path.join("/")}`;
  const list = memberAt(document, path);
  if (!Array.isArray(list)) throw malformedAt(place, "must be a list of events");
  if (list.length > capturedEventsMax)
    throw new Fault("too_large", `a capture takes at most ${capturedEventsMax} events`);
  return list.map((event: unknown, index) => ({ event, pointer: `${place}/${index}` }));
};

const errorOf = (code: FaultCode, detail: string, pointer: string): CaptureError => ({
  type: epcisType(exceptionOf(code, faultCatalogue[code].status, "capture")),
  code,
  status: faultCatalogue[code].status,
  title: faultCatalogue[code].advice,
  detail,
  pointer,
});

/** A UUID of version 8 (RFC 9562): made of what was said, so that whoever says it again says the same scan. */
const idOf = (key: string, epc: string): string => {
  const bytes = createHash("sha256")
    .update(canonicalJson([key, epc]))
    .digest()
    .subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
};

const scanOf = (capture: Capture, epc: string, tag: string): Scan => ({
  id: idOf(capture.key, epc),
  tag,
  type: capture.type,
  scannedAt: capture.scannedAt,
  notes: capture.notes,
  ...(capture.place === undefined ? {} : { place: capture.place }),
  ...(capture.contract === undefined ? {} : { contract: capture.contract }),
});

/** The tags that items carry for these identities. */
const findTags = async (
  bus: Bus,
  site: string,
  epcs: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>();
  for (let from = 0; from < epcs.length; from += epcsPerQuestionMax) {
    const { tags } = await inquire(bus, AskEpcTags, {
      site,
      epcs: epcs.slice(from, from + epcsPerQuestionMax),
    });
    for (const [epc, tag] of Object.entries(tags)) found.set(epc, tag);
  }
  return found;
};

/** The tags that scans of these ids were of when they came first. */
const findFirstTags = async (
  bus: Bus,
  site: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>();
  for (let from = 0; from < ids.length; from += scanTagsMax) {
    const { tags } = await inquire(bus, AskScanTags, { site, ids: ids.slice(from, from + scanTagsMax) });
    for (const [id, tag] of Object.entries(tags)) found.set(id, tag);
  }
  return found;
};

const isRefusal = (read: Capture | CaptureRefusal): read is CaptureRefusal => "code" in read;

/**
 * Reads what was captured: a scan for each thing that an event says was seen, and an error for each event of which that cannot be
 * said. An event of which one thing is nobody's is refused as a whole. One that is captured again says what it said the first time, whatever
 * tags its things carry by now.
 *
 * @throws Fault `too_large` when there are more than {@link scansPerRequestMax} things in it
 */
export const readCapture = async (bus: Bus, site: string, events: readonly Located[]): Promise<Reading> => {
  const read = events.map(({ event, pointer }) => ({ pointer, read: readCaptured(site, event) }));
  const things = read.flatMap(({ read }) => (isRefusal(read) ? [] : read.sought));
  if (things.length > scansPerRequestMax)
    throw new Fault("too_large", `a capture takes at most ${scansPerRequestMax} EPCs`);
  const identities = new Set(things.flatMap(({ thing }) => thing ?? []));
  const tags = await findTags(bus, site, [...identities]);
  const ids = read.flatMap(({ read: one }) =>
    isRefusal(one) ? [] : one.sought.map(({ epc }) => idOf(one.key, epc)),
  );
  const firstTags = await findFirstTags(bus, site, [...new Set(ids)]);

  const scans: CapturedScan[] = [];
  const errors: CaptureError[] = [];
  for (const { pointer, read: one } of read) {
    if (isRefusal(one)) {
      errors.push(errorOf(one.code, one.detail, pointer + one.pointer));
      continue;
    }
    const own = one.sought.map(({ epc, tag, thing = "" }) => {
      const first = firstTags.get(idOf(one.key, epc));
      return { epc, first, tag: tags.get(thing) ?? tag ?? first };
    });
    const stray = own.findIndex(({ tag }) => tag === undefined);
    if (stray >= 0) {
      const detail = `not one item carries ${own[stray]?.epc}`;
      errors.push(errorOf("tag_unknown", detail, `${pointer}/epcList/${stray}`));
      continue;
    }
    const seen = new Set<string>();
    for (const [index, { epc, tag = "", first = tag }] of own.entries()) {
      // What is named twice, in whatever spelling, was seen once.
      if (seen.has(tag)) continue;
      seen.add(tag);
      scans.push({ scan: scanOf(one, epc, first), pointer: `${pointer}/epcList/${index}` });
    }
  }
  return { scans, errors };
};

/** What the site refused of the scans it was sent. */
export const refusedIn = (scans: readonly CapturedScan[], receipts: readonly Receipt[]): CaptureError[] =>
  receipts.flatMap(({ outcome, code, message }, index) =>
    outcome === "rejected" && isFaultCode(code)
      ? [errorOf(code, message ?? faultCatalogue[code].advice, scans[index]?.pointer ?? "")]
      : [],
  );
