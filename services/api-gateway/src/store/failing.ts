import { Fault } from "@tagwire/messages";

/** Runs a statement; whatever Postgres or the way to it says becomes `store.unreachable`, with the cause kept for the log. */
export const stored = async <T>(what: string, statement: Promise<T>): Promise<T> => {
  try {
    return await statement;
  } catch (cause) {
    throw new Fault("store.unreachable", what, { cause });
  }
};
