import type { AlertAct, AlertState } from "@tagwire/messages";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  act,
  escalate,
  type HeldAlert,
  letGo,
  observe,
  refreshMsMax,
  refreshMsMin,
  type Sight,
  subjectsMax,
  type Turn,
  wake,
  wakeMsMax,
} from "./alert.ts";

const nowMs = Date.parse("2026-03-02T10:00:00Z");
const rule = {
  id: "rule",
  site: "north",
  kind: "missing",
  name: "Missing",
  severity: "warning",
  escalateAfterMinutes: 30,
} as const;
const since = "2026-03-01T00:00:00.000Z";
const sight = (...keys: string[]): Sight => ({
  count: keys.length,
  subjects: keys.map((key) => ({ key, since })),
});
const seen = (before: HeldAlert | undefined, found: Sight, atMs = nowMs) =>
  observe(before, found, { rule, group: "", freshId: "fresh", at: { epoch: 1, pos: 7, nowMs: atMs } });
const of = (turn: Turn | undefined | "already" | { readonly refused: string }): Turn => {
  if (turn === undefined || turn === "already" || "refused" in turn) throw new Error(JSON.stringify(turn));
  return turn;
};
const raised = (...keys: string[]) => of(seen(undefined, sight(...keys))).alert;
const does = (alert: HeldAlert, what: AlertAct, atMs = nowMs) =>
  act(alert, { act: what, by: "ann", why: "because", until: new Date(atMs + 60_000).toISOString() }, atMs);
const whats = (turn: Turn | undefined) => turn?.changes.map(({ what }) => what);

test("nothing found is no alert, and what is found is raised once", () => {
  expect(seen(undefined, sight())).toBeUndefined();
  const turn = of(seen(undefined, sight("A", "B")));
  expect(turn.alert).toMatchObject({ id: "fresh", state: "raised", count: 2, epoch: 1, pos: 7, reopened: 0 });
  expect(turn.changes).toEqual([
    { what: "raised", at: new Date(nowMs).toISOString(), by: "tagwire", why: null, count: 2 },
  ]);
  expect(seen(turn.alert, sight("A", "B"), nowMs + 1)).toBeUndefined();
});

test("it grows, shrinks, and is over when nothing is left", () => {
  const grown = of(seen(raised("A"), sight("A", "B")));
  expect(whats(grown)).toEqual(["grew"]);
  const shrunk = of(seen(grown.alert, sight("B")));
  expect(whats(shrunk)).toEqual(["shrank"]);
  const over = of(seen(shrunk.alert, sight()));
  expect(over.alert).toMatchObject({ state: "resolved", resolvedBy: "itself", count: 0, subjects: [] });
  expect(seen(over.alert, sight())).toBeUndefined();
  const back = of(seen(over.alert, sight("B"), nowMs + 5));
  expect(whats(back)).toEqual(["reopened"]);
  expect(back.alert).toMatchObject({ id: "fresh", state: "raised", reopened: 1, resolvedAt: null });
});

test("what it says of itself is kept current, without a word to anybody", () => {
  const figure = (detail: string): Sight => ({
    count: 1,
    subjects: [{ key: "/totals/total", since, detail }],
  });
  const { alert } = of(seen(undefined, figure("3")));
  expect(seen(alert, figure("4"), nowMs + refreshMsMin - 1)).toBeUndefined();
  const current = of(seen(alert, figure("600"), nowMs + refreshMsMin));
  expect(current.changes).toEqual([]);
  expect(current.alert).toMatchObject({
    ...{ subjects: [{ detail: "600" }], changedAt: alert.changedAt },
    asOf: new Date(nowMs + refreshMsMin).toISOString(),
  });
  // It says of which moment it is, too.
  expect(seen(current.alert, figure("600"), nowMs + refreshMsMin + refreshMsMax - 1)).toBeUndefined();
  const later = of(seen(current.alert, figure("600"), nowMs + refreshMsMin + refreshMsMax));
  expect(later.changes).toEqual([]);
  expect(later.alert.asOf).toBe(new Date(nowMs + refreshMsMin + refreshMsMax).toISOString());
});

test("one that goes while another comes is growth all the same", () => {
  expect(whats(seen(raised("A", "B"), sight("B", "C")))).toEqual(["grew"]);
});

test("what a person resolved stays so until something is found that was not there then", () => {
  const resolved = of(does(raised("A", "B"), "resolve")).alert;
  expect(resolved).toMatchObject({ state: "resolved", resolvedBy: "person" });
  expect(seen(resolved, sight("A", "B"))).toBeUndefined();
  const less = of(seen(resolved, sight("A")));
  expect([less.alert.state, less.changes]).toEqual(["resolved", []]);
  // B was gone and is back: that is new.
  expect(whats(seen(less.alert, sight("A", "B")))).toEqual(["reopened"]);
  expect(whats(seen(resolved, sight("A", "B", "C")))).toEqual(["reopened"]);
});

test("a snooze ends by itself: raised again when it is still so, resolved when it is not", () => {
  const snoozed = of(does(raised("A"), "snooze")).alert;
  expect(snoozed.state).toBe("snoozed");
  expect(seen(snoozed, sight("A"), nowMs + 59_999)).toBeUndefined();
  const woken = of(seen(snoozed, sight("A"), nowMs + 60_000));
  expect(whats(woken)).toEqual(["woke"]);
  expect(woken.alert).toMatchObject({ state: "raised", snoozedUntil: null });
  expect(whats(seen(snoozed, sight(), nowMs + 60_000))).toEqual(["resolved"]);
  // Growth while it sleeps is noted, and wakes nobody.
  const grown = of(seen(snoozed, sight("A", "B"), nowMs + 1));
  expect([grown.alert.state, whats(grown)]).toEqual(["snoozed", ["grew"]]);
});

test("a snooze ends also while nobody looks, so late that whoever can look comes first", () => {
  const snoozed = of(does(raised("A"), "snooze")).alert;
  const endsMs = nowMs + 60_000;
  expect(wake(snoozed, endsMs + wakeMsMax - 1)).toBeUndefined();
  const woken = of(wake(snoozed, endsMs + wakeMsMax));
  expect(whats(woken)).toEqual(["woke"]);
  expect(woken.alert).toMatchObject({ state: "raised", snoozedUntil: null, count: 1 });
  for (const other of [raised("A"), woken.alert, of(does(snoozed, "acknowledge")).alert])
    expect(wake(other, endsMs + wakeMsMax)).toBeUndefined();
});

test("only what nobody took up is escalated, counted from when it was last raised", () => {
  const alert = raised("A");
  expect(escalate(alert, rule, nowMs + 29 * 60_000)).toBeUndefined();
  expect(whats(escalate(alert, rule, nowMs + 30 * 60_000))).toEqual(["escalated"]);
  expect(escalate(alert, { ...rule, escalateAfterMinutes: null }, nowMs + 1e9)).toBeUndefined();
  const taken = of(does(alert, "acknowledge")).alert;
  expect(escalate(taken, rule, nowMs + 1e9)).toBeUndefined();
  const woken = of(seen(of(does(alert, "snooze")).alert, sight("A"), nowMs + 60_000)).alert;
  expect(escalate(woken, rule, nowMs + 30 * 60_000)).toBeUndefined();
  expect(whats(escalate(woken, rule, nowMs + 31 * 60_000))).toEqual(["escalated"]);
});

test("beyond what is remembered by name only the number tells of growth", () => {
  const names = Array.from({ length: subjectsMax }, (_, index) => `T${index}`);
  const many: Sight = { ...sight(...names), count: 5_000 };
  const alert = of(seen(undefined, many)).alert;
  // The oldest left, and one that was there all the while came into sight.
  const moved: Sight = { count: 4_999, subjects: [...many.subjects.slice(1), { key: "T-next", since }] };
  expect(whats(seen(alert, moved))).toEqual(["shrank"]);
  expect(whats(seen(alert, { ...moved, count: 5_001 }))).toEqual(["grew"]);
});

test("a rule that does not look any more lets go", () => {
  const gone = of(letGo(raised("A"), { by: "ann", why: "the rule was deleted", nowMs }));
  expect(gone.alert).toMatchObject({ state: "resolved", subjects: [], count: 0 });
  expect(gone.changes).toMatchObject([{ what: "resolved", by: "ann", why: "the rule was deleted" }]);
  expect(letGo(gone.alert, { by: "ann", why: "", nowMs })).toBeUndefined();
});

test.each<[AlertState, AlertAct, string]>([
  ["raised", "reopen", "already"],
  ["acknowledged", "acknowledge", "already"],
  ["resolved", "resolve", "already"],
  ["resolved", "acknowledge", "refused"],
  ["resolved", "snooze", "refused"],
  ["acknowledged", "reopen", "raised"],
  ["snoozed", "reopen", "raised"],
  ["snoozed", "acknowledge", "acknowledged"],
  ["escalated", "acknowledge", "acknowledged"],
  ["escalated", "snooze", "snoozed"],
  ["resolved", "reopen", "raised"],
])("an alert that is %s, %s: %s", (state, what, outcome) => {
  const turn = does({ ...raised("A"), state }, what);
  const came = turn === "already" ? turn : "refused" in turn ? "refused" : turn.alert.state;
  expect(came).toBe(outcome);
});

test.each([0, -1, 31 * 24 * 3_600_000, Number.NaN])("a snooze of %d ms is refused", (ms) => {
  const until = Number.isNaN(ms) ? undefined : new Date(nowMs + ms).toISOString();
  expect(act(raised("A"), { act: "snooze", by: "ann", why: null, until }, nowMs)).toHaveProperty("refused");
});

test("what is over cannot be opened by hand", () => {
  const over = of(seen(raised("A"), sight())).alert;
  expect(does(over, "reopen")).toHaveProperty("refused");
});

/* Whatever happens, in any order: a model that knows only what is found now and what people said last. */
const tags = fc.subarray(["A", "B", "C", "D"]);
const step = fc.oneof(
  fc.record({ kind: fc.constant("look" as const), tags }),
  fc.record({
    kind: fc.constant("act" as const),
    act: fc.constantFrom<AlertAct>("acknowledge", "snooze", "resolve", "reopen"),
  }),
  fc.record({ kind: fc.constant("wait" as const), minutes: fc.integer({ min: 1, max: 90 }) }),
);

test("whatever happens, an alert is open exactly while it should be, and its history tells its life", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let atMs = nowMs;
      let alert: HeldAlert | undefined;
      let found: string[] = [];
      /** Things found now that a person has settled. */
      let settled = new Set<string>();
      let isOpen = false;
      const history: string[] = [];
      const take = (turn: Turn | undefined) => {
        if (turn === undefined) return;
        alert = turn.alert;
        history.push(...turn.changes.map(({ what }) => what));
      };
      for (const one of steps) {
        if (one.kind === "wait") atMs += one.minutes * 60_000;
        if (one.kind === "look") {
          found = one.tags;
          settled = new Set([...settled].filter((tag) => found.includes(tag)));
          isOpen = isOpen ? found.length > 0 : found.some((tag) => !settled.has(tag));
          if (isOpen) settled = new Set();
          take(seen(alert, sight(...found), atMs));
        }
        if (one.kind === "act" && alert !== undefined) {
          const answer = does(alert, one.act, atMs);
          if (answer !== "already" && !("refused" in answer)) {
            take(answer);
            if (one.act === "resolve") {
              isOpen = false;
              settled = new Set(alert.subjects.map(({ key }) => key));
            }
            if (one.act === "reopen") {
              isOpen = true;
              settled = new Set();
            }
          }
        }
        if (alert !== undefined) take(escalate(alert, rule, atMs));

        expect(alert !== undefined && alert.state !== "resolved").toBe(isOpen);
        if (alert === undefined) continue;
        expect(alert.state === "snoozed").toBe(alert.snoozedUntil !== null);
        expect(alert.state === "resolved").toBe(alert.resolvedAt !== null);
        expect(alert.reopened).toBe(history.filter((what) => what === "reopened").length);
        expect(history.filter((what) => what === "raised")).toHaveLength(1);
        const opens = history.filter((what) => what === "resolved").length + (isOpen ? 1 : 0);
        // Reopening what is acknowledged or snoozed opens nothing, so the two need not be equal.
        expect(1 + alert.reopened).toBeGreaterThanOrEqual(opens);
      }
    }),
  );
});
