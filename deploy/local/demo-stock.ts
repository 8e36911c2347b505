import type { Warehouse } from "@tagwire/emulators";
import { newId } from "@tagwire/messages";
import type { DemoCall } from "./demo-client.ts";

export const demoSite = { id: "demo", name: "Harbor Street (demo)", timeZone: "America/Chicago" };

const callsAtOnce = 8;
/** What only scans lead to: such an item begins ready, and a scan takes it there. */
const fromScansAlone = new Set(["staged", "on_rent", "delivered"]);

/** Commissions the warehouse's stock. What is there already stays as it is, so a second start changes nothing. */
const commission = async (call: DemoCall, { items }: Warehouse): Promise<void> => {
  const queue = [...items];
  const work = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      await call("POST", `/sites/${demoSite.id}/items`, {
        tag: item.tag,
        class: item.name,
        status: fromScansAlone.has(item.status) ? "ready" : item.status,
        ...(item.quality === null ? {} : { quality: item.quality }),
        ...(item.place === null ? {} : { place: item.place }),
      });
    }
  };
  await Promise.all(Array.from({ length: callsAtOnce }, work));
};

const rentOut = async (call: DemoCall, { items }: Warehouse): Promise<void> => {
  const scans = items
    .filter(({ status, contract }) => status === "on_rent" && contract !== null)
    .map(({ tag, contract }) => ({
      id: newId(),
      tag,
      type: "rental",
      contract,
      scannedAt: new Date().toISOString(),
    }));
  if (scans.length > 0) await call("POST", `/sites/${demoSite.id}/scans`, { scans });
};

/** Makes the demo site when it is not there yet, with its stock as the books have it in the morning. */
export const stockDemoSite = async (call: DemoCall, warehouse: Warehouse): Promise<void> => {
  const { status } = await call("POST", "/sites", demoSite);
  const page = await call("GET", `/sites/${demoSite.id}/items?limit=1`);
  const isEmpty = (page.body as { data: unknown[] }).data.length === 0;
  if (status !== 201 && !isEmpty) return;
  await commission(call, warehouse);
  await rentOut(call, warehouse);
};
