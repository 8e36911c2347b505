import { contractView, Fault, newId, type Scan, sessionView } from "@tagwire/messages";
import { testDatabase } from "@tagwire/testing";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Act } from "./actors/act.ts";
import type { Answer } from "./actors/site.ts";
import { originOf } from "./actors/test-acts.ts";
import {
  beginSite,
  expectSound,
  type Member,
  type TestOperations,
  tellActs,
  testOperations,
} from "./test-operations.ts";
import { type Deed, RecordsModel } from "./test-records-model.ts";
import { createUndoing } from "./undoing.ts";

/* Random stories of a working day, told in random turns to an owner that now and then has forgotten everything. */

/** The suite tells the same stories each time; `STORIES=1200 npm test -- <this file>` tells as many new ones. */
const hunted = process.env.STORIES;
const runs = Number(hunted ?? 60);
const seed = 20_260_504;
const messagesMax = 30;
const minuteMs = 60_000;

let operations: TestOperations;
let member: Member;
beforeAll(async () => {
  operations = await testOperations(await testDatabase());
  member = await operations.member();
});
afterAll(() => operations[Symbol.asyncDispose]());

/* ---- what is done ---- */

/** Classes may be called anything: also what every JavaScript object has. */
const classes: Readonly<Record<string, string>> = {
  x1: "chair",
  x2: "chair",
  x3: "__proto__",
  ghost: "constructor",
};
const tag = fc.constantFrom("x1", "x1", "x2", "x3", "ghost");
const number = fc.constantFrom("A", "A", "B", "M-1", "M-2", "L1");
const maybe = <T>(arbitrary: fc.Arbitrary<T>, freq = 2) => fc.option(arbitrary, { nil: undefined, freq });
const session = fc.constantFrom(0, 1);

const scan = fc.record({
  do: fc.constant("scan" as const),
  tag,
  type: fc.constantFrom(
    ...(["rental", "rental", "return", "return", "stage", "delivery", "service", "touch"] as const),
  ),
  contract: maybe(number, 6),
  session: maybe(session, 2),
  status: fc.constantFrom("wash" as const, "ready" as const),
  /** How many acts ago it was made; what goes out is told at once. */
  late: fc.constantFrom(0, 0, 0, 2, 5, 9),
});
const steps = fc.oneof(
  { weight: 12, arbitrary: scan },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("patch" as const),
      tag,
      status: fc.constantFrom("ready", "missing"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("create" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("retag" as const), tag }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("open" as const),
      number,
      quantity: fc.constantFrom(1, 2),
      class: fc.constantFrom("chair", "__proto__"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("act" as const),
      number,
      act: fc.constantFrom("close" as const, "reopen" as const, "reopen" as const, "finalize" as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("merge" as const),
      number: fc.constantFrom("M-1", "M-2", "A"),
      into: fc.constantFrom("A", "M-1", "M-2"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("lot" as const),
      number,
      name: fc.constantFrom("napkins", "__proto__"),
      change: fc.constantFrom(5, 2, -3, -2),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("begin" as const),
      session,
      mode: fc.constantFrom("count" as const, "return" as const, "checkout" as const),
      contract: maybe(number, 4),
      expected: maybe(fc.subarray(["x1", "x2", "never"]), 2),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("close" as const),
      session,
      declared: fc.constantFrom("right" as const, "wrong" as const, "nothing" as const),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("undo" as const), ago: fc.constantFrom(0, 0, 0, 1, 2, 4) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("undo-session" as const), session }) },
);
type Step = typeof steps extends fc.Arbitrary<infer T> ? T : never;
const message = fc.record({
  forgets: fc.constantFrom(false, false, true),
  steps: fc.array(steps, { minLength: 1, maxLength: 5 }),
});

/* ---- one story ---- */

type TakeBack = (atMs: number) => unknown;
/** `back` takes it back in the model, where it can be asked for. */
type Told = { readonly act: Act; readonly expected: unknown; readonly back: TakeBack | undefined };
/** Something that was done, and whose place in the log is known. */
type Placed = { readonly back: TakeBack; readonly pos: number };

const createStory = () => {
  const model = new RecordsModel();
  const sessions = [newId(), newId()];
  const carries = new Map<string, string>();
  const startMs = Date.parse("2026-05-04T08:00:00.000Z");
  let minutes = 0;

  const nowTag = (first: string): string => carries.get(first) ?? first;
  const deedsOf = (): Deed[] => [...model.items.values()].flatMap(({ deeds }) => deeds);
  const heardOf = () => [...model.sessions.values()].flatMap(({ heard }) => heard);
  const doneOf = () => ({
    deeds: deedsOf(),
    heard: heardOf(),
    ...{ acts: [...model.acts], lots: [...model.lots] },
    ...{ closes: [...model.closes], merges: [...model.merges], beginnings: [...model.beginnings] },
  });

  /** How the model takes back what was done since, if anything was that is told of in one event. */
  const backOf = (kind: Act["kind"], before: ReturnType<typeof doneOf>): TakeBack | undefined => {
    const now = doneOf();
    const newOf = <T>(all: readonly T[], known: readonly T[]): T | undefined =>
      all.find((one) => !known.includes(one));
    if (kind === "scan" || kind === "item.patch" || kind === "events.undo") {
      const deed = newOf(now.deeds, before.deeds);
      const heard = kind === "scan" ? newOf(now.heard, before.heard) : undefined;
      const isAsked = deed?.isFact || (deed?.stands.size ?? 0) > 0 || heard !== undefined;
      if (deed !== undefined) return isAsked ? () => model.undo(deed) : undefined;
      return heard === undefined || heard.outcome === "unknown" ? undefined : () => model.undoHeard(heard);
    }
    const act = newOf(now.acts, before.acts);
    if (act !== undefined) return (atMs) => model.undoAct(act, atMs);
    const lot = newOf(now.lots, before.lots);
    if (lot !== undefined) return () => model.undoLot(lot);
    const close = newOf(now.closes, before.closes);
    if (close !== undefined) return () => model.undoClose(close);
    const begin = newOf(now.beginnings, before.beginnings);
    if (begin !== undefined) return () => model.undoBegin(begin);
    const merge = newOf(now.merges, before.merges);
    return merge === undefined ? undefined : (atMs) => model.undoMerge(merge, atMs);
  };

  /** What a step asks, and what the model says of it. */
  const play = (step: Step, placed: readonly Placed[]) => {
    const atMs = startMs + minutes * minuteMs;
    const ask = (kind: Exclude<Act["kind"], "scan">, body: unknown, expected: unknown) => ({
      ...{ kind, body, expected },
    });
    switch (step.do) {
      case "scan": {
        const { type, status, late } = step;
        const id = newId();
        const own = nowTag(step.tag);
        const isGoing = type === "rental" || type === "stage" || type === "delivery";
        const madeAtMs = atMs - late * minuteMs;
        const named = isGoing || type === "return" ? step.contract : undefined;
        const more = {
          ...(named === undefined ? {} : { contract: named }),
          ...(step.session === undefined ? {} : { session: sessions[step.session] as string }),
          ...(type === "service" ? { status } : {}),
        };
        const body: Scan = { id, tag: own, type, scannedAt: new Date(madeAtMs).toISOString(), ...more };
        const expected = model.scan({ id, tag: own, type, atMs: madeAtMs, ...more });
        return { kind: "scan" as const, body, expected };
      }
      case "patch": {
        const own = nowTag(step.tag);
        const body = { tag: own, version: null, patch: { status: step.status } };
        return ask("item.patch", body, model.patch(own, step.status, atMs));
      }
      case "create":
        return ask(
          "item.create",
          { tag: "ghost", class: classes.ghost },
          model.create("ghost", classes.ghost ?? ""),
        );
      case "retag": {
        const own = nowTag(step.tag);
        const to = `${step.tag} again ${minutes}`;
        const expected = model.retag(own, to, atMs);
        if ("outcome" in expected) carries.set(step.tag, to);
        return ask("item.retag", { tag: own, to }, expected);
      }
      case "open": {
        const lines = [{ class: step.class, quantity: step.quantity }];
        return ask("contract.open", { number: step.number, lines }, model.open(step.number, lines));
      }
      case "act":
        return ask(
          "contract.act",
          { number: step.number, act: step.act },
          model.act(step.number, step.act, atMs),
        );
      case "merge":
        return ask(
          "contract.merge",
          { number: step.number, into: step.into },
          model.merge(step.number, step.into),
        );
      case "lot": {
        const { name, change } = step;
        const lot = {
          id: newId(),
          name,
          quantity: Math.abs(change),
          action: change > 0 ? "added" : "removed",
        };
        return ask("lot.record", { number: step.number, lot }, model.lot(step.number, name, change));
      }
      case "begin": {
        const { mode, contract, expected } = step;
        const id = sessions[step.session] as string;
        const about = {
          mode,
          ...(contract === undefined || mode === "count" ? {} : { contract }),
          ...(expected === undefined ? {} : { expected }),
        };
        return ask("session.begin", { id, ...about }, model.begin(id, about));
      }
      case "close": {
        const id = sessions[step.session] as string;
        const right = model.arrived(id);
        const declared = { right, wrong: { ...right, count: right.count + 1 }, nothing: undefined }[
          step.declared
        ];
        return ask("session.close", { session: id, close: declared ?? {} }, model.close(id, declared, atMs));
      }
      case "undo": {
        const target = placed.at(-1 - step.ago);
        if (target === undefined) return undefined;
        const body = { events: [target.pos], preview: false };
        return ask("events.undo", body, target.back(atMs));
      }
      case "undo-session": {
        const id = sessions[step.session] as string;
        return ask("events.undo", { session: id, partial: true, preview: false }, model.undoSession(id));
      }
    }
  };

  const tell = (step: Step, placed: readonly Placed[]): Told | undefined => {
    minutes += 1;
    const origin = originOf({ receivedAt: new Date(startMs + minutes * minuteMs).toISOString() });
    const before = doneOf();
    const played = play(step, placed);
    if (played === undefined) return undefined;
    const { kind, body, expected } = played;
    const id = kind === "scan" ? body.id : newId();
    const act = (kind === "scan" ? { kind, id, origin, scan: body } : { kind, id, origin, body }) as Act;
    // Of a session that was taken back nobody knows which event did what, and a merge moves items besides.
    const isOfMany = step.do === "undo-session" || model.merges.some(({ isOff }) => isOff);
    const back = kind === "events.undo" && isOfMany ? undefined : backOf(kind, before);
    return { act, expected, back };
  };
  return { model, tell, nowMs: () => startMs + minutes * minuteMs };
};

/** An undo that is told alone is taken back event by event, each in a turn of its own: what it comes to is the same. */
const tellAll = async (site: string, acts: readonly Act[]): Promise<readonly (Answer | Error)[]> => {
  const [first] = acts;
  if (acts.length !== 1 || first?.kind !== "events.undo") return tellActs(member, site, acts);
  const { origin, ...rest } = first;
  try {
    const undoing = createUndoing({ sql: operations.sql, turns: member.turns, perTurnMax: 1 });
    const { receipt } = await undoing.run(site, { ...rest, ...origin });
    return [{ receipt, item: null }];
  } catch (error) {
    if (error instanceof Fault) return [error];
    throw error;
  }
};

/* ---- what is compared ---- */

const said = (answer: Answer | Error | undefined) => {
  if (answer instanceof Fault) return { fault: answer.code };
  if (answer === undefined || answer instanceof Error) throw answer ?? new Error("an act without an answer");
  const { outcome, code } = answer.receipt;
  return { outcome, ...(code === undefined ? {} : { code }) };
};

const expectEnd = async (site: string, model: RecordsModel) => {
  const { sql } = operations;
  const { items } = await expectSound(sql, site);
  const factAt = (atMs: number) => (atMs < 0 ? null : new Date(atMs).toISOString());
  expect(
    Object.fromEntries(
      items.map(({ tag, status, contract, lastFactAt }) => [tag, [status, contract, lastFactAt]]),
    ),
  ).toEqual(
    Object.fromEntries(
      [...model.items].map(([own, { status, contract, factAtMs }]) => [
        own,
        [status, contract, factAt(factAtMs)],
      ]),
    ),
  );
  const contracts = await sql`select doc from contract where site = ${site}`;
  expect(contracts.map(({ doc }) => doc.number).toSorted()).toEqual([...model.contracts.keys()].toSorted());
  for (const { doc } of contracts) {
    const expected = model.contractView(doc.number);
    const view = contractView(doc);
    if (expected.state === "merged")
      expect(view).toMatchObject({ state: "merged", mergedInto: expected.mergedInto });
    else expect(view).toMatchObject(expected);
  }
  const sessions = await sql`select doc, duplicates from session where site = ${site}`;
  expect(sessions.map(({ doc }) => doc.id).toSorted()).toEqual([...model.sessions.keys()].toSorted());
  for (const { doc, duplicates } of sessions) {
    expect(sessionView(doc)).toMatchObject(model.sessionView(doc.id));
    expect(duplicates).toBe(model.sessions.get(doc.id)?.duplicates);
    if (doc.state === "closed") expect(doc.recorded).toEqual(model.recorded(doc.id));
  }
};

const rented = (how: {
  contract?: "A" | "B" | "M-1";
  type?: "return";
  session?: 0 | 1;
  late?: 0 | 5 | 9;
}): Step => ({
  ...{ do: "scan", tag: "x1", type: "rental", contract: undefined, session: undefined },
  ...{ status: "wash", late: 0, ...how },
});
/** A thing that left for another contract since is scanned again, late, in the session that it was taken out in: that is no repeat. */
const goneOn: { forgets: boolean; steps: Step[] }[] = [
  [{ do: "begin", session: 0, mode: "checkout", contract: "A", expected: undefined } satisfies Step],
  [rented({ session: 0 })],
  [rented({ contract: "B" }), rented({ session: 0, late: 5 })],
].map((told) => ({ forgets: false, steps: told }));

const ghost = (how: { contract: "A" | "M-2"; session?: 1 }): Step => ({
  ...{ do: "scan", tag: "ghost", type: "rental", session: undefined },
  ...{ status: "wash", late: 0, ...how },
});
/** What took back an undo is taken back, after the session has taken back the scan itself: nothing comes back onto anything. */
const heldOff: { forgets: boolean; steps: Step[] }[] = [
  [{ do: "create" } satisfies Step, ghost({ contract: "A" }), ghost({ contract: "M-2", session: 1 })],
  [{ do: "undo", ago: 0 } satisfies Step],
  [{ do: "undo", ago: 0 } satisfies Step],
  [{ do: "undo-session", session: 1 } satisfies Step, { do: "undo", ago: 0 } satisfies Step],
].map((told) => ({ forgets: false, steps: told }));

/** Without the rental that was taken back, the thing was seen last as it came back: so what is told late came back too. */
const cameBack: { forgets: boolean; steps: Step[] }[] = [
  [rented({ type: "return" })],
  [rented({ contract: "A" })],
  [{ do: "undo", ago: 0 } satisfies Step],
  [rented({ contract: "A", late: 9 })],
].map((told) => ({ forgets: false, steps: told }));

/** What goes out on a contract again after an undo stands on it, whatever was told of one that was merged into it meanwhile. */
const outAgain: { forgets: boolean; steps: Step[] }[] = [
  [rented({ contract: "A" }), rented({ contract: "M-1", late: 9 })],
  [{ do: "patch", tag: "x1", status: "ready" } satisfies Step],
  [{ do: "merge", number: "M-1", into: "A" } satisfies Step],
  [{ do: "undo", ago: 1 } satisfies Step],
].map((told) => ({ forgets: false, steps: told }));

test(`contracts, sessions, lots, tags and undo are as promised, in ${runs} random stories`, {
  timeout: 60_000 * Math.max(10, runs / 20),
}, async () => {
  let stories = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(message, { minLength: 3, maxLength: messagesMax, size: "max" }),
      async (messages) => {
        stories += 1;
        const site = `story-${stories}`;
        await beginSite(member, site);
        const { model, tell, nowMs } = createStory();
        const placed: Placed[] = [];
        for (const own of ["x1", "x2", "x3"]) model.create(own, classes[own] ?? "");
        await tellActs(
          member,
          site,
          ["x1", "x2", "x3"].map((own) => ({
            ...{ kind: "item.create", id: newId(), origin: originOf({}) },
            body: { tag: own, class: classes[own] ?? "" },
          })) as Act[],
        );
        for (const { forgets, steps: own } of messages) {
          if (forgets) member.turns.forget(site);
          const told = own.flatMap((step) => tell(step, placed) ?? []);
          if (told.length === 0) continue;
          member.clock.nowMs = nowMs();
          const answers = await tellAll(
            site,
            told.map(({ act }) => act),
          );
          expect(answers.map(said)).toEqual(told.map(({ expected }) => expected));
          for (const [index, { back }] of told.entries()) {
            const answer = answers[index];
            if (back === undefined || answer === undefined || answer instanceof Error) continue;
            const pos = answer.receipt.event?.pos;
            if (pos !== undefined) placed.push({ back, pos });
          }
        }
        await expectEnd(site, model);
      },
    ),
    {
      numRuns: runs,
      ...(hunted === undefined ? { seed } : {}),
      examples: [[goneOn], [heldOff], [cameBack], [outAgain]],
    },
  );
});
