import { type LiveView, viewsOf } from "@tagwire/messages";
import { meter } from "@tagwire/service";

export type Meters = {
  readonly applied: (events: number) => void;
  readonly said: (view: LiveView) => void;
};

/** What is known of the projection when somebody looks at the metrics. */
export type Gauges = {
  readonly lagEvents: () => number;
  readonly lagSeconds: () => number;
  readonly isLeading: () => boolean;
  readonly parked: () => Promise<number>;
};

/** What the manager counts as it works. */
export const openMeters = (): Meters => {
  const instruments = meter();
  const applied = instruments.createCounter("tagwire_projection_events_applied", {
    description: "Events applied since this process started",
  });
  const said = instruments.createCounter("tagwire_live_messages", {
    description: "Live messages said, by view",
  });
  // What is first seen as 1 has not risen for whoever reads it: all begin at 0.
  applied.add(0);
  for (const view of viewsOf("manager")) said.add(0, { view });
  return { applied: (events) => applied.add(events), said: (view) => said.add(1, { view }) };
};

/** What the manager tells of itself when somebody looks. */
export const observeGauges = (gauges: Gauges): { readonly close: () => Promise<void> } => {
  const instruments = meter();
  const observed = [
    {
      name: "tagwire_projection_lag_events",
      description: "Events known to exist and not yet applied",
      read: gauges.lagEvents,
    },
    {
      name: "tagwire_projection_lag_seconds",
      description: "Age of the last applied event while events wait, else 0",
      read: gauges.lagSeconds,
    },
    {
      name: "tagwire_projection_leading",
      description: "1 in the process that projects, 0 in one that only answers",
      read: () => Number(gauges.isLeading()),
    },
    {
      name: "tagwire_projection_parked_events",
      description: "Events that could not be applied",
      read: gauges.parked,
    },
  ].map(({ name, description, read }) => {
    const gauge = instruments.createObservableGauge(name, { description });
    const observe = async (result: { observe: (value: number) => void }) => result.observe(await read());
    gauge.addCallback(observe);
    return () => gauge.removeCallback(observe);
  });
  return {
    close: async () => {
      for (const remove of observed) remove();
    },
  };
};
