import type { Judgement, Question } from "../line/line.ts";
import { encodeFrame, type MercuryFrame } from "./frames.ts";
import { status, statusFault } from "./status.ts";

type Named = { readonly name: string; readonly opcode: number; readonly data?: readonly number[] };

/** A command with its answer: the module repeats the opcode and says in a status word how it went. */
export const question = ({ name, opcode, data = [] }: Named): Question<MercuryFrame> => ({
  name,
  bytes: encodeFrame(opcode, data),
  judge: (frame): Judgement => {
    if (frame.opcode !== opcode) return "other";
    return frame.status === status.ok ? "answer" : statusFault(frame.status, name);
  },
});
