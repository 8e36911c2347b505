import type { Reader } from "@tagwire/messages";
import type { Recording } from "../spool/recording.ts";
import type { ReaderSettings } from "../store/readers.ts";

/** Settings as a reader shows them: what is not set is left out, and of a login there is the name alone. */
export const viewOfSettings = (
  settings: ReaderSettings,
  keyMadeAt: Date | undefined,
): Pick<
  Reader,
  "driver" | "address" | "login" | "antennas" | "station" | "rules" | "region" | "session" | "keyMadeAt"
> => {
  const { driver, address, antennas, station, rules, region, session, login } = settings;
  return {
    driver,
    ...(address === "" ? {} : { address }),
    ...(login === undefined || login === null ? {} : { login: { username: login.username } }),
    antennas: [...antennas],
    ...(station === null ? {} : { station }),
    ...(rules === undefined || Object.keys(rules).length === 0 ? {} : { rules }),
    ...(region === undefined || region === null ? {} : { region }),
    ...(session === undefined || session === null ? {} : { session }),
    ...(keyMadeAt === undefined ? {} : { keyMadeAt: keyMadeAt.toISOString() }),
  };
};

/** The recording of a reader that is being made, as the reader shows it. */
export const viewOfRecording = (recording: Recording | undefined): Pick<Reader, "recording"> =>
  recording === undefined ? {} : { recording: { file: recording.file, since: recording.since } };
