import { type Database, type Identity, openDatabase, readIdentity } from "./database.ts";

/** How soon what could not be opened is tried again, in ms: doubled each time, up to the last. */
const reopenMsMin = 250;
const reopenMsMax = 5_000;

export type Disk = {
  /** Does something with what is stored; undefined while nothing can be stored. A handle that has died is opened again once. */
  use<T>(work: (database: Database, identity: Identity) => Promise<T>): Promise<T | undefined>;
  isThere(): boolean;
  /** How often in a row it could not be opened. */
  failures(): number;
};

/** What this browser stores, opened again whenever the browser lets go of it. `changed` is told when it comes and goes. */
export const openDisk = (changed: (isThere: boolean) => void): Disk => {
  let opened: Promise<{ database: Database; identity: Identity }> | undefined;
  let isThere = false;
  let failures = 0;
  let again: ReturnType<typeof setTimeout> | undefined;

  const set = (there: boolean): void => {
    if (there === isThere) return;
    isThere = there;
    changed(there);
  };

  const lost = (): void => {
    opened = undefined;
    set(false);
    reopen();
  };

  const open = () => {
    opened ??= (async () => {
      const database = await openDatabase(lost);
      return { database, identity: await readIdentity(database) };
    })();
    return opened;
  };

  const reopen = (): void => {
    if (again !== undefined) return;
    const delayMs = Math.min(reopenMsMax, reopenMsMin * 2 ** failures);
    again = setTimeout(async () => {
      again = undefined;
      try {
        await open();
        set(true);
      } catch {
        failures += 1;
        opened = undefined;
        changed(false);
        reopen();
      }
    }, delayMs);
  };

  const attempt = async <T>(work: (database: Database, identity: Identity) => Promise<T>): Promise<T> => {
    const { database, identity } = await open();
    const done = await work(database, identity);
    failures = 0;
    set(true);
    return done;
  };

  return {
    use: async (work) => {
      // While it is away one timer tries, and not everybody who wants something of it.
      if (again !== undefined) return undefined;
      try {
        return await attempt(work);
      } catch {
        opened = undefined;
      }
      try {
        return await attempt(work);
      } catch {
        failures += 1;
        lost();
        return undefined;
      }
    },
    isThere: () => isThere,
    failures: () => failures,
  };
};
