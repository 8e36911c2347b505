import type { BaseScan } from "@tagwire/emulators";
import type { LoggedEvent, Scan } from "@tagwire/messages";
import type { DemoCall } from "./demo-client.ts";
import { demoSite } from "./demo-stock.ts";

const eventsPerPage = 1_000;

type Feed = { readonly events: readonly LoggedEvent[]; readonly next: string };
type ScanTold = Partial<Scan> & { readonly deviceTime?: string };

/** What an event says of a scan that somebody made; undefined of one that says nothing of any, and of what a reader heard. */
const scanOf = ({ tag, scanId, by, data, recordedAt, scannedAt }: LoggedEvent): BaseScan | undefined => {
  const scan = data.scan as ScanTold | undefined;
  const at = scan?.deviceTime ?? scan?.scannedAt ?? scannedAt;
  const isOfSomebody = by.reader === undefined || by.person !== undefined;
  if (tag === undefined || scanId === undefined || at === undefined) return undefined;
  if (scan?.type === undefined || !isOfSomebody) return undefined;
  return {
    ...{ tag, type: scan.type, contract: scan.contract ?? null, place: scan.place ?? null },
    ...{ quality: scan.quality ?? null, by: by.device ?? null },
    ...{ scannedAtMs: Date.parse(at), arrivesAtMs: Date.parse(recordedAt) },
  };
};

/** What was scanned at the demo site so far, as its log tells it, the oldest first: the first `max` of it. */
export const readDemoHistory = async (call: DemoCall, max: number): Promise<readonly BaseScan[]> => {
  const scans: BaseScan[] = [];
  for (let after = "0:0"; scans.length < max; ) {
    const path = `/sites/${demoSite.id}/events?after=${after}&limit=${eventsPerPage}`;
    const { events, next } = (await call("GET", path)).body as Feed;
    if (events.length === 0) break;
    scans.push(...events.flatMap((event) => scanOf(event) ?? []));
    after = next;
  }
  return scans.slice(0, max);
};
