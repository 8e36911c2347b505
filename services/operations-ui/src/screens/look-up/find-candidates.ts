import { normaliseTag } from "@tagwire/messages";
import { fetchContractsWith, fetchItemsWith } from "../../api/look-up.ts";
import {
  type Candidate,
  candidateOfContract,
  candidateOfItem,
  candidateOfTag,
  classesWith,
  screensWith,
} from "./candidates.ts";
import { namesAThing, thingTags } from "./thing-tags.ts";

/** What is shown of each kind: whoever wants more goes to the list, which narrows down. */
const itemsShownMax = 6;
const contractsShownMax = 5;
const classesShownMax = 3;
/** The list over HTTP gives so many at once; a serial number is rarely that of so many tags. */
const askedMax = 200;
/** A name leaves a few schemes open; of more, each would be a question that finds nothing. */
const schemesAskedMax = 8;

export type Found = {
  readonly candidates: readonly Candidate[];
  /** Why nothing came, in words. */
  readonly wrong: string | undefined;
};

/** Everything at a site that a text may mean, the most exact first. */
export const findCandidates = async (site: string, text: string, signal: AbortSignal): Promise<Found> =>
  namesAThing(text) ? findThing(site, text, signal) : findByText(site, text, signal);

const findThing = async (site: string, name: string, signal: AbortSignal): Promise<Found> => {
  const questions = thingTags(name).slice(0, schemesAskedMax);
  const answers = await Promise.all(
    questions.map(({ end }) => fetchItemsWith(site, { text: end, limit: askedMax }, signal)),
  );
  const candidates = answers.flatMap((answer, index) =>
    answer.kind === "ok"
      ? answer.value.data
          .filter(({ tag }) => questions[index]?.tags.has(tag))
          .map((item) => candidateOfItem(site, item))
      : [],
  );
  const refused = answers.find(({ kind }) => kind === "refused");
  if (refused?.kind === "refused") return { candidates, wrong: refused.refusal.message };
  const nothing =
    questions.length === 0 ? "This names no thing that a tag can." : "No item carries a tag of this name.";
  return { candidates, wrong: candidates.length === 0 ? nothing : undefined };
};

const findByText = async (site: string, text: string, signal: AbortSignal): Promise<Found> => {
  const wanted = { text, limit: itemsShownMax };
  const [items, contracts] = await Promise.all([
    fetchItemsWith(site, wanted, signal),
    fetchContractsWith(site, { ...wanted, limit: contractsShownMax }, signal),
  ]);
  const foundItems = items.kind === "ok" ? items.value.data : [];
  const foundContracts = contracts.kind === "ok" ? contracts.value.data : [];
  const tag = normaliseTag(text);
  const isExact = ({ word }: Candidate): boolean => word.toLowerCase() === text.toLowerCase() || word === tag;
  const found = [
    ...screensWith(site, text),
    ...foundContracts.map((contract) => candidateOfContract(site, contract)),
    ...classesWith(site, foundItems, text).slice(0, classesShownMax),
    ...foundItems.map((item) => candidateOfItem(site, item)),
  ];
  const refused = [items, contracts].find(({ kind }) => kind === "refused");
  const exact = found.filter(isExact);
  const candidates = [...exact, ...found.filter((candidate) => !exact.includes(candidate))];
  if (candidates.length === 0 && tag !== undefined) candidates.push(candidateOfTag(site, tag));
  return { candidates, wrong: refused?.kind === "refused" ? refused.refusal.message : undefined };
};
