import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ask, type Bus } from "@tagwire/bus";
import { type Rfidpro, type RfidproOptions, startRfidpro } from "@tagwire/emulators";
import { AskRfidproRun, AskStartRfidproRun, newId, type RfidproRun } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";

/** A RFIDpro that tests pull from, and the settings of a service that does. */
export type OldHouse = {
  readonly rfidpro: Rfidpro;
  readonly env: Readonly<Record<string, string>>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

export const openOldHouse = async (options: RfidproOptions): Promise<OldHouse> => {
  const folder = await mkdtemp(join(tmpdir(), "tagwire-rfidpro-"));
  const rfidpro = await startRfidpro(options);
  const { loginUrl, dataUrl, username, password, datasets, timeZone } = rfidpro;
  return {
    rfidpro,
    env: {
      RFIDPRO_LOGIN_URL: loginUrl,
      RFIDPRO_DATA_URL: dataUrl,
      RFIDPRO_USERNAME: username,
      RFIDPRO_PASSWORD: password,
      RFIDPRO_DATASET_CLASSES: datasets.classes,
      RFIDPRO_DATASET_ITEMS: datasets.items,
      RFIDPRO_DATASET_TRANSACTIONS: datasets.transactions,
      RFIDPRO_TIME_ZONE: timeZone,
      // A stand-in bears it, and most of what a test waits for is the pace.
      RFIDPRO_REQUESTS_PER_SECOND: "50",
      RFIDPRO_ARCHIVE_DIR: join(folder, "archive"),
    },
    [Symbol.asyncDispose]: async () => {
      await rfidpro.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const pullWithinMs = 120_000;

/** Pulls everything and compares it, and gives the run when it has ended. */
export const pullAll = async (bus: Bus, site: string): Promise<RfidproRun> => {
  const id = newId();
  await ask(bus, AskStartRfidproRun, {
    ...{ site, id, by: "ann", how: "manual", compare: true, import: true },
    datasets: ["classes", "items", "transactions"],
  });
  return eventually(
    "the pull has ended",
    async () => {
      const { run } = await ask(bus, AskRfidproRun, { id });
      return run === null || run.state === "running" ? undefined : run;
    },
    pullWithinMs,
  );
};
