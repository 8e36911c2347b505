import type { Bus } from "@tagwire/bus";
import { newId, type ScanType, type SessionMode } from "@tagwire/messages";
import { importFile } from "./import-file.ts";
import { type Setting, untilQuiet } from "./setting.ts";
import { createSite, envelope, inFlight, recordScans, send, tagOf } from "./stock.ts";

/** How often each thing of a real house is scanned in a day: 26,574 scans of 12,477 items in 259 days. */
const scansPerItemAndDay = 26_574 / 12_477 / 259;
/** What goes out together: more than half of all contracts have fewer, and one in ten has thirty or more. */
const itemsPerContract = 20;
/** One contract in so many is still out. */
const stillOut = 20;
const contractsInFlight = 24;
const catchUpMs = 1_200_000;

/** A session of scans that are all of one type, begun, handed in and closed as a tablet does. */
const holdSession = async (
  bus: Bus,
  site: string,
  { mode, type, contract, tags }: { mode: SessionMode; type: ScanType; contract: string; tags: string[] },
): Promise<void> => {
  const session = newId();
  await send<"session.begin">(bus, site, {
    kind: "session.begin",
    ...envelope(),
    body: { id: session, mode },
  });
  const scannedAt = new Date().toISOString();
  await recordScans(
    bus,
    site,
    tags.map((tag) => ({
      id: newId(),
      tag,
      type,
      session,
      scannedAt,
      ...(type === "rental" ? { contract } : {}),
    })),
  );
  await send<"session.close">(bus, site, {
    kind: "session.close",
    ...envelope(),
    body: { session, close: {} },
  });
};

/** What a site went through, for whoever tells what was measured. */
export type Life = {
  readonly items: number;
  readonly days: number;
  readonly scans: number;
  readonly events: number;
};

/**
 * A site of which every item came in by the public door and has its event, and which lived for so many days like a real house: things
 * go out on contracts in sessions and come back in others, some of them are still out.
 *
 * @param of as many scans as at a site of so many items, if that is not all that it has
 */
export const liveThrough = async (
  setting: Setting,
  site: string,
  { items, days, of = items }: { readonly items: number; readonly days: number; readonly of?: number },
): Promise<Life> => {
  const { bus, sql, system } = setting;
  await createSite(bus, site);
  await importFile(system, site, items, () => {});
  await untilQuiet(setting, catchUpMs);
  const wanted = of * scansPerItemAndDay * days;
  // Each thing goes out and comes back once, but for those that are still out.
  const contracts = Math.min(
    Math.floor(items / itemsPerContract),
    Math.ceil(wanted / (itemsPerContract * (2 - 1 / stillOut))),
  );
  let scans = 0;
  await inFlight(contracts, contractsInFlight, async (index) => {
    const contract = `${10_000 + index}`;
    const tags = Array.from({ length: itemsPerContract }, (_, at) => tagOf(index * itemsPerContract + at));
    await holdSession(bus, site, { mode: "checkout", type: "rental", contract, tags });
    scans += tags.length;
    if (index % stillOut === 0) return;
    await holdSession(bus, site, { mode: "return", type: "return", contract, tags });
    scans += tags.length;
  });
  await untilQuiet(setting, catchUpMs);
  const [row] = await sql<
    { events: number }[]
  >`select pos::int as events from operations.site where site = ${site}`;
  return { items, days, scans, events: row?.events ?? 0 };
};
