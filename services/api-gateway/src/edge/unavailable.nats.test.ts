import { answer, answerOn } from "@tagwire/bus";
import { AskSites, type Command, commandSubject, Fault, newId } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { describe, expect, test } from "vitest";
import { type TestGateway, testGateway } from "../test-gateway.ts";

/* What the edge says while operations cannot answer. The answerers here stand for an owner that is away, late or mute. */

const path = "/api/v1/sites/north/scans";
const scans = [{ id: newId(), tag: "tag", type: "touch", scannedAt: "2026-03-02T07:15:00Z" }];
const receipts = scans.map(({ id }) => ({ id, outcome: "accepted", replayed: false }));

test("while nobody owns the site it is asked again with the same id, and a late owner is in time", async () => {
  await using gateway = await testGateway();
  const asked = gateway.ask("POST", path, { scans });
  const heard: Command[] = [];
  // The first attempt finds nobody for certain: the owner only comes once it has failed.
  await eventually("the first attempt failed", () => gateway.bus.connection.stats().inMsgs > 0);
  const owner = answerOn(gateway.bus, { subject: commandSubject("north") }, async (body) => {
    heard.push(body as Command);
    return { receipts };
  });
  expect(await asked).toMatchObject({ status: 200, body: { receipts } });
  expect(heard).toHaveLength(1);
  await owner.stop();
});

test("when no owner comes the answer is 503 with Retry-After", async () => {
  await using gateway = await testGateway();
  const answered = await gateway.ask("POST", path, { scans });
  const sendAgain = expect.stringContaining("Send again with the same ids");
  expect(answered).toMatchObject({
    ...{ status: 503, body: { code: "unavailable", retryable: true, detail: sendAgain } },
  });
  expect(answered.headers.get("retry-after")).toBe("1");
  // Who reads has no ids.
  expect(await gateway.ask("GET", "/api/v1/sites")).toMatchObject({
    status: 503,
    body: { code: "unavailable", detail: expect.stringMatching(/Ask again after Retry-After\.$/) },
  });
  expect(await gateway.ask("GET", "/readyz")).toMatchObject({
    status: 503,
    body: { ready: false, checks: { bus: true, store: true, operations: false } },
  });
});

test("an owner that says nothing is asked once more with the same id, then the outcome is unknown; an undo is waited for longer", async () => {
  await using gateway = await testGateway();
  const ids: string[] = [];
  const undone = Promise.withResolvers<unknown>();
  const mute = answerOn(gateway.bus, { subject: commandSubject("north") }, (body) => {
    const { kind, id } = body as Command;
    if (kind === "events.undo") return undone.promise;
    ids.push(id);
    return new Promise(() => {});
  });
  const undoing = gateway.ask("POST", "/api/v1/sites/north/events:undo", { events: [7] });
  const answered = await gateway.ask("POST", path, { scans });
  expect(answered).toMatchObject({ status: 504, body: { code: "outcome_unknown", retryable: true } });
  expect(answered.headers.get("retry-after")).toBe("1");
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
  undone.resolve({ undone: [], more: 0, receipt: receipts[0] });
  expect(await undoing).toMatchObject({ status: 200, body: { receipt: receipts[0] } });
  void mute.stop();
});

test("an owner that takes a command and is gone before it says so leaves the outcome unknown, not undone", async () => {
  await using gateway = await testGateway();
  const heard: string[] = [];
  const dying = answerOn(gateway.bus, { subject: commandSubject("north") }, (body) => {
    heard.push((body as Command).id);
    return new Promise(() => {});
  });
  const asked = gateway.ask("POST", path, { scans });
  await eventually("the command was taken", () => heard.length === 1);
  // Not waited for: it is waiting for the answer that never comes.
  void dying.stop();
  expect(await asked).toMatchObject({ status: 504, body: { code: "outcome_unknown", retryable: true } });
  expect(heard).toHaveLength(1);
}, 60_000);

test("an owner that knows no outcome and then has no room, or no store, leaves the outcome unknown", async () => {
  await using gateway = await testGateway();
  for (const second of ["overloaded", "store.unreachable"] as const) {
    const said = ["outcome_unknown", second] as const;
    let heard = 0;
    const owner = answerOn(gateway.bus, { subject: commandSubject("north") }, async () => {
      heard += 1;
      throw new Fault(said[heard - 1] ?? "internal", "");
    });
    const answered = await gateway.ask("POST", path, { scans });
    expect([answered.status, answered.body.code, heard]).toEqual([504, "outcome_unknown", 2]);
    await owner.stop();
  }
});

test("a question that is not answered has no outcome that could be unknown: it is for later", async () => {
  await using gateway = await testGateway();
  const mute = answer(gateway.bus, AskSites, () => new Promise(() => {}));
  const answered = await gateway.ask("GET", "/api/v1/sites");
  expect(answered).toMatchObject({ status: 503, body: { code: "unavailable", retryable: true } });
  expect(answered.body.detail).toBe(
    "no answer came in time. Nobody can answer this right now. Ask again after Retry-After.",
  );
  expect(answered.headers.get("retry-after")).toBe("1");
  void mute.stop();
});

describe("a request of several slices", () => {
  const many = Array.from({ length: 4_000 }, () => ({ ...scans[0], id: newId() }));
  const idsOf = (body: unknown) =>
    (body as Extract<Command, { kind: "scans.record" }>).body.scans.map(({ id }) => id);

  /** An owner that refuses the slices named, counted from 1, and records what it takes in the order in which it came. */
  const ownerRefusing = (gateway: TestGateway, refused: readonly number[]) => {
    const recorded: string[] = [];
    let count = 0;
    const owner = answerOn(gateway.bus, { subject: commandSubject("north") }, async (body) => {
      count += 1;
      if (refused.includes(count)) throw new Fault("overloaded", "");
      recorded.push(...idsOf(body));
      return { receipts: idsOf(body).map((id) => ({ id, outcome: "accepted", replayed: false })) };
    });
    return { recorded, count: () => count, stop: owner.stop };
  };

  test("is refused as a whole when the first is refused: nothing after it was sent", async () => {
    await using gateway = await testGateway();
    const owner = ownerRefusing(gateway, [1]);
    const answered = await gateway.ask("POST", path, { scans: many });
    expect(answered).toMatchObject({ status: 503, body: { code: "overloaded", retryable: true } });
    expect(answered.headers.get("retry-after")).toBe("1");
    expect(owner.count()).toBe(1);
    expect(owner.recorded).toEqual([]);
    await owner.stop();
  });

  test("says that its outcome is not known when a later one is refused, and what was captured first is decided first", async () => {
    await using gateway = await testGateway();
    const owner = ownerRefusing(gateway, [2]);
    const answered = await gateway.ask("POST", path, { scans: many });
    expect(answered).toMatchObject({ status: 504, body: { code: "outcome_unknown", retryable: true } });
    expect(answered.headers.get("retry-after")).toBe("1");
    expect(owner.count()).toBe(2);
    expect(owner.recorded).toEqual(many.slice(0, owner.recorded.length).map(({ id }) => id));

    const again = await gateway.ask("POST", path, { scans: many });
    expect(again.body.receipts.map(({ id }: { id: string }) => id)).toEqual(many.map(({ id }) => id));
    expect(owner.recorded.slice(-many.length)).toEqual(many.map(({ id }) => id));
    await owner.stop();
  });
});

test("what breaks behind us is not told to the client", async () => {
  await using gateway = await testGateway();
  const broken = answer(gateway.bus, AskSites, async () => {
    throw new Error("the password is swordfish");
  });
  const answered = await gateway.ask("GET", "/api/v1/sites");
  expect(answered).toMatchObject({
    status: 500,
    body: { code: "internal", traceId: expect.stringMatching(/^[0-9a-f]{32}$/) },
  });
  expect(answered.text).not.toContain("swordfish");
  await broken.stop();
});
