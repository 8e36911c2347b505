/** RFIDpro's words for what others call otherwise. */
export const statusWords: Readonly<Record<string, string>> = {
  ready: "Ready to Rent",
  on_rent: "On Rent",
  delivered: "Delivered",
  staged: "Staged",
  inspect: "Needs to be Inspected",
  repair: "Repair",
  wash: "Wash",
  wet: "Wet",
  missing: "Missing",
  sold: "Sold",
  retired: "Retired",
};

/** Service and staging scans are touch scans there. */
export const scanTypeWords: Readonly<Record<string, string>> = {
  rental: "Rental",
  return: "Return",
  delivery: "Delivery",
  pickup: "Pickup",
  touch: "Touch Scan",
  service: "Touch Scan",
  stage: "Touch Scan",
};

/** As the manual prints them. `mud` is what older programs read as `mold`. */
export const flagFields = [
  "dirty_or_mud",
  "leaves",
  "oil",
  "mud",
  "stain",
  "oxidation",
  "rip_or_tear",
  "sewing_repair_needed",
  "grommet",
  "rope",
  "buckle",
  "wet",
  "service_required",
] as const;
