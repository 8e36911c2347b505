import { qualities } from "@tagwire/messages";

/* Texts of RFIDpro as operations takes them. */

export const textsMax = { class: 120, name: 200, place: 64, contract: 40, notes: 2_000, other: 500 } as const;
export const grades: ReadonlySet<string> = new Set(qualities);
/** What no database keeps: NUL, and half a surrogate pair. */

const unstorable = /\u0000|\p{Cs}/u;

type Text = keyof typeof textsMax;

/** A text as it may be stored, or undefined with a note that it cannot be. */
export const fitting = (of: Text, text: string | null, unfit: (of: string) => void): string | undefined => {
  if (text === null || text.trim() === "") return undefined;
  if (text.length <= textsMax[of] && !unstorable.test(text)) return text;
  unfit(of);
  return undefined;
};

/** What nobody could store, replaced by what stands for it. */
export const storable = (text: string): string => text.replaceAll(new RegExp(unstorable, "gu"), "\uFFFD");

/** An instant as a command says it. */
export const instant = (atMs: number): string => new Date(atMs).toISOString();
