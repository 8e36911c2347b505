import { statfsSync } from "node:fs";
import { type Bus, isStreamMissing } from "@tagwire/bus";
import { Events, Observations, Parked, type StreamDeclaration } from "@tagwire/messages";
import type { AccessOptions } from "./access.ts";
import { type Check, failed, ok, skipped, warning } from "./doctor-check.ts";
import { explain } from "./explain.ts";
import { openInside } from "./inside.ts";
import { checkPostgres } from "./postgres-check.ts";

const mebibyte = 2 ** 20;
/** Below this, Postgres and the streams soon stop what they do. */
const freeBytesLow = 1_024 * mebibyte;
const freeBytesMin = 128 * mebibyte;
/** A stream that is this full throws away before its time what somebody may want to read again. */
const fullShare = 0.9;

const size = (bytes: number): string => `${Math.round(bytes / mebibyte).toLocaleString("en")} MB`;

/** Whether the database lets us in, and is one that will do. */
export const lookAtPostgres = async (databaseUrl: string | undefined): Promise<Check> => {
  if (databaseUrl === undefined) return skipped("Postgres", "it is reached from where the services run");
  try {
    return ok("Postgres", `${await checkPostgres(databaseUrl)} answers`);
  } catch (error) {
    return failed(
      "Postgres",
      explain(error),
      "Nothing is decided without it; what is scanned waits on the devices.",
    );
  }
};

const lookAtStream = async (bus: Bus, { name, maxBytes }: StreamDeclaration): Promise<Check> => {
  try {
    const { state } = await bus.manager.streams.info(name);
    const says = `${state.messages.toLocaleString("en")} messages, ${size(state.bytes)} of ${size(maxBytes)}`;
    if (name === Parked.name && state.messages > 0)
      return warning(
        name,
        `${says}: nobody could read or apply these`,
        "Each tells its reason; see PARKED in /asyncapi.json.",
      );
    return state.bytes < maxBytes * fullShare
      ? ok(name, says)
      : warning(
          name,
          `${says}: nearly full`,
          "Readers of it that are far behind go to the log instead, which is slower.",
        );
  } catch (error) {
    if (!isStreamMissing(error)) throw error;
    return name === Parked.name
      ? ok(name, "there is none: nothing was put aside yet")
      : failed(
          name,
          "the stream is not there",
          "Operations and the reader-gateway make theirs anew while they run.",
        );
  }
};

/** Whether the bus answers, and its streams are there. */
export const lookAtNats = async (options: AccessOptions, env: NodeJS.ProcessEnv): Promise<Check[]> => {
  if (options.url !== undefined && (env.NATS_URL ?? "") === "")
    return [skipped("NATS", "it is reached from where the services run; NATS_URL names it")];
  try {
    await using bus = await openInside(options, env);
    const streams = await Promise.all([Events, Observations, Parked].map((one) => lookAtStream(bus, one)));
    return [ok("NATS", `${bus.connection.info?.version ?? "a server"} answers`), ...streams];
  } catch (error) {
    return [failed("NATS", explain(error), "Without it services hear nothing of each other.")];
  }
};

/** Whether there is room where the data lies. */
export const lookAtDisk = (dataDir: string): Check => {
  const { bavail, bsize } = statfsSync(dataDir);
  const free = bavail * bsize;
  const says = `${size(free)} free at ${dataDir}`;
  if (free >= freeBytesLow) return ok("disk", says);
  const make = free < freeBytesMin ? failed : warning;
  return make("disk", says, "Make room: what cannot be written is not recorded.");
};
