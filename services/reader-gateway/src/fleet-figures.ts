import { brokenSums, filterRules, readerPhases, strayReasons, unattributed } from "@tagwire/messages";
import type { ShownReader } from "./floor/floor.ts";

/** Readers whose numbers get labels of their own; the rest is told together under `reader="other"`. */
export const labelledReadersMax = 200;

/** One number of a figure, and what tells it from the others of its reader; undefined where it is not known. */
type Part = { readonly value: number | undefined; readonly labels?: Readonly<Record<string, string>> };

/** What is told of each reader on `/metrics`. */
export type FleetFigure = {
  readonly name: string;
  readonly kind: "counter" | "gauge";
  readonly unit?: string;
  readonly description: string;
  /** How the numbers of readers without labels of their own come together; `sum` unless told. */
  readonly together?: "sum" | "farthest";
  readonly of: (shown: ShownReader) => readonly Part[];
};

export type Sample = { readonly value: number; readonly labels: Readonly<Record<string, string>> };

const one = (value: number | undefined): Part[] => [{ value }];
const each = <Name extends string>(
  label: string,
  names: readonly Name[],
  of: (name: Name) => number,
): Part[] => names.map((name) => ({ value: of(name), labels: { [label]: name } }));

const antennasOf = ({ reader }: ShownReader, isConnected: boolean): number =>
  Object.values(reader.antennasConnected).filter((connected) => connected === isConnected).length;

const countOfOutcome = ({ reader: { counts } }: ShownReader) => ({
  accepted: counts.accepted,
  already_applied: counts.alreadyApplied,
  rejected: counts.rejected,
  quarantined: counts.quarantined,
});

export const fleetFigures: readonly FleetFigure[] = [
  {
    name: "tagwire_reader_frames",
    kind: "counter",
    description: "frames understood",
    of: ({ reader }) => one(reader.counts.frames),
  },
  {
    name: "tagwire_reader_frames_malformed",
    kind: "counter",
    description: "frames that could not be read",
    of: ({ reader }) => one(reader.counts.malformed),
  },
  {
    name: "tagwire_reader_reads",
    kind: "counter",
    description: "tag reads",
    of: ({ reader }) => one(reader.counts.reads),
  },
  {
    name: "tagwire_reader_reads_filtered",
    kind: "counter",
    description: "reads that went into no observation, by the rule that filtered them",
    of: ({ reader: { counts } }) =>
      each("rule", [...filterRules, unattributed], (rule) => counts.filteredBy?.[rule] ?? 0),
  },
  {
    name: "tagwire_reader_reads_held",
    kind: "gauge",
    description: "reads in no observation that is kept yet",
    of: ({ reader }) => one(reader.counts.held),
  },
  {
    name: "tagwire_reader_observations",
    kind: "counter",
    description: "observations kept",
    of: ({ reader }) => one(reader.counts.observations),
  },
  {
    name: "tagwire_reader_observations_stray",
    kind: "counter",
    description: "observations that are evidence and move nothing, by the reason",
    of: ({ reader: { counts } }) => each("reason", strayReasons, (reason) => counts.strays?.[reason] ?? 0),
  },
  {
    name: "tagwire_reader_observations_taken",
    kind: "counter",
    description:
      "observations that operations has decided, or that could not be kept and are rejected, by outcome",
    of: (shown) => {
      const counts = countOfOutcome(shown);
      return each("outcome", Object.keys(counts) as (keyof typeof counts)[], (outcome) => counts[outcome]);
    },
  },
  {
    name: "tagwire_reader_pending",
    kind: "gauge",
    description: "observations that operations has not taken",
    of: ({ reader }) => one(reader.counts.pending),
  },
  {
    name: "tagwire_reader_ledger_broken",
    kind: "gauge",
    description: "1 while a sum of the reader's ledger does not hold, which must never be",
    of: ({ reader }) => one(Number(brokenSums(reader.counts).length > 0)),
  },
  {
    name: "tagwire_reader_connections",
    kind: "counter",
    description: "connections begun since this process runs the reader",
    of: ({ connections }) => one(connections),
  },
  {
    name: "tagwire_reader_reconnects",
    kind: "counter",
    description: "connections begun because the one before had failed or ended by itself",
    of: ({ reconnects }) => one(reconnects),
  },
  {
    name: "tagwire_reader_up",
    kind: "gauge",
    description: "1 while the reader reads",
    of: ({ reader }) => one(Number(reader.status === "inventory")),
  },
  {
    name: "tagwire_reader_phase",
    kind: "gauge",
    description: "1 for the phase that the reader is in, 0 for the others",
    of: ({ reader }) => each("phase", readerPhases, (phase) => Number(reader.status === phase)),
  },
  {
    name: "tagwire_reader_antennas",
    kind: "gauge",
    description: "antennas that the reader tells of, by whether they are connected",
    of: (shown) => each("state", ["up", "down"], (state) => antennasOf(shown, state === "up")),
  },
  {
    name: "tagwire_reader_clock_offset_seconds",
    kind: "gauge",
    unit: "s",
    description: "how far the reader's clock is ahead of ours, of readers that tell it",
    together: "farthest",
    of: ({ reader: { clockOffsetMs } }) =>
      one(clockOffsetMs === undefined || clockOffsetMs === null ? undefined : clockOffsetMs / 1_000),
  },
  {
    name: "tagwire_reader_last_read_timestamp_seconds",
    kind: "gauge",
    unit: "s",
    description: "when the reader read a tag last, of readers that ever did",
    // The farthest from the beginning of time is the newest.
    together: "farthest",
    of: ({ reader: { lastReadAt } }) =>
      one(lastReadAt === undefined || lastReadAt === null ? undefined : Date.parse(lastReadAt) / 1_000),
  },
];

const farthest = (left: number, right: number): number => (Math.abs(right) > Math.abs(left) ? right : left);

/** The numbers of a figure, bounded in their labels: so many readers by name, and all others together. */
export const samplesOf = (figure: FleetFigure, fleet: readonly ShownReader[]): Sample[] => {
  const samples = fleet.slice(0, labelledReadersMax).flatMap((shown) =>
    figure.of(shown).flatMap(({ value, labels }) => {
      const whose = { site: shown.site, reader: shown.reader.id };
      return value === undefined ? [] : [{ value, labels: { ...whose, ...labels } }];
    }),
  );
  const others = new Map<string, Sample>();
  for (const shown of fleet.slice(labelledReadersMax))
    for (const { value, labels } of figure.of(shown)) {
      if (value === undefined) continue;
      const key = JSON.stringify(labels ?? {});
      const before = others.get(key)?.value ?? 0;
      const together = figure.together === "farthest" ? farthest(before, value) : before + value;
      others.set(key, { value: together, labels: { site: "other", reader: "other", ...labels } });
    }
  return [...samples, ...others.values()];
};
