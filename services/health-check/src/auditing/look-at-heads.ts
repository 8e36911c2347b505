import { ask, type Bus } from "@tagwire/bus";
import {
  AskDeviceLedgers,
  AskHeads,
  AskParked,
  type DeviceLedger,
  Fault,
  type KeptReport,
} from "@tagwire/messages";
import { lateHeads } from "../actors/late-heads.ts";
import { lostDevices } from "../actors/lost-devices.ts";
import { openDeviceLedgers, openLedgers } from "../actors/open-ledgers.ts";
import { ofSite, type Sighting } from "../actors/sighting.ts";
import type { Heard } from "../actors/succession.ts";
import { askAgain } from "./ask-again.ts";
import { readLedgers } from "./read-ledgers.ts";

/** Whoever does not take a barrier hardly answers either. */
const lateTimeoutMs = 5_000;
/** Nobody listens, or nobody answers; whoever refuses is there. */
const unheard: ReadonlySet<string> = new Set(["unavailable", "outcome_unknown"]);

const readDeviceLedgers = async (bus: Bus, site: string): Promise<readonly DeviceLedger[]> => {
  const all: DeviceLedger[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: { ledgers: DeviceLedger[]; next: string | null } = await askAgain(bus, AskDeviceLedgers, {
      site,
      cursor: cursor ?? null,
    });
    all.push(...page.ledgers);
    cursor = page.next;
  }
  return all;
};

/** Whoever does not come to a barrier does not answer either, and the barrier says it better. */
const lookAtManager = async (bus: Bus, site: string, isThere: boolean): Promise<Sighting[]> => {
  if (!isThere) return [ofSite("projection_lag", "manager", "it did not come to the barrier in time", false)];
  const { count, examples } = await askAgain(bus, AskParked, { site });
  const [first] = examples;
  return count === 0
    ? []
    : [ofSite("events_parked", "manager", `${count} events, the first at ${first?.pos}: ${first?.error}`)];
};

/**
 * What may be said of a site in whose log no barrier could be put: that nobody took it, who owns the site, or should; and what operations
 * says of where its log stands, if it is there to be asked.
 */
export const whyNoBarrier = async (
  bus: Bus,
  { site, error, transactionMsMax }: { site: string; error: unknown; transactionMsMax: number },
): Promise<readonly Sighting[]> => {
  if (!(error instanceof Fault && unheard.has(error.code))) return [];
  const heads = await ask(bus, AskHeads, { site }, { timeoutMs: lateTimeoutMs }).catch(() => undefined);
  const unheld = ofSite("lease_unheld", "owner", "nobody who owns the site takes a barrier", false);
  const late =
    heads === undefined ? [] : lateHeads(heads, transactionMsMax).filter(({ code }) => code !== unheld.code);
  return [unheld, ...late];
};

type HeadsTask = {
  readonly site: string;
  readonly isManagerThere: boolean;
  readonly transactionMsMax: number;
  readonly reports: readonly KeptReport[];
};

type HeadsSeen = {
  readonly checked: number;
  readonly found: readonly Sighting[];
  readonly hiddenSessions: number;
  readonly heard: Heard;
};

/** Where everybody stands, and whether what came in is accounted for: from the antenna and the device to the manager. */
export const lookAtHeads = async (
  bus: Bus,
  { site, isManagerThere, transactionMsMax, reports }: HeadsTask,
): Promise<HeadsSeen> => {
  const manager = await lookAtManager(bus, site, isManagerThere);
  const heads = await askAgain(bus, AskHeads, { site });
  const readers = await readLedgers(bus, site);
  const devices = await readDeviceLedgers(bus, site);
  return {
    hiddenSessions: heads.heads?.hiddenSessions ?? 0,
    heard: { isOfReaders: readers !== undefined, devices: new Set(devices.map(({ device }) => device)) },
    checked: 2 + (readers?.length ?? 0) + devices.length,
    found: [
      ...manager,
      ...lateHeads(heads, transactionMsMax),
      ...openLedgers(readers ?? []),
      ...openDeviceLedgers(devices, heads.at, reports),
      ...lostDevices(devices, reports),
    ],
  };
};
