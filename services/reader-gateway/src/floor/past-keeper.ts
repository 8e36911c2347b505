import type { Logger } from "@tagwire/service";
import type { Sql } from "../store/database.ts";
import { updatePasts } from "../store/reader-past.ts";
import type { ReaderLife } from "./reader-life.ts";

/** How often what has changed is kept, in ms: what a killed process may forget. */
export const pastEveryMsDefault = 10_000;
/** How long a floor that is left waits for it, in ms: little, for observations are waited for besides, and a process has 7 s to end. */
const lastKeepTimeoutMs = 500;

export type PastKeeper = {
  /** Keeps what has changed of these readers, the last time: resolves when it is kept, or could not be in time. */
  readonly keepLast: (lives: readonly ReaderLife[]) => Promise<void>;
  readonly stop: () => void;
};

type PastKeeperOptions = {
  readonly sql: Sql;
  readonly log: Logger;
  readonly everyMs?: number;
  readonly lives: () => readonly ReaderLife[];
};

/** Keeps the past of readers in Postgres, at most once in a while: a reader may warn without end, and is read all the time. */
export const createPastKeeper = ({
  sql,
  log,
  everyMs = pastEveryMsDefault,
  lives,
}: PastKeeperOptions): PastKeeper => {
  const kept = new WeakMap<ReaderLife, string>();
  let turn: Promise<void> = Promise.resolve();
  let isBusy = false;

  const keep = async (readers: readonly ReaderLife[]): Promise<void> => {
    const changed = readers.flatMap((life) => {
      const past = { number: life.kept.number, ...life.past() };
      const text = JSON.stringify(past);
      return kept.get(life) === text ? [] : [{ life, past, text }];
    });
    if (changed.length === 0) return;
    try {
      await updatePasts(
        sql,
        changed.map(({ past }) => past),
      );
      for (const { life, text } of changed) kept.set(life, text);
    } catch (err) {
      log.warn({ err, readers: changed.length }, "the past of readers is not kept yet");
    }
  };
  /** One after the other, so that an older past is never sent behind a newer one. */
  const keepInTurn = (readers: readonly ReaderLife[]): Promise<void> => {
    turn = turn.then(() => keep(readers));
    return turn;
  };

  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    void keepInTurn(lives()).finally(() => {
      isBusy = false;
    });
  }, everyMs);
  timer.unref();

  return {
    keepLast: async (readers) => {
      let timeout: NodeJS.Timeout | undefined;
      const tooLate = new Promise<void>((resolve) => {
        timeout = setTimeout(resolve, lastKeepTimeoutMs);
      });
      await Promise.race([keepInTurn(readers), tooLate]);
      clearTimeout(timeout);
    },
    stop: () => clearInterval(timer),
  };
};
