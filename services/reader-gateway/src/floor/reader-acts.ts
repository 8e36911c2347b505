import {
  type CreateReader,
  Fault,
  type PatchReader,
  partitionOf,
  type Reader,
  type ReaderAct,
  type ReaderId,
  type ReaderSettingsRow,
  type SettingsOutcome,
  type SiteId,
} from "@tagwire/messages";
import type { Keeper } from "../spool/keeper.ts";
import type { Sql } from "../store/database.ts";
import {
  findReader,
  insertReader,
  markDeleted,
  type ReaderSettings,
  removeFinished,
  type StoredReader,
  updateEnabled,
  updateSettings,
} from "../store/readers.ts";
import { type Asker, noteOf, type SettingsNote } from "../store/settings-notes.ts";
import type { ReaderLife } from "./reader-life.ts";
import { patched, sameSettings, settingsOf, shownSettings } from "./reader-settings.ts";
import { takeSettingsRow } from "./settings-import.ts";
import type { SitePushes } from "./site-pushes.ts";

export const readersPerSiteMax = 256;
/** How long a reader that goes waits until Postgres has what it said, in ms. */
export const settleTimeoutMs = 2_000;

/** `created` is false for a reader that was there already with the same settings. */
export type CreatedReader = { readonly reader: Reader; readonly created: boolean };

export type ReaderActs = {
  readonly create: (reader: CreateReader, asker: Asker) => Promise<CreatedReader>;
  readonly patch: (id: ReaderId, patch: PatchReader, asker: Asker) => Promise<Reader>;
  readonly remove: (id: ReaderId, asker: Asker) => Promise<boolean>;
  readonly act: (id: ReaderId, act: ReaderAct, asker: Asker) => Promise<Reader>;
  /** Takes the settings of one reader as a file has them, or says what would become of them. */
  readonly takeSettings: (row: ReaderSettingsRow, dryRun: boolean, asker: Asker) => Promise<SettingsOutcome>;
};

/** What the log is told of a reader to which something is to be done. */
export type ReaderNotes = {
  /** A reader as anybody may read it, with what is to be another thing about it. */
  readonly shown: (
    life: ReaderLife,
    other?: { settings?: ReaderSettings; enabled?: boolean; keyMadeAt?: Date | undefined },
  ) => Record<string, unknown>;
  readonly noted: (
    life: ReaderLife,
    asker: Asker,
    now: SettingsNote["now"],
  ) => { site: SiteId; number: number; note: SettingsNote };
};

export const createReaderNotes = (site: SiteId, isEnabled: (life: ReaderLife) => boolean): ReaderNotes => {
  const shown: ReaderNotes["shown"] = (
    life,
    { settings = life.settings(), enabled = isEnabled(life), ...key } = {},
  ) => shownSettings(settings, enabled, "keyMadeAt" in key ? key.keyMadeAt : life.key()?.madeAt);
  return {
    shown,
    noted: (life, asker, now) => {
      const was = shown(life);
      const note = noteOf(asker, { about: "reader", subject: life.kept.id, was, now });
      return { site, number: life.kept.number, note };
    },
  };
};

/** The floor on which readers are changed. */
type Ground = {
  readonly sql: Sql;
  readonly site: SiteId;
  readonly keeper: Keeper;
  readonly readers: Map<ReaderId, ReaderLife>;
  readonly pushes: Pick<SitePushes, "tend" | "forget">;
  readonly notes: ReaderNotes;
  /** @throws Fault `reader.settings` or `training.site` when a reader here cannot have them. */
  readonly check: (settings: ReaderSettings) => ReaderSettings;
  readonly known: (id: ReaderId) => ReaderLife;
  readonly viewOf: (life: ReaderLife) => Reader;
  readonly show: (ids: readonly ReaderId[]) => void;
  readonly add: (stored: StoredReader) => ReaderLife;
  readonly stop: (life: ReaderLife) => Promise<void>;
};

/** What people do to the readers of a site; whoever calls sees to it that it is one thing at a time. */
export const createReaderActs = (ground: Ground): ReaderActs => {
  const { sql, site, keeper, readers, pushes, check, known, viewOf, show, add } = ground;
  const { shown, noted } = ground.notes;

  const create = async (reader: CreateReader, asker: Asker): Promise<CreatedReader> => {
    const settings = check(settingsOf(reader));
    const there = readers.get(reader.id);
    let created = false;
    if (there === undefined && readers.size >= readersPerSiteMax)
      throw new Fault("reader.settings", `a site has at most ${readersPerSiteMax} readers`);
    if (there === undefined) {
      const now = shownSettings(settings, true);
      const note = noteOf(asker, { about: "reader", subject: reader.id, was: null, now });
      const inserted = await insertReader(sql, { site, id: reader.id }, settings, note);
      created = inserted !== undefined;
      const stored = inserted ?? (await findReader(sql, site, reader.id));
      if (stored === undefined) throw new Fault("unavailable", reader.id);
      add(stored);
      show([reader.id]);
    }
    const life = known(reader.id);
    if (!sameSettings(life.settings(), settings)) throw new Fault("reader_exists", reader.id);
    return { reader: viewOf(life), created };
  };

  const patch = async (id: ReaderId, change: PatchReader, asker: Asker): Promise<Reader> => {
    const life = known(id);
    const settings = check(patched(life.settings(), change));
    if (sameSettings(life.settings(), settings)) return viewOf(life);
    await updateSettings(sql, noted(life, asker, shown(life, { settings })), settings);
    await life.apply(settings);
    await pushes.tend(life);
    show([id]);
    return viewOf(life);
  };

  const remove = async (id: ReaderId, asker: Asker): Promise<boolean> => {
    const life = readers.get(id);
    if (life === undefined) return false;
    const { enabled } = viewOf(life);
    const gone = noted(life, asker, null);
    await ground.stop(life);
    try {
      if (!(await keeper.settled([life.kept], settleTimeoutMs)))
        throw new Fault("store.unreachable", "observations of the reader are not kept yet");
      await markDeleted(sql, gone);
    } catch (fault) {
      // Postgres says that it is there, so it goes on as it was until it is asked to go once more.
      if (enabled) life.start();
      throw fault;
    }
    await life.stopRecording("left");
    await pushes.forget(id);
    keeper.forget(life.kept);
    life.end();
    readers.delete(id);
    show([id]);
    await removeFinished(sql, partitionOf(site));
    return true;
  };

  const act = async (id: ReaderId, what: ReaderAct, asker: Asker): Promise<Reader> => {
    const life = known(id);
    // What is written down changes nothing about the reader, so the log is not told.
    if (what === "record" || what === "stop-recording") {
      await (what === "record" ? life.record() : life.stopRecording("stopped"));
      return viewOf(life);
    }
    const enabled = what === "start";
    await updateEnabled(sql, noted(life, asker, shown(life, { enabled })), enabled);
    if (what === "stop") await life.stop();
    else if (life.phase() === "backoff") await life.restart();
    else life.start();
    return viewOf(life);
  };

  return {
    create,
    patch,
    remove,
    act,
    takeSettings: (row, dryRun, asker) =>
      takeSettingsRow(row, {
        check,
        known: readers.get(row.id)?.settings(),
        dryRun,
        create: (reader) => create(reader, asker),
        patch: (change) => patch(row.id, change, asker),
      }),
  };
};
