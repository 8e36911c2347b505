import type { OddKind } from "../lane/kinds.ts";
import type { LaneAct, ScanAs } from "../lane/work.ts";
import type { Tone } from "../look/tone.ts";

/** What is odd, in a word or a few, for whoever holds the thing; `of` is how several of them are spoken of. */
export const oddWords: Readonly<Record<OddKind, { readonly word: string; readonly tone: Tone }>> = {
  unknown_tag: { word: "Unknown tag", tone: "inService" },
  extra: { word: "Not ordered", tone: "inService" },
  other_contract: { word: "Out on another contract", tone: "inService" },
  while_out: { word: "Here, and should be out", tone: "out" },
  ended: { word: "Sold or retired", tone: "missing" },
  unlike_status: { word: "Status does not allow it", tone: "missing" },
  no_contract: { word: "Contract missing", tone: "missing" },
  contract_closed: { word: "Contract closed", tone: "missing" },
  of_session: { word: "Not of this session", tone: "inService" },
  unexpected: { word: "Not expected in this session", tone: "inService" },
  unrecorded: { word: "A scan before it is missing", tone: "inService" },
  refused: { word: "Refused", tone: "missing" },
};

const keepWords: Readonly<Record<OddKind, string>> = {
  unknown_tag: "Leave it held",
  extra: "It goes along",
  other_contract: "Right as it is",
  while_out: "Still out",
  ended: "Understood",
  unlike_status: "Set it aside",
  no_contract: "Understood",
  contract_closed: "Understood",
  of_session: "Right as it is",
  unexpected: "It belongs here",
  unrecorded: "Right as it is",
  refused: "Understood",
};

const scanWords: Readonly<Record<ScanAs, string>> = {
  return: "It is back",
  force: "Send it all the same",
  contract: "Record it",
  again: "Scan it again",
};

/** What a press does, on its button. */
export const actWord = (act: LaneAct, kind: OddKind): string => {
  switch (act.how) {
    case "keep":
      return keepWords[kind];
    case "take_back":
      return "Take it off again";
    case "scan":
      return act.differs.contract === undefined ? scanWords[act.as] : `Record it on ${act.differs.contract}`;
    case "ready":
      return "Back into stock";
    case "stock":
      return `Put into stock: ${act.class}`;
    case "let_go":
      return "Not one of ours";
  }
};

/** What was done, once the record has it. */
export const doneWord = (act: LaneAct, kind: OddKind): string => {
  switch (act.how) {
    case "keep":
      return `${keepWords[kind]}: nothing was changed.`;
    case "take_back":
      return "Taken off again.";
    case "scan":
      return `Scanned anew: ${actWord(act, kind).toLowerCase()}.`;
    case "ready":
      return "Back in stock, ready.";
    case "stock":
      return `In stock as ${act.class}.`;
    case "let_go":
      return "Let go: its scans are never decided.";
  }
};
