import type { IncomingMessage } from "node:http";

/** What a reader of this sort is, and what it was told. */
export type R700Settings = {
  rfidInterface: "rest" | "llrp";
  region: string;
  httpStream: Record<string, unknown>;
  readonly presets: Map<string, Record<string, unknown>>;
  activePreset: string | undefined;
};

export type RestAnswer = { readonly status: number; readonly body?: unknown };

export const selectableRegions = ["FCC Part 15.247", "ETSI EN 302 208 v3.1.1", "Japan 920-923 MHz"];
const powerMaxCdbm = 3_300;
const antennaPorts = 4;

const problem = (status: number, message: string, invalidPropertyId?: string): RestAnswer => ({
  status,
  body: { message, ...(invalidPropertyId === undefined ? {} : { invalidPropertyId }) },
});

/** What the reader finds wrong with a preset. */
const presetProblem = (preset: Record<string, unknown>): RestAnswer | undefined => {
  const antennas = preset.antennaConfigs;
  if (!Array.isArray(antennas) || antennas.length === 0) return problem(400, "required", "/antennaConfigs");
  for (const [index, one] of antennas.entries()) {
    const { antennaPort, transmitPowerCdbm, rfMode, inventorySession } = one as Record<string, unknown>;
    const at = (name: string): string => `/antennaConfigs/${index}/${name}`;
    if (!(Number(antennaPort) >= 1 && Number(antennaPort) <= antennaPorts))
      return problem(400, "no such antenna", at("antennaPort"));
    if (!(Number(transmitPowerCdbm) >= 1_000 && Number(transmitPowerCdbm) <= powerMaxCdbm))
      return problem(400, "out of range", at("transmitPowerCdbm"));
    if (typeof rfMode !== "number") return problem(400, "required", at("rfMode"));
    if (![0, 1, 2, 3].includes(Number(inventorySession)))
      return problem(400, "unknown", at("inventorySession"));
  }
  return undefined;
};

/** Answers one REST question; undefined for a path that there is not. */
export const answerRest = (
  { method, url }: Pick<IncomingMessage, "method" | "url">,
  body: Record<string, unknown>,
  settings: R700Settings,
): RestAnswer | undefined => {
  const path = (url ?? "").replace(/^\/api\/v1\//, "");
  const preset = /^profiles\/inventory\/presets\/([\w-]+)(\/start)?$/.exec(path);
  if (preset !== null)
    return presetAnswer({ method, id: preset[1] ?? "", isStart: preset[2] !== undefined }, body, settings);
  switch (`${method} ${path}`) {
    case "GET status":
      return { status: 200, body: { status: settings.activePreset === undefined ? "idle" : "running" } };
    case "GET system":
      return {
        status: 200,
        body: { productModel: "R700", manufacturer: "Impinj", serialNumber: "370-20-01-0001" },
      };
    case "GET system/image":
      return { status: 200, body: { primaryFirmware: "8.4.1.240" } };
    case "GET system/rfid/interface":
      return { status: 200, body: { rfidInterface: settings.rfidInterface } };
    case "PUT system/rfid/interface":
      settings.rfidInterface = body.rfidInterface === "llrp" ? "llrp" : "rest";
      return { status: 204 };
    case "GET system/region":
      return { status: 200, body: { operatingRegion: settings.region, selectableRegions } };
    case "PUT system/region":
      if (!selectableRegions.includes(String(body.operatingRegion)))
        return problem(400, "unknown", "/operatingRegion");
      settings.region = String(body.operatingRegion);
      return { status: 202, body: { message: "in effect after a restart" } };
    case "PUT http-stream":
      settings.httpStream = body;
      return { status: 204 };
    case "POST profiles/stop":
      settings.activePreset = undefined;
      return { status: 204 };
    default:
      return undefined;
  }
};

const presetAnswer = (
  asked: { readonly method: string | undefined; readonly id: string; readonly isStart: boolean },
  body: Record<string, unknown>,
  settings: R700Settings,
): RestAnswer | undefined => {
  const { method, id, isStart } = asked;
  const there = settings.presets.get(id);
  if (method === "PUT" && !isStart) {
    const refused = presetProblem(body);
    if (refused !== undefined) return refused;
    settings.presets.set(id, body);
    return { status: there === undefined ? 201 : 204 };
  }
  if (there === undefined) return problem(404, "no such preset");
  if (method === "GET" && !isStart) return { status: 200, body: there };
  if (method !== "POST" || !isStart) return undefined;
  if (settings.activePreset !== undefined) return problem(409, "a preset is running");
  settings.activePreset = id;
  return { status: 204 };
};
