import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { LoggedEvent } from "@tagwire/messages";
import { Compile } from "typebox/compile";

/** Operations' own program that lives through a month: services talk, they are not imported. */
const program = resolve(import.meta.dirname, "../../operations/src/test-month-log.ts");
const isEvent = Compile(LoggedEvent);

/**
 * Another seed each time, told in the name of the test; the same again with `MONTH_SEED=<seed>`.
 */
export const monthSeed: string = process.env.MONTH_SEED ?? String(Math.floor(Math.random() * 1_000_000));

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null) await once(child, "exit");
  if (child.exitCode !== 0) throw new Error(`operations' month ended with ${child.exitCode}`);
};

/** The log of a simulated month as operations writes it, the events of one day after those of the other. */
export async function* monthLog(seed: string): AsyncGenerator<readonly LoggedEvent[]> {
  const child = spawn(process.execPath, [program, seed], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const events: unknown[] = JSON.parse(line);
      const odd = events.find((event) => !isEvent.Check(event));
      if (odd !== undefined) throw new Error(`no event: ${JSON.stringify(odd)}`);
      yield events as LoggedEvent[];
    }
    await ended(child);
  } finally {
    child.kill();
  }
}
