import type { Unproven, UnprovenReason } from "./audits.ts";

const reasons: Readonly<Record<UnprovenReason, string>> = {
  too_long: "with more events than are folded again",
  behind: "last looked into more than a day ago: there is more than audits as far apart as these may do",
  switched_off: "not folded again, as AUDIT_LIVES_AT_ONCE says",
  unanswered: "that did not answer: of its readers, their ledgers and clocks, nothing is known",
  hidden: "that the database does not show to operations: grant its user pg_read_all_stats",
  late: "that the database did not answer in time",
};

/** What differs, and is looked into at one of the next audits. */
const waitingText = "that differ, whose rows are looked into at one of the next audits";

const things: Readonly<Record<string, { readonly one: string; readonly many: string }>> = {
  class: { one: "class", many: "classes" },
  "item of boards": { one: "item of the boards", many: "items of the boards" },
  "contract of boards": { one: "contract of the boards", many: "contracts of the boards" },
  "session of boards": { one: "session of the boards", many: "sessions of the boards" },
  "waiting of boards": { one: "waiting tag of the boards", many: "waiting tags of the boards" },
  rows: { one: "row", many: "rows" },
  rules: { one: "row that rules go by", many: "rows that rules go by" },
  lives: { one: "thing", many: "things" },
  readers: { one: "reader-gateway", many: "reader-gateways" },
  transaction: { one: "session of another user", many: "sessions of other users" },
};

/** What an audit did not look into, as a person reads it: "1 item with more events than are folded again: CHAIR-1". */
export const unprovenText = ({ what, why, count, examples }: Unproven): string => {
  const { one, many } = things[what] ?? { one: what, many: `${what}s` };
  const reason = what.endsWith(" bucket") && why === "behind" ? waitingText : reasons[why];
  const names = examples.length === 0 ? "" : `: ${examples.join(", ")}${count > examples.length ? " …" : ""}`;
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many} ${reason}${names}`;
};
