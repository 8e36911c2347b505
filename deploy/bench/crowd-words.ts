import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export type CrowdSettings = {
  readonly url: string;
  readonly protocol: string;
  readonly key: string;
  readonly clients: number;
  /** What each client says once it is connected; each of these is answered by a snapshot. */
  readonly says: readonly string[];
};

export type CrowdReport = {
  /** Of each frame the number after `"pos":` in its first row: a position, or whatever the floor writes there. */
  readonly marks: readonly number[];
  /** When each frame came, in ms of the epoch. */
  readonly arrivals: readonly number[];
  readonly frameBytes: number;
  readonly resets: number;
  readonly slowResets: number;
};

export type Crowd = {
  /** Forgets what came so far. */
  readonly begin: () => void;
  readonly pause: () => void;
  readonly resume: () => void;
  readonly report: () => Promise<CrowdReport>;
  readonly stop: () => Promise<void>;
};

/** Starts clients in a process of their own, and waits until each of them has what it asked for. */
export const startCrowd = async (settings: CrowdSettings): Promise<Crowd> => {
  const child = fork(join(import.meta.dirname, "crowd.ts"), {
    env: { ...process.env, CROWD: JSON.stringify(settings) },
    serialization: "advanced",
  });
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`clients ended by themselves (${code})`);
  });
  ended.catch(() => undefined);
  const answer = () => Promise.race([once(child, "message").then(([said]) => said as unknown), ended]);
  await answer();
  return {
    begin: () => void child.send("begin"),
    pause: () => void child.send("pause"),
    resume: () => void child.send("resume"),
    report: () => {
      const answered = answer();
      child.send("report");
      return answered as Promise<CrowdReport>;
    },
    stop: async () => {
      child.disconnect();
      await ended.catch(() => undefined);
    },
  };
};
