import type { Condition, ConditionFlag } from "@tagwire/messages";
import { conditionFlags } from "../words/scans.ts";

/** What somebody looked for on a thing: what it has, and what is fine. What is in neither was not looked at. */
export type Looked = {
  readonly condition: readonly ConditionFlag[];
  readonly fine: readonly ConditionFlag[];
};

export const nothingLooked: Looked = { condition: [], fine: [] };

/** After a tap on a flag: not looked at, has it, is fine, and round again. */
export const nextLook = ({ condition, fine }: Looked, flag: ConditionFlag): Looked => {
  const others = (flags: readonly ConditionFlag[]) => flags.filter((each) => each !== flag);
  if (condition.includes(flag)) return { condition: others(condition), fine: [...fine, flag] };
  if (fine.includes(flag)) return { condition, fine: others(fine) };
  return { condition: [...condition, flag], fine };
};

/** Everything that it does not have is fine: whoever says so has looked at the whole thing. */
export const restFine = ({ condition }: Looked): Looked => ({
  condition,
  fine: conditionFlags.filter((flag) => !condition.includes(flag)),
});

/** What a scan says of it; undefined where nobody looked. */
export const conditionOf = ({ condition, fine }: Looked, other: string): Partial<Condition> | undefined => {
  const said = {
    ...Object.fromEntries(fine.map((flag) => [flag, false])),
    ...Object.fromEntries(condition.map((flag) => [flag, true])),
    ...(other.trim() === "" ? {} : { other: other.trim() }),
  };
  return Object.keys(said).length === 0 ? undefined : said;
};
