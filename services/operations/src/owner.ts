import { claimLeases, createRelay, type Leases } from "@tagwire/actor";
import { answerOn, type Bus, ensureStream, type Subscription, say } from "@tagwire/bus";
import { Command, Events, Fault, headIntervalMs, headSubject } from "@tagwire/messages";
import { type Logger, meter } from "@tagwire/service";
import type { Sql } from "@tagwire/store";
import { Compile } from "typebox/compile";
import { answerCommand } from "./answers/commands.ts";
import { observe } from "./observations.ts";
import { createOwnership } from "./ownership.ts";
import { createStockRules, type StockRules, startStockRules } from "./stock-rules.ts";
import { readEvents } from "./store/events.ts";
import { saveRelayMarks, sitesOfPartition } from "./store/sites.ts";
import { createSiteTurns, type SiteTurns } from "./turns.ts";
import { createUndoing, type Undoing } from "./undoing.ts";

const commandCheck = Compile(Command);

const hearCommands = (
  bus: Bus,
  {
    turns,
    rules,
    undoing,
  }: { readonly turns: SiteTurns; readonly rules: StockRules; readonly undoing: Undoing },
  partition: number,
): Subscription =>
  answerOn(bus, { subject: `commands.${partition}.*`, template: "commands" }, async (body, message) => {
    if (!commandCheck.Check(body)) throw new Fault("malformed", "command");
    const site = message.subject.split(".")[2] ?? "";
    if (body.kind === "rule.run") return { run: await rules.run(site, body.body.rule, body.by) };
    if (body.kind === "events.undo") return undoing.run(site, body);
    return answerCommand(turns, site, body);
  });

const sayHeads = (bus: Bus, turns: SiteTurns) => {
  const at = new Date().toISOString();
  for (const [site, { epoch, pos, hash }] of turns.heads()) {
    if (pos > 0) say(bus, headSubject(site), { epoch, pos, hash, at });
  }
};

const observeGauges = (numbers: {
  readonly owned: () => number;
  readonly lag: () => number;
  readonly lagSeconds: () => number;
  readonly waiting: () => number;
}) => {
  const gauges = [
    { name: "tagwire_partitions_owned", description: "partitions this process owns", read: numbers.owned },
    {
      name: "tagwire_relay_lag_events",
      description: "events committed and not yet in the stream",
      read: numbers.lag,
    },
    {
      name: "tagwire_relay_lag_seconds",
      description: "how long the oldest of them has been waiting, else 0",
      read: numbers.lagSeconds,
    },
    { name: "tagwire_mailbox_acts", description: "acts waiting for their turn", read: numbers.waiting },
  ];
  for (const { name, description, read } of gauges)
    meter()
      .createObservableGauge(name, { description })
      .addCallback((result) => result.observe(read()));
};

export type Owner = {
  readonly leases: Leases;
  readonly turns: SiteTurns;
  readonly stop: () => Promise<void>;
};

/**
 * What this process does for the partitions it owns: answers their commands, takes their observations, relays their events and
 * says their heads.
 */
export const startOwner = async (options: {
  /** For turns: whatever they ask is over before their lease is. */
  sql: Sql;
  /** For what is read beside turns and may take longer than one, on connections that no turn waits for. */
  besideSql: Sql;
  /** For leases alone: renewing them must never wait behind turns. */
  leaseSql: Sql;
  bus: Bus;
  owner: string;
  log: Logger;
  leaseTtlMs?: number;
}): Promise<Owner> => {
  const { sql, bus, owner, log } = options;
  await ensureStream(bus, Events);

  let leases: Leases | undefined;
  const leasesOrNone = (): Leases => {
    if (leases === undefined) throw new Fault("unavailable", "starting");
    return leases;
  };
  const relay = createRelay({
    bus,
    stream: Events,
    readLog: (site, after, limit) => readEvents(sql, site, after, limit),
    saveMarks: (marks) => saveRelayMarks(sql, marks),
    log,
  });
  const turns = createSiteTurns({ sql, owner, leases: leasesOrNone, relay, now: Date.now, log });
  const rules = createStockRules({ sql, turns });
  const undoing = createUndoing({ sql: options.besideSql, turns });
  const ownership = createOwnership({
    turns,
    relay,
    sitesOf: (partition) => sitesOfPartition(sql, partition),
    hear: (partition) => hearCommands(bus, { turns, rules, undoing }, partition),
    changed: () => observing.partitionsChanged(),
    log,
  });
  const observing = observe({ bus, turns, partitions: ownership.partitions, log });
  const telling = setInterval(() => sayHeads(bus, turns), headIntervalMs);

  const held = await claimLeases({
    sql: options.leaseSql,
    owner,
    log,
    gained: ownership.gained,
    lost: ownership.lost,
    ...(options.leaseTtlMs === undefined ? {} : { ttlMs: options.leaseTtlMs }),
  });
  leases = held;
  const following = startStockRules({ sql, rules, leases: held, log });
  observeGauges({
    owned: () => held.owned().length,
    lag: relay.lag,
    lagSeconds: relay.lagSeconds,
    waiting: turns.waiting,
  });

  return {
    leases: held,
    turns,
    stop: async () => {
      clearInterval(telling);
      await following.stop();
      await observing.stop();
      await held.stop();
      await relay.stop();
    },
  };
};
