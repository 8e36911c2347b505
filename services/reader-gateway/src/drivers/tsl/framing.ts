import { tslLine } from "@tagwire/reader-lines";
import type { Framing } from "../line/frame-search.ts";
import { textLines } from "../line/text-lines.ts";

/**
 * Lines of the ASCII 2 protocol. Any other text is noise, as bytes that are no text are: were it a frame, a line at the wrong baud rate, or
 * some other device, would count as a reader that answers beside the question.
 */
export const tslLines: Framing<string> = {
  ...textLines,
  look: (bytes, at) => {
    const found = textLines.look(bytes, at);
    if (typeof found !== "number") return found;
    const text = textLines.read(bytes.subarray(at, at + found));
    return text === "" || tslLine(text) !== undefined
      ? found
      : { no: "no line of the protocol", skip: found };
  },
};
