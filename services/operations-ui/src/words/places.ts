import {
  Activity,
  Archive,
  BellRing,
  Boxes,
  FileText,
  HardDriveUpload,
  LayoutDashboard,
  type LucideIcon,
  Radar,
  RadioTower,
  Scale,
  ScanLine,
  Settings2,
  Tags,
  WashingMachine,
  Wrench,
} from "lucide-react";
import type { Screen } from "../route.ts";

/** What each screen is called, in the title of the window. */
export const screenWords: Record<Screen, string> = {
  live: "Live",
  items: "Items",
  find: "Find",
  commissioning: "New tags",
  boards: "Boards",
  laundry: "Laundry",
  readers: "Readers",
  agreement: "Audits",
  rfidpro: "RFIDpro",
  scan: "Scan",
  queue: "Queue",
  training: "Training",
  alerts: "Alerts",
  admin: "Admin",
  wall: "Wall",
};

/**
 * Where people go. Two of them are boards that people know by their own names: whoever looks for a contract does not look for a board.
 */
export type Destination = {
  readonly word: string;
  readonly icon: LucideIcon;
  readonly screen: Screen;
  readonly board?: string;
  /** What else people call it. */
  readonly also?: string;
};

const to = (screen: Screen, icon: LucideIcon, also: string): Destination => ({
  word: screenWords[screen],
  ...{ screen, icon, also },
});

const scan = to("scan", ScanLine, "station, return, rental, count");
const items = to("items", Boxes, "stock, tags, import, export");
const contracts: Destination = {
  ...to("boards", FileText, "orders, rentals, due, overdue"),
  ...{ word: "Contracts", board: "contracts" },
};
const service: Destination = {
  ...to("boards", Wrench, "queues, wash, repair, inspect"),
  ...{ word: "Service", board: "queues" },
};
const live = to("live", Activity, "figures, dashboard, overview");
/** It opens with the board of sessions: the one of contracts has a place of its own. */
const boards: Destination = {
  ...to(
    "boards",
    LayoutDashboard,
    "sessions, throughput, utilisation, idle, resale, packs, lag, held scans, floor plan, map, zones",
  ),
  board: "sessions",
};

/** Every place, by who goes there most. */
export const placeGroups: readonly { readonly word: string; readonly places: readonly Destination[] }[] = [
  {
    word: "Floor",
    places: [
      ...[scan, items, contracts],
      to("find", Radar, "search, lost, RSSI, Geiger"),
      to("laundry", WashingMachine, "linen, cleaner"),
      service,
    ],
  },
  {
    word: "Office",
    places: [
      ...[live, boards],
      to("alerts", BellRing, "rules, notifications, quiet hours"),
      to("agreement", Scale, "findings, agreement, ledgers"),
      to("rfidpro", Archive, "old system, migration, pull"),
    ],
  },
  {
    word: "House",
    places: [
      to("readers", RadioTower, "antennas, devices"),
      to("commissioning", Tags, "commission, provision, labels, print, ZPL, EPC"),
      to("queue", HardDriveUpload, "offline, unsent scans, saved on this device"),
      to("admin", Settings2, "webhooks, keys, sites, people"),
    ],
  },
];

export const allPlaces: readonly Destination[] = placeGroups.flatMap(({ places }) => places);
/** What a phone shows at once: the rest is one press further. */
export const thumbPlaces: readonly Destination[] = [scan, items, contracts, live];

/** The place that is open: boards without a place of their own are all under Boards. */
export const placeAt = (screen: Screen, board: string | null): Destination | undefined => {
  const here = allPlaces.filter((place) => place.screen === screen);
  if (screen !== "boards") return here[0];
  return here.find((place) => place.board === (board ?? contracts.board)) ?? boards;
};

/** The place that people call so. */
export const placeCalled = (name: string): Destination | undefined =>
  allPlaces.find(({ word }) => word.toLowerCase() === name.trim().toLowerCase());

/** The query of a place's address. */
export const placeQuery = ({ board }: Destination): URLSearchParams | undefined =>
  board === undefined ? undefined : new URLSearchParams({ board });
