/**
 * The demo site: a seeded warehouse that lives, as a client of the public API. Emulated readers hear its tags through the real drivers,
 * and its staff upload scans in sessions, late and with the faults of real ones. Nothing of it touches other sites.
 */
import { readFile } from "node:fs/promises";
import { createWarehouse } from "@tagwire/emulators";
import { type DemoCall, openDemoClient } from "./demo-client.ts";
import { openDemoDevices } from "./demo-devices.ts";
import { hangReaders } from "./demo-readers.ts";
import { upload } from "./demo-scans.ts";
import { demoSite, knownFrom, openDemoSite, stockDemoSite } from "./demo-stock.ts";
import { demoMovesLine } from "./demo-word.ts";

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
  const warehouse = createWarehouse({ seed, startMs: Date.now(), speed, known: knownFrom(stored) });
  await stockDemoSite(call, warehouse, stored);
  const readers = await hangReaders(call, warehouse, seed);
  const before = await shownPosition(call);
  let isMoving = false;
  try {
    while (!signal.aborted) {
      for (const act of warehouse.nextActs(Date.now())) await upload(devices, act);
      if (!isMoving && (await shownPosition(call)) > before) {
        isMoving = true;
        process.stdout.write(`${demoMovesLine}\n`);
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  } finally {
    await readers.stop();
  }
};

const stop = new AbortController();
for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => stop.abort());
await run(stop.signal).catch((error: unknown) => {
  if (!stop.signal.aborted) throw error;
});
process.exit(0);
