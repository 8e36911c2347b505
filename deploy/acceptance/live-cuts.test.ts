import {
  conditionFlags,
  type LiveRow,
  type LoggedEvent,
  newId,
  type Receipt,
  type Scan,
} from "@tagwire/messages";
import { eventually, type Stack, startStack } from "@tagwire/testing";
import { expect, test } from "vitest";
import { type CutClient, openCutClient } from "./test-cut-client.ts";

/*
 * Whoever is cut off goes on without a hole, through all that is real: scans come over HTTP, operations commits them, the stream carries
 * them, the manager makes rows of them, and the gateway says these on sockets that are cut again and again meanwhile.
 */

const site = "yard";
const cutsMin = 200;
const eventsMin = 10_000;
/** Handed in at once, while one cable is cut: cuts come before anything of them was said, in the middle of it, and after it. */
const burst = 50;
const itemCount = 240;
const contracts = ["C-1", "C-2", "C-3", "C-4"];
const pageMax = 1_000;

/** Numbers that look random and are the same each time. */
const seeded = (seed: number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};
const random = seeded(3);
const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;

/** What a gateway writes when it has missed something of what was said. */
const doubts = /gap in what was said live|the end of what was said is missing/;

const tags = Array.from({ length: itemCount }, (_, index) => `CHAIR-${String(index).padStart(4, "0")}`);
const strays = ["STRAY-1", "STRAY-2", "STRAY-3"];
const types = ["rental", "return", "return", "service", "touch", "count"] as const;

const someScan = (session: string | undefined): Scan => {
  const type = pick(types);
  const tag = random() < 0.01 ? pick(strays) : pick(tags);
  return {
    ...{ id: newId(), tag, type, scannedAt: new Date().toISOString(), place: pick(["dock", "aisle 4"]) },
    ...(type === "rental" ? { contract: pick(contracts) } : {}),
    ...(type === "return" && random() < 0.3 ? { condition: { [pick(conditionFlags)]: true } } : {}),
    ...(type === "service" ? { status: pick(["wash", "inspect", "repair", "ready"] as const) } : {}),
    ...(session === undefined || type !== "count" ? {} : { session }),
  } as Scan;
};

const ok = async (answering: ReturnType<Stack["call"]>) => {
  const { status, body } = await answering;
  if (status >= 300) throw new Error(`${status}: ${JSON.stringify(body)}`);
  return body;
};

const stock = async (stack: Stack): Promise<void> => {
  await ok(stack.call("POST", "/sites", { id: site, name: "Yard", timeZone: "Europe/Berlin" }));
  const rows = tags.map((tag, index) =>
    JSON.stringify({ tag, class: `Chair ${index % 6}`, status: "ready" }),
  );
  const imported = await fetch(`${stack.http}/api/v1/sites/${site}/items:import`, {
    method: "POST",
    headers: { authorization: `Bearer ${stack.key}`, "content-type": "application/x-ndjson" },
    body: rows.join("\n"),
  });
  expect(imported.status).toBe(200);
  await imported.text();
  const dates = { outAt: new Date().toISOString(), dueAt: new Date(Date.now() + 86_400_000).toISOString() };
  for (const number of contracts) {
    const lines = [{ class: "Chair 1", quantity: 40 }];
    await ok(stack.call("POST", `/sites/${site}/contracts`, { number, kind: "rental", ...dates, lines }));
  }
};

const readLog = async (stack: Stack): Promise<LoggedEvent[]> => {
  const all: LoggedEvent[] = [];
  for (let after = "1:0"; ; ) {
    const page = await ok(stack.call("GET", `/sites/${site}/events?after=${after}&limit=${pageMax}`));
    const { events, next } = page as { events: LoggedEvent[]; next: string };
    if (events.length === 0) return all;
    all.push(...events);
    after = next;
  }
};

type Followed = { readonly view: CutClient["view"]; readonly filter?: Readonly<Record<string, string>> };
/** Views of the manager whose rows are the same however much time has passed since they were said. */
const followed: readonly Followed[] = [
  { view: "items" },
  { view: "items", filter: { status: "on_rent,wash" } },
  { view: "events" },
  { view: "events", filter: { contract: "C-1" } },
  { view: "contracts" },
  { view: "sessions" },
  { view: "queues" },
  { view: "quarantine" },
  { view: "idle" },
];
/** Rows that are reckoned from others have no version of their own: a snapshot names the position that they were reckoned at. */
const isReckoned: ReadonlySet<string> = new Set(["quarantine", "idle"]);
const rowsOf = (view: string, rows: ReadonlyMap<string, LiveRow>) =>
  [...rows.values()]
    .map((row) => (isReckoned.has(view) ? { ...row, version: 0 } : row))
    .sort((one, other) => (one.key < other.key ? -1 : 1));

const followAll = async (stack: AsyncDisposableStack, running: Stack): Promise<CutClient[]> => {
  const clients: CutClient[] = [];
  for (const { view, filter } of followed)
    clients.push(stack.use(await openCutClient(running, site, view, filter)));
  await eventually("the snapshots", () => {
    for (const client of clients) client.check();
    return clients.every(({ held }) => held.snapshots === 1);
  });
  return clients;
};

const nameOf = ({ view, filter }: Followed): string => `${view} ${JSON.stringify(filter ?? {})}`;

/** Of the log it was told each event that it asked for, once and in order, from the first one on that came after its snapshot. */
const expectEvery = async (client: CutClient, log: readonly LoggedEvent[], of: Followed): Promise<void> => {
  const wanted = log
    .filter(({ contract }) => (of.filter?.contract ?? contract) === contract)
    .map(({ pos }) => `1:${pos}`);
  await eventually(`${nameOf(of)}: the newest`, () => {
    client.check();
    return client.seen.at(-1) === wanted.at(-1);
  });
  expect(client.seen, nameOf(of)).toEqual(wanted.slice(wanted.indexOf(client.seen[0] ?? "")));
  expect(client.seen.length, nameOf(of)).toBeGreaterThan(of.filter === undefined ? eventsMin - 1 : 100);
};

/** The rows of a view as somebody is told them who comes when all of the log is in them. */
const readView = (running: Stack, { view, filter }: Followed, head: number): Promise<LiveRow[]> =>
  eventually(`${view} as of ${head}`, async () => {
    await using fresh = await openCutClient(running, site, view, filter);
    await eventually("a snapshot", () => {
      fresh.check();
      return fresh.held.snapshots === 1;
    });
    return fresh.held.pos < head ? undefined : rowsOf(view, fresh.held.rows);
  });

const expectSameRows = (client: CutClient, rows: readonly LiveRow[]): Promise<true> =>
  eventually(`${client.view}: everything`, () => {
    client.check();
    expect(rowsOf(client.view, client.held.rows)).toEqual(rows);
    return true as const;
  });

type ItemFacts = { readonly tag: string; readonly status: string; readonly version: number };
const factsOf = (items: readonly object[]): string[] =>
  (items as readonly ItemFacts[]).map(({ tag, status, version }) => `${tag} ${status} ${version}`).sort();

/** Every item as the record has it. */
const readItems = async (running: Stack): Promise<object[]> => {
  const all: object[] = [];
  for (let cursor = ""; ; ) {
    const page = await ok(running.call("GET", `/sites/${site}/items?limit=200${cursor}`));
    const { data, nextCursor } = page as { data: object[]; nextCursor: string | null };
    all.push(...data);
    if (nextCursor === null) return all;
    cursor = `&cursor=${encodeURIComponent(nextCursor)}`;
  }
};

test("after 200 cuts in 10,000 events of a site everybody holds what the record and the boards say, without beginning anew", async () => {
  await using running = await startStack({ services: ["operations", "manager", "api-gateway"] });
  await stock(running);
  await using clients = new AsyncDisposableStack();
  const all = await followAll(clients, running);

  let cuts = 0;
  let pos = Math.max(...all.map(({ held }) => held.pos));
  const untilPos = pos + eventsMin;
  let session: string | undefined;
  for (let round = 0; pos < untilPos || cuts < cutsMin; round += 1) {
    if (round % 20 === 0) {
      session = newId();
      await ok(
        running.call("POST", `/sites/${site}/sessions`, { id: session, mode: "count", place: "dock" }),
      );
    }
    const scans = Array.from({ length: burst }, () => someScan(session));
    const handedIn = ok(running.call("POST", `/sites/${site}/scans`, { scans }));
    // Each in turn, so that each is cut often; the one that was cut is in the middle of something new each time.
    const whose = all[round % all.length];
    const framesBefore = whose?.frames() ?? 0;
    if (random() < 0.5) await handedIn;
    if (random() < 0.3 && round >= all.length && whose?.view === "events")
      await eventually("something of it has come", () => (whose?.frames() ?? 0) > framesBefore);
    await whose?.cut();
    cuts += 1;
    const { receipts } = (await handedIn) as { receipts: Receipt[] };
    pos = Math.max(pos, ...receipts.map(({ event }) => event?.pos ?? 0));
    if (round % 20 === 19) await ok(running.call("POST", `/sites/${site}/sessions/${session}:close`, {}));
  }

  const log = await readLog(running);
  expect(log.length).toBeGreaterThanOrEqual(untilPos);
  // Where a word of the manager is lost, which a machine that does ten things at once may bring about, views are read anew, but not the events.
  const isDoubted = doubts.test(running.logs("api-gateway"));
  for (const [index, client] of all.entries()) {
    const of = followed[index] as Followed;
    if (of.view === "events") await expectEvery(client, log, of);
    else await expectSameRows(client, await readView(running, of, log.length));
    client.check();
    expect(client.forgotten(), nameOf(of)).toBe(0);
    if (of.view === "events" || !isDoubted) expect(client.held.snapshots, nameOf(of)).toBe(1);
    expect(client.frames(), nameOf(of)).toBeGreaterThan(0);
  }
  expect(all[0]?.view).toBe("items");
  expect(factsOf([...(all[0]?.held.rows.values() ?? [])])).toEqual(factsOf(await readItems(running)));
}, 600_000);
