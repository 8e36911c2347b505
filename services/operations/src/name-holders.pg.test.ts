import { tagsOf } from "@tagwire/epc";
import { type ImportRow, newId } from "@tagwire/messages";
import { beforeEach, expect, test } from "vitest";
import { traceparent } from "./actors/test-acts.ts";
import { answerCommand } from "./answers/commands.ts";
import { epcHolders } from "./store/name-holders.ts";
import { nameThings } from "./store/thing-names.ts";
import { beginSite, type Member, type TestOperations } from "./test-operations.ts";
import { createTold, eachOnItsSite, type Told } from "./test-told.ts";

/* An EPC is on one thing of all the sites of a house. Each test has a site of its own and one besides, and EPCs that no other has. */

let operations: TestOperations;
let member: Member;
let here: Told;
let there: Told;
let site: string;
let sites: number;
eachOnItsSite((ground) => {
  ({ operations, member, sites, site } = ground);
  here = ground.told;
});

const toldOf = async (name: string): Promise<Told> => {
  await beginSite(member, name);
  return createTold(operations, member, name);
};
beforeEach(async () => {
  there = await toldOf(`other-${sites}`);
});

const numbered = () =>
  ({ scheme: "sgtin-96", companyPrefix: "4012345", itemReference: String(sites).padStart(6, "0") }) as const;
/** Two tags of one thing. */
const tagsOfThing = (serial: number): readonly [string, string] => {
  const [one, other] = tagsOf(`urn:epc:id:sgtin:4012345.${numbered().itemReference}.${serial}`);
  if (one === undefined || other === undefined) throw new Error("too few tags");
  return [one, other];
};
const create = (tag: string) => ({ tag, class: "tent" });
const provision = (quantity: number) => ({ class: "tent", quantity, tags: numbered() });
const imported = async (name: string, tag: string, more: Partial<ImportRow> = {}) => {
  const rows: ImportRow[] = [{ id: newId(), tag, class: "tent", ...more }];
  const answer = await answerCommand(member.turns, name, {
    kind: "items.import",
    id: newId(),
    ...{ by: { person: "office" }, receivedAt: here.instant(1), traceparent },
    body: { rows, dryRun: false },
  });
  if (!("outcomes" in answer)) throw new Error("no outcomes");
  return answer.outcomes[0]?.code ?? answer.outcomes[0]?.outcome;
};

test("an EPC of a thing of another site is refused by hand, by a file and as another tag, and nothing is said of that site", async () => {
  const [one, twin] = tagsOfThing(1);
  await here.done("item.create", create(one));
  await there.done("item.create", create("own-code"));
  const refusal = await there.command("item.create", create(one));
  expect(refusal).toMatchObject({ code: "epc_held_elsewhere" });
  expect(JSON.stringify([refusal, String(refusal)])).not.toContain(site);
  expect(await there.refused("item.create", create(twin))).toBe("epc_held_elsewhere");
  expect(await there.refused("item.retag", { tag: "own-code", to: one })).toBe("epc_held_elsewhere");
  expect(await imported(`other-${sites}`, one)).toBe("epc_held_elsewhere");
  // A code that is no name of GS1 says nothing about any other house.
  expect(await here.refused("item.create", create("own-code"))).toBe("taken");
});

/** A number of the firm's own sequence, which no GS1 key names; each test has a prefix of its own. */
const ownSequence = () => ({ scheme: "prefix", prefix: `4254450${String(sites).padStart(3, "0")}` }) as const;
const provisionOwn = (quantity: number) => ({ class: "tent", quantity, tags: ownSequence() });

test("a number of the firm's own sequence is no other site's, whether it was given first or on a thing first", async () => {
  const [given = ""] = (await here.done("tags.provision", provisionOwn(1))).tags ?? [];
  expect(given).toHaveLength(24);
  await there.done("item.create", create("house-7"));
  expect(await there.refused("item.create", create(given))).toBe("epc_held_elsewhere");
  expect(await there.refused("item.retag", { tag: "house-7", to: given })).toBe("epc_held_elsewhere");
  expect(await imported(`other-${sites}`, given)).toBe("epc_held_elsewhere");
  // The other way round: what is on a thing there is passed over here, and so is what a third site has.
  const next = `${given.slice(0, -1)}2`;
  await there.done("item.create", create(next));
  expect((await here.done("tags.provision", provisionOwn(1))).tags).toEqual([`${given.slice(0, -1)}3`]);
  expect(await here.refused("item.create", create(next))).toBe("epc_held_elsewhere");
  // It moves house like any other.
  await here.done("item.patch", { tag: given, version: null, patch: { status: "retired" } });
  expect(await there.refused("item.create", create(given))).toBe("taken");
  expect(await here.refused("item.patch", { tag: given, version: null, patch: { status: "ready" } })).toBe(
    "epc_held_elsewhere",
  );
});

test("of two sites that take one EPC that GS1 does not name at the same moment one gets it", async () => {
  for (let serial = 1; serial <= 10; serial += 1) {
    const tag = `${ownSequence().prefix}${String(serial).padStart(14, "0")}`;
    const both = await Promise.all([here, there].map((told) => told.refused("item.create", create(tag))));
    expect(both.toSorted()).toEqual(["epc_held_elsewhere", "taken"]);
  }
});

test("the number of a chip and a code that is no EPC are a site's own, and no sequence gives such", async () => {
  for (const code of [`E2801160600002${String(sites).padStart(10, "0")}`, "house-7", "425445000001"])
    for (const told of [here, there]) expect(await told.refused("item.create", create(code))).toBe("taken");
  const tags = { scheme: "prefix", prefix: "E280" } as const;
  expect(await here.refused("tags.provision", { class: "tent", quantity: 1, tags })).toBe("malformed");
});

test("tags that two sites had before they were held stay with both, are told, and are nobody's third time", async () => {
  const { sql } = operations;
  const tag = `${ownSequence().prefix}${"7".padStart(14, "0")}`;
  await here.done("item.create", create(tag));
  await sql`delete from name_holder where name like ${`%${tag}`}`;
  await there.done("item.create", create(tag));
  await sql`delete from name_holder where name like ${`%${tag}`}`;
  await sql.unsafe(epcHolders.sql);
  const own = (await nameThings(sql)).filter((one) => one.tag === tag);
  expect(own).toHaveLength(1);
  const third = await toldOf(`third-${sites}`);
  expect(await third.refused("item.create", create(tag))).toBe("epc_held_elsewhere");
  // Both go on with what they have, and whoever ends one of the two does not free the other's.
  const [{ site: second } = { site: "" }] = own;
  const told = second === site ? here : there;
  await told.done("item.patch", { tag, version: null, patch: { status: "retired" } });
  expect(await third.refused("item.create", create(tag))).toBe("epc_held_elsewhere");
});

test.each(["sold", "retired"] as const)(
  "a thing moves house once it is %s, and does not come back by itself",
  async (status) => {
    const [one] = tagsOfThing(1);
    const edit = async (told: Told, to: "ready" | typeof status) =>
      told.refused("item.patch", { tag: one, version: null, patch: { status: to } });
    await here.done("item.create", create(one));
    const ended = await here.at("item.patch", { tag: one, version: null, patch: { status } });
    expect(await there.refused("item.create", create(one))).toBe("taken");
    expect(await edit(here, "ready")).toBe("epc_held_elsewhere");
    expect(await imported(site, one, { status: "ready" })).toBe("epc_held_elsewhere");
    expect(await here.refusal({ events: [ended] })).toMatchObject({ code: "undo_refused" });
    expect(await edit(there, status)).toBe("taken");
    expect(await here.undo({ events: [ended] })).toMatchObject({ undone: [{ outcome: "undone" }] });
    expect(await edit(there, "ready")).toBe("epc_held_elsewhere");
  },
);

test("what was created by mistake is free for the site that has it, once that is taken back", async () => {
  const [one] = tagsOfThing(1);
  const created = await here.at("item.create", create(one));
  const gone = (await here.undo({ events: [created] })).receipt.event?.pos ?? 0;
  expect(await there.refused("item.create", create(one))).toBe("taken");
  expect(await here.refusal({ events: [gone] })).toMatchObject({ code: "undo_refused" });
  expect(await here.refused("item.create", create(one))).toBe("epc_held_elsewhere");
});

test("of two sites that take one EPC at the same moment one gets it", async () => {
  const serials = Array.from({ length: 20 }, (_, index) => tagsOfThing(index + 1)[0]);
  for (const tag of serials) {
    const both = await Promise.all([here, there].map((told) => told.refused("item.create", create(tag))));
    expect(both.toSorted()).toEqual(["epc_held_elsewhere", "taken"]);
  }
});

test("numbers that two sites are given at the same moment are all different, and pass over each other's things", async () => {
  await there.done("item.create", create(tagsOfThing(3)[1]));
  const given = await Promise.all(
    [here, there, here, there].map((told) => told.done("tags.provision", provision(5))),
  );
  const tags = given.flatMap((answer) => answer.tags ?? []);
  expect(tags).toHaveLength(20);
  expect(new Set([...tags, ...tagsOfThing(3)]).size).toBe(22);
});

test("a site for practice takes no number and no EPC from those that are real, and they none from it", async () => {
  const practice = await toldOf(`training-${sites}`);
  const made = (await practice.done("tags.provision", provision(3))).tags;
  expect((await here.done("tags.provision", provision(3))).tags).toEqual(made);
  const [one] = tagsOfThing(9);
  expect(await practice.refused("item.create", create(one))).toBe("taken");
  expect(await here.refused("item.create", create(one))).toBe("taken");
  expect(await there.refused("item.create", create(one))).toBe("epc_held_elsewhere");
});
