import { answerOn } from "@tagwire/bus";
import { type Command, commandSubject, Fault } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { tester } from "../store/test-note.ts";
import { hashOfKey } from "./reader-key.ts";
import { scriptedDrivers } from "./scripted-driver.ts";
import { type Ground, testGround } from "./test-floor.ts";

const site = "north";
const dock = { id: "dock", driver: "llrp" as const, address: "127.0.0.1" };
type Note = Extract<Command, { kind: "settings.note" }>;

/** Operations, as far as it takes notes: each counts once by its id. `answers` may refuse, or be lost after the note was taken. */
const takeNotes = (ground: Ground, become: () => Fault | "lost" | undefined = () => undefined) => {
  const taken = new Map<string, Note>();
  const subscription = answerOn(ground.bus, { subject: commandSubject(site) }, async (body) => {
    const command = body as Note;
    const outcome = become();
    if (outcome instanceof Fault) throw outcome;
    taken.set(command.id, command);
    if (outcome === "lost") throw new Fault("outcome_unknown", "");
    return { receipt: { id: command.id, outcome: "accepted", replayed: false } };
  });
  return {
    told: () => [...taken.values()].map(({ body, by }) => ({ ...body, by })),
    stop: () => subscription.stop(),
  };
};
const waiting = async (ground: Ground): Promise<number> =>
  (await ground.store.sql`select count(*)::int as count from settings_note`)[0]?.count as number;

test("every change of settings is told to the log once, in order, by whom, and without passwords", async () => {
  await using ground = await testGround();
  const { drivers } = scriptedDrivers();
  const { floor } = await ground.open(site, { drivers });
  const open = floor.openSite(site);
  await open.create(dock, tester);
  // Nobody takes notes yet: the readers work all the same.
  await open.patch("dock", { rules: { minReads: 2 } }, tester);
  await open.patch("dock", { rules: { minReads: 2 } }, tester);
  expect(await waiting(ground)).toBe(2);
  let calls = 0;
  const log = takeNotes(ground, () => {
    calls += 1;
    return calls === 2 ? "lost" : undefined;
  });
  const login = { username: "root", password: "not-to-be-told" };
  await open.patch("dock", { driver: "impinj", address: "http://127.0.0.1:1", login }, tester);
  await open.act("dock", "stop", tester);
  await open.act("dock", "stop", tester);
  await open.putStation("door", { mode: "zone", place: "hall" }, tester);
  await open.putStation("door", { mode: "zone", place: "hall" }, tester);
  await open.removeStation("door", tester);
  await open.remove("dock", tester);
  await eventually("all is told", async () => (await waiting(ground)) === 0);
  const told = log.told();
  expect(told.map(({ about, id, was, now }) => [about, id, was === null, now === null])).toEqual([
    ["reader", "dock", true, false],
    ["reader", "dock", false, false],
    ["reader", "dock", false, false],
    ["reader", "dock", false, false],
    ["station", "door", true, false],
    ["station", "door", false, true],
    ["reader", "dock", false, true],
  ]);
  expect(told[1]).toMatchObject({ was: { enabled: true }, now: { rules: { minReads: 2 } }, by: tester.by });
  expect(told[2]?.now).toMatchObject({ driver: "impinj", login: "root" });
  expect(told[3]?.now).toMatchObject({ enabled: false });
  expect(JSON.stringify(told)).not.toContain(login.password);
  await log.stop();
});

test("a reader's key is told as being made anew and ended, by whom and when, and never the key or its hash", async () => {
  await using ground = await testGround();
  const log = takeNotes(ground);
  const { floor } = await ground.open(site, { drivers: scriptedDrivers().drivers });
  const open = floor.openSite(site);
  await open.create(dock, tester);
  expect(await open.endKey("dock", tester)).toBe(false);
  const first = await open.makeKey("dock", tester);
  const person = { by: { person: "Ines" }, traceparent: tester.traceparent };
  const second = await open.makeKey("dock", person);
  await open.patch("dock", { rules: { minReads: 2 } }, tester);
  expect(await open.endKey("dock", person)).toBe(true);
  expect(await open.endKey("dock", person)).toBe(false);
  await eventually("all is told", () => log.told().length === 5);
  await eventually("nothing waits", async () => (await waiting(ground)) === 0);
  const [, ...told] = log.told();
  const madeAt = (side: Note["body"]["now"]) => side?.keyMadeAt;
  expect(told.map(({ about, id, was, now, by }) => [about, id, madeAt(was), madeAt(now), by])).toEqual([
    ["reader", "dock", undefined, first.keyMadeAt, tester.by],
    ["reader", "dock", first.keyMadeAt, second.keyMadeAt, person.by],
    ["reader", "dock", second.keyMadeAt, second.keyMadeAt, tester.by],
    ["reader", "dock", second.keyMadeAt, undefined, person.by],
  ]);
  for (const { key } of [first, second])
    for (const secret of [key, hashOfKey(key)]) expect(JSON.stringify(told)).not.toContain(secret);
  await log.stop();
});

test("what was changed before a process ended is told by the next one", async () => {
  await using ground = await testGround();
  const { drivers } = scriptedDrivers();
  const first = await ground.open(site, { drivers });
  await first.floor.openSite(site).create(dock, tester);
  await first.kill();
  expect(await waiting(ground)).toBe(1);
  const log = takeNotes(ground);
  await ground.open(site, { drivers: scriptedDrivers().drivers });
  await eventually("it is told", () => log.told().length === 1);
  await log.stop();
});

test("a note that is refused holds nothing up", async () => {
  await using ground = await testGround();
  let calls = 0;
  const log = takeNotes(ground, () => {
    calls += 1;
    return calls === 1 ? new Fault("malformed", "") : undefined;
  });
  const { floor } = await ground.open(site, { drivers: scriptedDrivers().drivers });
  await floor.openSite(site).create(dock, tester);
  await floor.openSite(site).act("dock", "stop", tester);
  await eventually("the other is told", () => log.told().length === 1);
  await eventually("nothing waits", async () => (await waiting(ground)) === 0);
  await log.stop();
});
