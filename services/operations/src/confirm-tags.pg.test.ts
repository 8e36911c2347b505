import { newId, type ProvisionTags, provisionedPerRequestMax } from "@tagwire/messages";
import { expect, test } from "vitest";
import type { Act } from "./actors/act.ts";
import type { Answer } from "./actors/site.ts";
import { createAct, originOf, patchAct, scanAct } from "./actors/test-acts.ts";
import { expectSound, type Member, type TestOperations, tellActs } from "./test-operations.ts";
import { eachOnItsSite } from "./test-told.ts";

/* Tags from their beginning to the label that is on a thing. */

let operations: TestOperations;
let member: Member;
let site: string;
eachOnItsSite((ground) => {
  ({ operations, member, site } = ground);
});

const act = (kind: "tags.provision" | "tags.confirm" | "events.undo", body: object, id = newId()) =>
  ({ kind, id, origin: originOf({}), body }) as Act;
const provision = (more: Partial<ProvisionTags>, id?: string) =>
  act(
    "tags.provision",
    { class: "chair", quantity: 3, tags: { scheme: "prefix", prefix: "BADE" }, ...more },
    id,
  );
const told = async (one: Act): Promise<Answer> => {
  const [answer] = await tellActs(member, site, [one]);
  if (answer === undefined || answer instanceof Error) throw answer ?? new Error("no answer");
  return answer;
};
const statusesOf = async (tags: readonly string[]) => {
  const { items } = await expectSound(operations.sql, site);
  return tags.map((tag) => items.find((item) => item.tag === tag)?.status);
};

test("tags wait for their labels: what came out well is ready, misprints are retired or wait on", async () => {
  const { tags = [] } = await told(provision({ quantity: 5 }));
  const [good = "", bad = "", again = "", scanned = "", waits = ""] = tags;
  await tellActs(member, site, [scanAct(scanned, { type: "service", status: "wash" })]);
  const body = {
    tags: [good, bad, scanned],
    misprints: [
      { tag: bad, fate: "retire" },
      { tag: again.toLowerCase(), fate: "reprint" },
    ],
  };
  const id = newId();
  const first = await told(act("tags.confirm", body, id));
  const confirmed = { ready: [good], retired: [bad], reprint: [again], unchanged: [scanned] };
  expect(first).toMatchObject({ receipt: { outcome: "accepted" }, confirmed });
  expect(await told(act("tags.confirm", body, id))).toMatchObject({ receipt: { replayed: true }, confirmed });
  expect(await statusesOf([good, bad, again, scanned, waits])).toEqual([
    ...["ready", "retired", "provisioned", "wash", "provisioned"],
  ]);
  const { log } = await expectSound(operations.sql, site);
  expect(log.flatMap(({ data }) => data.reason ?? [])).toEqual([
    "its label was printed",
    "its label was misprinted",
  ]);
});

test("all of a class are confirmed, as many as one request takes; a repeat says the same, and how many wait still", async () => {
  await told(provision({ class: "table", quantity: 1 }));
  await told(provision({ quantity: provisionedPerRequestMax }));
  const { tags: more = [] } = await told(provision({ quantity: 2 }));
  const [misprint = ""] = more;
  const body = { tags: [], all: { class: "chair" }, misprints: [{ tag: misprint, fate: "retire" }] };
  const id = newId();
  const first = await told(act("tags.confirm", body, id));
  expect(first.confirmed?.ready).toHaveLength(provisionedPerRequestMax);
  expect(first.confirmed).toMatchObject({ retired: [misprint], unchanged: [], left: 1 });
  const again = await told(act("tags.confirm", body, id));
  expect(again.receipt.replayed).toBe(true);
  expect(again.confirmed).toEqual(first.confirmed);
  const rest = { tags: [], all: { class: "chair" } };
  expect((await told(act("tags.confirm", rest))).confirmed).toMatchObject({
    ...{ ready: more.slice(1), left: 0 },
  });
  const [reused] = await tellActs(member, site, [act("tags.confirm", rest, id)]);
  expect(reused).toMatchObject({ code: "id_reused" });
});

test("of a list with a stranger in it nothing is confirmed", async () => {
  const { tags = [] } = await told(provision({ quantity: 1 }));
  const [answer] = await tellActs(member, site, [act("tags.confirm", { tags: [...tags, "NOBODYS"] })]);
  expect(answer).toMatchObject({ code: "tag_unknown" });
  expect(await statusesOf(tags)).toEqual(["provisioned"]);
});

test("tags of sold things of the class are used first, the longest sold of them, and nothing is left of the sold things", async () => {
  await tellActs(member, site, [
    createAct("FIRST", { quality: "B", place: "rack-1" }),
    createAct("SECOND", { role: "resale" }),
    createAct("OTHER", { class: "table" }),
    createAct("KEPT"),
  ]);
  await tellActs(member, site, [
    scanAct("SECOND"),
    ...["FIRST", "SECOND", "OTHER"].map((tag) => patchAct(tag, { status: "sold" })),
  ]);
  expect((await told(provision({ quantity: 1 }))).tags).toEqual([expect.stringMatching(/^BADE/)]);
  const id = newId();
  const { tags = [] } = await told(provision({ reuseSold: true, place: "dock" }, id));
  expect(tags).toEqual(["FIRST", "SECOND", expect.stringMatching(/^BADE/)]);
  expect((await told(provision({ reuseSold: true, place: "dock" }, id))).tags).toEqual(tags);
  const { items, log } = await expectSound(operations.sql, site);
  expect(items.filter(({ tag }) => tags.includes(tag))).toMatchObject(
    [tags[2], "FIRST", "SECOND"].map((tag) => ({
      ...{ tag, status: "provisioned", place: "dock", quality: null, role: null, lastScan: null },
    })),
  );

  // A scan of the sold thing that comes late is history, and says nothing of the new one.
  const old = scanAct("FIRST", { type: "rental", contract: "R-1", scannedAt: "2026-01-01T00:00:00Z" });
  expect(await told(old)).toMatchObject({ receipt: { code: "late_history_only" } });
  expect(await statusesOf(["FIRST"])).toEqual(["provisioned"]);

  const pos = log.find(({ tag, type }) => tag === "SECOND" && type === "item.edited.v1")?.pos ?? 0;
  const reused = log.findLast(({ tag }) => tag === "SECOND")?.pos ?? 0;
  expect(reused).toBeGreaterThan(pos);
  await told(act("events.undo", { events: [reused], preview: false }));
  const { items: after } = await expectSound(operations.sql, site);
  expect(after.find(({ tag }) => tag === "SECOND")).toMatchObject({
    ...{ status: "sold", role: "resale", lastScan: { type: "touch" } },
  });
});
