import type { WarehouseAct, WarehouseScan } from "@tagwire/emulators";
import type { DemoDevices } from "./demo-devices.ts";
import { note } from "./demo-log.ts";
import { demoSite } from "./demo-stock.ts";

const scanOf = (scan: WarehouseScan) => ({
  id: scan.id,
  tag: scan.tag,
  type: scan.type,
  scannedAt: new Date(scan.scannedAtMs).toISOString(),
  ...(scan.contract === null ? {} : { contract: scan.contract }),
  ...(scan.place === null ? {} : { place: scan.place }),
  ...(scan.quality === null ? {} : { quality: scan.quality }),
  ...(scan.status === null ? {} : { status: scan.status }),
  ...(scan.condition === null ? {} : { condition: scan.condition }),
});

/** Uploads what the staff scanned in a session, or a part of it, from the device they did it with. What the office does is not told to anybody. */
export const upload = async (devices: DemoDevices, act: WarehouseAct): Promise<void> => {
  if (act.kind !== "scan-session" || act.scans.length === 0) return;
  const call = await devices(act.device);
  const { status, body } = await call("POST", `/sites/${demoSite.id}/scans`, {
    scans: act.scans.map(scanOf),
  });
  if (status !== 200) note(`upload refused: ${status} ${JSON.stringify(body)}`);
};
