import { meter } from "@tagwire/service";
import { type FleetFigure, fleetFigures, samplesOf } from "./fleet-figures.ts";
import type { Floor } from "./floor/floor.ts";

const instrumentOf = ({ name, kind, unit, description }: FleetFigure) => {
  const options = { description, ...(unit === undefined ? {} : { unit }) };
  return kind === "counter"
    ? meter().createObservableCounter(name, options)
    : meter().createObservableGauge(name, options);
};

/** Shows how all readers of this process are, and their ledgers, as metrics: computed when somebody looks, bounded in labels. */
export const openMetrics = (floor: Floor, parked: () => Promise<number>): void => {
  meter()
    .createObservableGauge("tagwire_observations_parked", {
      description: "observations that could not be kept, and wait for a person",
    })
    .addCallback(async (result) => result.observe(await parked()));
  const instruments = fleetFigures.map((figure) => ({ figure, instrument: instrumentOf(figure) }));
  meter().addBatchObservableCallback(
    (result) => {
      const fleet = floor.all();
      for (const { figure, instrument } of instruments)
        for (const { value, labels } of samplesOf(figure, fleet)) result.observe(instrument, value, labels);
    },
    instruments.map(({ instrument }) => instrument),
  );
};
