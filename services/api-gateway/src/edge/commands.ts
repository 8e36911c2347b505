import { type Bus, request } from "@tagwire/bus";
import { type Command, type CommandKind, type CommandResult, commandSubject, Fault } from "@tagwire/messages";
import { untilHeard } from "./questions.ts";

/** How often an answer that did not come is asked for again. */
const unknownRetriesMax = 1;

/**
 * How long each answer to an undo is waited for, twice as any command's: of 5,000 events it takes seconds where much else happens. What is
 * asked twice so stays within what the page waits for it.
 */
const undoTimeoutMs = 12_000;

type CommandOf<K extends CommandKind> = Extract<Command, { kind: K }>;

/**
 * Sends commands to the owner of their site, each once the one before it was answered, and gives the answers, which come after
 * the commit. In turn, because an owner may refuse one and have room for the next: what was captured first must be decided first.
 *
 * @throws Fault as operations said it, or `unavailable` when no owner appeared, when nothing was applied; `outcome_unknown` when a
 * part was applied or an answer did not come: the same ids may be sent again.
 */
export const sendCommands = async <K extends CommandKind>(
  bus: Bus,
  site: string,
  commands: readonly CommandOf<K>[],
): Promise<CommandResult[K][]> => {
  const results: CommandResult[K][] = [];
  for (const command of commands) {
    try {
      results.push(await sendOne(bus, site, command));
    } catch (cause) {
      if (results.length === 0) throw cause;
      throw new Fault("outcome_unknown", `${results.length} of ${commands.length} parts were recorded`, {
        cause,
      });
    }
  }
  return results;
};

/** What is said when a command was not heard, or not taken: true of it only if it had not been sent before. */
const unheard: ReadonlySet<string> = new Set([
  "unavailable",
  "bus.unreachable",
  "lease.lost",
  "overloaded",
  "store.unreachable",
]);

/**
 * While nobody owns the site the command is sent again with the same id; an answer that did not come is asked for once more. Whoever
 * cannot be asked that second time may have applied it the first.
 */
const sendOne = async <K extends CommandKind>(
  bus: Bus,
  site: string,
  command: CommandOf<K>,
): Promise<CommandResult[K]> => {
  const send = () =>
    request<CommandResult[K]>(bus, commandSubject(site), command, {
      template: "commands.{partition}.{site}",
      ...(command.kind === "events.undo" ? { timeoutMs: undoTimeoutMs } : {}),
    });
  for (let unknown = 0; ; unknown += 1) {
    try {
      return await untilHeard(bus, send);
    } catch (error) {
      const code = error instanceof Fault ? error.code : undefined;
      if (unknown > 0 && code !== undefined && unheard.has(code))
        throw new Fault("outcome_unknown", "it was sent, and nobody could be asked what became of it", {
          cause: error,
        });
      if (code !== "outcome_unknown") throw error;
      // The subject that it was sent to says nothing to whoever has to decide what to do now.
      if (unknown >= unknownRetriesMax)
        throw new Fault("outcome_unknown", "it was sent, and asked for once more", { cause: error });
    }
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
