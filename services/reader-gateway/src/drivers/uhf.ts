import type { Driver } from "./driver.ts";
import { Line } from "./line/line.ts";
import { lineAt } from "./line-address.ts";
import { uhfFraming } from "./uhf/frames.ts";
import { type UhfLimits, uhfLimits } from "./uhf/limits.ts";
import { deliver, newRound, readRounds } from "./uhf/rounds.ts";
import { setUp, type UhfFamily, uhf18, uhf288 } from "./uhf/setup.ts";
import { untilAborted } from "./until-aborted.ts";

/** Readers leave the factory with this rate, and those with a network plug listen at this port. */
export const uhfDefaults = { baudRate: 57_600, tcpPort: 6_000 } as const;

/** Makes a driver for one of the two families, with bounds of its own. A round ends by itself, so there is nothing to stop. */
export const createUhfDriver =
  (family: UhfFamily, limits: UhfLimits = uhfLimits): Driver =>
  async (settings, host, signal) => {
    if (signal.aborted) return;
    const openPort = lineAt(settings.address, uhfDefaults);
    host.phase("connecting");
    const round = newRound(settings);
    const line = await Line.openUnlessAborted(
      openPort,
      {
        framing: uhfFraming,
        limits,
        malformed: host.malformed,
        frame: deliver(host, family, round),
      },
      signal,
    );
    if (line === undefined) return;
    const work = async (): Promise<void> => {
      host.phase("configuring");
      await setUp(line, family, { settings, host, limits });
      host.phase("inventory");
      await readRounds({ line, family, host, settings, limits, round, signal });
    };
    try {
      await untilAborted(Promise.race([work(), line.ended]), signal);
    } catch (fault) {
      if (!signal.aborted) throw fault;
    } finally {
      await line.close();
    }
  };

/** UHFReader18 and what is sold under other names with its protocol. One antenna, no strength; serial, or `host[:port]`. */
export const uhf18Driver: Driver = createUhfDriver(uhf18);

/** UHFReader288, UHFReader86 and their kin. Four antennas; serial, or `host[:port]`. */
export const uhf288Driver: Driver = createUhfDriver(uhf288);
