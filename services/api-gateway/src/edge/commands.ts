import { type Bus, request } from "@tagwire/bus";
import { type Command, type CommandKind, type CommandResult, commandSubject, Fault } from "@tagwire/messages";
import { checkBus } from "./questions.ts";

/** How long we look for a site's owner. A hand-over takes a moment; the ids make a repeat harmless. */
export const ownerWaitMsMax = 4_000;
const retryDelayMsMin = 50;
const retryDelayMsMax = 500;
/** How often an answer that did not come is asked for again. */
const unknownRetriesMax = 1;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const isFault = (error: unknown, code: Fault["code"]): boolean =>
  error instanceof Fault && error.code === code;

type CommandOf<K extends CommandKind> = Extract<Command, { kind: K }>;

/**
 * Sends commands to the owner of their site and gives the answers, which come after the commit, in the order of the commands.
 *
 * All leave before the first answer comes, on one connection, so the owner gets them in this order. While nobody owns the site
 * those from the first unanswered one on are sent again with the same ids, for {@link ownerWaitMsMax}; an answer that did not
 * come is asked for once more.
 *
 * @throws Fault as operations said it; `unavailable` when no owner appeared; `outcome_unknown` when no answer came.
 */
export const sendCommands = async <K extends CommandKind>(
  bus: Bus,
  site: string,
  commands: readonly CommandOf<K>[],
): Promise<CommandResult[K][]> => {
  const giveUpAtMs = performance.now() + ownerWaitMsMax;
  const results: CommandResult[K][] = [];
  let delayMs = retryDelayMsMin;
  let unknown = 0;
  for (;;) {
    checkBus(bus);
    const failure = await sendAll(bus, { site, commands: commands.slice(results.length) }, results);
    if (failure === undefined) return results;
    if (isFault(failure, "outcome_unknown") && unknown < unknownRetriesMax) {
      unknown += 1;
      continue;
    }
    if (!isFault(failure, "unavailable") || performance.now() + delayMs > giveUpAtMs) throw failure;
    await pause(delayMs);
    delayMs = Math.min(retryDelayMsMax, delayMs * 2);
  }
};

/** Adds the answers up to the first failure to `results`, and gives that failure. */
const sendAll = async <K extends CommandKind>(
  bus: Bus,
  { site, commands }: { site: string; commands: readonly CommandOf<K>[] },
  results: CommandResult[K][],
): Promise<unknown> => {
  const subject = commandSubject(site);
  const settled = await Promise.allSettled(
    commands.map((command) =>
      request<CommandResult[K]>(bus, subject, command, { template: "commands.{partition}.{site}" }),
    ),
  );
  for (const result of settled) {
    if (result.status === "rejected") return result.reason;
    results.push(result.value);
  }
  return undefined;
};

/** Sends one command: see {@link sendCommands}. */
export const sendCommand = async <K extends CommandKind>(
  bus: Bus,
  site: string,
  command: CommandOf<K>,
): Promise<CommandResult[K]> => {
  const [result] = await sendCommands<K>(bus, site, [command]);
  if (result === undefined) throw new Fault("internal", "a command without a result");
  return result;
};
