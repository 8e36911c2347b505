import { type Bus, request } from "@tagwire/bus";
import { type Command, type CommandResult, commandSubject, Fault, type SiteId } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import type { Sql } from "../store/database.ts";
import { findNotes, removeNote, type SettingsNote } from "../store/settings-notes.ts";

/** The pause after operations or the store was away, doubling, in ms. */
const retryDelayMsFirst = 250;
const retryDelayMsMax = 30_000;
/** Changes that are read at once; people make them, so there are few. */
const notesPerPage = 50;

export type SettingsTeller = {
  /** There is, or may be, something to tell. */
  readonly wake: () => void;
  readonly stop: () => Promise<void>;
};

const commandOf = ({ id, about, subject, was, now, by, at, traceparent }: SettingsNote): Command => ({
  kind: "settings.note",
  id,
  by,
  receivedAt: at,
  traceparent,
  body: { about, id: subject, was, now },
});

/**
 * Tells the log of a site which settings were changed, in their order, until it has taken each: by the id of the note, so that a
 * repeat counts once. What is refused would be refused again, and is let go with an error in our own log.
 */
export const createSettingsTeller = (
  { bus, sql, log }: { readonly bus: Bus; readonly sql: Sql; readonly log: Logger },
  site: SiteId,
): SettingsTeller => {
  let isStopped = false;
  let isWanted = false;
  let working: Promise<void> | undefined;
  let endPause: (() => void) | undefined;

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      timer.unref();
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const tell = async (note: SettingsNote) => {
    try {
      await request<CommandResult["settings.note"]>(bus, commandSubject(site), commandOf(note), {
        template: "commands.{partition}.{site}",
      });
    } catch (error) {
      if (!(error instanceof Fault) || error.retryable) throw error;
      log.error({ err: error, site, note }, "the log refuses a change of settings");
    }
  };

  const tellAll = async () => {
    for (;;) {
      const notes = await findNotes(sql, site, notesPerPage);
      if (notes.length === 0) return;
      for (const { seq, note } of notes) {
        if (isStopped) return;
        await tell(note);
        await removeNote(sql, seq);
      }
    }
  };

  const work = async () => {
    let delayMs = retryDelayMsFirst;
    while (isWanted && !isStopped) {
      isWanted = false;
      try {
        await tellAll();
        delayMs = retryDelayMsFirst;
      } catch (err) {
        isWanted = true;
        log.warn({ err, site }, "changes of settings wait to be told");
        await pause(delayMs * (0.5 + Math.random() / 2));
        delayMs = Math.min(retryDelayMsMax, delayMs * 2);
      }
    }
    working = undefined;
  };

  return {
    wake: () => {
      isWanted = true;
      if (!isStopped) working ??= work();
    },
    stop: async () => {
      isStopped = true;
      endPause?.();
      await working;
    },
  };
};
