import { countIn, type JsonObject, numberIn, textIn } from "./object.ts";
import { stampMs } from "./stamp.ts";
import { isoIn, portIn, strengthOf } from "./tag-fields.ts";
import { hexOf } from "./tag-hex.ts";
import type { Told } from "./told.ts";

/** More reads of one tag than this in one report are a mistake. */
export const countMax = 1_000_000;

/**
 * `{epc, antenna?, rssiDbm?, at?, count?, tid?, pc?}` with the EPC in hex: what `{"reads":[…]}` holds, and, under the names they use,
 * what Speedway Connect and SmartReader push.
 */
export const plainRead = (event: JsonObject): Told => {
  if (event.isHeartBeat === true) return { kind: "alive" };
  const epc = hexOf(textIn(event, "epc"));
  if (epc === undefined) return { kind: "unreadable", no: "its epc is no hex" };
  const antenna = portIn(event, ["antenna", "antennaPort"]);
  const tid = hexOf(textIn(event, "tid"));
  const at = stampMs(event.at ?? event.timestamp ?? event.firstSeenTimestamp);
  return {
    kind: "tag",
    epc,
    rssiDbm: strengthOf(numberIn(event, "rssiDbm") ?? numberIn(event, "peakRssi")),
    count: countIn(event, ["count", "tagSeenCount"], countMax) ?? 1,
    ...(antenna === undefined ? {} : { antenna }),
    ...(at === undefined ? {} : { stampMs: at }),
    ...(tid === undefined || tid === "" ? {} : { tid }),
    ...isoIn(hexOf(textIn(event, "pc"))),
  };
};
