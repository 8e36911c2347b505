import type { CloseSession, CountingDevice, SessionView, TagSet } from "@tagwire/messages";
import type { Answer } from "../api/http.ts";
import { closeSession, declareSession, fetchSession, joinSession } from "../api/sessions.ts";
import { isAway } from "../outbox/drain.ts";
import type { Outbox } from "../outbox/outbox.ts";
import {
  forgetScanned,
  isNoted,
  isUntold,
  notedAt,
  notedSessions,
  noteTold,
  noteWhole,
  scannedInto,
  type SessionAt as Where,
  writeScanned,
} from "./scanned-tags.ts";

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

/** This device as its scans name it; undefined while it stores nothing, and then its scans name none. */
export const deviceOf = (outbox: Outbox): Promise<CountingDevice | undefined> =>
  outbox.ask(async (_database, { deviceId: id, incarnation }) => ({ id, incarnation }));

/** What this browser has scanned into a session; undefined where it took no part, and where it can make no digest. */
const ownOf = async ({ session }: Where): Promise<TagSet | undefined> => {
  // Another page of this browser may declare at the same moment, and has to know of it.
  writeScanned();
  return isNoted(session) ? tagSetOf(scannedInto(session)) : undefined;
};

/** Whether the same question may be answered otherwise in a while. */
const isOpenYet = (answer: Answer<unknown>): boolean =>
  answer.kind === "signed_out" || (answer.kind === "refused" && answer.refusal.retryable);

/** Nobody but the record itself may say that there is no such session: what stands in its place says 404, too. */
const isUnknown = (answer: Answer<unknown>): boolean =>
  answer.kind === "refused" && answer.refusal.code === "session_unknown";

/**
 * What was said is not said again once the session is over and all of it has come. Who scans on, or hands in late, says all of it anew. Of a
 * session that is not known there is nothing to say.
 */
const settle = (
  where: Where,
  answer: Answer<SessionView>,
  { device, own }: { readonly device: CountingDevice; readonly own: TagSet },
): void => {
  if (isUnknown(answer)) return forgetScanned(where.session);
  if (answer.kind !== "ok") return;
  // Who declares takes part.
  noteTold(where);
  if (answer.value.state !== "closed") return;
  const mark = device.incarnation.slice(-8).toLowerCase();
  const part = (answer.value.parts ?? []).find((one) => one.device === `${device.id}#${mark}`);
  if (part?.state === "complete") noteWhole(where, own.count);
};

/**
 * Says that this browser takes part in a session, unless the server knows it: from then on it is waited for. The answer, or undefined where
 * there was nothing to say or nothing to say it with.
 */
export const join = async (outbox: Outbox, where: Where): Promise<Answer<SessionView> | undefined> => {
  if (!isUntold(where.session)) return undefined;
  const device = await deviceOf(outbox);
  if (device === undefined) return undefined;
  const answer = await joinSession(where.site, where.session, device);
  if (isUnknown(answer)) forgetScanned(where.session);
  else if (answer.kind === "ok") noteTold(where);
  return answer;
};

/** Says of every session in which this browser takes part that it does, where the server may not know it. */
export const joinAll = async (outbox: Outbox): Promise<void> => {
  for (const where of notedSessions()) await join(outbox, where);
};

/**
 * What stands in the way of sending scans: into a session of which the server may not know that this browser takes part, none is sent before
 * it does. Undefined when they may go. A server that answers, and only cannot note who takes part, knows it from the scans themselves.
 */
export const hindranceOf = async (
  outbox: Outbox,
  into: readonly Where[],
): Promise<Answer<never> | undefined> => {
  for (const where of into) {
    const answer = await join(outbox, where);
    if (answer?.kind === "signed_out") return answer;
    if (answer?.kind === "refused" && isAway(answer.refusal)) return answer;
  }
  return undefined;
};

/** Declares what this browser has scanned into a session; undefined where it has nothing to say. */
export const declare = async (outbox: Outbox, where: Where): Promise<Answer<SessionView> | undefined> => {
  const [own, device] = await Promise.all([ownOf(where), deviceOf(outbox)]);
  if (own === undefined || device === undefined) return undefined;
  const answer = await declareSession(where.site, where.session, { ...own, device });
  settle(where, answer, { device, own });
  return answer;
};

/** Closes a session, and declares what this browser has scanned into it. */
export const close = async (outbox: Outbox, where: Where): Promise<Answer<SessionView>> => {
  const [own, device] = await Promise.all([ownOf(where), deviceOf(outbox)]);
  if (own === undefined || device === undefined) return closeSession(where.site, where.session);
  const declared: CloseSession = { ...own, device };
  const answer = await closeSession(where.site, where.session, declared);
  settle(where, answer, { device, own });
  return answer;
};

const isOver = (answer: Answer<SessionView>): boolean =>
  answer.kind === "ok" ? answer.value.state === "closed" : !isOpenYet(answer);

/**
 * Declares what belongs to sessions that are over, or that this browser has left: another device may have closed them while this one was
 * out of reach, or the last scans may have come only now. Answers whether all of it was said; else it is to be tried again.
 */
export const declareLeft = async (
  outbox: Outbox,
  site: string,
  joined: string | undefined,
): Promise<boolean> => {
  let isSaid = true;
  for (const session of notedAt(site)) {
    const where = { site, session };
    const answers: (Answer<SessionView> | undefined)[] = [await join(outbox, where)];
    const now = session === joined ? await fetchSession(site, session) : undefined;
    answers.push(now);
    if (now === undefined || isOver(now)) answers.push(await declare(outbox, where));
    isSaid &&= !answers.some((answer) => answer !== undefined && isOpenYet(answer));
  }
  return isSaid;
};
