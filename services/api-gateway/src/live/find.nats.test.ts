import { answer, say } from "@tagwire/bus";
import { AskFind, type FoundRead, findSubject, findTagsMax } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type TestGateway, testGateway } from "../test-gateway.ts";
import { type LiveClient, openLive, ownView } from "./test-live.ts";

/* Looking for tags by how loud they are. Whoever reads is played by the test; that readers do is asked where they are. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
let sites = 0;
let reading = 1;
let site = "";
let clients: LiveClient[] = [];
/** What the readers were told last, by each asker, and how often. */
let told: { readonly seeker: string; readonly tags: readonly string[] }[] = [];
const opened: { stop: () => Promise<void> }[] = [];

beforeAll(async () => {
  gateway = stack.use(await testGateway());
});
afterAll(() => stack.disposeAsync());
beforeEach(() => {
  sites += 1;
  site = `find-${sites}`;
  told = [];
  reading = 1;
  opened.push(ownView(gateway.bus, "items", site));
  opened.push(
    answer(gateway.bus, AskFind, async (asked) => {
      if (asked.site === site) told.push(asked);
      return { reading };
    }),
  );
});
afterEach(async () => {
  for (const one of clients.splice(0)) await one.close();
  for (const one of opened.splice(0)) await one.stop();
});

const open = async () => {
  const client = await openLive(gateway.url);
  clients = [...clients, client];
  return client;
};
const heard = (tag: string, rssiDbm = -50): FoundRead => ({
  ...{ tag, reader: "dock", antenna: 1, rssiDbm, count: 1 },
  heardAt: new Date().toISOString(),
});
const readersSay = (...reads: FoundRead[]) => say(gateway.bus, findSubject(site), { reads });
const lookFor = async (client: LiveClient, id: string, ...tags: string[]) => {
  client.send({ op: "find", id, site, tags });
  await eventually("the readers know", () =>
    tags.every((tag) => told.at(-1)?.tags.includes(tag.toUpperCase())),
  );
};
const foundBy = (client: LiveClient, id: string) =>
  client.frames.flatMap((frame) => (frame.op === "found" && frame.id === id ? frame.reads : []));

test("each gets what it looks for, as it is heard, and nothing else", async () => {
  const [one, other] = [await open(), await open()];
  await lookFor(one, "a", "aa");
  await lookFor(other, "b", "AA", "BB");
  expect(told.at(-1)?.tags.toSorted()).toEqual(["AA", "BB"]);
  readersSay(heard("AA", -60), heard("BB"), heard("CC"));
  await eventually("both have it", () => foundBy(one, "a").length + foundBy(other, "b").length === 3);
  expect(foundBy(one, "a")).toMatchObject([{ tag: "AA", rssiDbm: -60, reader: "dock", antenna: 1 }]);
  expect(foundBy(other, "b").map(({ tag }) => tag)).toEqual(["AA", "BB"]);
});

test("whoever looks for something else, or stops, gets no more of it, and the readers know", async () => {
  const client = await open();
  await lookFor(client, "a", "AA");
  await lookFor(client, "a", "BB");
  expect(told.at(-1)?.tags).toEqual(["BB"]);
  readersSay(heard("AA"), heard("BB"));
  await eventually("it is found", () => foundBy(client, "a").length > 0);
  expect(foundBy(client, "a").map(({ tag }) => tag)).toEqual(["BB"]);
  client.send({ op: "unsub", id: "a" });
  await eventually("nobody looks any more", () => told.at(-1)?.tags.length === 0);
});

test("a client that has gone is not looked for", async () => {
  const client = await open();
  await lookFor(client, "a", "AA");
  await client.close();
  await eventually("nobody looks any more", () => told.at(-1)?.tags.length === 0);
});

test("a screen knows how many readers read for it, and that none does", async () => {
  reading = 2;
  const client = await open();
  await lookFor(client, "a", "AA");
  const last = () => client.frames.findLast((frame) => frame.op === "found");
  await eventually("two read", () => last()?.reading === 2);
  reading = 0;
  await eventually("none reads", () => last()?.reading === 0);
  expect(last()?.reads).toEqual([]);
});

test("the readers are told again for as long as somebody looks", async () => {
  const client = await open();
  await lookFor(client, "a", "AA");
  const first = told.length;
  await eventually("they are told twice more", () => told.length >= first + 2);
  expect(new Set(told.map(({ seeker }) => seeker)).size).toBe(1);
});

test.each([
  { what: "no tag", request: { tags: [] }, code: "malformed" },
  {
    what: "more tags than anybody carries",
    request: { tags: Array.from({ length: findTagsMax + 1 }, (_, index) => `T${index}`) },
    code: "malformed",
  },
  { what: "a site that there is not", request: { site: "nowhere", tags: ["AA"] }, code: "site_unknown" },
])("$what is refused, and the line stays open", async ({ request, code }) => {
  const client = await open();
  client.send(JSON.stringify({ op: "find", id: "x", site, ...request }));
  expect(await client.frame("error")).toMatchObject({ id: "x", code });
  await lookFor(client, "x", "AA");
});
