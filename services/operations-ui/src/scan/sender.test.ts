import type { Receipt, Scan } from "@tagwire/messages";
import { describe, expect, test } from "vitest";
import type { Answer, Refusal } from "../api/http.ts";
import {
  batchMax,
  burstMs,
  createSender,
  heldMax,
  notTaken,
  type Sending,
  unreachableAfterMs,
} from "./sender.ts";

const scan = (tag: string, more: Partial<Scan> = {}): Scan => ({
  id: `id-${tag}`,
  tag,
  type: "touch",
  scannedAt: "2026-03-01T10:00:00Z",
  ...more,
});
const scans = (count: number): Scan[] => Array.from({ length: count }, (_, index) => scan(`T${index}`));
const accepted = (id: string): Receipt => ({ id, outcome: "accepted", replayed: false });
const receiptsFor = (sent: readonly Scan[]): Answer<Receipt[]> => ({
  kind: "ok",
  value: sent.map(({ id }) => accepted(id)),
});
const refused = (more: Partial<Refusal>): Answer<Receipt[]> => ({
  kind: "refused",
  refusal: { status: 0, code: "unreachable", message: "No answer.", retryable: true, ...more },
});

/** A sender whose server answers only when told to, and whose clock moves only when told to. */
const stand = () => {
  const requests: { scans: readonly Scan[]; answer: (with_: Answer<readonly Receipt[]>) => Promise<void> }[] =
    [];
  const waits: { delayMs: number; end: () => Promise<void> }[] = [];
  const settled: Sending[][] = [];
  let nowMs = 0;
  const turn = async (): Promise<void> => {
    for (let step = 0; step < 20; step += 1) await Promise.resolve();
  };
  const sender = createSender({
    post: (_site, sent) =>
      new Promise((resolve) => {
        requests.push({
          scans: sent,
          answer: async (answer) => {
            resolve(answer);
            await turn();
          },
        });
      }),
    wait: (delayMs, hurried) =>
      new Promise((resolve) => {
        void hurried.then(resolve);
        waits.push({
          delayMs,
          end: async () => {
            resolve();
            await turn();
          },
        });
      }),
    nowMs: () => nowMs,
    random: () => 0,
    onSettled: (rows) => void settled.push([...rows]),
  });
  sender.setPerson("ann");
  return {
    sender,
    requests,
    waits,
    settled,
    turn,
    add: (...added: Scan[]) => sender.add("north", added),
    pass: (spanMs: number) => {
      nowMs += spanMs;
    },
    states: () => sender.get().rows.map(({ scan: { tag }, state }) => `${tag} ${state}`),
  };
};

describe("sending", () => {
  test("begins at once when idle, and gathers while a request is in flight", async () => {
    const { add, requests } = stand();
    add(scan("A"));
    expect(requests).toHaveLength(1);
    add(scan("B"));
    add(scan("C"));
    expect(requests).toHaveLength(1);
    await requests[0]?.answer(receiptsFor([scan("A")]));
    expect(requests).toHaveLength(2);
    expect(requests[1]?.scans.map(({ tag }) => tag)).toEqual(["B", "C"]);
  });

  test("is not confirmed before the receipt is there", async () => {
    const { add, requests, states, settled } = stand();
    add(scan("A"));
    expect(states()).toEqual(["A sending"]);
    expect(settled).toEqual([]);
    await requests[0]?.answer({
      kind: "ok",
      value: [{ id: "id-A", outcome: "rejected", code: "transition_refused", replayed: false }],
    });
    expect(states()).toEqual(["A answered"]);
    expect(settled[0]?.[0]?.receipt?.outcome).toBe("rejected");
  });

  test("never puts more than the bound into one request", () => {
    const { add, requests } = stand();
    add(...scans(batchMax + 100));
    expect(requests[0]?.scans).toHaveLength(batchMax);
  });

  test("of two sites goes in two requests", async () => {
    const { sender, requests } = stand();
    sender.add("north", [scan("A")]);
    sender.add("south", [scan("B")]);
    await requests[0]?.answer(receiptsFor([scan("A")]));
    expect(requests[1]?.scans.map(({ tag }) => tag)).toEqual(["B"]);
  });
});

describe("no answer", () => {
  test.each([
    { what: "the network is gone", answer: refused({}) },
    { what: "nobody owns the site", answer: refused({ status: 503, code: "unavailable" }) },
    { what: "the outcome is unknown", answer: refused({ status: 504, code: "outcome_unknown" }) },
    { what: "the session has ended", answer: { kind: "signed_out" } as const },
  ])("when $what asks again with the same ids", async ({ answer }) => {
    const { add, requests, waits, states } = stand();
    add(scan("A"));
    await requests[0]?.answer(answer);
    expect(states()).toEqual(["A unanswered"]);
    await waits[0]?.end();
    expect(requests[1]?.scans).toEqual([scan("A")]);
    await requests[1]?.answer(receiptsFor([scan("A")]));
    expect(states()).toEqual(["A answered"]);
  });

  test("waits longer each time, up to a bound, and as long as the server asks", async () => {
    const { add, requests, waits } = stand();
    add(scan("A"));
    for (let attempt = 0; attempt < 9; attempt += 1) {
      await requests[attempt]?.answer(refused({}));
      await waits[attempt]?.end();
    }
    expect(waits.map(({ delayMs }) => delayMs)).toEqual([
      250, 500, 1_000, 2_000, 4_000, 7_500, 7_500, 7_500, 7_500,
    ]);
    await requests[9]?.answer(refused({ status: 429, retryAfterMs: 30_000 }));
    expect(waits[9]?.delayMs).toBe(30_000);
  });

  test("ends early when the network comes back", async () => {
    const { add, requests, sender, turn } = stand();
    add(scan("A"));
    await requests[0]?.answer(refused({}));
    sender.hurry();
    await turn();
    expect(requests).toHaveLength(2);
  });

  test("after a while means that no more scans are taken, until one is answered", async () => {
    const { add, requests, waits, sender, pass } = stand();
    add(scan("A"));
    await requests[0]?.answer(refused({}));
    expect(notTaken(sender.get(), true)).toBeUndefined();
    pass(unreachableAfterMs);
    sender.check();
    expect(notTaken(sender.get(), true)).toBe("unreachable");
    await waits[0]?.end();
    await requests[1]?.answer(receiptsFor([scan("A")]));
    expect(notTaken(sender.get(), true)).toBeUndefined();
  });

  test("makes batches smaller, so that a slow server can finish one", async () => {
    const { add, requests, waits } = stand();
    add(...scans(batchMax));
    await requests[0]?.answer(refused({ status: 504 }));
    await waits[0]?.end();
    expect(requests[1]?.scans).toHaveLength(batchMax / 2);
  });

  test("for a scan that an answer leaves out: it is asked for again", async () => {
    const { add, requests, waits, states } = stand();
    add(scan("A"), scan("B"));
    await requests[0]?.answer({ kind: "ok", value: [accepted("id-B")] });
    expect(requests[1]?.scans.map(({ tag }) => tag)).toEqual(["A"]);
    await requests[1]?.answer({ kind: "ok", value: [] });
    expect(states()).toEqual(["A unanswered", "B answered"]);
    await waits[0]?.end();
    expect(requests).toHaveLength(3);
  });
});

test("one scan the server cannot read does not take its neighbours along", async () => {
  const { add, requests, sender } = stand();
  add(...scans(8));
  for (let turns = 0; sender.get().waiting > 0 && turns < 50; turns += 1) {
    const request = requests[turns];
    const isBad = request?.scans.some(({ tag }) => tag === "T5") ?? false;
    await request?.answer(
      isBad
        ? refused({ status: 400, code: "malformed", retryable: false })
        : receiptsFor(request?.scans ?? []),
    );
  }
  const states = Object.groupBy(sender.get().rows, ({ state }) => state);
  expect(states.refused?.map(({ scan: { tag } }) => tag)).toEqual(["T5"]);
  expect(states.answered).toHaveLength(7);
});

describe("the same tag again", () => {
  test("within the burst is counted, not sent", async () => {
    const { add, pass, requests, sender } = stand();
    add(scan("A"));
    await requests[0]?.answer(receiptsFor([scan("A")]));
    pass(burstMs - 1);
    add(scan("A", { id: "id-2" }));
    pass(burstMs - 1);
    add(scan("A", { id: "id-3" }));
    expect(requests).toHaveLength(1);
    expect(sender.get().rows.map(({ times }) => times)).toEqual([3]);
  });

  test.each([
    { what: "later", spanMs: burstMs, more: {} },
    { what: "as another kind of scan", spanMs: 1, more: { type: "return" as const } },
    { what: "for another contract", spanMs: 1, more: { contract: "L77" } },
  ])("$what is a scan of its own", ({ spanMs, more }) => {
    const { add, pass, sender } = stand();
    add(scan("A"));
    pass(spanMs);
    add(scan("A", { id: "id-2", ...more }));
    expect(sender.get().rows).toHaveLength(2);
  });

  test("after another kind of scan came between is a scan of its own", () => {
    const { add, sender } = stand();
    add(scan("A", { type: "rental", contract: "L7" }));
    add(scan("A", { id: "id-2", type: "return" }));
    add(scan("A", { id: "id-3", type: "rental", contract: "L7" }));
    expect(sender.get().rows.map(({ times }) => times)).toEqual([1, 1, 1]);
  });
});

describe("whose scans they are", () => {
  const lost: Answer<Receipt[]> = { kind: "signed_out" };

  test("another person's sign-in does not send them; their own does", async () => {
    const { add, requests, sender, turn, states } = stand();
    add(scan("A"));
    sender.setPerson(undefined);
    await requests[0]?.answer(lost);
    sender.setPerson("bob");
    await turn();
    expect(requests).toHaveLength(1);
    expect(sender.get()).toMatchObject({ waiting: 1, own: 0, absent: ["ann"], needsSignIn: false });

    sender.add("north", [scan("B")]);
    expect(requests[1]?.scans.map(({ tag }) => tag)).toEqual(["B"]);
    await requests[1]?.answer(receiptsFor([scan("B")]));
    expect(requests).toHaveLength(2);

    sender.setPerson("ann");
    await turn();
    expect(requests[2]?.scans).toEqual([scan("A")]);
    await requests[2]?.answer(receiptsFor([scan("A")]));
    expect(states().toSorted()).toEqual(["A answered", "B answered"]);
    expect(sender.get().absent).toEqual([]);
  });

  test("the same tag by two persons is two scans", () => {
    const { add, sender } = stand();
    add(scan("A"));
    sender.setPerson("bob");
    add(scan("A", { id: "id-2" }));
    expect(sender.get().rows.map(({ by }) => by)).toEqual(["bob", "ann"]);
  });

  test("nobody's scan is not taken", () => {
    const { add, sender } = stand();
    sender.setPerson(undefined);
    expect(() => add(scan("A"))).toThrow("nobody is signed in");
  });
});

test("scans are not taken while offline, and never more than may be held", () => {
  const { add, sender } = stand();
  expect(notTaken(sender.get(), false)).toBe("offline");
  expect(notTaken(sender.get(), true, heldMax)).toBeUndefined();
  add(scan("A"));
  expect(notTaken(sender.get(), true, heldMax)).toBe("full");
});
