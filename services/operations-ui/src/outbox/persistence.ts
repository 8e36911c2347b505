import { readStored, store } from "../stored.ts";

/** Whether the browser promised to keep what is stored: else it may clear it when it is short of room, or after a week without a visit. */
export type Persistence = "persisted" | "best-effort" | "unknown";

const askedKey = "tagwire.persist";
let known: Persistence = "unknown";

export const persistence = (): Persistence => known;

const answer = (isPersisted: boolean): void => {
  known = isPersisted ? "persisted" : "best-effort";
};

/** Reads what the browser has promised before, and asks nothing. */
export const readPersistence = async (): Promise<void> => {
  if (navigator.storage?.persisted === undefined) return;
  answer(await navigator.storage.persisted().catch(() => false));
};

/** Asks for that promise, once on a device: a browser may put it to the person. */
export const askPersistence = async (): Promise<void> => {
  if (navigator.storage?.persist === undefined || readStored(askedKey) !== null) return;
  store(askedKey, "asked");
  answer(await navigator.storage.persist().catch(() => false));
};
