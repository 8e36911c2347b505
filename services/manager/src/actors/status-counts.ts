import {
  type ItemCounts,
  type ItemStatus,
  itemStatuses,
  type StatusGroup,
  statusGroups,
} from "@tagwire/messages";

/** How many items are in each status; absent means none. Negative numbers appear only in changes of counts. */
export type StatusCounts = Partial<Record<ItemStatus, number>>;

/** Both together; what comes to nothing is left out, so equal counts are equal objects. */
export const addCounts = (left: StatusCounts, right: StatusCounts): StatusCounts => {
  const sum: StatusCounts = {};
  for (const status of itemStatuses) {
    const count = (left[status] ?? 0) + (right[status] ?? 0);
    if (count !== 0) sum[status] = count;
  }
  return sum;
};

export const totalOf = (counts: StatusCounts): number =>
  itemStatuses.reduce((sum, status) => sum + (counts[status] ?? 0), 0);

/** Every status with its count, zeros included: people see a zero, not a hole. */
export const everyStatus = (counts: StatusCounts): Record<ItemStatus, number> =>
  Object.fromEntries(itemStatuses.map((status) => [status, counts[status] ?? 0])) as Record<
    ItemStatus,
    number
  >;

/** The counts as people group them, with the parts of what is at hand, and their total. */
export const groupCounts = (counts: StatusCounts): ItemCounts => {
  const of = (group: StatusGroup) =>
    statusGroups[group].reduce((sum, status) => sum + (counts[status] ?? 0), 0);
  return {
    total: totalOf(counts),
    ready: of("ready"),
    available: counts.ready ?? 0,
    staged: counts.staged ?? 0,
    provisioned: counts.provisioned ?? 0,
    out: of("out"),
    inService: of("inService"),
    missing: of("missing"),
    ended: of("ended"),
  };
};
