import { setTimeout } from "node:timers/promises";
import type { Bus, Subscription } from "@tagwire/bus";
import { Fault, type PushedEvents, type ReaderId, type SiteId } from "@tagwire/messages";
import type { Unreadable } from "../drivers/json/inbox.ts";
import type { Keeper } from "../spool/keeper.ts";
import type { Sql } from "../store/database.ts";
import { type Noted, updateKey } from "../store/readers.ts";
import type { Asker } from "../store/settings-notes.ts";
import { isKey, newKey } from "./reader-key.ts";
import type { ReaderLife } from "./reader-life.ts";
import { forgetPosts, openPosts } from "./reader-posts.ts";

/** How long whoever pushes events waits until Postgres has what they say, in ms; over MQTT they just come again. */
const keptTimeoutMs = { http: 3_000, mqtt: 2_000 } as const;

/** How often it is looked whether there is room for what was pushed, in ms. */
const roomEveryMs = 50;

/** Events as they were pushed, and the hash of the key that came with them; null from somebody who may do everything. */
export type Pushed = {
  readonly key: string | null;
  readonly events: readonly unknown[];
  readonly unreadable?: Unreadable;
};

export type SitePushesOptions = {
  readonly bus: Bus;
  readonly sql: Sql;
  readonly site: SiteId;
  readonly keeper: Keeper;
  readonly room: () => number;
  readonly find: (id: ReaderId) => ReaderLife | undefined;
  readonly isEnabled: (life: ReaderLife) => boolean;
  /** What is to be done to a reader's key, as the log is told of it; undefined when it is to have none. */
  readonly noted: (life: ReaderLife, asker: Asker, keyMadeAt: Date | undefined) => Noted;
};

/** What the readers of a site push, and the keys with which they do. Changes of keys are made one at a time by whoever calls. */
export type SitePushes = {
  /**
   * Takes events that a reader pushed. Resolves when the observations that they made are in Postgres, with what the ledger has of all
   * their reads.
   *
   * @throws Fault `unauthenticated` when the key is not the reader's, or there is no such reader; `reader.deaf`; `overloaded` when there is no
   * room now; `store.unreachable` when Postgres has not taken them in time: then they are repeated, and known again.
   */
  readonly take: (id: ReaderId, pushed: Pushed) => Promise<PushedEvents>;
  /** Makes a key; the one before ends with that. */
  readonly makeKey: (id: ReaderId, asker: Asker) => Promise<{ key: string; keyMadeAt: string }>;
  /** Ends the reader's key; false when it had none. */
  readonly endKey: (id: ReaderId, asker: Asker) => Promise<boolean>;
  /** Whether a key with this hash is the reader's. */
  readonly isKey: (id: ReaderId, hash: string) => boolean;
  /** A reader came, or changed: it may publish over MQTT when it comes to us and has a key, and else not, or not any more. */
  readonly tend: (life: ReaderLife) => Promise<void>;
  /** A reader is deleted. */
  readonly forget: (id: ReaderId) => Promise<void>;
  /** Takes no more from MQTT; what is there waits for whoever takes over. */
  readonly close: () => Promise<void>;
};

export const createSitePushes = (options: SitePushesOptions): SitePushes => {
  const { bus, sql, site, keeper, room, find, isEnabled, noted } = options;
  const posts = new Map<ReaderId, Subscription>();

  const known = (id: ReaderId): ReaderLife => {
    const life = find(id);
    if (life === undefined) throw new Fault("reader_unknown", id);
    return life;
  };
  const bringTo =
    (life: ReaderLife): ReaderLife["bring"] =>
    async (events, unreadable) => {
      if (room() <= 0) throw new Fault("overloaded", "too much waits to be kept");
      return life.bring(events, unreadable);
    };
  /** What found no room is only in memory, so it is waited for too: whoever is answered forgets what he said. */
  const kept = async (life: ReaderLife, timeoutMs: number): Promise<void> => {
    const deadlineMs = performance.now() + timeoutMs;
    while (life.hasUnsaid()) {
      if (performance.now() >= deadlineMs) throw new Fault("overloaded", "too much waits to be kept");
      await setTimeout(roomEveryMs);
    }
    if (!(await keeper.keptSoFar(life.kept, Math.max(0, deadlineMs - performance.now()))))
      throw new Fault("store.unreachable", "what was pushed is not kept yet");
  };
  const closeOne = async (id: ReaderId): Promise<void> => {
    const open = posts.get(id);
    posts.delete(id);
    await open?.stop();
  };
  const tend = async (life: ReaderLife): Promise<void> => {
    const { id } = life.kept;
    if (life.settings().address !== "" || life.key() === undefined) return closeOne(id);
    if (posts.has(id)) return;
    const open = openPosts({
      bus,
      site,
      id,
      bring: bringTo(life),
      kept: () => kept(life, keptTimeoutMs.mqtt),
      isWanted: () => isEnabled(life),
    });
    posts.set(id, open);
  };

  return {
    take: async (id, { key, events, unreadable }) => {
      if (key !== null && !isKey(find(id)?.key(), key)) throw new Fault("unauthenticated", "");
      const life = known(id);
      const became = await bringTo(life)(events, unreadable);
      await kept(life, keptTimeoutMs.http);
      return became;
    },
    makeKey: async (id, asker) => {
      const life = known(id);
      const { text, hash } = newKey();
      const key = { hash, madeAt: new Date() };
      if (!(await updateKey(sql, noted(life, asker, key.madeAt), key))) throw new Fault("reader_unknown", id);
      life.setKey(key);
      await tend(life);
      return { key: text, keyMadeAt: key.madeAt.toISOString() };
    },
    endKey: async (id, asker) => {
      const life = known(id);
      if (life.key() === undefined) return false;
      await updateKey(sql, noted(life, asker, undefined), undefined);
      life.setKey(undefined);
      await tend(life);
      return true;
    },
    isKey: (id, hash) => isKey(find(id)?.key(), hash),
    tend,
    forget: async (id) => {
      if (!posts.has(id)) return;
      await closeOne(id);
      await forgetPosts(bus, site, id);
    },
    close: async () => {
      await Promise.all([...posts.keys()].map(closeOne));
    },
  };
};
