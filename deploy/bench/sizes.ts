/** How much is measured. The small size proves that a measurement works; its numbers mean nothing. */
export type Sizes = {
  readonly rounds: number;
  /** Scans in a row, for each round of one at a time. */
  readonly singleScans: number;
  readonly antennaSeconds: number;
  readonly antennaTagsPerSecond: number;
  /** How often the floor's hops are passed, before and again after the product. */
  readonly antennaFloorPassings: number;
  /** Clients that are connected to one gateway at once. */
  readonly liveClients: number;
  readonly liveScansPerSecond: number;
  /** How long they are watched, once with everybody reading and once with one who does not. */
  readonly liveSeconds: number;
  readonly bulkItems: number;
  readonly bulkScansPerRound: number;
  readonly bulkRequestScans: number;
  readonly bulkRequestsInFlight: number;
  readonly sessionScans: number;
  /** The house that lives through a day, and how much is scanned in it. */
  readonly dayItems: number;
  readonly dayScans: number;
  /** Screens that follow the day live. */
  readonly dayClients: number;
  /** The house and how many days of it are lived through twice: the old way, and by Tagwire. */
  readonly headlineItems: number;
  readonly headlineDays: number;
  /** Items of the site that is audited, on either side. */
  readonly auditItems: number;
  /** Of them so many came in by the public door and have their events: those whose lives have their turn while they are measured. */
  readonly auditDoorItems: number;
  /** How many days of scans are in the log of a house of that size. */
  readonly auditDays: number;
  /** Items of the site that is audited with all their events, which takes far longer to make, and its days of scans. */
  readonly auditLogItems: number;
  readonly auditLogDays: number;
  readonly importRows: number;
  readonly importRounds: number;
  readonly llrpReads: number;
  readonly epcTags: number;
  /** How long somebody looks for a tag. */
  readonly findSeconds: number;
  /** Tags that the page is shown within three seconds. */
  readonly pageTags: number;
  /** How long sixteen readers read. */
  readonly soakSeconds: number;
  readonly rebuildRounds: number;
  readonly rebuildEventsMin: number;
  /** How much a service has to have gone through before its peak says something. */
  readonly memoryEventsMin: number;
  /** How long the system is left alone before its memory is read, in ms. */
  readonly settleMs: number;
};

export const fullSizes: Sizes = {
  rounds: 5,
  singleScans: 100,
  antennaSeconds: 25,
  antennaTagsPerSecond: 200,
  antennaFloorPassings: 500,
  liveClients: 2_000,
  liveScansPerSecond: 200,
  liveSeconds: 20,
  bulkItems: 5_000,
  bulkScansPerRound: 10_000,
  bulkRequestScans: 500,
  bulkRequestsInFlight: 8,
  sessionScans: 5_000,
  // The real house, and its busiest day.
  dayItems: 12_477,
  dayScans: 7_978,
  dayClients: 50,
  headlineItems: 12_477,
  headlineDays: 28,
  auditItems: 10_000_000,
  auditDoorItems: 200_000,
  auditDays: 1,
  auditLogItems: 1_000_000,
  auditLogDays: 30,
  importRows: 100_000,
  importRounds: 2,
  llrpReads: 500_000,
  epcTags: 60_000,
  findSeconds: 20,
  pageTags: 600,
  soakSeconds: 300,
  rebuildRounds: 3,
  rebuildEventsMin: 30_000,
  memoryEventsMin: 30_000,
  settleMs: 5_000,
};

export const smallSizes: Sizes = {
  rounds: 1,
  singleScans: 8,
  antennaSeconds: 1,
  antennaTagsPerSecond: 50,
  antennaFloorPassings: 8,
  liveClients: 20,
  liveScansPerSecond: 50,
  liveSeconds: 2,
  bulkItems: 100,
  bulkScansPerRound: 200,
  bulkRequestScans: 50,
  bulkRequestsInFlight: 2,
  sessionScans: 200,
  dayItems: 400,
  dayScans: 300,
  dayClients: 4,
  headlineItems: 400,
  headlineDays: 10,
  auditItems: 9_500,
  auditDoorItems: 9_000,
  auditDays: 30,
  auditLogItems: 1_500,
  auditLogDays: 190,
  importRows: 1_200,
  importRounds: 1,
  llrpReads: 2_000,
  epcTags: 600,
  findSeconds: 2,
  pageTags: 60,
  soakSeconds: 60,
  rebuildRounds: 1,
  rebuildEventsMin: 300,
  memoryEventsMin: 300,
  settleMs: 100,
};
