import { countIn, isObject, type JsonObject, numberIn, objectIn, textIn } from "../json/object.ts";
import { plainRead } from "../json/plain-read.ts";
import { stampMs } from "../json/stamp.ts";
import { isoIn, portIn, strengthOf } from "../json/tag-fields.ts";
import { hexOf, hexOfBase64 } from "../json/tag-hex.ts";
import type { Told } from "../json/told.ts";

/** An antenna hub has 32; a port beyond our own limit is none that can have a place. */
const antennaMax = 64;
const inputMax = 64;

/** Hex where it is given, else base64 in either alphabet; both of one tag must agree. */
const bytesOf = (of: JsonObject, name: "epc" | "tid"): string | undefined => {
  const [inHex, inBase64] = [textIn(of, `${name}Hex`), textIn(of, name)];
  if (inHex === undefined) return hexOfBase64(inBase64);
  const hex = hexOf(inHex);
  return inBase64 === undefined || hexOfBase64(inBase64) === hex ? hex : undefined;
};

const tagOf = (event: JsonObject, tag: JsonObject): Told => {
  const names = ["epc", "epcHex", "tid", "tidHex"] as const;
  if (names.every((name) => tag[name] === undefined)) return { kind: "unreadable", no: "it names no tag" };
  const hasEpc = tag.epc !== undefined || tag.epcHex !== undefined;
  // Told to identify tags by their TID alone, a reader sends no EPC.
  const epc = hasEpc ? bytesOf(tag, "epc") : "";
  if (epc === undefined)
    return { kind: "unreadable", no: "its EPC is neither base64 nor hex, or the two differ" };
  const antenna = portIn(tag, ["antennaPort"]);
  const tid = bytesOf(tag, "tid");
  const rssi = numberIn(tag, "peakRssiCdbm");
  const at = stampMs(tag.lastSeenTime) ?? stampMs(event.timestamp);
  return {
    kind: "tag",
    epc,
    rssiDbm: strengthOf(rssi === undefined ? undefined : rssi / 100),
    count: 1,
    ...(antenna === undefined ? {} : { antenna }),
    ...(at === undefined ? {} : { stampMs: at }),
    ...(tid === undefined || tid === "" ? {} : { tid }),
    ...isoIn(hexOfBase64(textIn(tag, "pc"))),
  };
};

const antennaOf = (said: JsonObject, connected: boolean): Told => {
  const antenna = countIn(said, ["antennaPort"], antennaMax);
  if (antenna === undefined) return { kind: "unreadable", no: "it names no antenna" };
  return { kind: "notice", notice: { kind: "antenna", antenna, connected } };
};

const statusOf = (said: JsonObject): Told => {
  const status = textIn(said, "status");
  if (status === "armed") return { kind: "alive" };
  if (status !== "running" && status !== "idle")
    return { kind: "unreadable", no: "its status is not idle, running or armed" };
  return { kind: "reading", isReading: status === "running" };
};

const overflowOf = (said: JsonObject): Told => {
  const message = `the reader threw away ${numberIn(said, "eventsPurged") ?? "some"} events that nobody fetched in time`;
  return { kind: "notice", notice: { kind: "warning", code: "events_purged", message } };
};

/** High is broken, as it is when the same reader speaks LLRP: how a barrier is wired does not change with the interface. */
const inputOf = (said: JsonObject, event: JsonObject): Told => {
  const port = countIn(said, ["gpi"], inputMax);
  const transition = textIn(said, "transition");
  if (port === undefined) return { kind: "unreadable", no: "it names no input" };
  if (transition === "high-to-low") return { kind: "alive" };
  if (transition !== "low-to-high")
    return { kind: "unreadable", no: "its transition is neither high-to-low nor low-to-high" };
  const at = stampMs(event.timestamp);
  return at === undefined ? { kind: "input", port } : { kind: "input", port, stampMs: at };
};

const sorts: Readonly<Record<string, (said: JsonObject, event: JsonObject) => Told>> = {
  tagInventory: (said, event) => tagOf(event, said),
  inventoryStatus: statusOf,
  antennaConnected: (said) => antennaOf(said, true),
  antennaDisconnected: (said) => antennaOf(said, false),
  antennaActivation: () => ({ kind: "alive" }),
  overflow: overflowOf,
  // Described by its own model, and missing among the events of the interface's version 1.7: it comes all the same.
  gpiTransition: inputOf,
};

/**
 * Events of the Impinj IoT device interface (R700, R720, R660), version 1.7: an envelope whose one member `<eventType>Event` says
 * it. Besides, reads in plain: what older Impinj software pushes.
 */
export const impinjEvents = (event: unknown): readonly Told[] => {
  if (!isObject(event)) return [{ kind: "unreadable", no: "it is no object" }];
  const sort = textIn(event, "eventType") ?? Object.keys(sorts).find((name) => `${name}Event` in event);
  if (sort === undefined)
    return [
      "epc" in event || "isHeartBeat" in event
        ? plainRead(event)
        : { kind: "unreadable", no: "it has no eventType" },
    ];
  if (!Object.hasOwn(sorts, sort)) return [{ kind: "unknown", name: sort.slice(0, 64) }];
  const said = objectIn(event, `${sort}Event`);
  if (said === undefined) return [{ kind: "unreadable", no: `it has no ${sort}Event` }];
  return [sorts[sort]?.(said, event) ?? { kind: "alive" }];
};
