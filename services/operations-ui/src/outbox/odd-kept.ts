import type { Command } from "./command.ts";

/** Odd scans that are kept for somebody to look at. What is odd beyond it is on record as all else is, and the lane says that it is full. */
export const oddKeptMax = 2_000;

/** The odd scans of this browser, as its pages hold them. */
export const createOddKept = () => {
  let held = new Map<string, Command>();
  let list: readonly Command[] = [];
  const renew = (): void => {
    list = [...held.values()].sort((one, other) => one.order - other.order);
  };
  return {
    /** Oldest first; the same list until something of it has changed. */
    list: (): readonly Command[] => list,
    /** Those that are stored are these. */
    set: (commands: readonly Command[]): void => {
      held = new Map(commands.map((command) => [command.id, command]));
      renew();
    },
    /** What became of some commands. */
    take: (commands: readonly Command[]): void => {
      const told = commands.filter(({ id, state }) => state === "odd" || held.has(id));
      if (told.length === 0) return;
      for (const command of told)
        if (command.state === "odd") held.set(command.id, command);
        else held.delete(command.id);
      renew();
    },
    /** The command as it is to be stored: of too many the lane takes no more. */
    within: (command: Command): Command => {
      const isNew = command.state === "odd" && command.lane === undefined && !held.has(command.id);
      return isNew && held.size >= oddKeptMax ? { ...command, state: "done" } : command;
    },
  };
};
