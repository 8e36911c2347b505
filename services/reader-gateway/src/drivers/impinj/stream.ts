import { Fault } from "@tagwire/messages";
import type { DriverHost } from "../driver.ts";
import { inTurns } from "../in-turns.ts";
import type { Desk, HeardEvent } from "../json/desk.ts";
import { JsonLines } from "../json/lines.ts";
import { faultOfRequest } from "./failures.ts";
import type { ImpinjLimits } from "./limits.ts";

const shownLineMax = 256;

export type StreamOptions = {
  readonly body: ReadableStream<Uint8Array>;
  readonly desk: Desk;
  readonly host: DriverHost;
  readonly limits: ImpinjLimits;
};

/** Lines into events; one that is none is told, and too many of them in a row are another protocol. */
const lineReader = ({ desk, host, limits }: StreamOptions) => {
  let unreadable = 0;
  const malformed = (reason: string, line: string): void => {
    host.malformed(reason, Buffer.from(line.slice(0, shownLineMax)));
    unreadable += 1;
    if (unreadable >= limits.unreadableMax)
      throw new Fault(
        "reader.garbled",
        `${limits.unreadableMax} unreadable lines in a row, the last: ${reason}`,
      );
  };
  const eventOf = (line: string | undefined): HeardEvent | undefined => {
    if (line === undefined) return void malformed(`a line of more than ${limits.lineBytesMax} bytes`, "");
    try {
      const event: unknown = JSON.parse(line);
      unreadable = 0;
      return { event, text: line };
    } catch {
      return void malformed("a line is no JSON", line);
    }
  };
  return async (lines: readonly (string | undefined)[]): Promise<void> => {
    const events = lines.flatMap((line) => eventOf(line) ?? []);
    // A keep-alive is an empty line: a frame without an event.
    if (events.length > 0 || lines.length === 0) await inTurns(desk(events), () => false);
  };
};

/**
 * Reads the stream until it ends.
 *
 * @throws Fault `reader.silent` when not even a keep-alive came for `silenceMs`, `reader.closed` when the reader ended it.
 */
export const readStream = async (options: StreamOptions): Promise<never> => {
  const { body, limits } = options;
  const lines = new JsonLines(limits.lineBytesMax);
  const take = lineReader(options);
  const reader = body.getReader();
  const { promise: silence, reject } = Promise.withResolvers<never>();
  silence.catch(() => {});
  const silent = (): void =>
    reject(new Fault("reader.silent", `nothing came for ${limits.silenceMs / 1_000} s`));
  const timer = setTimeout(silent, limits.silenceMs);
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), silence]);
      if (done) throw new Fault("reader.closed", "the reader ended its stream");
      timer.refresh();
      await take(lines.push(value));
      if (lines.lineBytes > limits.endlessBytesMax)
        throw new Fault("reader.garbled", `${lines.lineBytes} bytes, and no end of a line in them`);
    }
  } catch (error) {
    throw faultOfRequest(error);
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(() => {});
  }
};
