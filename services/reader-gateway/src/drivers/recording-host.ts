import type { DriverHost, DriverPhase, ReaderNotice, TagRead } from "./driver.ts";

/** A host for tests: keeps everything that a driver delivers, and lets a test wait for something to have come. */
export type RecordingHost = DriverHost & {
  readonly phases: DriverPhase[];
  readonly reads: TagRead[];
  readonly notices: ReaderNotice[];
  readonly malformedReasons: string[];
  readonly frames: () => number;
  /** Frames that came without the bytes that they were read from. */
  readonly bareFrames: () => number;
  /** Resolves as soon as a delivery makes the condition true. The test's own timeout bounds the wait. */
  readonly when: (condition: (host: RecordingHost) => boolean) => Promise<void>;
};

export const recordingHost = (): RecordingHost => {
  let frames = 0;
  let bareFrames = 0;
  let waiting: { readonly condition: (host: RecordingHost) => boolean; readonly resolve: () => void }[] = [];
  const look = (): void => {
    const due = waiting.filter(({ condition }) => condition(host));
    waiting = waiting.filter((one) => !due.includes(one));
    for (const { resolve } of due) resolve();
  };
  const host: RecordingHost = {
    phases: [],
    reads: [],
    notices: [],
    malformedReasons: [],
    frames: () => frames,
    bareFrames: () => bareFrames,
    phase: (phase) => {
      host.phases.push(phase);
      look();
    },
    frame: (reads, bytes) => {
      frames += 1;
      if (bytes === undefined || bytes.length === 0) bareFrames += 1;
      host.reads.push(...reads);
      look();
    },
    malformed: (reason) => {
      host.malformedReasons.push(reason);
      look();
    },
    notice: (notice) => {
      host.notices.push(notice);
      look();
    },
    when: (condition) =>
      new Promise((resolve) => {
        waiting.push({ condition, resolve });
        look();
      }),
  };
  return host;
};
