import { tagSetDigest } from "@tagwire/digest";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Outbox } from "../outbox/outbox.ts";

const site = "yard";
const device = { id: "tablet", incarnation: "0000-ABCDEFGH" };
const outbox = {
  ask: (work: (database: undefined, identity: unknown) => unknown) =>
    work(undefined, { deviceId: device.id, incarnation: device.incarnation }),
} as unknown as Outbox;

/** A page of the one browser that there is: a module of its own, and the storage of all. */
const openPage = async () => {
  vi.resetModules();
  return { ...(await import("./scanned-tags.ts")), ...(await import("./declare.ts")) };
};

type Body = { readonly count?: number; readonly digest?: string };
/** What the server was asked, in order, and how it answers: `away` is no answer at all. */
let asked: { readonly what: string; readonly body: Body }[];
let server: "away" | "ill" | { readonly state: string; readonly part: string };

beforeEach(() => {
  // What a page would write down later is written when it is told to.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const kept = new Map<string, string>();
  asked = [];
  server = { state: "open", part: "waiting" };
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
    key: (index: number) => [...kept.keys()][index] ?? null,
    get length() {
      return kept.size;
    },
  });
  vi.stubGlobal("fetch", async (path: string, { body }: { body?: string } = {}) => {
    asked.push({ what: path.replace(/^.*\/sessions\//, ""), body: JSON.parse(body ?? "{}") });
    if (server === "away") throw new TypeError("away");
    if (server === "ill") return new Response("{}", { status: 500 });
    const { state, part } = server;
    return Response.json({ state, parts: [{ device: "tablet#abcdefgh", state: part }] });
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const told = () => asked.splice(0).map(({ what }) => what);
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();

test("a browser makes the digest that the server makes, whatever the tags are", async () => {
  const { tagSetOf } = await openPage();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: "grapheme", minLength: 1 })), async (tags) => {
      expect(await tagSetOf(tags)).toEqual({ count: new Set(tags).size, digest: tagSetDigest(tags) });
    }),
  );
});

test("what was scanned into a session is kept in the one form of tags, each once, until it is forgotten", async () => {
  const page = await openPage();
  page.noteScanned({ site, session: "s1" }, [" e200abcd ", "E200ABCD", "house-7"], at(0));
  page.noteScanned({ site, session: "s2" }, ["x", "late"], at(1));
  page.noteScanned({ site, session: "s1" }, ["", "house-7"], at(2));
  page.noteScanned({ site: "north", session: "s3" }, [], at(0));
  page.noteTooLate("s2", "LATE", at(1));
  page.noteTooLate("s2", "late", at(1));
  // It was scanned in time before.
  page.noteScanned({ site, session: "s2" }, ["x"], at(3));
  page.noteTooLate("s2", "x", at(3));
  expect(page.scannedInto("s1")).toEqual(["E200ABCD", "house-7"]);
  expect(page.notedAt(site)).toEqual(["s1", "s2"]);
  expect([page.isNoted("s3"), page.isNoted("s4")]).toEqual([true, false]);
  expect(page.scannedInto("s2")).toEqual(["x"]);
  page.forgetScanned("s1");
  expect(page.scannedInto("s1")).toEqual([]);
});

test("two pages of a browser know what either scanned, and neither overwrites or outlives it", async () => {
  const where = { site, session: "s1" };
  const [one, other] = [await openPage(), await openPage()];
  one.noteScanned(where, ["a", "b"], at(0));
  other.noteScanned(where, ["b", "c"], at(1));
  other.noteTooLate("s1", "b", at(1));
  one.writeScanned();
  other.writeScanned();
  one.noteScanned(where, ["d"], at(2));
  one.writeScanned();
  for (const page of [one, other, await openPage()])
    expect(page.scannedInto("s1").toSorted()).toEqual(["A", "B", "C", "D"]);

  await one.declare(outbox, where);
  await other.declare(outbox, where);
  const set = { count: 4, digest: tagSetDigest(["A", "B", "C", "D"]) };
  expect(asked).toMatchObject([{ body: set }, { body: set }]);

  other.forgetScanned("s1");
  expect([one.isNoted("s1"), other.isNoted("s1")]).toEqual([false, false]);
});

test("that a device takes part is told until the server has heard it, also by a page that was loaded since", async () => {
  const where = { site, session: "s1" };
  const page = await openPage();
  page.noteScanned(where, [], at(0));
  server = "away";
  await page.join(outbox, where);
  expect(told()).toEqual(["s1:join"]);
  // Nothing is sent into it before.
  expect(await page.hindranceOf(outbox, [where])).toMatchObject({ refusal: { code: "unreachable" } });
  expect(told()).toEqual(["s1:join"]);

  const later = await openPage();
  // The scans themselves tell a server that answers.
  server = "ill";
  expect(await later.hindranceOf(outbox, [where])).toBeUndefined();
  server = { state: "open", part: "waiting" };
  await later.joinAll(outbox);
  await later.joinAll(outbox);
  expect(await later.hindranceOf(outbox, [where])).toBeUndefined();
  expect(await page.hindranceOf(outbox, [where])).toBeUndefined();
  expect(told()).toEqual(["s1:join", "s1:join"]);
});

test("what is over or left is declared, again after it could not be said, and no more once all has come", async () => {
  const where = { site, session: "joined" };
  const page = await openPage();
  page.noteScanned({ site, session: "left" }, ["a"], at(0));
  page.noteScanned(where, ["b"], at(0));
  page.noteTold({ site, session: "left" });
  page.noteTold(where);
  server = "away";
  expect(await page.declareLeft(outbox, site, "joined")).toBe(false);
  expect(told()).toEqual(["left:declare", "joined"]);
  server = { state: "open", part: "complete" };
  expect(await page.declareLeft(outbox, site, "joined")).toBe(true);
  expect(told()).toEqual(["left:declare", "joined"]);
  server = { state: "closed", part: "waiting" };
  expect(await page.declareLeft(outbox, site, "joined")).toBe(true);
  server = { state: "closed", part: "complete" };
  expect(await page.declareLeft(outbox, site, "joined")).toBe(true);
  expect(told()).toEqual([
    ...["left:declare", "joined", "joined:declare"],
    ...["left:declare", "joined", "joined:declare"],
  ]);
  expect(await page.declareLeft(outbox, site, "joined")).toBe(true);
  expect(told()).toEqual([]);

  // What is scanned after that was refused, and all that came before is still known.
  page.noteScanned(where, ["c"], at(9));
  expect(page.notedAt(site)).toEqual(["joined"]);
  page.noteTooLate("joined", "c", at(9));
  expect([page.notedAt(site), page.scannedInto("joined")]).toEqual([[], ["B"]]);
});
