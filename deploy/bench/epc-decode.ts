import { describeTag, encodeEpc, encodeLink } from "@tagwire/epc";
import { figureOf, type Row } from "./figure.ts";
import type { Setting } from "./setting.ts";
import { tagOf } from "./stock.ts";

/** What hangs on rental stock, in turn: GS1's of both standards, a printed number of the firm's own, the class id of a blank chip. */
const kinds: readonly ((index: number) => string)[] = [
  (index) => encodeEpc(`urn:epc:tag:sgtin-96:1.0614141.812345.${index}`),
  (index) => encodeEpc(`urn:epc:tag:grai-96:3.0614141.12345.${index}`),
  (index) => encodeEpc(`urn:epc:tag:giai-202:0.0614141.A-${index}`),
  (index) => encodeLink(`https://id.gs1.org/01/80614141123458/21/A-${index}`, { scheme: "sgtin+" }),
  (index) => `425445${String(index).padStart(18, "0")}`,
  tagOf,
];
const gs1Kinds = 4;

const tagsOf = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => kinds[index % kinds.length]?.(index) ?? "");

/** The sum of all bytes: nobody can read less of a tag and have seen it. */
const readBytes = (tags: readonly string[]): number => {
  let sum = 0;
  for (const tag of tags) for (const byte of Buffer.from(tag, "hex")) sum += byte;
  return sum;
};

const describe = (tags: readonly string[]): void => {
  let named = 0;
  for (const tag of tags) if ("uri" in describeTag(tag)) named += 1;
  if (named !== tags.filter((_, index) => index % kinds.length < gs1Kinds).length)
    throw new Error(`${named} tags of ${tags.length} have a name`);
};

/** From the hex of a tag to what it says, on one core: what each item costs that a page or a file shows. */
export const measureEpcDecode = async ({ sizes }: Setting): Promise<Row[]> => {
  const tags = tagsOf(sizes.epcTags);
  const perSecond = (work: () => void): number => {
    const startedAt = performance.now();
    work();
    return tags.length / ((performance.now() - startedAt) / 1_000);
  };
  const floor: number[] = [];
  const product: number[] = [];
  let bytes = readBytes(tags);
  describe(tags);
  for (let round = 0; round < sizes.rounds; round += 1) {
    floor.push(
      perSecond(() => {
        bytes += readBytes(tags);
      }),
    );
    product.push(perSecond(() => describe(tags)));
  }
  if (bytes === 0) throw new Error("the tags were empty");
  return [
    {
      measurement: "epc",
      what: "EPC decode, one core",
      unit: "tags/s",
      floor: figureOf(floor),
      product: figureOf(product),
      note: `${kinds.length} kinds of tags, ${gs1Kinds} of them GS1's`,
    },
  ];
};
