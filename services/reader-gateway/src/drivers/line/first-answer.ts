import { Fault } from "@tagwire/messages";
import type { Line } from "./line.ts";

/** How often the first question is asked: what a predecessor left on the line may garble the answer to it. */
export const firstQuestionsMax = 2;

/**
 * The answer to the first question, which also finds out whether anybody is there who speaks this language. Silence is an answer;
 * anything else may have been left over, and the question is asked once more.
 */
export const firstAnswer = async <Frame, T>(line: Line<Frame>, ask: () => Promise<T>): Promise<T> => {
  for (let left = firstQuestionsMax - 1; left > 0; left -= 1) {
    try {
      return await ask();
    } catch (fault) {
      const isWorthAnother = fault instanceof Fault && fault.code !== "reader.silent" && !line.hasEnded;
      if (!isWorthAnother) throw fault;
    }
  }
  return ask();
};
