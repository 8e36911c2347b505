import { Fault, type FaultCode } from "@tagwire/messages";
import type { Line } from "./line.ts";

/** A setting that a reader is told: in words, and as which fault people are told of it when the reader does not take it. */
export type Told = { readonly what: string; readonly code: FaultCode };

/** Waits until the reader has taken a setting. Whatever words its no has, it is about this setting, which a person can change. */
export const orRefused = async <Frame, Said>(
  line: Line<Frame>,
  { what, code }: Told,
  asked: Promise<Said>,
): Promise<Said> => {
  try {
    return await asked;
  } catch (fault) {
    const isRefusal = fault instanceof Fault && ["reader.error", "reader.settings"].includes(fault.code);
    if (line.hasEnded || !isRefusal) throw fault;
    throw new Fault(code, `${what}: ${fault.message}`, { cause: fault });
  }
};
