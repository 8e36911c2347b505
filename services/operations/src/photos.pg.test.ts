import { createHash } from "node:crypto";
import { newId, photosPerItemMax } from "@tagwire/messages";
import { expect, test } from "vitest";
import type { Act } from "./actors/act.ts";
import { createAct, originOf, scanAct } from "./actors/test-acts.ts";
import {
  deleteUnnamed,
  findContent,
  keepContent,
  listPhotos,
  listServicePhotos,
  type PhotoCursor,
} from "./store/photos.ts";
import { expectSound, type Member, type TestOperations, tellActs } from "./test-operations.ts";
import { eachOnItsSite } from "./test-told.ts";

/* Photos of things, and the pictures that are kept of them. */

let operations: TestOperations;
let member: Member;
let site: string;
eachOnItsSite((ground) => {
  ({ operations, member, site } = ground);
});

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
const act = (kind: "photo.add" | "photo.delete", body: object, id = newId()) =>
  ({ kind, id, origin: originOf({ by: { person: "ann" } }), body }) as Act;
const keep = async (text: string) => {
  const photo = { sha256: hashOf(text), type: "image/jpeg", content: Buffer.from(text) } as const;
  await keepContent(operations.sql, site, photo);
  return { sha256: photo.sha256, type: photo.type, bytes: text.length };
};
const codeOf = async (one: Act) => {
  const [answer] = await tellActs(member, site, [one]);
  return answer instanceof Error ? answer.message.split(":")[0] : answer?.receipt.outcome;
};

test("a photo is of the event it shows, and its picture goes with the last one that shows it", async () => {
  const { sql } = operations;
  const scan = scanAct("T", { type: "service", status: "repair" });
  await tellActs(member, site, [createAct("T"), scan, scanAct("T")]);
  const picture = await keep("torn");
  const [first, second] = [newId(), newId()];
  expect(await codeOf(act("photo.add", { tag: "T", ...picture, scan: scan.id }, first))).toBe("accepted");
  expect(await codeOf(act("photo.add", { tag: "T", ...picture }, second))).toBe("accepted");
  const { log } = await expectSound(sql, site);
  const repaired = log.find(({ scanId }) => scanId === scan.id)?.pos;
  expect(await listPhotos(sql, site, "T")).toMatchObject([
    { id: second, of: (repaired ?? 0) + 1 },
    { id: first, of: repaired, by: { person: "ann" }, sha256: picture.sha256 },
  ]);
  const ofService = async (limit: number, before?: PhotoCursor) =>
    (await listServicePhotos(sql, site, { limit, before })).map(({ id }) => id);
  expect(await ofService(9)).toEqual([second, first]);
  // Page by page, each once: what was cut silently before comes on the next one.
  const [newest] = await listServicePhotos(sql, site, { limit: 1 });
  expect(await ofService(1)).toEqual([second, first]);
  expect(await ofService(1, newest)).toEqual([first]);

  const remove = (id: string) => act("photo.delete", { tag: "T", id, reason: " blurred " });
  expect(await codeOf(remove(first))).toBe("accepted");
  expect((await findContent(sql, site, picture.sha256))?.content.toString()).toBe("torn");
  expect(await codeOf(remove(first))).toBe("photo.unknown");
  expect(await codeOf(remove(second))).toBe("accepted");
  expect(await findContent(sql, site, picture.sha256)).toBeUndefined();
  expect((await sql`select 1 from photo_content where site = ${site}`).length).toBe(0);
  const { log: after } = await expectSound(sql, site);
  expect(after.filter(({ type }) => type === "photo.deleted.v1").map(({ data }) => data.reason)).toEqual([
    "blurred",
    "blurred",
  ]);
});

test("photos follow the thing to another tag, and are deleted under it", async () => {
  const { sql } = operations;
  const retag = (tag: string, to: string): Act => ({
    ...{ kind: "item.retag", id: newId(), origin: originOf({}) },
    body: { tag, to },
  });
  const first = newId();
  await tellActs(member, site, [createAct("T"), scanAct("T", { type: "service", status: "repair" })]);
  const picture = await keep("torn");
  expect(await codeOf(act("photo.add", { tag: "T", ...picture }, first))).toBe("accepted");
  for (const [from, to] of [
    ["T", "U"],
    ["U", "V"],
  ] as const)
    expect(await codeOf(retag(from, to))).toBe("accepted");
  expect(await listPhotos(sql, site, "V")).toMatchObject([{ id: first, tag: "V" }]);
  expect(await listServicePhotos(sql, site, { limit: 9 })).toMatchObject([{ id: first, tag: "V" }]);
  expect(await codeOf(act("photo.delete", { tag: "V", id: first, reason: "blurred" }))).toBe("accepted");
  expect(await listPhotos(sql, site, "V")).toEqual([]);
  await expectSound(sql, site);
});

test("bad photos are refused: of nothing, of no event of the thing, without a picture, one too many", async () => {
  await tellActs(member, site, [createAct("T"), createAct("U")]);
  const picture = await keep("x");
  const missing = { ...picture, sha256: hashOf("never sent") };
  expect(await codeOf(act("photo.add", { tag: "NOBODY", ...picture }))).toBe("tag_unknown");
  const { log } = await expectSound(operations.sql, site);
  const ofOther = log.find(({ tag }) => tag === "U")?.pos;
  expect(await codeOf(act("photo.add", { tag: "T", ...picture, pos: ofOther }))).toBe("photo.event_unknown");
  expect(await codeOf(act("photo.add", { tag: "T", ...picture, scan: newId() }))).toBe("photo.event_unknown");
  expect(await codeOf(act("photo.add", { tag: "T", ...missing }))).toBe("unavailable");
  const all = Array.from({ length: photosPerItemMax }, () => act("photo.add", { tag: "T", ...picture }));
  for (const one of all) expect(await codeOf(one)).toBe("accepted");
  expect(await codeOf(act("photo.add", { tag: "T", ...picture }))).toBe("photo.too_many");
});

test("what nobody named is deleted after a while, and only that", async () => {
  await tellActs(member, site, [createAct("T")]);
  const named = await keep("named");
  await tellActs(member, site, [act("photo.add", { tag: "T", ...named })]);
  await keep("unnamed");
  const { sql } = operations;
  expect(await deleteUnnamed(sql, new Date(Date.now() - 60_000), 10)).toBe(0);
  expect(await deleteUnnamed(sql, new Date(Date.now() + 60_000), 10)).toBe(1);
  expect(await findContent(sql, site, named.sha256)).toBeDefined();
});
