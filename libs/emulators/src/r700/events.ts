import type { SeenTag } from "../tag-source.ts";

/** How firmware writes an EPC that has its own mind, whatever its preset asks for. */
export type EpcSpelling = "hex" | "base64" | "base64url" | "both";

const fieldNames = ["epc", "epcHex", "pc"] as const;
type FieldName = (typeof fieldNames)[number];
/** Of the fields of an event that a preset may ask for, those that are told. */
export type ToldFields = ReadonlySet<FieldName>;

/** Without a word of the preset an event tells the EPC in base64 and no protocol control word. */
export const toldByDefault: ToldFields = new Set(["epc"] as const);

const memberOf = (of: unknown, name: string): unknown =>
  typeof of === "object" && of !== null ? (of as Record<string, unknown>)[name] : undefined;

/** What the events of a preset tell: what it says of a field goes before what is told by default. */
export const fieldsToldBy = (preset: unknown): ToldFields => {
  const said = memberOf(memberOf(preset, "eventConfig"), "tagInventory");
  const isTold = (name: FieldName): boolean => {
    const word = memberOf(said, name);
    return word === undefined ? toldByDefault.has(name) : word === "enabled";
  };
  return new Set(fieldNames.filter(isTold));
};

const epcMembers = (epc: string, spelling: EpcSpelling): Record<string, string> => {
  const bytes = Buffer.from(epc, "hex");
  if (spelling === "hex") return { epcHex: epc };
  if (spelling === "base64") return { epc: bytes.toString("base64") };
  if (spelling === "base64url") return { epc: bytes.toString("base64url") };
  return { epc: bytes.toString("base64"), epcHex: epc };
};

const askedMembers = (epc: string, fields: ToldFields): Record<string, string> => ({
  ...(fields.has("epc") ? epcMembers(epc, "base64") : {}),
  ...(fields.has("epcHex") ? epcMembers(epc, "hex") : {}),
});

const isoToggle = 0x0100;
/** The protocol control word: the length of the EPC in words of 16 bits, and whether ISO defines what it is. */
const pcOf = ({ epc, isIso = false }: SeenTag): string => {
  const word = Buffer.alloc(2);
  word.writeUInt16BE(((epc.length / 4) << 11) | (isIso ? isoToggle : 0));
  return word.toString("base64");
};

/** The reader counts in nanoseconds; those below the microsecond tell two events of one moment apart. */
const stamp = (atMs: number, nanoseconds: number): string =>
  new Date(atMs).toISOString().replace("Z", `${String(nanoseconds % 1_000_000).padStart(6, "0")}Z`);

export type EventOptions = {
  readonly atMs: number;
  readonly antenna: number;
  readonly number: number;
  readonly fields: ToldFields;
  readonly spelling?: EpcSpelling | undefined;
};

/** A tag as the IoT device interface tells it. */
export const tagEvent = (tag: SeenTag, options: EventOptions): object => ({
  timestamp: stamp(options.atMs, options.number),
  eventType: "tagInventory",
  tagInventoryEvent: {
    ...(options.spelling === undefined
      ? askedMembers(tag.epc, options.fields)
      : epcMembers(tag.epc, options.spelling)),
    ...(options.fields.has("pc") ? { pc: pcOf(tag) } : {}),
    antennaPort: options.antenna,
    antennaName: `Antenna ${options.antenna}`,
    peakRssiCdbm: Math.round(tag.rssiDbm * 100),
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
