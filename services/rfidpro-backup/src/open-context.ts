import { hostname } from "node:os";
import type { Bus } from "@tagwire/bus";
import type { Logger } from "@tagwire/service";
import type { Sql } from "@tagwire/store";
import { openBucket } from "./archive/bucket.ts";
import { openFolder } from "./archive/folder.ts";
import type { ArchivePlace } from "./archive/place.ts";
import { layPublicKey } from "./archive/public-key.ts";
import { openSigningKey } from "./archive/signing-key.ts";
import type { Config } from "./config.ts";
import type { TakeTurn } from "./drivers/pace.ts";
import { openRfidpro } from "./drivers/rfidpro.ts";
import type { RfidproLimits } from "./drivers/settings.ts";
import type { Archive } from "./running/archive-run.ts";
import type { RunsOptions } from "./running/runs.ts";
import { noteArchiveKey } from "./store/archive-keys.ts";
import { accountKey, takeTurnOf } from "./store/turns.ts";

/** Where the settings say that the archive lies. */
export const placeOf = ({ archiveDir, bucket }: Config): ArchivePlace | undefined => {
  if (bucket !== undefined) return openBucket(bucket);
  return archiveDir === undefined ? undefined : openFolder(archiveDir);
};

/**
 * The archive of the settings, with its key, made where there is none yet; undefined where no archive is set up. What stands in the way
 * of it is given as text: it is no reason not to answer for what there is.
 */
const openArchive = async (config: Config, sql: Sql, log: Logger): Promise<Archive | string | undefined> => {
  const { signingKeyFile } = config;
  const place = placeOf(config);
  if (place === undefined || signingKeyFile === undefined) return undefined;
  try {
    const archive = { place, key: await openSigningKey(signingKeyFile) };
    await layPublicKey(archive.place, archive.key);
    await noteArchiveKey(sql, archive.key);
    return archive;
  } catch (error) {
    log.error({ err: error }, "the archive cannot be used");
    return error instanceof Error ? error.message : "unknown";
  }
};

type Surroundings = {
  readonly sql: Sql;
  readonly bus: Bus;
  readonly log: Logger;
  /** Tests are less patient, and have a RFIDpro of their own. */
  readonly limits?: Partial<RfidproLimits>;
  /** Whose turn it is to ask RFIDpro; that of the account, over all processes, unless told. */
  readonly takeTurn?: TakeTurn;
  /** Whether it is here for good, and goes on with runs that were cut off: a one-shot does not. */
  readonly goesOn: boolean;
};

/** Everything that runs need, of the settings. Nothing is asked of RFIDpro by it. */
export const openContext = async (
  config: Config,
  { sql, bus, log, limits, goesOn, takeTurn: told }: Surroundings,
): Promise<RunsOptions> => {
  const { missing, rfidpro: settings, archiveKeepDays, stagedKeepDays, comparedKeepDays } = config;
  const opened = await openArchive(config, sql, log);
  const archive = typeof opened === "string" ? undefined : opened;
  const keeping = { archiveKeepDays, stagedKeepDays, comparedKeepDays };
  const upkeep = { sql, bus, log, archive, goesOn, ...keeping };
  const wrong = typeof opened === "string" ? [`an archive that can be used (${opened})`] : [];
  if (missing.length > 0 || archive === undefined)
    return { ...upkeep, context: { missing: [...missing, ...wrong] } };
  const { timeZone, datasets: ids } = settings;
  const source = { origin: new URL(settings.dataUrl).origin, timeZone, ids };
  const account = accountKey(source.origin, settings.username);
  const takeTurn = told ?? ((gapMs: number) => takeTurnOf(sql, account, gapMs));
  const context = {
    recheckAfterMs: config.recheckAfterMs,
    ...{ sql, bus, log, archive, handsOver: goesOn, owner: `${hostname()}:${process.pid}` },
    rfidpro: openRfidpro({
      ...{ settings, log, takeTurn },
      limits: { requestsPerSecond: config.requestsPerSecond, ...limits },
    }),
    source,
  };
  return { ...upkeep, context };
};
