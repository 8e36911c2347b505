import type { Observation } from "@tagwire/messages";
import { quietLog } from "@tagwire/testing";
import { bindingsOf } from "../actors/binding.ts";
import { openLedger } from "../actors/ledger.ts";
import { defaultRule } from "../actors/read-rule.ts";
import { createReaderLife, type ReaderLife, type ReaderLifeOptions } from "./reader-life.ts";

const quick = { firstMs: 2, maxMs: 8, resetAfterMs: 10_000 };
const noCounts = {
  frames: 0,
  malformed: 0,
  reads: 0,
  filtered: 0,
  observed: 0,
  observations: 0,
  accepted: 0,
  alreadyApplied: 0,
  rejected: 0,
  quarantined: 0,
};
const noLedger = { version: 0, antennas: {}, ...noCounts };

export type TestLife = {
  readonly life: ReaderLife;
  /** Every phase that it came into. */
  readonly phases: string[];
  readonly kept: readonly Observation[];
};

/** One reader's life for tests: it keeps in memory what it would keep in Postgres. */
export const lifeOf = (
  drivers: ReaderLifeOptions["drivers"],
  more: Partial<ReaderLifeOptions> = {},
): TestLife => {
  const phases: string[] = [];
  const kept: Observation[] = [];
  const life = createReaderLife({
    stored: {
      number: 1,
      site: "north",
      id: "dock",
      driver: "llrp",
      address: "127.0.0.1",
      antennas: [{ port: 1, place: "gate", powerDbm: 27 }],
      station: null,
      enabled: true,
      createdAt: new Date(),
      ledgerVersion: 0,
      antennaCounts: {},
      ...noCounts,
    },
    kept: { number: 1, site: "north", id: "dock", ledger: openLedger(noLedger) },
    drivers,
    windowsMax: 1_000,
    bindingsOf: (settings) => bindingsOf(settings, new Map(), defaultRule),
    log: quietLog(),
    backoff: quick,
    room: () => 1_000,
    keep: (_reader, heard) => void kept.push(...heard.map(({ observation }) => observation)),
    touch: () => {},
    heard: () => {},
    changed: () => {
      const { status } = life.view(0);
      if (phases.at(-1) !== status) phases.push(status);
    },
    counted: () => {},
    ...more,
  });
  return { life, phases, kept };
};
