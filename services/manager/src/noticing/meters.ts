import {
  type AlertChangeKind,
  type AlertState,
  alertChangeKinds,
  type ChannelKind,
  channelKinds,
} from "@tagwire/messages";
import { meter } from "@tagwire/service";
import type { Sql } from "@tagwire/store";
import { countOpenAlerts } from "../store/alerts.ts";

export type AlertMeters = {
  readonly changed: (what: AlertChangeKind) => void;
  readonly looked: (seconds: number, outcome: "whole" | "held_back" | "failed") => void;
  readonly notified: (channel: ChannelKind, outcome: "sent" | "failed" | "retry") => void;
};

/** What is counted of alerts as they are looked after. */
export const openAlertMeters = (): AlertMeters => {
  const instruments = meter();
  const changes = instruments.createCounter("tagwire_alerts_changes", {
    description: "Changes of alerts, by what they were",
  });
  const looks = instruments.createHistogram("tagwire_alerts_look_seconds", {
    unit: "s",
    description: "Looks at the rules of a site; held back while the projection lags",
    advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] },
  });
  const notifications = instruments.createCounter("tagwire_alerts_notifications", {
    description: "Attempts to tell somebody, by channel and outcome",
  });
  for (const what of alertChangeKinds) changes.add(0, { what });
  for (const channel of channelKinds)
    for (const outcome of ["sent", "failed", "retry"]) notifications.add(0, { channel, outcome });
  return {
    changed: (what) => changes.add(1, { what }),
    looked: (seconds, outcome) => looks.record(seconds, { outcome }),
    notified: (channel, outcome) => notifications.add(1, { channel, outcome }),
  };
};

/** What is told of alerts when somebody looks at the metrics. */
export const observeAlerts = (
  sql: Sql,
  isLeading: () => boolean,
): { readonly close: () => Promise<void> } => {
  const instruments = meter();
  const open = instruments.createObservableGauge("tagwire_alerts_open", {
    description: "Alerts that are not resolved, by state",
  });
  const leading = instruments.createObservableGauge("tagwire_alerts_leading", {
    description: "1 in the process that looks after alerts, 0 in one that only answers",
  });
  const states = ["raised", "acknowledged", "snoozed", "escalated"] as const satisfies AlertState[];
  type Result = { observe: (value: number, attributes?: { state: string }) => void };
  const observeOpen = async (result: Result) => {
    const counted = new Map((await countOpenAlerts(sql)).map(({ state, alerts }) => [state, alerts]));
    for (const state of states) result.observe(counted.get(state) ?? 0, { state });
  };
  const observeLeading = async (result: Result) => result.observe(Number(isLeading()));
  open.addCallback(observeOpen);
  leading.addCallback(observeLeading);
  return {
    close: async () => {
      open.removeCallback(observeOpen);
      leading.removeCallback(observeLeading);
    },
  };
};
