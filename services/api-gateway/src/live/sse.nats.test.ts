import type { LiveFrame } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { adminKey, type TestGateway, testGateway } from "../test-gateway.ts";
import { ownView } from "./test-live.ts";

/* The same frames as server-sent events. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
let sites = 0;
beforeAll(async () => {
  gateway = stack.use(await testGateway());
});
afterAll(() => stack.disposeAsync());

type Told = { readonly id: string | undefined; readonly frame: LiveFrame };

const openStream = async (query: string, headers: Record<string, string> = {}) => {
  const leave = new AbortController();
  const response = await fetch(`${gateway.url}/api/v1/live/events?${query}`, {
    headers: { authorization: `Bearer ${adminKey}`, ...headers },
    signal: leave.signal,
  });
  let text = "";
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true });
  };
  const done = read().catch(() => {});
  const told = (): Told[] =>
    text
      .split("\n\n")
      .slice(0, -1)
      .filter((message) => message.includes("data: "))
      .map((message) => ({
        id: /^id: (.*)$/m.exec(message)?.[1],
        frame: JSON.parse(/^data: (.*)$/m.exec(message)?.[1] ?? ""),
      }));
  return {
    response,
    told,
    close: () => {
      leave.abort();
      return done;
    },
  };
};

test("a stream begins with a snapshot, carries positions as ids, and goes on after the last one", async () => {
  const owner = ownView(gateway.bus, "items", "north");
  owner.commit({ key: "1", row: { status: "ready" } });
  const stream = await openStream("site=north&view=items&status=ready&unknown=1");
  expect(stream.response.headers.get("content-type")).toBe("text/event-stream");
  await eventually("the snapshot", () => stream.told().length === 1);
  owner.put("1", { status: "wash" });
  await eventually("the delta", () => stream.told().length === 2);
  expect(stream.told()).toMatchObject([
    { id: "1:1", frame: { op: "snap", last: true, rows: [{ key: "1" }] } },
    { id: "1:2", frame: { op: "delta", prev: 1, pos: 2, changes: [{ key: "1", del: true }] } },
  ]);
  await stream.close();
  owner.put("2", { status: "ready" });
  const back = await openStream("site=north&view=items", { "last-event-id": "1:2" });
  await eventually("what was missed", () => back.told().length === 1);
  expect(back.told()).toMatchObject([{ id: "1:3", frame: { op: "delta", prev: 2, pos: 3 } }]);
  await back.close();
  const channel = gateway.hub.channel("north", "items");
  await eventually("nobody follows any more", () => channel?.listeners() === 0);
  await owner.stop();
});

test.each([
  { what: "its last event id", from: "", headers: { "last-event-id": "1:2" }, after: 2 },
  { what: "the position in its address", from: "&from=1:1", headers: {}, after: 1 },
  {
    what: "its last event id, though the address names an older position",
    from: "&from=1:1",
    headers: { "last-event-id": "1:3" },
    after: 3,
  },
  {
    what: "its address when the last event id cannot be read",
    from: "&from=1:2",
    headers: { "last-event-id": "tomorrow" },
    after: 2,
  },
])("a stream goes on after $what, without a gap or a repeat", async ({ from, headers, after }) => {
  sites += 1;
  const site = `resumed-${sites}`;
  const owner = ownView(gateway.bus, "items", site);
  const first = await openStream(`site=${site}&view=items`);
  await eventually("the snapshot", () => first.told().length === 1);
  for (const key of ["1", "2", "3", "4", "5"]) owner.put(key);
  await eventually("all", () => first.told().at(-1)?.id === "1:5");
  await first.close();
  owner.put("6");
  const back = await openStream(`site=${site}&view=items${from}`, headers);
  await eventually("what was missed", () => back.told().at(-1)?.id === "1:6");
  owner.put("7");
  await eventually("what is new", () => back.told().at(-1)?.id === "1:7");
  const chain = back.told().map(({ frame }) => (frame.op === "delta" ? [frame.prev, frame.pos] : [frame.op]));
  expect(chain).toEqual(Array.from({ length: 7 - after }, (_, index) => [after + index, after + index + 1]));
  await back.close();
  await owner.stop();
});

test.each([
  { what: "no site", query: "view=items", headers: {}, is: { status: 400, code: "malformed" } },
  {
    what: "an unknown view",
    query: "site=north&view=all",
    headers: {},
    is: { status: 400, code: "malformed" },
  },
  {
    what: "an unknown site",
    query: "site=nowhere&view=items",
    headers: {},
    is: { status: 404, code: "site_unknown" },
  },
  {
    what: "a foreign origin",
    query: "site=north&view=items",
    headers: { origin: "https://evil.example" },
    is: { status: 403, code: "forbidden" },
  },
  {
    what: "no key",
    query: "site=north&view=items",
    headers: { authorization: "" },
    is: { status: 401, code: "unauthenticated" },
  },
])("a stream with $what is refused", async ({ query, headers, is }) => {
  const owner = ownView(gateway.bus, "items", "north");
  const answered = await gateway.ask("GET", `/api/v1/live/events?${query}`, undefined, {
    authorization: `Bearer ${adminKey}`,
    ...headers,
  });
  expect({ status: answered.status, code: answered.body.code }).toEqual(is);
  await owner.stop();
});
