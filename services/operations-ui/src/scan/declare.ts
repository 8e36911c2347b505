import type { CloseSession, CountingDevice, SessionView, TagSet } from "@tagwire/messages";
import type { Answer } from "../api/http.ts";
import { closeSession, declareSession, fetchSession, joinSession } from "../api/sessions.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { forgetScanned, isNoted, notedAt, scannedInto } from "./scanned-tags.ts";

const compare = (left: Uint8Array, right: Uint8Array): number => {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
};

/**
 * A set of tags as the close of a session declares it: how many, and the SHA-256, in hex, of the tags sorted by their UTF-8 bytes and
 * joined by line feeds. Undefined where the browser keeps its cryptography to secure pages.
 */
export const tagSetOf = async (tags: Iterable<string>): Promise<TagSet | undefined> => {
  if (globalThis.crypto?.subtle === undefined) return undefined;
  const encoder = new TextEncoder();
  const sorted = [...new Set(tags)]
    .map((tag) => ({ tag, bytes: encoder.encode(tag) }))
    .sort((left, right) => compare(left.bytes, right.bytes))
    .map(({ tag }) => tag);
  const hash = await crypto.subtle.digest("SHA-256", encoder.encode(sorted.join("\n")));
  const digest = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { count: sorted.length, digest };
};

type Where = { readonly site: string; readonly session: string };

/** This device as its scans name it; undefined while it stores nothing, and then its scans name none. */
const deviceOf = (outbox: Outbox): Promise<CountingDevice | undefined> =>
  outbox.ask(async (_database, { deviceId: id, incarnation }) => ({ id, incarnation }));

/** What this browser has scanned into a session; undefined where it took no part, and where it can make no digest. */
const ownOf = async ({ session }: Where): Promise<TagSet | undefined> =>
  isNoted(session) ? tagSetOf(scannedInto(session)) : undefined;

/** What was said is remembered until the session is over and all of it has come: who scans on, or hands in late, says it anew. */
const settle = (
  { session }: Where,
  answer: Answer<SessionView>,
  device: CountingDevice | undefined,
): void => {
  if (answer.kind !== "ok" || answer.value.state !== "closed" || device === undefined) return;
  const mark = device.incarnation.slice(-8).toLowerCase();
  const own = (answer.value.parts ?? []).find((part) => part.device === `${device.id}#${mark}`);
  if (own?.state === "complete") forgetScanned(session);
};

/** Takes part in a session, as far as the server is told: who scans into it without having said so takes part all the same. */
export const join = async (outbox: Outbox, { site, session }: Where): Promise<void> => {
  const device = await deviceOf(outbox);
  if (device !== undefined) await joinSession(site, session, device);
};

/** Declares what this browser has scanned into a session; undefined where it has nothing to say. */
export const declare = async (outbox: Outbox, where: Where): Promise<Answer<SessionView> | undefined> => {
  const [own, device] = await Promise.all([ownOf(where), deviceOf(outbox)]);
  if (own === undefined || device === undefined) return undefined;
  const answer = await declareSession(where.site, where.session, { ...own, device });
  settle(where, answer, device);
  return answer;
};

/** Closes a session, and declares what this browser has scanned into it. */
export const close = async (outbox: Outbox, where: Where): Promise<Answer<SessionView>> => {
  const [own, device] = await Promise.all([ownOf(where), deviceOf(outbox)]);
  const declared: CloseSession = own === undefined || device === undefined ? {} : { ...own, device };
  const answer = await closeSession(where.site, where.session, declared);
  settle(where, answer, device);
  return answer;
};

/**
 * Declares what belongs to sessions that are over, or that this browser has left: another device may have closed them while this one was
 * out of reach, or the last scans may have come only now.
 */
export const declareLeft = async (
  outbox: Outbox,
  site: string,
  joined: string | undefined,
): Promise<void> => {
  for (const session of notedAt(site)) {
    if (session === joined) {
      const answer = await fetchSession(site, session);
      if (answer.kind !== "ok" || answer.value.state !== "closed") continue;
    }
    await declare(outbox, { site, session });
  }
};
