import type { DriverName, ReaderRegion } from "./readers.ts";

/** What of a reader can be set from here. A page offers no more, and the reader-gateway takes no more. */
export type ReaderAbilities = {
  /** The highest port of an antenna. */
  readonly antennasMax: number;
  /** For each antenna, one for all of them, or not from here. */
  readonly power: "each" | "one" | "none";
  /** Whose rules of the air it can be told to keep. */
  readonly regions: readonly ReaderRegion[];
  readonly hasSession: boolean;
  /** Whether it asks who we are. */
  readonly hasLogin: boolean;
  /** Where it is: it always has an address, it has one or pushes by itself, or it has none. */
  readonly address: "needed" | "may push" | "none";
};

/** What is common to most; each family says what is otherwise. */
const usual = { power: "one", regions: [], hasSession: true, hasLogin: false, address: "needed" } as const;
const nothing = { ...usual, antennasMax: 64, power: "none", hasSession: false, address: "none" } as const;
const uhfRegions = ["eu", "us", "cn", "cn-840", "kr"] as const;

/**
 * By driver, what its readers can be told. Written out and not taken from the drivers, since the page that asks for it has none of them: a
 * test of the reader-gateway holds it against what each driver knows.
 */
export const readerAbilities: Readonly<Record<DriverName, ReaderAbilities>> = {
  llrp: { ...usual, antennasMax: 64, power: "each" },
  mercury: {
    ...usual,
    antennasMax: 15,
    power: "each",
    regions: ["eu", "us", "cn", "cn-840", "kr", "jp", "in", "au", "nz"],
  },
  m100: { ...usual, antennasMax: 1, regions: ["eu", "us", "cn", "cn-840", "kr"] },
  uhf18: { ...usual, antennasMax: 1, regions: uhfRegions, hasSession: false },
  uhf288: { ...usual, antennasMax: 4, regions: uhfRegions },
  tsl: { ...usual, antennasMax: 1 },
  lines: { ...nothing, address: "needed" },
  impinj: {
    ...usual,
    antennasMax: 64,
    power: "each",
    regions: ["eu", "us", "cn", "kr", "jp", "in", "au", "nz"],
    hasLogin: true,
    address: "may push",
  },
  zebra: nothing,
  replay: nothing,
  training: nothing,
};

/** What can be set of a reader as it is: of one that pushes, for there is nobody to tell, no more than where its antennas look. */
export const abilitiesOf = (driver: DriverName, address: string | undefined): ReaderAbilities => {
  const abilities = readerAbilities[driver];
  const isAway = address === undefined || address.trim() === "";
  return isAway && abilities.address === "may push"
    ? { ...nothing, antennasMax: abilities.antennasMax, address: "may push" }
    : abilities;
};
