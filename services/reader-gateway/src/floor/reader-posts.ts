import { setImmediate } from "node:timers/promises";
import { type Bus, forgetTaken, type Subscription, type TakeOptions, take } from "@tagwire/bus";
import {
  eventsIn,
  eventsPerBodyMax,
  Fault,
  type PushedEvents,
  type ReaderId,
  ReaderPosts,
  readerPostSubject,
  type SiteId,
} from "@tagwire/messages";
import type { Unreadable } from "../drivers/json/inbox.ts";

const shownMax = 256;
/** The last part of a topic for what is no event: a reader's last will, for one. */
const statusTopic = "status";

/** Messages that are remembered as heard and not acknowledged: more than are under way at once. */
const heardMax = 1_000;

type Post = { readonly events: readonly unknown[]; readonly unreadable?: Unreadable };

export type PostsOptions = {
  readonly bus: Bus;
  readonly site: SiteId;
  readonly id: ReaderId;
  /** @throws Fault as the reader's life does. */
  readonly bring: (events: readonly unknown[], unreadable?: Unreadable) => Promise<PushedEvents>;
  /** Resolves when all that was brought is in Postgres. @throws Fault `store.unreachable`, `overloaded` */
  readonly kept: () => Promise<void>;
  /** Whether the reader is to read at all: one that is stopped leaves unread what came. */
  readonly isWanted: () => boolean;
};

const postsOf = (site: SiteId, id: ReaderId): TakeOptions => ({
  stream: ReaderPosts.name,
  subject: readerPostSubject(site, id),
  name: `${site}_${id}`,
});

/** A message in the stream. A stream that was made anew begins to count anew, but not at the same time. */
const nameOf = ({ seq, timestampNanos }: { readonly seq: number; readonly timestampNanos: bigint }): string =>
  `${seq} ${timestampNanos}`;

/** What a published message says. */
const read = ({ subject, data }: { readonly subject: string; readonly data: Uint8Array }): Post => {
  if (subject.endsWith(`.${statusTopic}`)) return { events: [] };
  const text = Buffer.from(data).toString("utf8");
  const unreadable = (reason: string): Post => ({
    events: [],
    unreadable: { reason, start: text.slice(0, shownMax) },
  });
  try {
    const events = eventsIn(JSON.parse(text));
    return events.length > eventsPerBodyMax ? unreadable(`more than ${eventsPerBodyMax} events`) : { events };
  } catch {
    return unreadable("the message is no JSON");
  }
};

/**
 * Takes what one reader publishes over MQTT, from the stream where it waits. Each reader has a consumer of its own, so none waits for
 * what another one sent, and a message is acknowledged when what it says is in Postgres.
 */
export const openPosts = ({ bus, site, id, bring, kept, isWanted }: PostsOptions): Subscription => {
  /** False when the reader is being started: it comes again in a moment. What a stopped one goes on saying, nobody wants. */
  const isDone = async (post: Post): Promise<boolean> => {
    try {
      await bring(post.events, post.unreadable);
      return true;
    } catch (fault) {
      if (!(fault instanceof Fault) || fault.code !== "reader.deaf") throw fault;
      return !isWanted();
    }
  };
  /** Heard, and not yet known to be kept: it comes again until it is, and what has no time in it could not be known by its text. */
  const heard = new Set<string>();
  const remember = (message: string): void => {
    heard.add(message);
    for (const oldest of heard) if (heard.size > heardMax) heard.delete(oldest);
  };
  return take(bus, postsOf(site, id), async (messages) => {
    let done = 0;
    for (const message of messages) {
      const name = nameOf(message);
      if (!heard.has(name)) {
        if (!(await isDone(read(message)))) break;
        remember(name);
      }
      done += 1;
      // Hundreds may have gathered, each with thousands of reads: the other readers have their turns in between.
      await setImmediate();
    }
    await kept();
    for (const message of messages.slice(0, done)) heard.delete(nameOf(message));
    return done;
  });
};

/** The reader is deleted: what it said is nobody's any more. */
export const forgetPosts = (bus: Bus, site: SiteId, id: ReaderId): Promise<void> =>
  forgetTaken(bus, postsOf(site, id));
