import { newId } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import type { Sql } from "@tagwire/store";
import { forgetScreenLags, saveScreenLags, type WrittenScreens } from "../store/screen-lags.ts";
import type { ScreenLags } from "./screen-lags.ts";

/** How often what screens said is kept, in ms: so old is a figure of it at most. */
export const keepIntervalMs = 5_000;

/** Keeps what the screens of this process say, for whoever asks any gateway, and tells what was kept. */
export const keepScreenLags = (
  sql: Sql,
  lags: Pick<ScreenLags, "take" | "giveBack">,
  log: Logger,
  tell: (written: WrittenScreens) => void,
): { readonly close: () => Promise<void> } => {
  const gateway = newId();
  let keeping: Promise<void> | undefined;
  let keptMinute = "";

  const keep = async () => {
    const minutes = lags.take();
    if (minutes.length === 0) return;
    try {
      for (const written of await saveScreenLags(sql, gateway, minutes)) tell(written);
      const newest = minutes.at(-1)?.minute ?? "";
      if (newest > keptMinute) await forgetScreenLags(sql, newest);
      keptMinute = newest;
    } catch (err) {
      lags.giveBack(minutes);
      log.warn({ err, minutes: minutes.length }, "how long screens take is kept later");
    }
  };
  const keepOnce = (): Promise<void> => {
    keeping ??= keep().finally(() => {
      keeping = undefined;
    });
    return keeping;
  };
  const timer = setInterval(() => void keepOnce(), keepIntervalMs);
  timer.unref();
  return {
    close: async () => {
      clearInterval(timer);
      await keeping;
      await keepOnce();
    },
  };
};
