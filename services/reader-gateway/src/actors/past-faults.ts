import { faultCatalogue, type PastFault, pastFaultsMax } from "@tagwire/messages";
import { shownText } from "./health.ts";

type Told = Pick<PastFault, "kind" | "code" | "message"> & { readonly advice?: string };

/** A warning's code is as long as the reader makes it. */
const codeLengthMax = 64;

const adviceOf = (code: string): string | undefined =>
  (faultCatalogue as Readonly<Record<string, { readonly advice: string }>>)[code]?.advice;

/** What a reader warned of, with advice where the catalogue has some. */
export const warningOf = (code: string, message: string): Told => {
  const advice = adviceOf(code);
  return {
    kind: "warning",
    code: [...shownText(code)].slice(0, codeLengthMax).join(""),
    message: shownText(message),
    ...(advice === undefined ? {} : { advice }),
  };
};

const isSame = (past: PastFault, told: Told): boolean => past.kind === told.kind && past.code === told.code;

/**
 * The newest first, a bounded number. What comes again is moved to the front with its newest words, and counted: a reader that is unplugged
 * fails every half minute, and must not push out what went wrong before.
 */
export const remember = (past: readonly PastFault[], told: Told, at: string): readonly PastFault[] => {
  const before = past.find((one) => isSame(one, told));
  const others = past.filter((one) => one !== before);
  return [{ ...told, at, times: (before?.times ?? 0) + 1 }, ...others].slice(0, pastFaultsMax);
};
