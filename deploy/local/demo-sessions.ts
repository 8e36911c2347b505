import { tagSetDigest } from "@tagwire/digest";
import type { ScanSessionAct, WarehouseScan } from "@tagwire/emulators";
import { normaliseTag } from "@tagwire/messages";
import type { DemoDevices } from "./demo-devices.ts";
import { note } from "./demo-log.ts";
import { demoSite } from "./demo-stock.ts";

const site = `/sites/${demoSite.id}`;
/** Sessions whose parts have not all come: more than the longest delays leave open at once. */
const openSessionsMax = 500;

const scanOf = (scan: WarehouseScan, session: string) => ({
  id: scan.id,
  tag: scan.tag,
  type: scan.type,
  session,
  scannedAt: new Date(scan.scannedAtMs).toISOString(),
  ...(scan.contract === null ? {} : { contract: scan.contract }),
  ...(scan.place === null ? {} : { place: scan.place }),
  ...(scan.quality === null ? {} : { quality: scan.quality }),
  ...(scan.status === null ? {} : { status: scan.status }),
  ...(scan.condition === null ? {} : { condition: scan.condition }),
});

/**
 * Uploads what the staff scanned, session by session, each from the device it was done with. A session begins with the first part that
 * comes and is closed, with the digest of all that the device scanned, when the last one has come.
 */
export const openDemoSessions = (devices: DemoDevices): ((act: ScanSessionAct) => Promise<void>) => {
  const scanned = new Map<string, { readonly tags: Set<string>; parts: number }>();

  const begin = async (act: ScanSessionAct) => {
    const { id, mode, contract, place } = act.session;
    const call = await devices(act.device);
    const { status, body } = await call("POST", `${site}/sessions`, {
      id,
      mode,
      ...(contract === null ? {} : { contract }),
      ...(place === null ? {} : { place }),
      begunAt: new Date(act.happenedAtMs).toISOString(),
    });
    if (status !== 201) note(`session refused: ${status} ${JSON.stringify(body)}`);
    const [oldest] = scanned.keys();
    if (scanned.size >= openSessionsMax && oldest !== undefined) scanned.delete(oldest);
    const made = { tags: new Set<string>(), parts: 0 };
    scanned.set(id, made);
    return made;
  };

  return async (act) => {
    if (act.scans.length === 0) return;
    const { id } = act.session;
    const session = scanned.get(id) ?? (await begin(act));
    const call = await devices(act.device);
    const { status, body } = await call("POST", `${site}/scans`, {
      scans: act.scans.map((scan) => scanOf(scan, id)),
    });
    if (status !== 200) note(`upload refused: ${status} ${JSON.stringify(body)}`);
    for (const { tag } of act.scans) session.tags.add(normaliseTag(tag) ?? tag);
    session.parts += 1;
    if (session.parts < act.part.of) return;
    scanned.delete(id);
    const declared = { count: session.tags.size, digest: tagSetDigest(session.tags) };
    const closed = await call("POST", `${site}/sessions/${id}:close`, declared);
    if (closed.status !== 200) note(`session not closed: ${closed.status} ${JSON.stringify(closed.body)}`);
  };
};
