import { tagsOf } from "@tagwire/epc";
import { type ImportRow, newId } from "@tagwire/messages";
import { beforeEach, expect, test } from "vitest";
import { traceparent } from "./actors/test-acts.ts";
import { answerCommand } from "./answers/commands.ts";
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
