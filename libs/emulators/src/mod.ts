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
export type {
  ContractAct,
  ScanCondition,
  ScanFlaw,
  ScanSessionAct,
  WarehouseAct,
  WarehouseScan,
} from "./warehouse/acts.ts";
export type { ItemClass } from "./warehouse/classes.ts";
export type { WarehouseContract } from "./warehouse/contracts.ts";
export type { WarehouseAntenna } from "./warehouse/field.ts";
export type { ItemStatus, WarehouseItem } from "./warehouse/items.ts";
export type { OfficeAct } from "./warehouse/office.ts";
export { evenPace, type Pace } from "./warehouse/pace.ts";
export type { Place } from "./warehouse/places.ts";
export { createWarehouse, type KnownItem, type Warehouse, type WarehouseOptions } from "./warehouse.ts";
export {
  createMonth,
  itemsOfRealHouse,
  type MonthAct,
  type MonthOptions,
  type WarehouseMonth,
} from "./warehouse-month.ts";
