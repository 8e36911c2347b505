import type { SeenTag } from "../tag-source.ts";

/** How a reader writes an EPC, which its settings and its firmware decide. */
export type EpcSpelling = "hex" | "base64" | "base64url" | "both";

const epcMembers = (epc: string, spelling: EpcSpelling): Record<string, string> => {
  const bytes = Buffer.from(epc, "hex");
  if (spelling === "hex") return { epcHex: epc };
  if (spelling === "base64") return { epc: bytes.toString("base64") };
  if (spelling === "base64url") return { epc: bytes.toString("base64url") };
  return { epc: bytes.toString("base64"), epcHex: epc };
};

/** The reader counts in nanoseconds; those below the microsecond tell two events of one moment apart. */
const stamp = (atMs: number, nanoseconds: number): string =>
  new Date(atMs).toISOString().replace("Z", `${String(nanoseconds % 1_000_000).padStart(6, "0")}Z`);

export type EventOptions = {
  readonly atMs: number;
  readonly antenna: number;
  readonly number: number;
  readonly spelling: EpcSpelling;
};

/** A tag as the IoT device interface tells it, with what is on by default. */
export const tagEvent = ({ epc, rssiDbm }: SeenTag, options: EventOptions): object => ({
  timestamp: stamp(options.atMs, options.number),
  eventType: "tagInventory",
  tagInventoryEvent: {
    ...epcMembers(epc, options.spelling),
    antennaPort: options.antenna,
    antennaName: `Antenna ${options.antenna}`,
    peakRssiCdbm: Math.round(rssiDbm * 100),
    frequency: 866_300,
    transmitPowerCdbm: 3_000,
    lastSeenTime: stamp(options.atMs, options.number),
  },
});

export const statusEvent = (status: "idle" | "running", atMs: number): object => ({
  timestamp: stamp(atMs, 0),
  eventType: "inventoryStatus",
  inventoryStatusEvent: { status },
});

/** What is wired to an input changed; the reader does not say what that means. */
export const inputEvent = (
  input: { readonly gpi: number; readonly transition: "high-to-low" | "low-to-high" },
  { atMs, number }: { readonly atMs: number; readonly number: number },
): object => ({ timestamp: stamp(atMs, number), eventType: "gpiTransition", gpiTransitionEvent: input });
