import type { ContractMember } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { KnownContract } from "../actors/known.ts";
import type { TurnOutcome } from "../actors/site.ts";
import { findContracts } from "./contracts.ts";
import { createRecent } from "./recent.ts";

/** A contract, and an item on it, as measured. */
const contractBytes = 2_000;
const memberBytes = 350;

/** A contract with what is on it; undefined when there is none of that number. */
type Remembered = { readonly known: KnownContract | undefined; readonly bytes: number };

// Members grow in place, so what a contract weighed is kept beside it.
const weighed = (known: KnownContract | undefined): Remembered => ({
  known,
  bytes: contractBytes + (known?.members.size ?? 0) * memberBytes,
});

export type RecentContracts = {
  /** Contracts by their numbers, as far as they are there, with those that they were merged into. */
  readonly find: (site: string, numbers: Iterable<string>) => Promise<Map<string, KnownContract>>;
  /** What a committed turn left. */
  readonly learn: (site: string, outcome: TurnOutcome) => void;
  readonly forget: (site: string) => void;
};

/** An owner's memory of contracts with everything on them, bounded in bytes. */
export const createRecentContracts = (sql: Sql, bytesMax: number): RecentContracts => {
  const recent = createRecent<Remembered>(bytesMax, ({ bytes }) => bytes);

  const find = async (site: string, numbers: Iterable<string>): Promise<Map<string, KnownContract>> => {
    const known = new Map<string, KnownContract>();
    const unknown: string[] = [];
    for (const number of new Set(numbers)) {
      const remembered = recent.get(site, number);
      if (remembered === undefined) unknown.push(number);
      else if (remembered.known !== undefined) known.set(number, remembered.known);
    }
    const stored =
      unknown.length === 0 ? new Map<string, KnownContract>() : await findContracts(sql, site, unknown);
    for (const number of unknown) {
      const contract = stored.get(number);
      recent.set(site, number, weighed(contract));
      if (contract !== undefined) known.set(number, contract);
    }
    // What was remembered of a merged contract leads to another one, which a turn must know as well.
    const targets = [...known.values()].flatMap(({ contract: { mergedInto } }) => mergedInto ?? []);
    const missing = targets.filter((number) => !known.has(number));
    return missing.length === 0 ? known : new Map([...known, ...(await find(site, missing))]);
  };

  return {
    find,
    learn: (site, { contracts, members }) => {
      for (const [number, contract] of contracts) {
        const before = recent.get(site, number);
        // What went out of memory meanwhile is not put back in parts: whoever asks next reads it whole.
        if (before === undefined) continue;
        const own = (before.known?.members ?? new Map()) as Map<string, ContractMember>;
        for (const [tag, member] of members.get(number) ?? []) {
          if (member === null) own.delete(tag);
          else own.set(tag, member);
        }
        recent.set(site, number, weighed({ contract, members: own }));
      }
    },
    forget: recent.forget,
  };
};
