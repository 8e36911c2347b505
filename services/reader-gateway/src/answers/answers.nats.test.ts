import { ask, request } from "@tagwire/bus";
import {
  AskCreateReader,
  AskDeleteReader,
  AskPatchReader,
  AskReader,
  AskReaders,
  AskTakeReaderSettings,
  AskTestRead,
  partitionOf,
  Reader,
  readerDoSubject,
} from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { Compile } from "typebox/compile";
import { expect, test } from "vitest";
import { scriptedDrivers, tagRead } from "../floor/scripted-driver.ts";
import { testGround } from "../floor/test-floor.ts";
import { tester } from "../store/test-note.ts";
import { openAnswers } from "./answers.ts";

const site = "north";
const dock = {
  id: "dock",
  driver: "llrp" as const,
  address: "127.0.0.1:5084",
  antennas: [{ port: 1, place: "gate" }],
};

const gateway = async () => {
  const ground = await testGround();
  const scripted = scriptedDrivers();
  const { floor } = await ground.open(site, { drivers: scripted.drivers });
  const answers = openAnswers(ground.bus, floor);
  answers.own(partitionOf(site));
  await ground.bus.connection.flush();
  return {
    ...ground,
    ...scripted,
    floor,
    [Symbol.asyncDispose]: async () => {
      await answers.stop();
      await ground[Symbol.asyncDispose]();
    },
  };
};

test("a created reader starts at once and is answered as declared", async () => {
  await using at = await gateway();
  const { reader } = await ask(at.bus, AskCreateReader, { site, reader: dock });
  expect(Compile(Reader).Check(reader)).toBe(true);
  expect(reader).toMatchObject({ ...dock, enabled: true, status: "inventory" });
  expect(await ask(at.bus, AskReader, { site, id: "dock" })).toMatchObject({ reader: { id: "dock" } });
  const all = await ask(at.bus, AskReaders, { site });
  expect(Compile(AskReaders.answer).Check(all)).toBe(true);
  expect(all.readers.map(({ id }) => id)).toEqual(["dock"]);
  expect(all.readers[0]?.version).toBe(all.epoch * 1e9 + all.pos);
});

test("readers come in one answer, or in pages to whoever asks for pages", async () => {
  await using at = await gateway();
  for (const id of ["wash", "dock", "gate"])
    await ask(at.bus, AskCreateReader, { site, reader: { ...dock, id } });
  const whole = await ask(at.bus, AskReaders, { site });
  expect(whole.readers).toHaveLength(3);
  expect(whole).not.toHaveProperty("next");
  const first = await ask(at.bus, AskReaders, { site, cursor: null });
  expect(first.readers.map(({ id }) => id)).toEqual(["dock", "gate", "wash"]);
  expect(first.next).toBe(null);
  const rest = await ask(at.bus, AskReaders, { site, cursor: "dock" });
  expect(rest.readers.map(({ id }) => id)).toEqual(["gate", "wash"]);
});

test("creating the same reader again gives it, creating another under its id is refused", async () => {
  await using at = await gateway();
  const first = await ask(at.bus, AskCreateReader, { site, reader: dock });
  expect(first.created).toBe(true);
  const [again, other] = await Promise.allSettled([
    ask(at.bus, AskCreateReader, { site, reader: dock }),
    ask(at.bus, AskCreateReader, { site, reader: { ...dock, address: "127.0.0.2" } }),
  ]);
  expect(again).toMatchObject({ status: "fulfilled", value: { reader: { id: "dock" }, created: false } });
  expect(other).toMatchObject({ status: "rejected", reason: { code: "reader_exists" } });
  expect(at.connections).toHaveLength(1);
});

test("two that create the same reader at once make one", async () => {
  await using at = await gateway();
  const all = await Promise.all([1, 2, 3].map(() => ask(at.bus, AskCreateReader, { site, reader: dock })));
  expect(all.filter(({ created }) => created)).toHaveLength(1);
  expect(at.connections).toHaveLength(1);
  expect(await at.store.sql`select from reader`).toHaveLength(1);
});

test.each([
  {
    what: "an address of another driver",
    reader: { ...dock, address: "/dev/ttyUSB0" },
    code: "reader.settings",
  },
  { what: "a driver nobody wrote", reader: { ...dock, driver: "abacus" as "llrp" }, code: "malformed" },
  { what: "an id nobody can have", reader: { ...dock, id: "a b" }, code: "malformed" },
])("$what is refused with $code and makes nothing", async ({ reader, code }) => {
  await using at = await gateway();
  await expect(ask(at.bus, AskCreateReader, { site, reader })).rejects.toMatchObject({ code });
  expect(await at.store.sql`select from reader`).toHaveLength(0);
});

test("a patch restarts the reader with its new settings, also after a restart of the process", async () => {
  await using at = await gateway();
  await ask(at.bus, AskCreateReader, { site, reader: dock });
  const { reader } = await ask(at.bus, AskPatchReader, { site, id: "dock", patch: { address: "127.0.0.9" } });
  expect(reader).toMatchObject({ address: "127.0.0.9", antennas: dock.antennas, status: "inventory" });
  expect(at.connections.map(({ settings }) => settings.address)).toEqual(["127.0.0.1:5084", "127.0.0.9"]);
  expect(at.connections[0]?.signal.aborted).toBe(true);
  await at.floor.stop();
  const next = await at.open(site, { drivers: at.drivers });
  expect(next.floor.findSite(site)?.find("dock")).toMatchObject({
    address: "127.0.0.9",
    status: "inventory",
  });
});

test("region and session reach the driver, survive a restart, and are the reader's own again when they are taken back", async () => {
  await using at = await gateway();
  const shelf = { id: "shelf", driver: "mercury" as const, address: "/dev/ttyACM0", antennas: [] };
  const radio = { region: "eu" as const, session: 2 };
  const { reader } = await ask(at.bus, AskCreateReader, { site, reader: { ...shelf, ...radio } });
  expect(Compile(Reader).Check(reader)).toBe(true);
  expect(reader).toMatchObject(radio);
  await at.floor.stop();
  const next = await at.open(site, { drivers: at.drivers });
  expect(next.floor.findSite(site)?.find("shelf")).toMatchObject(radio);
  expect(at.connections.map(({ settings }) => settings)).toEqual([
    expect.objectContaining(radio),
    expect.objectContaining(radio),
  ]);
  const without = await next.floor.findSite(site)?.patch("shelf", { region: null }, tester);
  expect(without).not.toHaveProperty("region");
  expect(at.connections[2]?.settings).not.toHaveProperty("region");
  expect(at.connections[2]?.settings).toMatchObject({ session: 2 });
});

test("a bad patch changes nothing", async () => {
  await using at = await gateway();
  await ask(at.bus, AskCreateReader, { site, reader: dock });
  const bad = ask(at.bus, AskPatchReader, { site, id: "dock", patch: { driver: "m100" } });
  await expect(bad).rejects.toMatchObject({ code: "reader.settings" });
  expect(at.floor.findSite(site)?.find("dock")).toMatchObject({ driver: "llrp", status: "inventory" });
  expect(at.connections).toHaveLength(1);
});

test("stop survives a restart of the process, and start starts", async () => {
  await using at = await gateway();
  await ask(at.bus, AskCreateReader, { site, reader: dock });
  const act = (name: "start" | "stop") =>
    request<{ reader: Reader }>(at.bus, readerDoSubject(site, "dock"), { act: name });
  expect((await act("stop")).reader).toMatchObject({ enabled: false, status: "stopped" });
  await at.floor.stop();
  const next = await at.open(site, { drivers: at.drivers });
  expect(next.floor.findSite(site)?.find("dock")).toMatchObject({ enabled: false, status: "stopped" });
  expect(at.connections).toHaveLength(1);
  expect(await next.floor.findSite(site)?.act("dock", "start", tester)).toMatchObject({
    enabled: true,
    status: "inventory",
  });
  expect(at.connections).toHaveLength(2);
});

test("start during a pause tries at once", async () => {
  await using ground = await testGround();
  const { drivers, connections } = scriptedDrivers({
    begin: ({ host, fail }, nth) => (nth === 1 ? fail(new Error("first")) : host.phase("inventory")),
  });
  const backoff = { firstMs: 600_000, maxMs: 600_000, resetAfterMs: 1 };
  const { floor } = await ground.open(site, { drivers, backoff });
  await floor.openSite(site).create(dock, tester);
  await eventually("backoff", () => floor.findSite(site)?.find("dock")?.status === "backoff");
  expect(await floor.findSite(site)?.act("dock", "start", tester)).toMatchObject({ status: "inventory" });
  expect(connections).toHaveLength(2);
});

test("who is not there is said so", async () => {
  await using at = await gateway();
  expect(await ask(at.bus, AskReader, { site, id: "dock" })).toEqual({ reader: null });
  expect(await ask(at.bus, AskDeleteReader, { site, id: "dock" })).toEqual({ deleted: false });
  expect(await ask(at.bus, AskReaders, { site })).toMatchObject({ pos: 0, readers: [] });
  const unknown = { code: "reader_unknown" };
  await expect(
    ask(at.bus, AskPatchReader, { site, id: "dock", patch: { station: "a" } }),
  ).rejects.toMatchObject(unknown);
  await expect(request(at.bus, readerDoSubject(site, "dock"), { act: "stop" })).rejects.toMatchObject(
    unknown,
  );
  await expect(request(at.bus, readerDoSubject(site, "dock"), { act: "dance" })).rejects.toMatchObject({
    code: "malformed",
  });
});

test("deleting is answered once, and the connection ends", async () => {
  await using at = await gateway();
  await ask(at.bus, AskCreateReader, { site, reader: dock });
  at.connections[0]?.host.frame([tagRead("AA01")]);
  expect(await ask(at.bus, AskDeleteReader, { site, id: "dock" })).toEqual({ deleted: true });
  expect(at.connections[0]?.signal.aborted).toBe(true);
  expect((await ask(at.bus, AskReaders, { site })).readers).toEqual([]);
});

test("any replica answers for the owner; a site that nobody owns is unavailable", async () => {
  await using at = await gateway();
  const { drivers, connections } = scriptedDrivers();
  // This one owns another partition only, and hears the same questions.
  const elsewhere = ["east", "west", "south"].find((other) => partitionOf(other) !== partitionOf(site)) ?? "";
  const { floor } = await at.open(elsewhere, { drivers });
  const second = openAnswers(at.bus, floor);
  second.own(partitionOf(elsewhere));
  await at.bus.connection.flush();
  for (let index = 0; index < 8; index += 1)
    await ask(at.bus, AskCreateReader, { site, reader: { ...dock, id: `dock-${index}` } });
  expect(at.connections).toHaveLength(8);
  expect(connections).toHaveLength(0);
  const nobody = Array.from({ length: 100 }, (_, index) => `site-${index}`).find(
    (other) => ![site, elsewhere].map(partitionOf).includes(partitionOf(other)),
  );
  await expect(ask(at.bus, AskReaders, { site: nobody ?? "" })).rejects.toMatchObject({
    code: "unavailable",
  });
  await second.stop();
});

test("a test read is answered by the owner, and settings of a file change a reader once, in the log besides", async () => {
  await using at = await gateway();
  const row = { id: "dock", driver: "llrp" as const, address: "127.0.0.1:5084", antennas: dock.antennas };
  const take = (more: object, dryRun = false) =>
    ask(at.bus, AskTakeReaderSettings, { site, dryRun, row: { ...row, ...more }, by: { person: "ines" } });
  expect(await take({}, true)).toEqual({ outcome: "created" });
  expect(at.connections).toHaveLength(0);
  expect(await take({})).toEqual({ outcome: "created" });
  expect(await take({})).toEqual({ outcome: "unchanged" });
  expect(await take({ rules: { minReads: 3 } })).toEqual({ outcome: "changed" });
  const notes = await at.store.sql`select note from settings_note order by seq`;
  expect(notes.map(({ note }) => note)).toMatchObject([
    { about: "reader", subject: "dock", was: null, by: { person: "ines" } },
    { about: "reader", subject: "dock", now: { rules: { minReads: 3 } }, by: { person: "ines" } },
  ]);

  const asked = ask(at.bus, AskTestRead, { site, id: "dock", seconds: 1 });
  await eventually("the test hears it", async () => {
    at.connections[0]?.host.frame([tagRead("AB")]);
    const { reader } = await ask(at.bus, AskReader, { site, id: "dock" });
    return (reader?.counts.filteredBy?.test ?? 0) > 0;
  });
  expect(await asked).toMatchObject({ reader: "dock", seconds: 1, tags: [{ tag: "AB", antenna: 1 }] });
  await expect(ask(at.bus, AskTestRead, { site, id: "none", seconds: 1 })).rejects.toMatchObject({
    code: "reader_unknown",
  });
});
