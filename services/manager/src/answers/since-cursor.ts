import { Fault, Instant } from "@tagwire/messages";
import { Compile } from "typebox/compile";
import type { SinceCursor } from "../store/since-items.ts";

const instantCheck = Compile(Instant);

/**
 * Reads where a page begins; undefined for the first one.
 *
 * @throws Fault `malformed`
 */
export const parseSinceCursor = (text: string | null): SinceCursor | undefined => {
  if (text === null) return undefined;
  const [since = "", ...tag] = text.split(" ");
  if (!instantCheck.Check(since)) throw new Fault("malformed", "cursor");
  return { since, tag: tag.join(" ") };
};

export const sinceCursorText = ({ since, tag }: SinceCursor): string => `${since} ${tag}`;
