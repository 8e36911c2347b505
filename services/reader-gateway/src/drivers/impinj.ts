import { Fault } from "@tagwire/messages";
import type { Driver, DriverHost, DriverSettings } from "./driver.ts";
import { impinjAddress } from "./impinj/address.ts";
import { impinjEvents } from "./impinj/events.ts";
import { type ImpinjLimits, impinjLimits } from "./impinj/limits.ts";
import { openRest } from "./impinj/rest.ts";
import { isBusy, type SetUp, setUp } from "./impinj/setup.ts";
import { readStream } from "./impinj/stream.ts";
import { openDesk } from "./json/desk.ts";
import { Inbox } from "./json/inbox.ts";
import { hearPushes } from "./push.ts";
import { untilAborted } from "./until-aborted.ts";

type Pull = {
  readonly settings: DriverSettings;
  readonly inbox: Inbox;
  readonly host: DriverHost;
  readonly limits: ImpinjLimits;
};

/**
 * The reader says that it is idle: perhaps an event from before our start that it had kept, so it is asked.
 *
 * @throws Fault `reader.error` when its inventory was really ended by somebody else.
 */
const stillReads = async (up: SetUp): Promise<void> => {
  if (!(await isBusy(up)))
    throw new Fault("reader.error", "somebody else stopped the inventory at the reader");
};

const pull = async ({ settings, inbox, host, limits }: Pull, signal: AbortSignal): Promise<void> => {
  const rest = openRest({ base: impinjAddress(settings.address), login: settings.login, limits });
  // Ends what is under way at the reader when anything of this ends, whoever ended it.
  const ending = new AbortController();
  const up: SetUp = { rest, settings, host, limits, signal: ending.signal };
  const { promise: stopped, reject: failed } = Promise.withResolvers<never>();
  stopped.catch(() => {});
  let hasStarted = false;
  const work = async (): Promise<void> => {
    host.phase("connecting");
    host.phase("configuring");
    await setUp(up, () => {
      hasStarted = true;
    });
    const body = await rest.stream(ending.signal);
    host.phase("inventory");
    const desk = openDesk({
      settings,
      inbox,
      host,
      reading: impinjEvents,
      isReading: (isReading) => {
        if (!isReading) stillReads(up).catch(failed);
      },
    });
    await Promise.race([readStream({ body, desk, host, limits }), stopped]);
  };
  try {
    await untilAborted(work(), signal);
  } finally {
    ending.abort();
    if (hasStarted) await rest.ask("POST", "profiles/stop", { timeoutMs: limits.farewellMs }).catch(() => {});
  }
};

/** Makes an Impinj driver with bounds of its own. */
export const createImpinjDriver =
  (limits: ImpinjLimits = impinjLimits): Driver =>
  async (settings, host, signal) => {
    if (signal.aborted) return;
    const { inbox = new Inbox() } = settings;
    if (settings.address === "") return hearPushes({ settings, inbox, host, reading: impinjEvents }, signal);
    await pull({ settings, inbox, host, limits }, signal);
  };

/**
 * Impinj readers with the IoT device interface (R700, R720, R660): set up over REST and read from their HTTP stream when they have an address;
 * without one they push by themselves, over a webhook or MQTT.
 */
export const impinjDriver: Driver = createImpinjDriver();
