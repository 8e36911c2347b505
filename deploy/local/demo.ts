/**
 * The demo site: a seeded warehouse that lives, as a client of the public API. Emulated readers hear its tags through the real drivers,
 * and its staff upload scans in sessions, late and with the faults of real ones. Beside it stands an old system that knows the same stock.
 * Nothing of it touches other sites.
 */
import { readFile } from "node:fs/promises";
import { createWarehouse } from "@tagwire/emulators";
import { type DemoCall, openDemoClient } from "./demo-client.ts";
import { openDemoDevices } from "./demo-devices.ts";
import { openDemoOffice } from "./demo-office.ts";
import { openOldScanners } from "./demo-old-scanners.ts";
import { hangReaders } from "./demo-readers.ts";
import { startOldSystem } from "./demo-rfidpro.ts";
import { openDemoSessions } from "./demo-sessions.ts";
import { demoSite, knownFrom, openDemoSite, stockDemoSite } from "./demo-stock.ts";
import { demoMovesLine } from "./demo-word.ts";
import { readStandIn } from "./old-system.ts";

/** A working day passes in about twenty minutes: often enough to see it move, slowly enough to follow it. */
const speed = 25;
const pollMs = 250;

const setting = (name: string): string => {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`${name} is not set`);
  return value;
};

/** How far the figures that people look at have come; 0 while there are none. */
const shownPosition = async (call: DemoCall): Promise<number> => {
  const { status, body } = await call("GET", `/sites/${demoSite.id}/dashboard`);
  return status === 200 ? (body as { readonly pos: number }).pos : 0;
};

const run = async (signal: AbortSignal): Promise<void> => {
  const seed = process.env.TAGWIRE_DEMO_SEED ?? "1";
  const [url, keyFile] = [setting("TAGWIRE_URL"), setting("TAGWIRE_KEY_FILE")];
  const call = openDemoClient({ url, readKey: async () => (await readFile(keyFile, "utf8")).trim(), signal });
  const devices = openDemoDevices({ url, file: setting("TAGWIRE_DEMO_KEYS_FILE"), signal, call });
  const stored = await openDemoSite(call);
  const startMs = Date.now();
  const warehouse = createWarehouse({ seed, startMs, speed, known: knownFrom(stored) });
  const office = openDemoOffice(call, warehouse);
  const upload = openDemoSessions(devices);
  await stockDemoSite(call, warehouse, stored);
  await office.describeClasses();
  for (const contract of warehouse.contracts) await office.openContract(contract);
  const standIn = readStandIn(process.env);
  const old = standIn === undefined ? undefined : await startOldSystem(standIn, call, seed);
  const uploadToOld = old === undefined ? undefined : openOldScanners(old, { items: warehouse.items, seed });
  const readers = await hangReaders(call, warehouse, seed);
  const before = await shownPosition(call);
  let isMoving = false;
  try {
    while (!signal.aborted) {
      for (const act of warehouse.nextActs(Date.now())) {
        if (act.kind === "scan-session") {
          uploadToOld?.(act);
          await upload(act);
        } else if (act.kind === "contract-opened") await office.openContract(act.contract);
        else await office.closeContract(act.contract.number);
      }
      if (!isMoving && (await shownPosition(call)) > before) {
        isMoving = true;
        process.stdout.write(`${demoMovesLine}\n`);
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  } finally {
    await readers.stop();
    await old?.stop();
  }
};

const stop = new AbortController();
for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => stop.abort());
await run(stop.signal).catch((error: unknown) => {
  if (!stop.signal.aborted) throw error;
});
process.exit(0);
