import { meter } from "@tagwire/service";
import type { Floor, ShownReader } from "./floor/floor.ts";

/** Readers whose numbers get labels of their own; the rest is counted together under `reader="other"`. */
const labelledReadersMax = 200;

type Measure = {
  readonly name: string;
  readonly description: string;
  readonly of: (shown: ShownReader) => number;
};

const counters: readonly Measure[] = [
  {
    name: "tagwire_reader_frames",
    description: "frames understood",
    of: ({ reader }) => reader.counts.frames,
  },
  {
    name: "tagwire_reader_frames_malformed",
    description: "frames that could not be read",
    of: ({ reader }) => reader.counts.malformed,
  },
  { name: "tagwire_reader_reads", description: "tag reads", of: ({ reader }) => reader.counts.reads },
  {
    name: "tagwire_reader_observations",
    description: "observations kept",
    of: ({ reader }) => reader.counts.observations,
  },
  {
    name: "tagwire_reader_connections",
    description: "connections begun since this process runs the reader",
    of: ({ connections }) => connections,
  },
];

const gauges: readonly Measure[] = [
  {
    name: "tagwire_reader_pending",
    description: "observations that operations has not taken",
    of: ({ reader }) => reader.counts.pending,
  },
  {
    name: "tagwire_reader_up",
    description: "1 while the reader reads",
    of: ({ reader }) => (reader.status === "inventory" ? 1 : 0),
  },
];

/** Shows the ledgers of all readers of this process as metrics: computed when somebody looks, bounded in labels. */
export const openMetrics = (floor: Floor, parked: () => Promise<number>): void => {
  meter()
    .createObservableGauge("tagwire_observations_parked", {
      description: "observations that could not be kept, and wait for a person",
    })
    .addCallback(async (result) => result.observe(await parked()));
  const instruments = [
    ...counters.map((one) => ({
      ...one,
      instrument: meter().createObservableCounter(one.name, { description: one.description }),
    })),
    ...gauges.map((one) => ({
      ...one,
      instrument: meter().createObservableGauge(one.name, { description: one.description }),
    })),
  ];
  meter().addBatchObservableCallback(
    (result) => {
      const all = floor.all();
      const other = { site: "other", reader: "other" };
      for (const { instrument, of } of instruments) {
        for (const shown of all.slice(0, labelledReadersMax))
          result.observe(instrument, of(shown), { site: shown.site, reader: shown.reader.id });
        const rest = all.slice(labelledReadersMax);
        if (rest.length > 0)
          result.observe(
            instrument,
            rest.reduce((sum, shown) => sum + of(shown), 0),
            other,
          );
      }
    },
    instruments.map(({ instrument }) => instrument),
  );
};
