import { type Bus, request } from "@tagwire/bus";
import { type Command, type CommandKind, type CommandResult, commandSubject, Fault } from "@tagwire/messages";
import { untilHeard } from "./questions.ts";

/** How often an answer that did not come is asked for again. */
const unknownRetriesMax = 1;

type CommandOf<K extends CommandKind> = Extract<Command, { kind: K }>;

/**
 * Sends commands to the owner of their site and gives the answers, which come after the commit, in the order of the commands.
 *
 * All leave before the first answer comes, on one connection, so the owner gets them in this order. While nobody owns the site
 * those from the first unanswered one on are sent again with the same ids; an answer that did not come is asked for once
 * more.
 *
 * @throws Fault as operations said it; `unavailable` when no owner appeared; `outcome_unknown` when no answer came.
 */
export const sendCommands = async <K extends CommandKind>(
  bus: Bus,
  site: string,
  commands: readonly CommandOf<K>[],
): Promise<CommandResult[K][]> => {
  const results: CommandResult[K][] = [];
  const sendRest = () =>
    untilHeard(bus, () => sendAll(bus, { site, commands: commands.slice(results.length) }, results));
  for (let unknown = 0; ; unknown += 1) {
    try {
      await sendRest();
      return results;
    } catch (error) {
      const isUnknown = error instanceof Fault && error.code === "outcome_unknown";
      if (!isUnknown || unknown >= unknownRetriesMax) throw error;
    }
  }
};

/** Adds the answers up to the first failure to `results`, and throws that failure once all are settled. */
const sendAll = async <K extends CommandKind>(
  bus: Bus,
  { site, commands }: { site: string; commands: readonly CommandOf<K>[] },
  results: CommandResult[K][],
): Promise<void> => {
  const subject = commandSubject(site);
  const settled = await Promise.allSettled(
    commands.map((command) =>
      request<CommandResult[K]>(bus, subject, command, { template: "commands.{partition}.{site}" }),
    ),
  );
  for (const result of settled) {
    if (result.status === "rejected") throw result.reason;
    results.push(result.value);
  }
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
