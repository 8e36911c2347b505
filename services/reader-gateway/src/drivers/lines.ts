import { Fault } from "@tagwire/messages";
import { readTagLine } from "@tagwire/reader-lines";
import type { Driver, DriverHost, DriverSettings } from "./driver.ts";
import { Line } from "./line/line.ts";
import { textLines } from "./line/text-lines.ts";
import { lineAt } from "./line-address.ts";
import { oddTag, tellOddReads } from "./odd-reads.ts";
import { untilAborted } from "./until-aborted.ts";

/** 14150 is where Speedway Connect listens. */
export const linesDefaults = { baudRate: 115_200, tcpPort: 14_150 } as const;

/** Half a line is given up after this silence, in ms. Nobody is asked anything here. */
const limits = { answerTimeoutMs: 1_000, halfFrameMs: 1_000 } as const;
/** So many unreadable ones in a row, and none that is read, mean another protocol or another baud rate. */
export const unreadableMax = 100;

type Told = {
  readonly host: DriverHost;
  readonly settings: DriverSettings;
  readonly garbled: (fault: Fault) => void;
};

const listener = ({ host, settings, garbled }: Told) => {
  let unreadable = 0;
  const tellOdd = tellOddReads(host);
  const ownAntenna = settings.antennas[0]?.port ?? 1;
  const malformed = (reason: string, bytes: Uint8Array): void => {
    host.malformed(reason, bytes);
    unreadable += 1;
    if (unreadable === unreadableMax)
      garbled(new Fault("reader.garbled", `${unreadableMax} unreadable lines in a row, the last: ${reason}`));
  };
  const heard = (line: string, bytes: Uint8Array): void => {
    const said = readTagLine(line);
    if (said.kind === "unreadable") return malformed(said.no, Buffer.from(line, "latin1"));
    unreadable = 0;
    if (said.kind === "alive") return host.frame([], bytes);
    const odd = oddTag(said.epc);
    if (odd !== undefined) tellOdd(odd, 1);
    const { epc, rssiDbm, tid } = said;
    const read = { epc, rssiDbm, antenna: said.antenna ?? ownAntenna, count: 1, heardAtMs: Date.now() };
    host.frame([tid === undefined ? read : { ...read, tid }], bytes);
  };
  return { malformed, heard };
};

/**
 * Readers that just write what they read, a line each: an EPC in hex, or Speedway Connect as JSON, `key=value` or values. They take no
 * commands, so nothing can be set, and silence is no fault. Serial, or `host[:port]`.
 */
export const linesDriver: Driver = async (settings, host, signal) => {
  if (signal.aborted) return;
  const openPort = lineAt(settings.address, linesDefaults);
  if (settings.antennas.some(({ powerDbm }) => powerDbm !== undefined))
    throw new Fault("reader.settings", "the power of a plain line reader is not set from here");
  host.phase("connecting");
  const { promise: isGarbled, reject: garbled } = Promise.withResolvers<never>();
  isGarbled.catch(() => {});
  const { malformed, heard } = listener({ host, settings, garbled });
  const told = { framing: textLines, limits, malformed, frame: heard };
  const line = await Line.openUnlessAborted(openPort, told, signal);
  if (line === undefined) return;
  try {
    host.phase("configuring");
    host.phase("inventory");
    await untilAborted(Promise.race([line.ended, isGarbled]), signal);
  } catch (fault) {
    if (!signal.aborted) throw fault;
  } finally {
    await line.close();
  }
};
