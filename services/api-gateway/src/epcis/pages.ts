import { createHash } from "node:crypto";
import type { Bus } from "@tagwire/bus";
import { AskEpcisEvents, type EpcisEvent, epcisPageMax, Fault } from "@tagwire/messages";
import { openCursor, sealCursor } from "../edge/cursor.ts";
import { malformedAt } from "../edge/problem.ts";
import { inquire } from "../edge/questions.ts";
import type { EventQuery } from "./query.ts";

/** Each answer looks at a bounded part of the log; so many of them are asked for to fill one page. */
const asksPerPageMax = 10;

/** Where a page begins: after which mark, with how many events told before, and of which query. */
type Token = { readonly after: string | null; readonly told: number; readonly query: string };

const fingerprintOf = (site: string, { filter, isVain, order, descending }: EventQuery): string =>
  createHash("sha256")
    .update(JSON.stringify([site, filter, order, descending, ...(isVain ? ["vain"] : [])]))
    .digest("base64url")
    .slice(0, 16);

/** @throws Refusal `malformed` for what was not given as a token, or for another query */
const openToken = (site: string, query: EventQuery): Token => {
  const fingerprint = fingerprintOf(site, query);
  if (query.nextPageToken === undefined) return { after: null, told: 0, query: fingerprint };
  const token = tokenIn(query.nextPageToken);
  if (token?.query !== fingerprint)
    throw malformedAt("/nextPageToken", "was not given for this query (querystring)");
  return token;
};

const tokenIn = (text: string): Token | undefined => {
  try {
    return JSON.parse(openCursor(text) ?? "") as Token;
  } catch {
    return undefined;
  }
};

type Reading = { readonly events: EpcisEvent[]; readonly next: string | null };

const read = async (
  bus: Bus,
  site: string,
  query: EventQuery,
  span: { readonly after: string | null; readonly count: number },
): Promise<Reading> => {
  const events: EpcisEvent[] = [];
  let after = span.after;
  for (let asks = 0; asks < asksPerPageMax && events.length < span.count; asks += 1) {
    const { filter, order, descending } = query;
    const limit = Math.min(span.count - events.length, epcisPageMax);
    const answer = await inquire(bus, AskEpcisEvents, { site, filter, order, descending, limit, after });
    events.push(...answer.events);
    after = answer.next;
    if (after === null) break;
  }
  return { events, next: after };
};

/** @throws Fault `too_large` when there are more events than the client would take, or too many to know */
const checkCount = async (bus: Bus, site: string, query: EventQuery, most: number): Promise<void> => {
  const { events, next } = await read(bus, site, query, { after: null, count: most + 1 });
  if (events.length > most) throw new Fault("too_large", `the query has more than ${most} events`);
  if (next !== null)
    throw new Fault("too_large", "the query looks at too much of the log to count its events");
};

/** A page of events, and the token of the next one; null after the last. */
export const readEventPage = async (
  bus: Bus,
  site: string,
  query: EventQuery,
): Promise<{ events: EpcisEvent[]; nextPageToken: string | null }> => {
  const token = openToken(site, query);
  if (query.isVain) return { events: [], nextPageToken: null };
  if (query.maxEventCount !== undefined && query.nextPageToken === undefined)
    await checkCount(bus, site, query, query.maxEventCount);
  const left = (query.eventCountLimit ?? Number.POSITIVE_INFINITY) - token.told;
  const { events, next } = await read(bus, site, query, {
    after: token.after,
    count: Math.min(query.perPage, left),
  });
  const isLast = next === null || events.length >= left;
  const following: Token = { ...token, after: next, told: token.told + events.length };
  return { events, nextPageToken: isLast ? null : sealCursor(JSON.stringify(following)) };
};
