import { Worker } from "node:worker_threads";
import type { Hunted } from "./hunt.ts";

export type HuntOrder = {
  /** The URL of the module whose `fuzzTargets` hold the target. Types aside, it loads nothing but the parser. */
  readonly file: string;
  /** Which of them. */
  readonly name: string;
  readonly seed: number;
  readonly inputsMax: number;
  readonly msMax?: number;
  /** Stops after so many different counterexamples. */
  readonly foundMax?: number | undefined;
  /** Without looking at what ran: to see what that is worth. */
  readonly isBlind?: boolean;
};

/** Hunts in a thread of its own. Rejects with what the hunt itself could not do. */
export const huntApart = (order: HuntOrder): Promise<Hunted> =>
  new Promise((resolve, reject) => {
    const url = new URL("./hunt-thread.ts", import.meta.url);
    const thread = new Worker(url, { workerData: order, execArgv: [] });
    thread.once("message", resolve);
    thread.once("error", reject);
    thread.once("exit", (code) => reject(new Error(`the hunt ended with ${code}`)));
  });
