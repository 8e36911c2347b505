export {
  type LlrpFlaws,
  type LlrpReader,
  type LlrpReaderOptions,
  type LlrpReaderStats,
  startLlrpReader,
} from "./llrp-reader.ts";
export { type Random, seededRandom } from "./random.ts";
export type { SeenTag, TagSource } from "./tag-source.ts";
