import { type Fault, type FaultCode, faultCatalogue } from "@tagwire/messages";

/** What helps who only wants to read, where the catalogue speaks to who sends something: there are no ids to send again. */
const readAdvice: Partial<Record<FaultCode, string>> = {
  overloaded: "Too much is asked for at once. Ask again after Retry-After.",
  unavailable: "Nobody can answer this right now. Ask again after Retry-After.",
  outcome_unknown: "No answer in time. Ask again after Retry-After.",
};

const reading: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** What a person can do about a fault of a request. */
export const adviceFor = ({ code }: Pick<Fault, "code">, method: string | undefined): string =>
  (method !== undefined && reading.has(method) ? readAdvice[code] : undefined) ?? faultCatalogue[code].advice;
