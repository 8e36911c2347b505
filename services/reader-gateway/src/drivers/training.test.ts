import { Fault, fieldTagsMax } from "@tagwire/messages";
import { expect, test } from "vitest";
import { hearPassing, newPassage, sideAfter } from "../actors/passage.ts";
import { hasHeard, runDriver } from "./test-driver.ts";
import { Field, roundMs, walkMs } from "./training/field.ts";
import { trainingDriver } from "./training.ts";

const chair = "7EA1C0DE0000000000000001";
const table = "7EA1C0DE0000000000000002";
const epcs = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `7EA1C0DE${String(index).padStart(16, "0")}`);
const desk = { station: "desk", ports: [1, 2] };
const gate = { inside: [3], outside: [4] };
const wayOut = { before: gate.inside, beyond: gate.outside };
const wayIn = { before: gate.outside, beyond: gate.inside };

/** The same draws every time: no run of it is luckier than another. */
const drawn = () => {
  let state = 7;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
};
const rounds = (field: Field, from: number, count: number) =>
  Array.from({ length: count }, (_, index) => field.round(from + index * roundMs)).flat();

test("it hears what lies before it, again and again, and nothing when that is taken away", async () => {
  const field = new Field();
  const { host, abort, fault } = runDriver(trainingDriver, { address: "", field, antennas: [{ port: 1 }] });
  await host.when(({ phases }) => phases.at(-1) === "inventory");
  expect(host.frames()).toBe(0);
  field.put([chair, table], desk);
  await host.when(({ reads }) => reads.length >= 12);
  expect(hasHeard([{ epc: chair }, { epc: table }])(host)).toBe(true);
  field.take();
  const heard = host.reads.length;
  expect(rounds(field, Date.now(), 20)).toEqual([]);
  expect(host.reads).toHaveLength(heard);
  abort();
  expect(await fault).toBe("no fault");
});

test("what it hears is as uneven as the air: rounds are missed, strengths vary, several antennas hear, and reads repeat", () => {
  const field = new Field(drawn());
  field.put([chair], desk);
  const reads = rounds(field, 0, 100);
  expect(reads.length).toBeGreaterThan(100);
  expect(reads.length).toBeLessThan(200);
  expect(new Set(reads.map(({ antenna }) => antenna))).toEqual(new Set([1, 2]));
  expect(new Set(reads.map(({ count }) => count))).toEqual(new Set([1, 2, 3]));
  const dbm = reads.map(({ rssiDbm }) => rssiDbm ?? 0);
  expect(new Set(dbm).size).toBeGreaterThan(5);
  expect(Math.max(...dbm)).toBeLessThan(-40);
  expect(Math.min(...dbm)).toBeGreaterThan(-65);
});

test.each([
  { what: "out", way: wayOut, side: "outside" },
  { what: "in", way: wayIn, side: "inside" },
])("a trolley that walks $what is known by the order of the antennas to be $side", ({ way, side }) => {
  const field = new Field(drawn());
  const tags = epcs(40);
  field.put(tags, desk);
  field.walk(tags, way, 0);
  const reads = rounds(field, 0, 2 * (walkMs / roundMs));
  const portal = { inside: "hall", outside: "street", by: "antennas" as const };
  for (const tag of tags) {
    const passage = newPassage(0);
    for (const { epc, antenna, heardAtMs: atMs, rssiDbm, count } of reads)
      if (epc === tag)
        hearPassing(passage, { atMs, rssiDbm, count, side: antenna === 3 ? "inside" : "outside" }, atMs);
    expect(sideAfter(passage, portal, [])).toBe(side);
  }
  expect(field.view()).toEqual({ tags: [], walking: [] });
});

test("a tag lies in one place: put elsewhere it is moved, and whoever walks takes it along", () => {
  const field = new Field(drawn());
  field.put([chair, table], desk);
  field.put([chair], { station: "counter", ports: [5] });
  expect(new Map(field.view().tags.map(({ tag, station }) => [tag, station]))).toEqual(
    new Map([
      [table, "desk"],
      [chair, "counter"],
    ]),
  );
  expect(
    new Set(
      rounds(field, 0, 20)
        .filter(({ epc }) => epc === chair)
        .map(({ antenna }) => antenna),
    ),
  ).toEqual(new Set([5]));
  field.walk([chair], wayOut, 0);
  expect(field.view()).toEqual({ tags: [{ tag: table, station: "desk" }], walking: [chair] });
  field.put([chair], desk);
  expect(field.view().walking).toEqual([]);
});

test("there is room for so many tags, and of those that do not fit none is put", () => {
  const field = new Field(drawn());
  field.put(epcs(fieldTagsMax), desk);
  field.put(epcs(fieldTagsMax), desk);
  expect(() => field.put([chair.replace("0001", "FFFF")], desk)).toThrow(Fault);
  expect(() => field.walk([table.replace("0002", "FFFE")], wayOut, 0)).toThrow(/training\.field_full/);
  expect(field.view().tags).toHaveLength(fieldTagsMax);
});
