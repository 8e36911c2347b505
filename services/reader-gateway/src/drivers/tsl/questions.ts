import { type TslLine, tslLine } from "@tagwire/reader-lines";
import type { Judgement, Question } from "../line/line.ts";
import { errorFault, noTransponder } from "./errors.ts";

/** What a reply says at most, in lines besides tags; the rest is not kept. */
const keptMax = 64;

/** What only an inventory that reads can say. */
const tagKeys: ReadonlySet<string> = new Set(["EP", "RI", "PC", "IX"]);

export type TslQuestion = Question<string> & {
  /** The lines of the reply, once it has come. */
  readonly reply: () => readonly TslLine[];
};

/**
 * A command and its reply: `CS:` repeats the command, lines follow, `OK:` or `ER:` ends it. The trigger's own replies may come
 * between; they repeat another command, or the same one: a command that only sets (`-n`) reads no tag, so a reply that tells one, or that
 * there was none, is the trigger's.
 */
export const question = (command: string): TslQuestion => {
  const [verb = command] = command.split(" ");
  const isSetting = command.split(" ").includes("-n");
  let isOurs = false;
  let reply: TslLine[] = [];
  return {
    name: command,
    bytes: Buffer.from(`${command}\r\n`, "latin1"),
    reply: () => reply,
    judge: (text): Judgement => {
      const line = tslLine(text);
      if (line?.key === "CS") {
        isOurs = line.value.split(" ")[0] === verb;
        reply = [];
        return "other";
      }
      if (line === undefined || !isOurs) return "other";
      if (isSetting && (tagKeys.has(line.key) || (line.key === "ER" && line.value === noTransponder))) {
        isOurs = false;
        return "other";
      }
      if (line.key === "OK") return "answer";
      if (line.key === "ER") return line.value === noTransponder ? "answer" : errorFault(line.value, command);
      if (reply.length < keptMax) reply.push(line);
      return "other";
    },
  };
};
