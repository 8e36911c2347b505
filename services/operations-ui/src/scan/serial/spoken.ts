import { createLineCutter, readTagLine, TslTags, tslLine } from "@tagwire/reader-lines";

/** How a reader on this device's own port speaks. */
export const readerKinds = ["lines", "tsl"] as const;
export type ReaderKind = (typeof readerKinds)[number];

/** What some bytes brought: whole tags in the order they came, and how many lines nobody can read. */
export type Spoken = { readonly tags: readonly string[]; readonly unread: number };

/** No item can have a longer one. */
const tagLengthMax = 64;

type Line = { readonly tag?: string; readonly isUnread?: true };

const asTag = (epc: string): Line => {
  if (epc === "") return {};
  return epc.length <= tagLengthMax ? { tag: epc } : { isUnread: true };
};

const plainLine = (line: string | undefined): Line => {
  const said = line === undefined ? undefined : readTagLine(line);
  if (said?.kind === "tag") return asTag(said.epc);
  return said?.kind === "alive" ? {} : { isUnread: true };
};

const tslLines = () => {
  const tags = new TslTags();
  return (text: string | undefined): readonly Line[] => {
    const line = text === undefined ? undefined : tslLine(text);
    // What is lost may have been the beginning of another tag: nothing behind it is given to the one before.
    const whole = line === undefined ? tags.cut() : tags.take(line);
    const noise: readonly Line[] = line === undefined ? [{ isUnread: true }] : [];
    if (whole === undefined) return noise;
    return "no" in whole ? [{ isUnread: true }, ...noise] : [asTag(whole.epc), ...noise];
  };
};

/** Listens to a reader of a kind, wherever the cable cuts what it says. The same parsers read it as in the reader-gateway. */
export const listenTo = (kind: ReaderKind): { push(chunk: Uint8Array): Spoken } => {
  const cutter = createLineCutter();
  const read = kind === "tsl" ? tslLines() : (line: string | undefined) => [plainLine(line)];
  return {
    push: (chunk) => {
      const lines = cutter.push(chunk).flatMap(read);
      return {
        tags: lines.flatMap(({ tag }) => tag ?? []),
        unread: lines.filter(({ isUnread }) => isUnread).length,
      };
    },
  };
};
