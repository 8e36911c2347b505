import { Fault } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import type { Sql } from "@tagwire/store";
import { importOwnedForMs, renewImport } from "../store/imports.ts";

/** How often an import's owner says that it is alive: a page of it may take longer than it stays the owner's in silence. */
const roundMs = 2_000;

export type Holding = {
  /** Aborts when the import may be another's. */
  readonly signal: AbortSignal;
  readonly stop: () => Promise<void>;
};

/** Keeps an import its owner's while it is carried out, also while operations is away and no page gets done. */
export const holdImport = (
  { sql, log }: { readonly sql: Sql; readonly log: Logger },
  { run, owner }: { readonly run: string; readonly owner: string },
): Holding => {
  const control = new AbortController();
  let renewedAtMs = performance.now();
  let running: Promise<void> | undefined;
  const round = async () => {
    try {
      await renewImport(sql, run, owner);
      renewedAtMs = performance.now();
    } catch (err) {
      const isLost = err instanceof Fault && err.code === "lease.lost";
      log.warn({ err, run }, "an import is not known to be ours");
      if (isLost || performance.now() - renewedAtMs > importOwnedForMs)
        control.abort(new Fault("lease.lost", run));
    }
  };
  const timer = setInterval(() => {
    running ??= round().finally(() => {
      running = undefined;
    });
  }, roundMs);
  return {
    signal: control.signal,
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
};
