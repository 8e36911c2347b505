export {
  type LlrpFlaws,
  type LlrpReader,
  type LlrpReaderOptions,
  type LlrpReaderStats,
  startLlrpReader,
} from "./llrp-reader.ts";
export { type M100Flaws, type M100Reader, type M100ReaderOptions, startM100Reader } from "./m100-reader.ts";
export { type Random, seededRandom } from "./random.ts";
export type { SeenTag, TagSource } from "./tag-source.ts";
