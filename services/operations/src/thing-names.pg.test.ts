import { describeTag, encodeEpc, tagsOf } from "@tagwire/epc";
import { type ImportRow, newId } from "@tagwire/messages";
import { beforeEach, expect, test } from "vitest";
import { createAct, originOf, traceparent } from "./actors/test-acts.ts";
import { answerCommand } from "./answers/commands.ts";
import { findCarriers, nameThings } from "./store/thing-names.ts";
import { type Member, type TestOperations, tellActs } from "./test-operations.ts";
import { eachOnItsSite, type Told } from "./test-told.ts";

/* A GS1 EPC is on one thing, whichever of its tags says it; each test on a site of its own, as if there were no other. */

let operations: TestOperations;
let member: Member;
let site: string;
let told: Told;
eachOnItsSite((ground) => {
  ({ operations, member, site, told } = ground);
});

beforeEach(() => operations.sql`delete from name_holder`);

const link = (serial: number) => `https://id.gs1.org/01/04012345000016/21/${serial}`;
/** Tags of one thing: with one filter, with another, and as a TDS 2.x tag. */
const tagsOfThing = (serial: number): readonly [string, string, string] => {
  const all = tagsOf(`urn:epc:id:sgtin:4012345.000001.${serial}`);
  const of96 = all.filter((tag) => tag.startsWith("30"));
  const plus = all.find((tag) => tag.startsWith("F7"));
  const [first, second] = of96;
  if (first === undefined || second === undefined || plus === undefined) throw new Error("too few tags");
  return [first, second, plus];
};

/** What became of each row of a file. */
const imported = async (tags: readonly string[], dryRun: boolean): Promise<string[]> => {
  const rows: ImportRow[] = tags.map((tag) => ({ id: newId(), tag, class: "tent" }));
  const answer = await answerCommand(member.turns, site, {
    kind: "items.import",
    id: newId(),
    ...{ by: { person: "office" }, receivedAt: told.instant(1), traceparent },
    body: { rows, dryRun },
  });
  if (!("outcomes" in answer)) throw new Error("no outcomes");
  return answer.outcomes.map(({ outcome, code }) => code ?? outcome);
};

test("a second tag of a thing is refused, whatever its filter and scheme, and another thing's is not", async () => {
  const [one, filtered, plus] = tagsOfThing(1);
  await told.done("item.create", { tag: one, class: "tent" });
  expect(await told.refused("item.create", { tag: filtered, class: "tent" })).toBe("item_exists");
  expect(await told.refused("item.create", { tag: plus, class: "tent" })).toBe("item_exists");
  expect(await told.refused("item.create", { tag: tagsOfThing(2)[1], class: "tent" })).toBe("taken");
  const refusal = await told.command("item.create", { tag: plus, class: "tent" });
  expect(String((refusal as { detail?: string }).detail)).toContain(`names the thing that carries ${one}`);
});

test("a thing gets another tag of its own name, and no other thing gets one of it", async () => {
  const [one, filtered, plus] = tagsOfThing(1);
  await told.done("item.create", { tag: one, class: "tent" });
  await told.done("item.create", { tag: "own-code", class: "tent" });
  expect(await told.refused("item.retag", { tag: "own-code", to: filtered })).toBe("item_exists");
  expect(await told.refused("item.retag", { tag: one, to: filtered })).toBe("taken");
  // Under a code of the house's own the thing keeps its name: its code may be written on it again.
  expect(await told.refused("item.retag", { tag: filtered, to: "house-7" })).toBe("taken");
  expect(await told.refused("item.create", { tag: plus, class: "tent" })).toBe("item_exists");
  expect(await told.refused("item.retag", { tag: "own-code", to: plus })).toBe("item_exists");
  expect(await told.refused("item.retag", { tag: "house-7", to: plus })).toBe("taken");
});

test("what a tag says that was given back is nobody's name: another thing gets it, by hand or by a file", async () => {
  const [one, filtered, plus] = tagsOfThing(1);
  await told.stock(["own-code", "other"], "tent");
  const retag = await told.at("item.retag", { tag: "own-code", to: one });
  expect(await told.refused("item.retag", { tag: "other", to: filtered })).toBe("item_exists");
  await told.undo({ events: [retag] });
  expect(await imported([one, plus], true)).toEqual(["created", "item_exists"]);
  expect(await told.refused("item.retag", { tag: "other", to: filtered })).toBe("taken");
  expect(await imported([one, plus], false)).toEqual(["item_exists", "item_exists"]);
});

test("the thing whose change of tags was taken back may get it once more in another way", async () => {
  const [one, filtered, plus] = tagsOfThing(1);
  await told.done("item.create", { tag: one, class: "tent" });
  const retag = await told.at("item.retag", { tag: one, to: filtered });
  expect(await told.undo({ events: [retag] })).toMatchObject({ undone: [{ outcome: "undone" }] });
  expect(await told.refused("item.create", { tag: plus, class: "tent" })).toBe("item_exists");
  expect(await told.refused("item.retag", { tag: one, to: plus })).toBe("taken");
});

test("two tags of one thing that come in one turn make one thing", async () => {
  const [one, filtered, plus] = tagsOfThing(1);
  const origin = originOf({ receivedAt: told.instant(1) });
  const answers = await tellActs(member, site, [
    createAct(one, { class: "tent" }),
    createAct(filtered, { class: "tent" }),
    { kind: "item.retag", id: newId(), origin, body: { tag: one, to: plus } },
    createAct(filtered, { class: "tent" }),
  ]);
  expect(answers.map((answer) => (answer instanceof Error ? answer.message : "taken"))).toEqual([
    "taken",
    expect.stringContaining(one),
    "taken",
    expect.stringContaining(plus),
  ]);
});

test("a thing whose first scans had waited for it has its name too", async () => {
  const [one, filtered] = tagsOfThing(1);
  expect(await told.receipt(one, { type: "touch" })).toMatchObject({ outcome: "quarantined" });
  // The scan is decided in the turn that makes the thing, which is no new thing any more at its end.
  expect((await told.done("item.create", { tag: one, class: "tent" })).item).toMatchObject({ version: 2 });
  expect(await told.refused("item.create", { tag: filtered, class: "tent" })).toBe("item_exists");
});

test("a row of a file is refused where another thing has the name, in a dry run too, and the other rows are not", async () => {
  const [one, filtered] = tagsOfThing(1);
  const tags = [one, filtered, tagsOfThing(2)[1]];
  expect(await imported(tags, true)).toEqual(["created", "item_exists", "created"]);
  expect(await imported(tags, false)).toEqual(["created", "item_exists", "created"]);
  expect(await imported(tags, false)).toEqual(["unchanged", "item_exists", "unchanged"]);
});

test("new tags of a sequence pass over things that have their name already", async () => {
  const numbered = { scheme: "sgtin-96", companyPrefix: "4012345", itemReference: "000001" } as const;
  const [made] =
    (await told.done("tags.provision", { class: "tent", quantity: 1, tags: numbered })).tags ?? [];
  const next = 1 + Number(/\d+$/.exec(String((await findSerial(made)) ?? ""))?.[0] ?? Number.NaN);
  const [, , plus] = tagsOfThing(next);
  await told.done("item.create", { tag: plus, class: "tent" });
  const { tags = [] } = await told.done("tags.provision", { class: "tent", quantity: 1, tags: numbered });
  expect(tags).toHaveLength(1);
  expect(tagsOf(`urn:epc:id:sgtin:4012345.000001.${next}`)).not.toContain(tags[0]);
});

test("a code that is printed says its thing as much as the chip does, and new tags pass over it", async () => {
  const [one] = tagsOfThing(1);
  await told.done("item.create", { tag: one, class: "tent" });
  const printed = [
    link(1),
    "HTTPS://TENTS.EXAMPLE/01/04012345000016/21/1",
    "urn:epc:id:sgtin:4012345.000001.1",
    "urn:epc:tag:sgtin-96:2.4012345.000001.1",
  ];
  for (const code of printed)
    expect(await told.refused("item.create", { tag: code, class: "tent" }), code).toBe("item_exists");
  // Only what names one thing is one thing's name.
  expect(await told.refused("item.create", { tag: "https://tents.example/about", class: "t" })).toBe("taken");
  expect(await told.refused("item.create", { tag: "HTTPS://tents.example/about", class: "t" })).toBe("taken");

  await told.done("item.create", { tag: "https://id.gs1.org/01/04012345000030/21/1", class: "tent" });
  const numbered = { scheme: "sgtin-96", companyPrefix: "4012345", itemReference: "000003" } as const;
  const { tags: [made = ""] = [] } = await told.done("tags.provision", {
    ...{ class: "tent", quantity: 1, tags: numbered },
  });
  expect(describeTag(made)).toMatchObject({ uri: "urn:epc:id:sgtin:4012345.000003.2" });
});

test("a few new tags are found behind all numbers that a house gave before it came here", async () => {
  const numbered = { scheme: "sgtin-96", companyPrefix: "4012345", itemReference: "000002" } as const;
  const given = Array.from({ length: 150 }, (_, index) =>
    encodeEpc(`urn:epc:tag:sgtin-96:1.4012345.000002.${index + 1}`),
  );
  await told.stock([...given.slice(0, 120), ...given.slice(121)], "tent");
  const { tags = [] } = await told.done("tags.provision", { class: "tent", quantity: 2, tags: numbered });
  expect(tags.map((tag) => describeTag(tag))).toMatchObject([
    { uri: "urn:epc:id:sgtin:4012345.000002.121" },
    { uri: "urn:epc:id:sgtin:4012345.000002.151" },
  ]);
});

/** The link of a provisioned tag, by the name that is kept of it. */
const findSerial = async (tag: string | undefined): Promise<string | undefined> => {
  const [row] = await operations.sql<{ name: string }[]>`
    select name from thing_name where site = ${site} and tag = ${tag ?? ""}`;
  return row?.name;
};

test("things from before names were kept are named when the service starts", async () => {
  const { sql } = operations;
  const [one, filtered] = tagsOfThing(7);
  await told.done("item.create", { tag: one, class: "tent" });
  await told.done("item.create", { tag: "own-code", class: "tent" });
  await sql`delete from thing_name where site = ${site}`;
  await sql`insert into thing_unnamed (site, tag) select site, tag from item where site = ${site}`;
  await nameThings(sql);
  expect(await findCarriers(sql, site, [link(7)])).toEqual(new Map([[link(7), [one]]]));
  expect(await sql`select 1 from thing_unnamed`).toHaveLength(0);
  expect(await told.refused("item.create", { tag: filtered, class: "tent" })).toBe("item_exists");
});
