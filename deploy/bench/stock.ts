import { randomBytes } from "node:crypto";
import { type Bus, request } from "@tagwire/bus";
import {
  type Command,
  type CommandKind,
  type CommandResult,
  type CreateItem,
  commandSubject,
  newId,
  type Receipt,
  type Scan,
} from "@tagwire/messages";

const timeoutMs = 60_000;
const createsInFlight = 64;

const traceparent = (): string =>
  `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-00`;

/** What every command says of itself. */
export const envelope = () => ({
  id: newId(),
  by: { device: "bench" },
  receivedAt: new Date().toISOString(),
  traceparent: traceparent(),
});

/** Says a command to the owner of a site, and gives what it answers. */
export const send = <K extends CommandKind>(
  bus: Bus,
  site: string,
  command: Extract<Command, { kind: K }>,
): Promise<CommandResult[K]> => request(bus, commandSubject(site), command, { timeoutMs });

/** Hands scans in over the bus, as the edge does, and gives their receipts. Throws when one was not accepted. */
export const recordScans = async (
  bus: Bus,
  site: string,
  scans: readonly Scan[],
): Promise<readonly Receipt[]> => {
  const command = { kind: "scans.record" as const, ...envelope(), body: { scans: [...scans] } };
  const { receipts } = await send<"scans.record">(bus, site, command);
  requireAccepted(receipts, scans.length);
  return receipts;
};

/** A benchmark of refusals would be a quick one. */
export const requireAccepted = (receipts: readonly Receipt[], count: number): void => {
  const odd = receipts.find(({ outcome }) => outcome !== "accepted");
  if (odd !== undefined || receipts.length !== count)
    throw new Error(`${receipts.length} of ${count} receipts, and one is ${JSON.stringify(odd)}`);
};

/** Runs `work` for each index, so many at a time, in the order of the indices. */
export const inFlight = async (
  count: number,
  atOnce: number,
  work: (index: number) => Promise<unknown>,
): Promise<void> => {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
};

/** The n-th tag of a site: 96 bits of hex, as a Gen2 tag says them. */
export const tagOf = (index: number): string =>
  `E280116060${index.toString(16).toUpperCase().padStart(14, "0")}`;

export const createSite = async (bus: Bus, site: string): Promise<void> => {
  const body = { id: site, name: site, timeZone: "UTC" };
  await send<"site.create">(bus, site, { kind: "site.create", ...envelope(), body });
};

/** Commissions items in their order, many at a time. */
export const createItems = (
  bus: Bus,
  site: string,
  items: number,
  bodyOf: (index: number) => CreateItem,
): Promise<void> =>
  inFlight(items, createsInFlight, (index) =>
    send<"item.create">(bus, site, { kind: "item.create", ...envelope(), body: bodyOf(index) }),
  );

/** Makes a site with so many items of a few classes; its tags are `tagOf(0)` and so on. */
export const stock = async (bus: Bus, site: string, items: number): Promise<void> => {
  await createSite(bus, site);
  await createItems(bus, site, items, (index) => ({
    tag: tagOf(index),
    class: `Class ${index % 40}`,
    place: "hall",
  }));
};

/** What happens to one item over and over. Each of these is accepted after the one before it. */
const life = ["touch", "rental", "touch", "return"] as const;

/** The next scan of an item that was scanned `before` times. */
export const nextScan = (tag: string, before: number): Scan => {
  const type = life[before % life.length] ?? "touch";
  return {
    id: newId(),
    tag,
    type,
    scannedAt: new Date().toISOString(),
    place: `gate-${before % 2}`,
    ...(type === "rental" ? { contract: "C-4711" } : {}),
  };
};
