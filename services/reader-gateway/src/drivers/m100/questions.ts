import { Fault } from "@tagwire/messages";
import type { Judgement, Question } from "../line/line.ts";
import { errorText, noTagError } from "./errors.ts";
import { commands, encodeFrame, frameTypes, type M100Frame } from "./frames.ts";

/** A command with its answer. Rounds that found no tag may still be on their way when it is answered. */
export const question = (command: number, parameters: readonly number[] = []): Question<M100Frame> => ({
  name: `command ${command.toString(16).toUpperCase().padStart(2, "0")}`,
  bytes: encodeFrame(command, parameters),
  judge: (frame): Judgement => {
    if (frame.type !== frameTypes.answer) return "other";
    if (frame.command === command) return "answer";
    const code = frame.command === commands.error ? frame.parameters[0] : undefined;
    return code === undefined || code === noTagError ? "other" : new Fault("reader.error", errorText(code));
  },
});
