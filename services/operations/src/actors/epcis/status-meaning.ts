import type { ItemStatus } from "@tagwire/messages";
import type { Shape } from "./shape.ts";

/**
 * What it says of a thing that it is in a status now, for events that state just that: service, edits by hand, corrections.
 *
 * Nobody sees what is missing, and what is out is not at hand, so these name no business step.
 */
export const statusMeanings: Readonly<Record<ItemStatus, Shape>> = {
  provisioned: { type: "ObjectEvent", action: "OBSERVE", bizStep: "encoding", disposition: "encoded" },
  ready: { type: "ObjectEvent", action: "OBSERVE", bizStep: "storing", disposition: "available" },
  staged: { type: "ObjectEvent", action: "OBSERVE", bizStep: "staging_outbound", disposition: "reserved" },
  on_rent: { type: "ObjectEvent", action: "OBSERVE", disposition: "in_transit" },
  delivered: { type: "ObjectEvent", action: "OBSERVE", disposition: "in_progress" },
  inspect: { type: "ObjectEvent", action: "OBSERVE", bizStep: "inspecting", disposition: "unavailable" },
  repair: { type: "ObjectEvent", action: "OBSERVE", bizStep: "repairing", disposition: "damaged" },
  wash: { type: "ObjectEvent", action: "OBSERVE", bizStep: "holding", disposition: "unavailable" },
  wet: { type: "ObjectEvent", action: "OBSERVE", bizStep: "holding", disposition: "unavailable" },
  missing: { type: "ObjectEvent", action: "OBSERVE", disposition: "unknown" },
  sold: { type: "ObjectEvent", action: "OBSERVE", bizStep: "retail_selling", disposition: "retail_sold" },
  retired: { type: "ObjectEvent", action: "DELETE", bizStep: "decommissioning", disposition: "inactive" },
};
