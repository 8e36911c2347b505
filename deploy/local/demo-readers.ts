import { startLlrpReader, startM100Reader, type Warehouse } from "@tagwire/emulators";
import type { DemoCall } from "./demo-client.ts";
import { note, reasonsOf } from "./demo-log.ts";
import { demoSite } from "./demo-stock.ts";

type Settings = {
  readonly driver: "llrp" | "m100";
  readonly address: string;
  readonly antennas: readonly {
    readonly port: number;
    readonly place: string;
    readonly role: "gate" | "zone";
  }[];
};

/** Readers with their emulated metal; `stop` takes the metal away. */
export type DemoReaders = {
  readonly stop: () => Promise<void>;
};

/**
 * The LLRP reader loses its connection now and then, as real ones do, so that people see what that looks like: every four
 * minutes on average, when exactly is drawn from the seed.
 */
const dropsAfterMs = 240_000;

const readersPath = `/sites/${demoSite.id}/readers`;

/** Emulated metal has another address after each start: a known reader is told its new one. */
const connect = async (call: DemoCall, id: string, settings: Settings): Promise<void> => {
  const { status } = await call("POST", readersPath, { id, ...settings });
  if (status === 409) await call("PATCH", `${readersPath}/${id}`, settings);
  await call("POST", `${readersPath}/${id}:start`);
};

/**
 * Hangs two readers into the warehouse: one with four antennas that speaks LLRP over TCP, and an M100 module on a
 * pseudo-terminal. The real drivers talk to them; a machine without pseudo-terminals goes without the second.
 */
export const hangReaders = async (
  call: DemoCall,
  warehouse: Warehouse,
  seed: string,
): Promise<DemoReaders> => {
  const { source, antennas } = warehouse;
  const llrp = await startLlrpReader({
    world: source,
    seed,
    antennas: antennas.length,
    flaky: { dropsAfterMs },
  });
  await connect(call, "docks", {
    driver: "llrp",
    address: llrp.address,
    antennas: antennas.map(({ antenna, place, role }) => ({
      port: antenna,
      place,
      role: role === "shelf" ? "zone" : "gate",
    })),
  });

  const shelf = antennas.find(({ role }) => role === "shelf");
  const m100 =
    shelf === undefined
      ? undefined
      : await startM100Reader({ world: source, antenna: shelf.antenna, seed }).catch((error: unknown) => {
          note(`no pseudo-terminal, so no serial reader: ${reasonsOf(error)}`);
          return undefined;
        });
  if (m100 !== undefined && shelf !== undefined) {
    await connect(call, "shelf-module", {
      driver: "m100",
      address: m100.path,
      antennas: [{ port: 1, place: shelf.place, role: "zone" }],
    });
  }
  return {
    stop: async () => {
      await Promise.all([llrp.stop(), m100?.stop()]);
    },
  };
};
