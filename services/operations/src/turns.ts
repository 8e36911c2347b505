import { createTurns, type Leases, type Relay, type Turns } from "@tagwire/actor";
import { inSpan, SpanKind, traceparentOf } from "@tagwire/bus";
import {
  type Barrier,
  type Command,
  type CreateSite,
  Fault,
  type Item,
  type LoggedEvent,
  partitionOf,
  type Site,
  SiteCreated,
} from "@tagwire/messages";
import { type Logger, meter } from "@tagwire/service";
import { isStoreAway, type Sql } from "@tagwire/store";
import type { Act } from "./actors/act.ts";
import { type DeviceTally, tallyDevices } from "./actors/device-tally.ts";
import { type Answer, decideTurn, emptyOutcome, type TurnOutcome } from "./actors/site.ts";
import { barrierOf, findBarrier, takeBarrier } from "./store/barriers.ts";
import { createMemory } from "./store/memory.ts";
import { findSite, insertSite, type SiteHead } from "./store/sites.ts";
import { commitTurn, type Fence, seal } from "./store/turn.ts";

/** What a site's mailbox takes: the acts of one request, acts to be tried and not committed, a barrier, or the request that begins the site. */
export type SiteMessage =
  | { readonly kind: "acts" | "rehearsal"; readonly acts: readonly Act[] }
  | { readonly kind: "barrier"; readonly command: Extract<Command, { kind: "audit.barrier" }> }
  | { readonly kind: "create-site"; readonly command: Extract<Command, { kind: "site.create" }> };

/** One for each act; or the site that was begun; a fault refuses one message and leaves the others of its turn alone. */
export type SiteAnswer =
  | { readonly answers: readonly (Answer | Fault)[] }
  | { readonly site: Site; readonly created: boolean }
  | { readonly barrier: Barrier }
  | Fault;

export type SiteTurns = Turns<SiteMessage, SiteAnswer> & {
  readonly head: (site: string) => SiteHead | undefined;
  readonly heads: () => ReadonlyMap<string, SiteHead>;
  readonly adopt: (site: string, head: SiteHead) => void;
  readonly forget: (site: string) => void;
};

const turnBucketsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const turnBucketsActs = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000];

/** An undo of a list weighs what it takes back: nobody who comes after it waits for it and as much again. */
const actWeight = (act: Act): number =>
  act.kind === "events.undo" ? Math.max(1, act.body.events?.length ?? 0) : 1;
const weightOf = (message: SiteMessage): number =>
  "acts" in message
    ? Math.max(
        1,
        message.acts.reduce((sum, act) => sum + actWeight(act), 0),
      )
    : 1;

/**
 * The turns of the sites this process owns: recall → decide → one commit → answer and relay. Nothing leaves before the commit,
 * and a commit that finds the head or the lease moved is void: the process steps down from the partition.
 */
export const createSiteTurns = (options: {
  sql: Sql;
  owner: string;
  leases: () => Leases;
  relay: Relay;
  now: () => number;
  log: Logger;
}): SiteTurns => {
  const { sql, owner, relay, now } = options;
  const memory = createMemory(sql);
  const heads = new Map<string, SiteHead>();
  const turnSeconds = meter().createHistogram("tagwire_turn_seconds", {
    description: "recall to commit",
    unit: "s",
    advice: { explicitBucketBoundaries: turnBucketsSeconds },
  });
  const turnActs = meter().createHistogram("tagwire_turn_acts", {
    description: "acts decided in one turn",
    advice: { explicitBucketBoundaries: turnBucketsActs },
  });
  const fenced = meter().createCounter("tagwire_turn_fenced", {
    description: "turns void because another owner moved the head",
  });
  fenced.add(0);

  const forget = (site: string) => {
    heads.delete(site);
    memory.forget(site);
    relay.forget(site);
  };

  const leaseOf = (site: string): number => {
    const epoch = options.leases().epochOf(partitionOf(site));
    if (epoch === undefined) throw new Fault("unavailable", site);
    return epoch;
  };

  const headOf = async (site: string): Promise<SiteHead | undefined> => {
    const known = heads.get(site);
    if (known !== undefined) return known;
    const found = await findSite(sql, site);
    if (found === undefined) return undefined;
    heads.set(site, found.head);
    // What was committed before the site was forgotten may not be in the stream yet: the road begins at its mark.
    relay.adopt(site, found.relayed, found.head.pos);
    return found.head;
  };

  /** Commits and gives the events; undefined when an id was answered before, or another site has a name by now, and the turn has to be decided again. */
  const commit = async (
    fence: Omit<Fence, "owner">,
    outcome: TurnOutcome,
    tallies: readonly DeviceTally[] = [],
  ): Promise<readonly LoggedEvent[] | undefined> => {
    const { site } = fence;
    const sealed = seal(site, outcome.said, fence.head, now());
    const commitment = await commitTurn(sql, { ...fence, owner }, outcome, sealed, tallies).catch(
      (error: unknown) => {
        // Whether it was committed is not known: only the store can tell, so what was remembered is worth nothing.
        forget(site);
        throw isStoreAway(error) ? new Fault("outcome_unknown", site, { cause: error }) : error;
      },
    );
    if (commitment === "ids_known" || commitment === "names_held") return undefined;
    if (commitment === "fenced") {
      fenced.add(1);
      forget(site);
      options.leases().lose(partitionOf(site));
      throw new Fault("lease.lost", site);
    }
    heads.set(site, sealed.head);
    memory.learn(site, outcome);
    relay.offer(site, sealed.events);
    // The line carries the turn's trace, like every line that is written inside a span.
    options.log.debug({ site, pos: sealed.head.pos, events: sealed.events.length }, "turn committed");
    return sealed.events;
  };

  const begin = async (
    command: Extract<Command, { kind: "site.create" }>,
  ): Promise<{ site: Site; created: boolean }> => {
    const body: CreateSite = command.body;
    const leaseEpoch = leaseOf(body.id);
    await insertSite(sql, body);
    const found = await findSite(sql, body.id);
    if (found === undefined) throw new Fault("unavailable", body.id);
    const { site, head, relayed } = found;
    const begins = { name: body.name, timeZone: body.timeZone };
    if (head.pos > 0) {
      const isOther = site.name !== begins.name || site.timeZone !== begins.timeZone;
      if (isOther) throw new Fault("site_exists", body.id);
      return { site, created: false };
    }
    const { by, receivedAt, traceparent } = command;
    heads.set(body.id, head);
    relay.adopt(body.id, relayed, head.pos);
    const said = [{ type: SiteCreated.type, data: begins, by, receivedAt, traceparent }];
    const fence = { site: body.id, leaseEpoch, head, begins };
    const [first] = (await commit(fence, { ...emptyOutcome, said })) ?? [];
    return { site: { ...site, ...begins, pos: first?.pos ?? site.pos }, created: true };
  };

  /** Puts a barrier into the log: nothing else is in its commit, so what was kept until then is what everything before it came to. */
  const placeBarrier = async (
    site: string,
    command: Extract<Command, { kind: "audit.barrier" }>,
  ): Promise<{ barrier: Barrier }> => {
    const leaseEpoch = leaseOf(site);
    const head = await headOf(site);
    if (head === undefined || head.pos === 0) throw new Fault("site_unknown", site);
    const before = await findBarrier(sql, site, command.id);
    if (before !== undefined) return { barrier: before };
    const taken = await takeBarrier(sql, { site, head, command });
    const events = await commit({ site, leaseEpoch, head }, { ...emptyOutcome, ...taken });
    const [placed] = events ?? [];
    if (placed === undefined) throw new Fault("lease.lost", site);
    return { barrier: barrierOf(placed) };
  };

  const orFault = (answer: Promise<SiteAnswer>): Promise<SiteAnswer> =>
    answer.catch((error: unknown) => {
      if (error instanceof Fault) return error;
      throw error;
    });

  /** Takes as many of the acts, from the first, as fit into one commit, and gives their answers. */
  const takeSome = async (site: string, acts: readonly Act[]): Promise<readonly (Answer | Fault)[]> => {
    const leaseEpoch = leaseOf(site);
    const head = await headOf(site);
    if (head === undefined || head.pos === 0) return acts.map(() => new Fault("site_unknown", site));
    const takeAs = async (ids: "known-ids" | "new-ids") => {
      const recalled = await memory.recall(site, acts, { ids, epoch: head.epoch });
      const decided = acts.slice(0, recalled.acts);
      const outcome = decideTurn(head, recalled.known, decided);
      const { answers, receipts, said } = outcome;
      if (receipts.size === 0 && said.length === 0) return answers;
      const committed = await commit({ site, leaseEpoch, head }, outcome, tallyDevices(decided, answers));
      return committed === undefined ? undefined : answers;
    };
    // Every scan leaves a receipt, so the commit itself finds a repeated one, and only then are receipts looked for.
    const isAllScans = acts.every(({ kind }) => kind === "scan");
    const first = isAllScans ? await takeAs("new-ids") : await takeAs("known-ids");
    // Once more is enough for both: what was in the way is known then.
    const answers = first ?? (await takeAs("known-ids"));
    if (answers === undefined) throw new Fault("lease.lost", site);
    return answers;
  };

  /** Nearly always one commit. Those that went before a failing one stand: whoever asks again finds their receipts. */
  const takeActs = async (site: string, acts: readonly Act[]): Promise<readonly (Answer | Fault)[]> => {
    const answers = [...(await takeSome(site, acts))];
    while (answers.length < acts.length) answers.push(...(await takeSome(site, acts.slice(answers.length))));
    return answers;
  };

  /** Decides acts on what is known, each on what the ones before it would leave, and throws everything but the answers away. */
  const rehearse = async (site: string, acts: readonly Act[]): Promise<readonly (Answer | Fault)[]> => {
    const head = await headOf(site);
    if (head === undefined || head.pos === 0) return acts.map(() => new Fault("site_unknown", site));
    const answers: (Answer | Fault)[] = [];
    const left = new Map<string, Item>();
    while (answers.length < acts.length) {
      const rest = acts.slice(answers.length);
      const recalled = await memory.recall(site, rest, { ids: "known-ids", epoch: head.epoch });
      const known = { ...recalled.known, items: new Map([...recalled.known.items, ...left]) };
      const outcome = decideTurn(head, known, rest.slice(0, recalled.acts));
      for (const [tag, item] of outcome.items) left.set(tag, item);
      answers.push(...outcome.answers);
    }
    return answers;
  };

  /** One cause makes the turn its child, and its events the turn's children; many causes are linked, and events stay in their own traces. */
  const takeTraced = async (site: string, acts: readonly Act[]): Promise<readonly (Answer | Fault)[]> => {
    const causes = [...new Set(acts.map(({ origin }) => origin.traceparent))];
    const [parent] = causes;
    const name = "process commands.{partition}.{site}";
    const attributes = {
      "messaging.system": "nats",
      "messaging.operation.type": "process",
      "messaging.batch.message_count": acts.length,
      "tagwire.site": site,
    };
    if (causes.length !== 1 || parent === undefined) {
      return inSpan(name, { kind: SpanKind.CONSUMER, links: causes, attributes }, () => takeActs(site, acts));
    }
    return inSpan(name, { kind: SpanKind.CONSUMER, parent, attributes }, (span) => {
      const traceparent = traceparentOf(span);
      return takeActs(
        site,
        acts.map((act) => ({ ...act, origin: { ...act.origin, traceparent } })),
      );
    });
  };

  const take = async (site: string, batch: readonly SiteMessage[]): Promise<readonly SiteAnswer[]> => {
    const startedAt = performance.now();
    const begun = new Map<SiteMessage, SiteAnswer>();
    for (const message of batch)
      if (message.kind === "create-site") begun.set(message, await orFault(begin(message.command)));
      else if (message.kind === "rehearsal")
        begun.set(message, { answers: await rehearse(site, message.acts) });
    const acts = batch.flatMap((message) => (message.kind === "acts" ? message.acts : []));
    const answers = acts.length === 0 ? [] : await takeTraced(site, acts);
    turnSeconds.record((performance.now() - startedAt) / 1_000);
    turnActs.record(acts.length);
    for (const message of batch)
      if (message.kind === "barrier") begun.set(message, await orFault(placeBarrier(site, message.command)));
    let from = 0;
    return batch.map((message) => {
      if (message.kind !== "acts") return begun.get(message) ?? new Fault("internal", "not begun");
      const own = answers.slice(from, from + message.acts.length);
      from += message.acts.length;
      return { answers: own };
    });
  };

  const turns = createTurns<SiteMessage, SiteAnswer>({ weightOf, take });
  return {
    ...turns,
    head: (site) => heads.get(site),
    heads: () => heads,
    adopt: (site, head) => void heads.set(site, head),
    forget,
  };
};
