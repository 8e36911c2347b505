import type { PortalSign, PutStation, Station, StationMode } from "@tagwire/messages";
import { type RuleTexts, rulesOf, textsOf } from "./rule-texts.ts";

/** A station as it stands in the fields. */
export type StationDraft = {
  readonly id: string;
  readonly mode: StationMode;
  readonly place: string;
  readonly inside: string;
  readonly outside: string;
  readonly by: PortalSign;
  readonly insideInput: string;
  readonly outsideInput: string;
  readonly rules: RuleTexts;
};

export const emptyStation: StationDraft = {
  id: "",
  mode: "zone",
  place: "",
  inside: "",
  outside: "",
  by: "antennas",
  insideInput: "1",
  outsideInput: "2",
  rules: textsOf({}),
};

export const draftOfStation = ({ id, mode, place = "", portal, rules }: Station): StationDraft => ({
  ...emptyStation,
  ...{ id, mode, place, rules: textsOf(rules) },
  ...(portal === undefined
    ? {}
    : {
        ...{ inside: portal.inside, outside: portal.outside, by: portal.by },
        insideInput: String(portal.triggers?.inside ?? emptyStation.insideInput),
        outsideInput: String(portal.triggers?.outside ?? emptyStation.outsideInput),
      }),
});

const inputsMax = 16;
const isInput = (text: string): boolean =>
  /^\d{1,2}$/.test(text) && 1 <= Number(text) && Number(text) <= inputsMax;

/** What the fields say, or which of them is wrong. A station is put as a whole; without a rule it has none. */
export const stationOfDraft = (
  draft: StationDraft,
  before?: Station,
): { readonly station: PutStation } | { readonly wrong: string } => {
  const [place, inside, outside] = [draft.place, draft.inside, draft.outside].map((text) => text.trim());
  const { mode, by } = draft;
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(draft.id.trim()))
    return { wrong: "A name is of letters, digits, hyphens and underscores, 64 at most." };
  const read = rulesOf(before?.rules ?? {}, draft.rules);
  if ("wrong" in read) return read;
  const rules = before === undefined && Object.keys(read.rules).length === 0 ? {} : read;
  if (mode !== "portal")
    return place === "" || place === undefined
      ? { wrong: "A station has a place: what is heard there is said to be there." }
      : { station: { mode, place, ...rules } };
  if (!inside || !outside) return { wrong: "A portal is between two places: name both." };
  if (by !== "triggers") return { station: { mode, portal: { inside, outside, by }, ...rules } };
  const inputs = [draft.insideInput.trim(), draft.outsideInput.trim()];
  if (!inputs.every(isInput)) return { wrong: `Inputs of a reader are numbers from 1 to ${inputsMax}.` };
  const triggers = { inside: Number(inputs[0]), outside: Number(inputs[1]) };
  return { station: { mode, portal: { inside, outside, by, triggers }, ...rules } };
};
