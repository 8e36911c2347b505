import { setTimeout as pause } from "node:timers/promises";
import type { Driver } from "./driver.ts";
import { Field, roundMs } from "./training/field.ts";

/**
 * A reader without metal, to practise with: it looks in rounds at what a trainer put before it, and tells what it hears as any other does.
 * Behind it everything is the real thing: rules, ledger, observations, stations, sessions. So it is refused wherever stock is real, which is
 * decided where a site is known: see `checkPractice`.
 */
export const trainingDriver: Driver = async ({ field = new Field(), antennas }, host, signal) => {
  if (signal.aborted) return;
  host.phase("connecting");
  host.notice({
    kind: "identified",
    firmware: "practice",
    model: "Training reader",
    antennas: antennas.length,
  });
  for (const { port } of antennas) host.notice({ kind: "antenna", antenna: port, connected: true });
  host.phase("inventory");
  while (!signal.aborted) {
    const reads = field.round(Date.now());
    // A round in which nothing is heard is told by no reader.
    if (reads.length > 0) host.frame(reads);
    await pause(roundMs, undefined, { signal }).catch(() => {});
  }
};
