import type { ItemStatus, ServiceQueue, StatusGroup, statusGroups } from "@tagwire/messages";
import {
  Archive,
  ArrowUpRight,
  BadgeDollarSign,
  CircleCheck,
  CircleDashed,
  Droplet,
  type LucideIcon,
  PackageCheck,
  ScanSearch,
  TriangleAlert,
  Truck,
  WashingMachine,
  Wrench,
} from "lucide-react";

type GroupOf<S extends ItemStatus> = {
  [G in StatusGroup]: S extends (typeof statusGroups)[G][number] ? G : never;
}[StatusGroup];

/** The group of each status. The compiler compares it with the groups that the messages declare. */
export const groupOf: { readonly [S in ItemStatus]: GroupOf<S> } = {
  provisioned: "ready",
  ready: "ready",
  staged: "ready",
  on_rent: "out",
  delivered: "out",
  inspect: "inService",
  repair: "inService",
  wash: "inService",
  wet: "inService",
  missing: "missing",
  sold: "ended",
  retired: "ended",
};

export type Shown = { readonly word: string; readonly icon: LucideIcon };

export const statusWords: Record<ItemStatus, Shown> = {
  provisioned: { word: "Provisioned", icon: CircleDashed },
  ready: { word: "Ready", icon: CircleCheck },
  staged: { word: "Staged", icon: PackageCheck },
  on_rent: { word: "On rent", icon: ArrowUpRight },
  delivered: { word: "Delivered", icon: Truck },
  inspect: { word: "Inspect", icon: ScanSearch },
  repair: { word: "Repair", icon: Wrench },
  wash: { word: "Wash", icon: WashingMachine },
  wet: { word: "Wet", icon: Droplet },
  missing: { word: "Missing", icon: TriangleAlert },
  sold: { word: "Sold", icon: BadgeDollarSign },
  retired: { word: "Retired", icon: Archive },
};

/** What is ready, staged or only a tag is at hand; the word for what is ready to rent is available. */
export const groupWords: Record<StatusGroup, Shown> = {
  ready: { word: "At hand", icon: CircleCheck },
  out: { word: "Out", icon: ArrowUpRight },
  inService: { word: "In service", icon: Wrench },
  missing: { word: "Missing", icon: TriangleAlert },
  ended: { word: "Sold or retired", icon: Archive },
};

/** In the order they are shown everywhere. */
export const groups = Object.keys(groupWords) as readonly StatusGroup[];
export const statuses = Object.keys(statusWords) as readonly ItemStatus[];

export const isStatus = (text: string): text is ItemStatus => Object.hasOwn(statusWords, text);
export const isGroup = (text: string): text is StatusGroup => Object.hasOwn(groupWords, text);
export const statusWord = (status: string): string => (isStatus(status) ? statusWords[status].word : status);

/** What a thing in service waits for. Its status says what it is: a wet thing waits to be dried. */
export const workWords: Record<ServiceQueue, string> = {
  inspect: "Inspection",
  repair: "Repair",
  wash: "Wash",
  wet: "Drying",
};

const toDo: Partial<Record<ItemStatus, string>> = {
  inspect: "to be inspected",
  repair: "to be repaired",
  wash: "to be washed",
};

/** How a thing stands, after "now" or "still": `on rent`, `to be repaired`. */
export const standingText = (status: string): string =>
  (isStatus(status) ? toDo[status] : undefined) ?? statusWord(status).toLowerCase();
