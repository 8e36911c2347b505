import { faultOfStore } from "@tagwire/store";

/** Runs a statement; when the way to Postgres is gone that becomes `store.unreachable`. Every other error is our own mistake. */
export const stored = async <T>(what: string, statement: Promise<T>): Promise<T> => {
  try {
    return await statement;
  } catch (cause) {
    throw faultOfStore(cause) ?? new Error(`a statement on ${what} failed`, { cause });
  }
};
