import { countIn, isObject, type JsonObject, numberIn, objectIn, textIn } from "../json/object.ts";
import { countMax, plainRead } from "../json/plain-read.ts";
import { stampMs } from "../json/stamp.ts";
import { isoIn, portIn, strengthOf } from "../json/tag-fields.ts";
import { hexOf } from "../json/tag-hex.ts";
import type { EventReading, Told } from "../json/told.ts";

const antennaMax = 64;
const inputMax = 64;
/** One report of a handheld may hold a whole round. */
const tagsPerEventMax = 5_000;
const saidMax = 200;

const tagOf = (data: JsonObject, at: number | undefined): Told => {
  const epc = hexOf(textIn(data, "idHex"));
  if (epc === undefined) return { kind: "unreadable", no: "its idHex is no hex" };
  const antenna = portIn(data, ["antenna"]);
  // A tag that has none answers with a sentence instead.
  const tid = hexOf(textIn(data, "TID"));
  return {
    kind: "tag",
    epc,
    rssiDbm: strengthOf(numberIn(data, "peakRssi")),
    count: countIn(data, ["reads", "seenCount"], countMax) ?? 1,
    ...(antenna === undefined ? {} : { antenna }),
    ...(at === undefined ? {} : { stampMs: at }),
    ...(tid === undefined || tid === "" ? {} : { tid }),
    ...isoIn(hexOf(textIn(data, "PC"))),
  };
};

const connectedWords = new Map<unknown, boolean>([
  ["connected", true],
  ["disconnected", false],
]);

/** A heartbeat tells which antennas are plugged in; how many it lists is the model's affair. */
const heartbeat = (data: JsonObject): Told[] => {
  const antennas = objectIn(objectIn(data, "radio_control") ?? {}, "antennas") ?? {};
  const told = Object.entries(antennas)
    .slice(0, antennaMax)
    .flatMap(([port, word]): Told[] => {
      const connected = connectedWords.get(word);
      const antenna = Number(port);
      const isPort = Number.isInteger(antenna) && antenna >= 1 && antenna <= antennaMax;
      if (connected === undefined || !isPort) return [];
      return [{ kind: "notice", notice: { kind: "antenna", antenna, connected } }];
    });
  return [{ kind: "alive" }, ...told];
};

const warning = (code: string, data: JsonObject): Told[] => [
  { kind: "notice", notice: { kind: "warning", code, message: JSON.stringify(data).slice(0, saidMax) } },
];

/** Low is broken: Zebra's own example of a portal takes its light barriers so. */
const inputOf = (data: JsonObject, at: number | undefined): Told => {
  const port = countIn(data, ["pin"], inputMax);
  const state = textIn(data, "state")?.toUpperCase();
  if (port === undefined) return { kind: "unreadable", no: "it names no input" };
  if (state === "HIGH") return { kind: "alive" };
  if (state !== "LOW") return { kind: "unreadable", no: "its input is neither HIGH nor LOW" };
  return at === undefined ? { kind: "input", port } : { kind: "input", port, stampMs: at };
};

/** Management events by their `type`; any other type is a way of operating, and its data is a tag. */
const sorts: Readonly<Record<string, (data: JsonObject, at: number | undefined) => Told[]>> = {
  heartbeat,
  gpi: (data, at) => [inputOf(data, at)],
  gpo: () => [{ kind: "alive" }],
  userapp: () => [{ kind: "alive" }],
  error: (data) => warning("zebra_error", data),
  warning: (data) => warning("zebra_warning", data),
  firmwareupdateprogress: (data) => warning("zebra_firmware", data),
};

/** The answer to `get_version`, which the reader sends to whatever hears its answers. */
const versionOf = (event: JsonObject): Told | undefined => {
  const version = objectIn(event, "payload") ?? event;
  const firmware = textIn(version, "readerApplication");
  if (firmware === undefined) return undefined;
  const model = textIn(version, "model") ?? "Zebra";
  return { kind: "notice", notice: { kind: "identified", firmware, model, antennas: 0 } };
};

const eachTagOf = function* (batch: readonly unknown[], at: number | undefined): Generator<Told, void> {
  for (const tag of batch)
    yield isObject(tag) ? tagOf(tag, at) : { kind: "unreadable", no: "one of its tags is no object" };
};

const tagsOf = (data: JsonObject, at: number | undefined): Iterable<Told> | undefined => {
  if ("idHex" in data) return [tagOf(data, at)];
  const batch = data.tagData;
  if (!Array.isArray(batch)) return undefined;
  if (batch.length > tagsPerEventMax)
    return [{ kind: "unreadable", no: `it holds more than ${tagsPerEventMax} tags` }];
  return eachTagOf(batch, at);
};

/**
 * Events of the Zebra IoT Connector: `{type, timestamp, data}` for tags, where only `data.idHex` is sure to be there, and for what its
 * management interface tells. Some firmware sends a tag's data without the envelope, and RFD handhelds several in `tagData`.
 */
export const zebraEvents: EventReading = (event) => {
  if (!isObject(event)) return [{ kind: "unreadable", no: "it is no object" }];
  const data = objectIn(event, "data") ?? event;
  const at = stampMs(event.timestamp) ?? stampMs(data.timestamp);
  const tags = tagsOf(data, at);
  if (tags !== undefined) return tags;
  if ("epc" in event) return [plainRead(event)];
  const version = versionOf(event);
  if (version !== undefined) return [version];
  const type = textIn(event, "type");
  if (type === undefined) return [{ kind: "unreadable", no: "it has neither an idHex nor a type" }];
  const sort = type.toLowerCase();
  return Object.hasOwn(sorts, sort)
    ? (sorts[sort]?.(data, at) ?? [])
    : [{ kind: "unknown", name: type.slice(0, 64) }];
};
