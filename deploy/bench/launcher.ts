import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Child, startChild, withParentDeathSignal } from "@tagwire/embedded";

const root = resolve(import.meta.dirname, "../..");
const readyTimeoutMs = 120_000;
const stopTimeoutMs = 20_000;
const pollMs = 100;

/** The npm that runs us, with the Node that it has, or the one on the path. */
const npm = (): string[] => {
  const { npm_node_execpath: node, npm_execpath: program } = process.env;
  return node !== undefined && program !== undefined ? [node, program] : ["npm"];
};

/** What people have in their environment is for their own Tagwire, and what npm tells us is about this run. */
const plainEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(TAGWIRE_|DATABASE_URL$|NATS_URL$|npm_lifecycle)/.test(name),
    ),
  );

const untilReady = async (child: Child): Promise<void> => {
  const giveUpAtMs = performance.now() + readyTimeoutMs;
  while (performance.now() < giveUpAtMs && !child.hasExited()) {
    if (child.recentLines().some((line) => line.startsWith("tagwire ready "))) return;
    await wait(pollMs);
  }
  throw new Error(`npm start did not get ready:\n  ${child.recentLines().slice(-8).join("\n  ")}`);
};

/** As Ctrl-C does: the signal goes to npm and everything in its terminal's group, and the launcher stops in order. */
const interrupt = async (child: Child): Promise<void> => {
  if (!child.hasExited()) process.kill(-child.pid, "SIGINT");
  await Promise.race([child.exited, wait(stopTimeoutMs, undefined, { ref: false })]);
  await child.stop();
};

/**
 * Runs `npm start` on data of its own for `use`, which gets npm's process number. Stopped and removed afterwards, and at once when
 * `interrupted` rejects.
 */
export const withLauncher = async <T>(
  interrupted: Promise<never>,
  use: (pid: number) => Promise<T>,
): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), "tagwire-bench-"));
  const command = [...npm(), "start", "--", "--data", join(folder, "data"), "--port", "0"];
  try {
    const child = await startChild({
      command: withParentDeathSignal("KILL", command),
      cwd: root,
      env: plainEnvironment(),
      stopPlan: [],
    });
    try {
      return await Promise.race([interrupted, untilReady(child).then(() => use(child.pid))]);
    } finally {
      await interrupt(child);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
