import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { uuidv7 } from "uuidv7";
import { readStored, store } from "../stored.ts";
import { type Command, type CommandState, type Draft, readCommand, today } from "./command.ts";

const name = "tagwire";
const version = 1;
const deviceKey = "tagwire.device";

/** Which device this is, and which life of it: another one begins when the browser has lost what it stored. */
export type Identity = { readonly deviceId: string; readonly incarnation: string };

type Schema = DBSchema & {
  outbox: {
    key: string;
    value: Record<string, unknown>;
    indexes: {
      by_state: [string, number];
      by_maker: [string, string, number];
    };
  };
  meta: { key: string; value: unknown };
};
export type Database = IDBPDatabase<Schema>;

const nameAnew = (): string => `browser-${uuidv7().replaceAll("-", "").slice(-8)}`;

/**
 * Opens what this browser stores; `lost` is called when the browser takes it away again, which iOS does to pages that were in the
 * background. Another page that wants a newer form of it gets it: this one then opens it again.
 */
export const openDatabase = (lost: () => void): Promise<Database> =>
  openDB<Schema>(name, version, {
    upgrade: (database) => {
      const outbox = database.createObjectStore("outbox", { keyPath: "id" });
      outbox.createIndex("by_state", ["state", "order"]);
      outbox.createIndex("by_maker", ["state", "capturedBy", "order"]);
      database.createObjectStore("meta");
    },
    blocking: (_current, _blocked, event) => {
      (event.target as IDBDatabase).close();
      lost();
    },
    terminated: lost,
  });

/** Who this device is; made up once. The name is kept a second time, since browsers clear one kind of memory and not another. */
export const readIdentity = async (database: Database): Promise<Identity> => {
  const transaction = database.transaction("meta", "readwrite", { durability: "strict" });
  const known = (await transaction.store.get("identity")) as Identity | undefined;
  const identity = known ?? { deviceId: readStored(deviceKey) ?? nameAnew(), incarnation: uuidv7() };
  if (known === undefined) await transaction.store.put(identity, "identity");
  await transaction.done;
  store(deviceKey, identity.deviceId);
  return identity;
};

/** The server knows this device by another name: its next life goes by that one. What it made in this one stays under this one's. */
export const nameNextLife = (deviceId: string): void => store(deviceKey, deviceId);

const seqKey = (site: string): string => `seq:${site}`;

/**
 * Stores what was captured, each with the next number of its site: one transaction, which is over only when it is on the disk. No number is
 * ever left out or given twice, whichever pages capture at once.
 */
export const addCommands = async (
  database: Database,
  identity: Identity,
  drafts: readonly (Draft & Partial<Pick<Command, "seq" | "tries" | "trouble">>)[],
): Promise<Command[]> => {
  const transaction = database.transaction(["outbox", "meta"], "readwrite", { durability: "strict" });
  const [outbox, meta] = [transaction.objectStore("outbox"), transaction.objectStore("meta")];
  const next = new Map<string, number>();
  const take = async (key: string): Promise<number> => {
    const taken = (next.get(key) ?? ((await meta.get(key)) as number | undefined) ?? 0) + 1;
    next.set(key, taken);
    return taken;
  };
  const added: Command[] = [];
  for (const draft of drafts) {
    const order = await take("order");
    const seq = draft.seq === undefined ? await take(seqKey(draft.site)) : draft.seq;
    const command: Command = {
      ...{ tries: 0, ...draft, ...identity, v: today.v, order, seq, state: "queued" },
    };
    void outbox.add(command);
    added.push(command);
  }
  for (const [key, value] of next) void meta.put(value, key);
  await transaction.done;
  return added;
};

/** Writes what became of commands. Lost with the power, it is asked for again: the disk need not be waited for. */
export const putCommands = async (database: Database, commands: readonly Command[]): Promise<void> => {
  const transaction = database.transaction("outbox", "readwrite", { durability: "relaxed" });
  for (const command of commands) void transaction.store.put(command);
  await transaction.done;
};

const read = (stored: readonly Record<string, unknown>[]): Command[] =>
  stored.flatMap((each) => readCommand(each) ?? []);

/** Commands in a state, oldest first. */
export const listCommands = async (
  database: Database,
  state: CommandState,
  limit?: number,
): Promise<Command[]> =>
  read(
    await database.getAllFromIndex(
      "outbox",
      "by_state",
      IDBKeyRange.bound([state, 0], [state, Number.MAX_SAFE_INTEGER]),
      limit,
    ),
  );

/** The oldest that wait under a name. */
export const oldestOf = async (database: Database, maker: string, limit: number): Promise<Command[]> =>
  read(
    await database.getAllFromIndex(
      "outbox",
      "by_maker",
      IDBKeyRange.bound(["queued", maker, 0], ["queued", maker, Number.MAX_SAFE_INTEGER]),
      limit,
    ),
  );

export const findCommands = async (database: Database, ids: readonly string[]): Promise<Command[]> => {
  const { store: outbox } = database.transaction("outbox");
  const found = await Promise.all(ids.map((id) => outbox.get(id)));
  return read(found.filter((each) => each !== undefined));
};

/** Everything that is stored, as it is, for a rescue file. */
export const everything = (database: Database): Promise<Record<string, unknown>[]> =>
  database.getAll("outbox");

/** The number of the last scan at a site. */
export const headSeqOf = async (database: Database, site: string): Promise<number> =>
  ((await database.get("meta", seqKey(site))) as number | undefined) ?? 0;

/** Lets the oldest of those go that have their receipt, beyond so many. */
export const pruneDone = async (database: Database, keptMax: number): Promise<void> => {
  const done = IDBKeyRange.bound(["done", 0], ["done", Number.MAX_SAFE_INTEGER]);
  const transaction = database.transaction("outbox", "readwrite", { durability: "relaxed" });
  const index = transaction.store.index("by_state");
  let left = (await index.count(done)) - keptMax;
  for (let cursor = left > 0 ? await index.openCursor(done) : null; cursor !== null && left > 0; left -= 1) {
    await cursor.delete();
    cursor = await cursor.continue();
  }
  await transaction.done;
};
