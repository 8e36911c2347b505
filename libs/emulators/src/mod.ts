export {
  type LineFlaws,
  type LineFormat,
  type LineReader,
  type LineReaderOptions,
  startLineReader,
} from "./line-reader.ts";
export {
  type LlrpFlaws,
  type LlrpReader,
  type LlrpReaderOptions,
  type LlrpReaderStats,
  startLlrpReader,
} from "./llrp-reader.ts";
export { type M100Flaws, type M100Reader, type M100ReaderOptions, startM100Reader } from "./m100-reader.ts";
export {
  type MercuryFlaws,
  type MercuryReader,
  type MercuryReaderOptions,
  type MercurySettings,
  startMercuryReader,
} from "./mercury-reader.ts";
export {
  type Carry,
  type PushingReader,
  type PushingReaderOptions,
  startPushingReader,
} from "./pushing-reader.ts";
export type { EpcSpelling } from "./r700/events.ts";
export type { R700Settings } from "./r700/interface.ts";
export { type R700Flaws, type R700Options, type R700Reader, startR700Reader } from "./r700-reader.ts";
export { noise, type Random, seededRandom } from "./random.ts";
export { type BaseItem, type BaseScan, type RfidproBase, uploadOf } from "./rfidpro/base.ts";
export { makeRfidproData, type RfidproDataOptions } from "./rfidpro/data.ts";
export type { RfidproFault } from "./rfidpro/faults.ts";
export { type Quirks, quirks } from "./rfidpro/quirks.ts";
export {
  keyFields,
  type RfidproData,
  type RfidproRow,
  type RfidproSet,
  type RfidproUpload,
  realCounts,
} from "./rfidpro/rows.ts";
export {
  type Rfidpro,
  type RfidproControl,
  type RfidproOptions,
  type RfidproRequest,
  type RfidproWrite,
  startRfidpro,
} from "./rfidpro.ts";
export { type S3Bucket, type S3Version, startS3Bucket } from "./s3-bucket.ts";
export { openPty, type Pty } from "./serial/pty.ts";
export type { SeenTag, TagSource } from "./tag-source.ts";
export { startTslReader, type TslFlaws, type TslReader, type TslReaderOptions } from "./tsl-reader.ts";
export {
  startUhfReader,
  type UhfFlaws,
  type UhfReader,
  type UhfReaderOptions,
  type UhfSettings,
} from "./uhf-reader.ts";
export type {
  ContractAct,
  ScanCondition,
  ScanFlaw,
  ScanSessionAct,
  WarehouseAct,
  WarehouseScan,
} from "./warehouse/acts.ts";
export type { ItemClass } from "./warehouse/classes.ts";
export { statusAfter } from "./warehouse/condition.ts";
export type { WarehouseContract } from "./warehouse/contracts.ts";
export type { DeskAct, FileRow } from "./warehouse/desk-acts.ts";
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
export { type ZebraShape, zebraHeartbeat, zebraTagEvent } from "./zebra/events.ts";
