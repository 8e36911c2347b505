import {
  type LlrpReader,
  type LlrpReaderOptions,
  type SeenTag,
  startLlrpReader,
  type TagSource,
} from "@tagwire/emulators";
import { findParameter, findParameters, type Parameter } from "@tagwire/llrp";
import type { DriverSettings, ReaderNotice } from "./driver.ts";
import { type LlrpLimits, llrpLimits } from "./llrp/limits.ts";
import { createLlrpDriver } from "./llrp.ts";
import type { RecordingHost } from "./recording-host.ts";
import { during, runDriver } from "./test-driver.ts";

export const epcs = [
  "30751FEB705C5904E3D50D70",
  "E28011606000020000000001",
  "00112233445566778899AABBCCDDEEFF",
  "ABCDE",
];

/** Each tag has a strength of its own on each antenna, so that a value carried over wrongly is seen. */
export const strength = (epc: string, antenna: number): number => -40 - antenna - 5 * epcs.indexOf(epc);
const tagsOf = (antenna: number): SeenTag[] =>
  antenna > 2 ? [] : epcs.map((epc) => ({ epc, rssiDbm: strength(epc, antenna) }));

/** The same tags for ever. */
export const world: TagSource = { sees: tagsOf };

/** How often each tag was heard on each antenna. */
export type Tally = ReadonlyMap<string, number>;
const addTo = (tally: Map<string, number>, epc: string, antenna: number, count: number): void => {
  const key = `${epc}/${antenna}`;
  tally.set(key, (tally.get(key) ?? 0) + count);
};

/** The same tags for so many looks, then nothing; `seen` is what there was to be heard so far. */
export const countedWorld = (
  looks: number,
): TagSource & { readonly isOver: () => boolean; readonly seen: Tally } => {
  let left = looks;
  const seen = new Map<string, number>();
  return {
    seen,
    isOver: () => left === 0,
    sees: (antenna) => {
      if (left === 0) return [];
      left -= 1;
      for (const { epc } of tagsOf(antenna)) addTo(seen, epc, antenna, 1);
      return tagsOf(antenna);
    },
  };
};

export const tallyOf = ({ reads }: RecordingHost): Tally => {
  const tally = new Map<string, number>();
  for (const { epc, antenna, count } of reads) addTo(tally, epc, antenna, count);
  return tally;
};
export const totalOf = (tally: Tally): number => [...tally.values()].reduce((sum, count) => sum + count, 0);

export const reader = (options: Partial<LlrpReaderOptions> = {}): Promise<LlrpReader> =>
  during(startLlrpReader({ world, roundMs: 5, ...options }));

export const bothAntennas: Pick<DriverSettings, "antennas" | "inputs" | "asksTid" | "session"> = {
  antennas: [{ port: 1, powerDbm: 27.1 }, { port: 2 }],
};

export const run = (address: string, limits: Partial<LlrpLimits> = {}, settings = bothAntennas) =>
  runDriver(createLlrpDriver({ ...llrpLimits, ...limits }), { address, ...settings });

export const heardAll = (host: RecordingHost): boolean =>
  new Set(host.reads.map(({ epc, antenna }) => `${epc}/${antenna}`)).size === 2 * epcs.length;

/** The Gen2 session that a ROSpec gives each antenna that it names; undefined where it leaves what the reader has. */
export const sessionsOf = (
  roSpec: Parameter | undefined,
): (readonly [antenna: number, session?: number])[] => {
  const inventory = findParameter(
    findParameter(roSpec?.nested ?? [], "AISpec")?.nested ?? [],
    "InventoryParameterSpec",
  );
  return findParameters(inventory?.nested ?? [], "AntennaConfiguration").map(({ fields, nested }) => {
    const command = findParameter(nested, "C1G2InventoryCommand");
    const control = findParameter(command?.nested ?? [], "C1G2SingulationControl");
    return control === undefined ? [fields.antennaId] : [fields.antennaId, control.fields.session];
  });
};

export const warnings = (notices: readonly ReaderNotice[]): string[] =>
  notices.flatMap((notice) => (notice.kind === "warning" ? [notice.code] : []));
