import { type Bus, openBus } from "@tagwire/bus";
import { pino } from "pino";
import type { AccessOptions } from "./access.ts";
import { DataFolderError, layOut } from "./data-folder.ts";
import { readEndpoints } from "./endpoints.ts";

/**
 * The bus of a Tagwire that runs: that of NATS_URL, else of the Tagwire on the data folder. What is done there is done by whoever may
 * reach the servers themselves; no key of the API opens it.
 *
 * @throws DataFolderError when neither tells of one; Fault `bus.unreachable` when it does not answer
 */
export const openInside = async (
  { dataDir, url }: AccessOptions,
  env: NodeJS.ProcessEnv,
): Promise<Bus & AsyncDisposable> => {
  const natsUrl =
    env.NATS_URL || (url === undefined ? readEndpoints(layOut(dataDir).endpoints)?.nats : undefined);
  if (natsUrl === undefined)
    throw new DataFolderError(
      url === undefined
        ? `No Tagwire runs on ${dataDir}. Start it, or say --data, or set NATS_URL.`
        : "This goes to the servers behind the API: set NATS_URL to the bus of that Tagwire.",
    );
  const bus = await openBus({ url: natsUrl, name: "tagwire-tool", log: pino({ enabled: false }) });
  return Object.assign(bus, { [Symbol.asyncDispose]: () => bus.close() });
};
