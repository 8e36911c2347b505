import type { FuzzTarget } from "@tagwire/testing";
import { describeTag } from "./classify.ts";
import { decodeEpc, encodeEpc } from "./epc.ts";
import { EpcError } from "./epc-error.ts";
import { nameCorpus, namePieces, tagCorpus } from "./test-fuzz-corpus.ts";
import { digitalLinkOf, isSameThing, pureIdentityOf, tagsOf } from "./thing.ts";

const isNamed = (error: unknown): boolean => error instanceof EpcError;

/** What a tag says of itself writes the same tag again. */
const requireWritable = (tagUri: string): void => {
  const again = decodeEpc(encodeEpc(tagUri)).tagUri;
  if (again !== tagUri) throw new RangeError(`${tagUri} is written as ${again}`);
};

const readTag = (hex: string): string => {
  const tag = describeTag(hex);
  if ("tagUri" in tag) requireWritable(tag.tagUri);
  decodeEpc(hex);
  return JSON.stringify(tag);
};

const tried = <T>(run: () => T): T | undefined => {
  try {
    return run();
  } catch (error) {
    if (!isNamed(error)) throw error;
    return undefined;
  }
};

const readName = (name: string): string =>
  JSON.stringify([
    tried(() => encodeEpc(name)),
    tried(() => digitalLinkOf(name)),
    tried(() => pureIdentityOf(name, 7)),
    tried(() => tagsOf(name)),
    tried(() => isSameThing(name, "https://id.gs1.org/01/79521141123453/21/1")),
  ]);

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "epc",
    corpus: tagCorpus,
    isNamed,
    parser: { read: (bytes, tell) => tell(readTag(bytes.toString("hex"))) },
  },
  {
    name: "epc-name",
    corpus: nameCorpus,
    pieces: namePieces,
    isNamed,
    parser: { read: (bytes, tell) => tell(readName(bytes.toString("latin1"))) },
  },
];
