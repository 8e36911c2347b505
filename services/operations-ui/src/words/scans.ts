import type { ConditionFlag, ScanType, ServiceStatus } from "@tagwire/messages";
import {
  ArrowDownLeft,
  ArrowUpRight,
  Hash,
  type LucideIcon,
  PackageCheck,
  PackageOpen,
  Pointer,
  Truck,
  Wrench,
} from "lucide-react";

export type ScanTypeShown = {
  readonly word: string;
  readonly icon: LucideIcon;
  /** What such a scan does, for the person who holds the scanner. */
  readonly means: string;
  readonly contract: "needed" | "optional" | "unused";
  readonly condition: boolean;
  readonly status: boolean;
};

const plain = { contract: "unused", condition: false, status: false } as const;

export const scanTypeWords: Record<ScanType, ScanTypeShown> = {
  rental: { ...plain, word: "Rental", icon: ArrowUpRight, means: "leaves on a contract", contract: "needed" },
  return: {
    word: "Return",
    icon: ArrowDownLeft,
    means: "is back on the floor",
    contract: "optional",
    condition: true,
    status: false,
  },
  stage: {
    ...plain,
    word: "Stage",
    icon: PackageCheck,
    means: "is set aside for a contract",
    contract: "needed",
  },
  delivery: { ...plain, word: "Delivery", icon: Truck, means: "reached the customer", contract: "needed" },
  pickup: {
    word: "Pickup",
    icon: PackageOpen,
    means: "was collected from the customer",
    contract: "optional",
    condition: true,
    status: false,
  },
  touch: { ...plain, word: "Touch", icon: Pointer, means: "was seen here" },
  service: {
    ...plain,
    word: "Service",
    icon: Wrench,
    means: "goes into, or leaves, service",
    condition: true,
    status: true,
  },
  count: { ...plain, word: "Count", icon: Hash, means: "was counted here" },
};
export const scanTypes = Object.keys(scanTypeWords) as readonly ScanType[];
export const isScanType = (text: string): text is ScanType => Object.hasOwn(scanTypeWords, text);

export const serviceWords: Record<ServiceStatus, string> = {
  inspect: "Inspect",
  repair: "Repair",
  wash: "Wash",
  wet: "Wet",
  ready: "Ready again",
};
export const serviceStatuses = Object.keys(serviceWords) as readonly ServiceStatus[];

export const conditionWords: Record<ConditionFlag, string> = {
  dirty: "Dirty",
  leaves: "Leaves",
  oil: "Oil",
  mold: "Mold",
  stain: "Stain",
  oxidation: "Oxidation",
  rip: "Rip or tear",
  sewing: "Sewing",
  grommet: "Grommet",
  rope: "Rope",
  buckle: "Buckle",
  wet: "Wet",
  service_required: "Needs service",
};
export const conditionFlags = Object.keys(conditionWords) as readonly ConditionFlag[];
