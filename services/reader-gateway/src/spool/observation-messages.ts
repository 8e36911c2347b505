import { type Outgoing, SpanKind, startSpan, traceparentOf } from "@tagwire/bus";
import {
  newId,
  type ObservationHeaders,
  observationSubject,
  observationsPerMessageMax,
  partitionOf,
  type ReaderId,
  type SiteId,
} from "@tagwire/messages";
import type { SpooledObservation } from "../store/observations.ts";

/** Half of the server's payload limit, so that headers and a lower limit still fit. */
export const messageBytesMax = 500 * 1024;

/** An observation and how often it was said, this time included. */
export type Attempted = { readonly row: SpooledObservation; readonly attempt: number };

/** A message, and what ends its span when it was published or not. */
export type Letter = { readonly message: Outgoing; readonly end: () => void };

type Part = {
  readonly readerId: ReaderId;
  readonly rows: Attempted[];
  readonly texts: string[];
  bytes: number;
};

const isFull = (part: Part, bytes: number): boolean =>
  part.rows.length >= observationsPerMessageMax || part.bytes + bytes > messageBytesMax;

const partsOf = (due: readonly Attempted[]): Part[] => {
  const open = new Map<ReaderId, Part>();
  const parts: Part[] = [];
  for (const attempted of due) {
    const { readerId, observation } = attempted.row;
    const text = JSON.stringify(observation);
    const bytes = Buffer.byteLength(text) + 1;
    let part = open.get(readerId);
    if (part === undefined || isFull(part, bytes)) {
      part = { readerId, rows: [], texts: [], bytes: 0 };
      open.set(readerId, part);
      parts.push(part);
    }
    part.rows.push(attempted);
    part.texts.push(text);
    part.bytes += bytes;
  }
  return parts;
};

const letterOf = (site: SiteId, { readerId, rows, texts }: Part): Letter => {
  const [first] = rows;
  const traces = [...new Set(rows.map(({ row }) => row.observation.traceparent))];
  const span = startSpan(`send observations.${partitionOf(site)}.${site}.${readerId}`, {
    kind: SpanKind.PRODUCER,
    ...(traces.length === 1 ? { parent: traces[0] } : { links: traces }),
    attributes: { "messaging.system": "nats", "messaging.batch.message_count": rows.length },
  });
  return {
    message: {
      subject: observationSubject(site, readerId),
      // The attempt is part of the identity: a repeat must pass the stream's window of known ids.
      id: `${first?.row.observation.id}:${first?.attempt}`,
      payload: `{"observations":[${texts.join(",")}]}`,
      headers: {
        traceparent: traceparentOf(span),
        "ce-specversion": "1.0",
        "ce-id": newId(),
        "ce-type": "reader.observations.v1",
        "ce-source": `/sites/${site}/readers/${readerId}`,
        "ce-time": new Date().toISOString(),
        "ce-subject": readerId,
        "tw-site": site,
      } satisfies ObservationHeaders,
    },
    end: () => span.end(),
  };
};

/** Puts a site's observations into messages: one reader each, in order, bounded in number and bytes, with a span each. */
export const lettersOf = (site: SiteId, due: readonly Attempted[]): Letter[] =>
  partsOf(due).map((part) => letterOf(site, part));
