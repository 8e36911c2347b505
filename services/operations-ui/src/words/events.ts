import type { LucideIcon } from "lucide-react";
import {
  ArrowDownLeft,
  ArrowUpRight,
  Building2,
  CircleHelp,
  CircleSlash,
  Eye,
  PackageCheck,
  Pencil,
  PlusCircle,
  Radio,
  SearchCheck,
  Truck,
  Wrench,
} from "lucide-react";
import type { Tone } from "../look/tone.ts";

export type EventShown = { readonly word: string; readonly icon: LucideIcon; readonly tone: Tone };

const known: Record<string, EventShown> = {
  "site.created": { word: "Site created", icon: Building2, tone: "ended" },
  "item.created": { word: "Put into stock", icon: PlusCircle, tone: "ended" },
  "item.rented": { word: "Rented", icon: ArrowUpRight, tone: "out" },
  "item.staged": { word: "Staged", icon: PackageCheck, tone: "ready" },
  "item.delivered": { word: "Delivered", icon: Truck, tone: "out" },
  "item.returned": { word: "Returned", icon: ArrowDownLeft, tone: "ready" },
  "item.serviced": { word: "Service", icon: Wrench, tone: "inService" },
  "item.found": { word: "Found", icon: SearchCheck, tone: "ready" },
  "item.sighted": { word: "Seen", icon: Eye, tone: "ended" },
  "item.edited": { word: "Edited by hand", icon: Pencil, tone: "ended" },
  "scan.quarantined": { word: "Unknown tag held", icon: CircleHelp, tone: "inService" },
  "scan.refused": { word: "Unknown tag refused", icon: CircleSlash, tone: "inService" },
};

/** How an event type is called. A type that a newer server says is shown by its own name. */
export const eventShown = (type: string): EventShown => {
  const name = type.replace(/\.v\d+$/, "");
  return known[name] ?? { word: name.replace(".", " "), icon: Radio, tone: "ended" };
};
