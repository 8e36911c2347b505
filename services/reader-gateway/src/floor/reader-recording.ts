import {
  Fault,
  type ReaderId,
  type RecordingEndReason,
  recordingVersion,
  type SiteId,
} from "@tagwire/messages";
import type { Recording } from "../spool/recording.ts";
import type { Recordings } from "../spool/recordings.ts";
import type { ReaderSettings } from "../store/readers.ts";
import { shownSettings } from "./reader-settings.ts";

export type ReaderRecordingOptions = {
  readonly site: SiteId;
  readonly id: ReaderId;
  /** Where recordings are; without it, none is made. */
  readonly recordings: Recordings | undefined;
  /** A recording was begun, or is over. */
  readonly changed: () => void;
};

/** What is written down of one reader, while somebody wants that. */
export type ReaderRecording = {
  /** The recording that goes on. */
  readonly current: () => Recording | undefined;
  /** Begins one of a reader with these settings; one that goes on goes on. @throws Fault `reader.recording` when that cannot be */
  readonly begin: (settings: ReaderSettings, enabled: boolean) => Promise<void>;
  /** Resolves when the recording is closed, or when there is none. */
  readonly end: (reason: RecordingEndReason) => Promise<void>;
};

export const createReaderRecording = (options: ReaderRecordingOptions): ReaderRecording => {
  const { site, id, recordings, changed } = options;
  let current: Recording | undefined;

  const begin = async (settings: ReaderSettings, enabled: boolean): Promise<void> => {
    if (current !== undefined) return;
    if (recordings === undefined) throw new Fault("reader.recording", "nothing is recorded here");
    let isOver = false;
    const begun = await recordings.begin(
      {
        recording: "tagwire",
        version: recordingVersion,
        site,
        reader: id,
        driver: settings.driver,
        startedAt: new Date().toISOString(),
        settings: shownSettings(settings, enabled),
      },
      () => {
        isOver = true;
        current = undefined;
        changed();
      },
    );
    if (!isOver) current = begun;
    changed();
  };

  return {
    current: () => current,
    begin,
    end: async (reason) => {
      await current?.end(reason);
    },
  };
};
