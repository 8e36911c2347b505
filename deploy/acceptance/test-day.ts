import { randomBytes } from "node:crypto";
import { type Bus, request } from "@tagwire/bus";
import {
  type Command,
  type CommandKind,
  type CommandResult,
  commandSubject,
  newId,
  type Scan,
} from "@tagwire/messages";

export const site = "north";
const timeoutMs = 30_000;

type Body<K extends CommandKind> = Extract<Command, { kind: K }>["body"];

/** What the edge would hand in for somebody, one command at a time. */
export const openDesk = (bus: Bus, device = "tablet-1", at = site) => {
  const hand = <K extends CommandKind>(kind: K, body: Body<K>): Promise<CommandResult[K]> =>
    request(
      bus,
      commandSubject(at),
      {
        kind,
        id: newId(),
        by: { person: "ann", device },
        receivedAt: new Date().toISOString(),
        traceparent: `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-00`,
        body,
      },
      { timeoutMs },
    );
  const scan = async (type: Scan["type"], tags: readonly string[], more: Partial<Scan> = {}) => {
    const scannedAt = new Date().toISOString();
    const scans = tags.map((tag) => ({ id: newId(), tag, type, scannedAt, ...more }));
    const { receipts } = await hand("scans.record", { scans });
    return receipts;
  };
  return { hand, scan };
};

export const tents = Array.from({ length: 12 }, (_, index) => `TENT-${String(index).padStart(2, "0")}`);
export const napkins = Array.from({ length: 8 }, (_, index) => `NAPKIN-${index}`);

/** A day with everything in it that contracts, sessions and classes can be part of. */
export const workADay = async (bus: Bus, at = site) => {
  const { hand, scan } = openDesk(bus, "tablet-1", at);
  await hand("site.create", { id: at, name: "North", timeZone: "America/Chicago" });
  await hand("class.define", { class: "tent", define: { name: "Tent 20x20", category: "Frame Tent Tops" } });
  for (const tag of tents) await hand("item.create", { tag, class: "tent" });
  for (const tag of napkins) await hand("item.create", { tag, class: "napkin" });

  const dueAt = new Date(Date.now() + 86_400_000).toISOString();
  const lines = [{ class: "tent", quantity: 5 }];
  await hand("contract.open", {
    number: "1001",
    client: "Fair",
    outAt: new Date().toISOString(),
    dueAt,
    lines,
  });
  const checkout = newId();
  await hand("session.begin", { id: checkout, mode: "checkout", contract: "1001", station: "dock-gate" });
  await scan("rental", tents.slice(0, 4), { contract: "1001", session: checkout });
  await hand("session.close", { session: checkout, close: { count: 5, digest: "0".repeat(64) } });
  await scan("rental", tents.slice(4, 6), { contract: "1001", session: checkout });

  const count = newId();
  await hand("session.begin", { id: count, mode: "count", expected: [...tents.slice(6), "STRANGER"] });
  await scan("count", [...tents.slice(5, 9), "UNHEARD-OF"], { session: count });

  // By hand first, then the office has the number.
  await scan("rental", tents.slice(6, 9), { contract: "M-7" });
  const [before] = await scan("touch", tents.slice(9, 10));
  await hand("contract.open", { number: "1002", lines });
  await hand("contract.merge", { number: "M-7", into: "1002" });
  // One went out again without ever having come back, and some come back without saying from where.
  await scan("rental", tents.slice(0, 1), { contract: "1002" });
  const [returned] = await scan("return", tents.slice(1, 4));
  await scan("return", tents.slice(6, 8), { condition: { dirty: true } });
  await hand("contract.amend", { number: "1001", version: null, amend: { client: "Fair and Sons" } });
  await hand("contract.act", { number: "1001", act: "close" });

  await hand("contract.open", { number: "L9" });
  await scan("rental", napkins.slice(0, 5), { contract: "L9" });
  await hand("lot.record", {
    number: "L9",
    lot: { id: newId(), name: "aprons", quantity: 40, action: "added" },
  });
  await hand("contract.act", { number: "L9", act: "finalize" });
  await hand("lot.record", {
    number: "L9",
    lot: { id: newId(), name: "aprons", quantity: 2, action: "removed" },
  });
  await hand("contract.act", { number: "L9", act: "returned" });

  // A step away from the old system is none that the manager keeps, and it has to read on behind it.
  const step = { from: "parallel", direction: "advance", force: true, why: "a day like any other" } as const;
  await hand("site.migrate", { ...step, gates: [] });

  const undone = await hand("events.undo", { events: [returned?.event?.pos ?? 0], preview: false });
  return { checkout, before: before?.event, returned: returned?.event, undone };
};
