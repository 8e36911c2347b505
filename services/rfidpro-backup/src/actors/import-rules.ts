import { type RfidproImportRule, type RfidproRuleReport, rfidproImportRules } from "@tagwire/messages";

/** What an import does with rows that are not as they should be, in words for whoever confirms it. */
const whatIsDone: Readonly<Record<RfidproImportRule, string>> = {
  status_unknown:
    "The status is none that is known. An item is to be inspected, so that nobody rents it out unseen; a scan keeps it in its notes.",
  epc_in_status:
    "A tag stands where the status should. An item is to be inspected, so that nobody rents it out unseen; a scan keeps it in its notes.",
  junk_bin: "The bin names no place. The item or the scan has none.",
  no_class: "The item has no rental class. It is taken under the class unclassified.",
  unfit: "A text is too long or cannot be stored. It is left out, and the rest of the row is taken.",
  tag_malformed: "What stands there can be no tag. The item is left out.",
  tag_twin: "Another tag names the same thing by GS1. The first is taken, and this one is left out.",
  item_duplicate: "RFIDpro has the tag more than once. The row that was scanned last is taken.",
  there_already:
    "Somebody made an item with this tag at the site already. It is left as it is, and none of the scans that RFIDpro has of it is taken.",
  imported_already:
    "An import has brought the item and its state in already. It is left as it is; scans of RFIDpro that the record has not got are told as differences. These are counted, and not listed row by row.",
  imported_in_part:
    "An import that ended early has made the item, and brought neither its state nor its history. Both are brought now; what somebody here has done with it since is newer, and stands.",
  without_history: "RFIDpro has no scan of the item. What it is now is stated for when RFIDpro saw it last.",
  scan_malformed: "The scan has no tag, no type or no time that can be read. It is left out.",
  scan_duplicate: "The same scan is there more than once. It is taken once.",
  orphan: "No item carries the tag. The scan waits in quarantine until somebody commissions the tag.",
  future_scan:
    "The scan says that it is yet to be made. It is taken for when RFIDpro took it, and its own time is in its notes.",
  clock_ahead:
    "The scan says that it was made after RFIDpro took it: the scanner's clock was wrong. Its own time is kept.",
  return_without_contract: "The return names no contract. It is taken so, and ends the open rental.",
  contract_missing: "The item is out, and nothing says on which contract. It is to be inspected.",
};

/** What is done with a row under a rule, or with one that operations refused. */
export const whatIsDoneWith = (rule: string): string =>
  rule === "refused"
    ? "Operations refused it, and nothing of it was applied."
    : (whatIsDone[rule as RfidproImportRule] ?? "");

/** Whether rows under a rule are listed one by one: those of whoever imports again are a whole house, in which all else would drown. */
export const isListed = (rule: RfidproImportRule): boolean => rule !== "imported_already";

/** Examples that are told of each rule. */
const examplesMax = 5;

export type RuleCounts = {
  readonly note: (rule: RfidproImportRule, example: string) => void;
  /** Those rules that rows fell under, in their order. */
  readonly report: () => RfidproRuleReport[];
};

export const countRules = (): RuleCounts => {
  const counts = new Map<RfidproImportRule, { count: number; examples: string[] }>();
  return {
    note: (rule, example) => {
      const kept = counts.get(rule) ?? { count: 0, examples: [] };
      kept.count += 1;
      if (kept.examples.length < examplesMax) kept.examples.push(example);
      counts.set(rule, kept);
    },
    report: () =>
      rfidproImportRules.flatMap((rule) => {
        const kept = counts.get(rule);
        return kept === undefined ? [] : [{ rule, what: whatIsDone[rule], ...kept }];
      }),
  };
};
