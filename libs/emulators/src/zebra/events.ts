import type { SeenTag } from "../tag-source.ts";

/** Zebra writes the zone without a colon. */
export const zebraTime = (atMs: number): string => new Date(atMs).toISOString().replace("Z", "+0000");

export type ZebraShape = {
  /** What the way of operating is called: it stands as the type of each tag. */
  readonly type?: string;
  /** Nothing but the EPC and a number, as without `tagMetaData`. */
  readonly bare?: boolean;
  /** The data of the tag without the envelope. */
  readonly unwrapped?: boolean;
};

export type ZebraEventOptions = ZebraShape & {
  readonly atMs: number;
  readonly antenna: number;
  readonly number: number;
};

/** A tag as the IoT Connector tells it, with or without what `tagMetaData` adds. */
export const zebraTagEvent = ({ epc, rssiDbm }: SeenTag, options: ZebraEventOptions): object => {
  const { atMs, antenna, number, type = "SIMPLE", bare = false, unwrapped = false } = options;
  const told = { eventNum: number, format: "epc", idHex: epc.toLowerCase() };
  const data = bare
    ? told
    : {
        ...told,
        antenna,
        peakRssi: rssiDbm,
        reads: 1,
        PC: "3000",
        CRC: "f3b3",
        channel: 866.3,
        phase: 14.02,
      };
  return unwrapped ? data : { data, timestamp: zebraTime(atMs), type };
};

/** A heartbeat as firmware of 2026 sends it: with `systemtime` and `flash` as they are, not as they are described. */
export const zebraHeartbeat = (
  antennas: Readonly<Record<string, "connected" | "disconnected">>,
  { atMs, number }: { readonly atMs: number; readonly number: number },
): object => ({
  component: "RG",
  data: {
    radio_control: { antennas, numTagReads: 12, radioActivitiy: "active", radioConnection: "connected" },
    reader_gateway: { dataPathStatistics: [{ numDataMessagesTxed: 12, numDataMessagesDropped: 0 }] },
    system: { flash: null, hostName: "FXR60-1", systemtime: "07/09/2026 12:22" },
  },
  eventNum: number,
  timestamp: zebraTime(atMs),
  type: "heartbeat",
});

/** What is wired to an input changed, as the management interface tells it. */
export const zebraInputEvent = (
  { pin, state }: { readonly pin: number; readonly state: "HIGH" | "LOW" },
  { atMs, number }: { readonly atMs: number; readonly number: number },
): object => ({
  component: "RC",
  data: { pin, state },
  eventNum: number,
  timestamp: zebraTime(atMs),
  type: "GPI",
});
