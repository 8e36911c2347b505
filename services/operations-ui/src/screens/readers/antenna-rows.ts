import type { Antenna, AntennaCounts, Reader, unattributed } from "@tagwire/messages";

/** What no antenna accounts for. Written out, because the constant would bring the schemas of all messages into the page. */
export const otherPorts: typeof unattributed = "unattributed";

export type AntennaRow = {
  readonly port: string;
  readonly setting: Antenna | undefined;
  readonly connected: boolean | undefined;
  readonly counts: AntennaCounts | undefined;
  /** Of the reads of the antenna that reads most, from 0 to 1. */
  readonly share: number;
};

/** Antennas that are set, told of or have read something, by port, and the rest of the reader last. */
export const antennaRows = (
  reader: Pick<Reader, "antennas" | "antennasConnected" | "counts">,
): AntennaRow[] => {
  const { antennas, antennasConnected, counts } = reader;
  const settings = new Map(antennas.map((antenna) => [String(antenna.port), antenna]));
  const counted = counts.antennas ?? {};
  const ports = new Set([...settings.keys(), ...Object.keys(antennasConnected), ...Object.keys(counted)]);
  const most = Math.max(1, ...Object.values(counted).map(({ reads }) => reads));
  return [...ports]
    .sort((one, other) => (one === otherPorts ? 1 : other === otherPorts ? -1 : Number(one) - Number(other)))
    .map((port) => ({
      port,
      setting: settings.get(port),
      connected: antennasConnected[port],
      counts: counted[port],
      share: (counted[port]?.reads ?? 0) / most,
    }));
};
