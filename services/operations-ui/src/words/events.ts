import type { LucideIcon } from "lucide-react";
import {
  ArrowDownLeft,
  ArrowUpRight,
  Building2,
  Camera,
  CircleHelp,
  CircleSlash,
  Eye,
  FileText,
  Hash,
  ListChecks,
  PackageCheck,
  Pencil,
  PlusCircle,
  Radio,
  Scale,
  SearchCheck,
  Tag,
  Truck,
  Undo2,
  Wrench,
} from "lucide-react";
import type { Tone } from "../look/tone.ts";

export type EventShown = { readonly word: string; readonly icon: LucideIcon; readonly tone: Tone };

const known: Record<string, EventShown> = {
  "site.created": { word: "Site created", icon: Building2, tone: "ended" },
  "site.migration_moved": { word: "Migration moved", icon: Building2, tone: "ended" },
  "site.rule_set": { word: "Rule set", icon: Building2, tone: "ended" },
  "item.created": { word: "Put into stock", icon: PlusCircle, tone: "ended" },
  "item.rented": { word: "Rented", icon: ArrowUpRight, tone: "out" },
  "item.staged": { word: "Staged", icon: PackageCheck, tone: "ready" },
  "item.delivered": { word: "Delivered", icon: Truck, tone: "out" },
  "item.returned": { word: "Returned", icon: ArrowDownLeft, tone: "ready" },
  "item.serviced": { word: "Service", icon: Wrench, tone: "inService" },
  "item.found": { word: "Found", icon: SearchCheck, tone: "ready" },
  "item.sighted": { word: "Seen", icon: Eye, tone: "ended" },
  "item.edited": { word: "Edited by hand", icon: Pencil, tone: "ended" },
  "item.undone": { word: "Taken back", icon: Undo2, tone: "ended" },
  "item.reassigned": { word: "Moved with its contract", icon: FileText, tone: "ended" },
  "item.retagged": { word: "Got another tag", icon: Tag, tone: "ended" },
  "photo.added": { word: "Photo taken", icon: Camera, tone: "ended" },
  "photo.deleted": { word: "Photo deleted", icon: CircleSlash, tone: "ended" },
  "contract.opened": { word: "Contract opened", icon: FileText, tone: "ended" },
  "contract.amended": { word: "Contract changed", icon: FileText, tone: "ended" },
  "contract.closed": { word: "Contract closed", icon: FileText, tone: "ended" },
  "contract.reopened": { word: "Contract reopened", icon: FileText, tone: "ended" },
  "contract.finalized": { word: "Laundry picked up", icon: FileText, tone: "ended" },
  "contract.returned": { word: "Laundry came back", icon: FileText, tone: "ended" },
  "contract.reactivated": { word: "Laundry reactivated", icon: FileText, tone: "ended" },
  "contract.merged": { word: "Contract merged", icon: FileText, tone: "ended" },
  "contract.unmerged": { word: "Merge taken back", icon: Undo2, tone: "ended" },
  "contract.trip_set": { word: "Trip stated", icon: Truck, tone: "ended" },
  "lot.recorded": { word: "Counted by hand", icon: Hash, tone: "ended" },
  "session.begun": { word: "Session begun", icon: ListChecks, tone: "ended" },
  "session.withdrawn": { word: "Session not begun after all", icon: Undo2, tone: "ended" },
  "session.joined": { word: "Device joined a session", icon: ListChecks, tone: "ended" },
  "session.declared": { word: "Device declared its scans", icon: ListChecks, tone: "ended" },
  "session.heard": { word: "Scanned again by another device", icon: ListChecks, tone: "ended" },
  "session.closed": { word: "Session closed", icon: ListChecks, tone: "ended" },
  "session.reopened": { word: "Session goes on", icon: Undo2, tone: "ended" },
  "session.restated": { word: "Session told the rest", icon: ListChecks, tone: "ended" },
  "reader.configured": { word: "Reader set", icon: Tag, tone: "ended" },
  "zone.configured": { word: "Zone drawn", icon: Building2, tone: "ended" },
  "station.configured": { word: "Station set", icon: Tag, tone: "ended" },
  "audit.barrier": { word: "Audited", icon: Scale, tone: "ended" },
  "class.defined": { word: "Class described", icon: Tag, tone: "ended" },
  "scan.quarantined": { word: "Unknown tag held", icon: CircleHelp, tone: "inService" },
  "scan.dismissed": { word: "Held scans dismissed", icon: CircleSlash, tone: "ended" },
  "scan.refused": { word: "Unknown tag refused", icon: CircleSlash, tone: "inService" },
};

/** How an event type is called. A type that a newer server says is shown by its own name. */
export const eventShown = (type: string): EventShown => {
  const name = type.replace(/\.v\d+$/, "");
  return known[name] ?? { word: name.replace(".", " "), icon: Radio, tone: "ended" };
};
