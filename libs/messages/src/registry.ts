import {
  AskActOnAlert,
  AskAddPushSubscription,
  AskAlert,
  AskAlertRules,
  AskAlerts,
  AskCreateAlertRule,
  AskDeleteAlertRule,
  AskDeletePushSubscription,
  AskPatchAlertRule,
  AskPushKey,
  AskPushSubscriptions,
  AskTestAlertRule,
} from "./alerts.ts";
import { AskManagerAudit, AskOperationsAudit, AuditBarrier } from "./audit.ts";
import {
  AskAudit,
  AskAudits,
  AskParked,
  AskRelations,
  AskReplay,
  AskRunAudit,
  AskTimes,
  AskVerifyLog,
} from "./audits.ts";
import {
  AskClassCounts,
  AskContractAt,
  AskContractBoard,
  AskItemAt,
  AskSessionBoard,
} from "./board-questions.ts";
import { ClassDefined } from "./classes.ts";
import {
  ContractAmended,
  ContractClosed,
  ContractFinalized,
  ContractMerged,
  ContractOpened,
  ContractReactivated,
  ContractReopened,
  ContractReturned,
  ContractUnmerged,
  LotRecorded,
} from "./contract-events.ts";
import { AskDeviceLedgers, AskHeads } from "./device-ledgers.ts";
import { AskDeviceReports, AskReportDevice } from "./device-reports.ts";
import { AskEpcisEvent, AskEpcisEvents, AskEpcisValues, AskEpcTags, AskScanTags } from "./epcis.ts";
import type { EventDeclaration } from "./events.ts";
import { AskFind } from "./find.ts";
import { AskActOnFinding, AskFinding, AskFindingRows, AskFindings } from "./findings.ts";
import { AskFlaggedScans } from "./flagged-scans.ts";
import {
  ItemCreated,
  ItemDelivered,
  ItemEdited,
  ItemFound,
  ItemReassigned,
  ItemRented,
  ItemRetagged,
  ItemReturned,
  ItemServiced,
  ItemSighted,
  ItemStaged,
  ItemUndone,
} from "./item-events.ts";
import { AskDeleteRecording, AskRecordingPart, AskRecordings } from "./kept-recordings.ts";
import { AskLag, AskScreenLag, AskScreens } from "./lag-distribution.ts";
import { AskMigrationGates, AskRfidproAgreement, AskSiteMigration } from "./migration.ts";
import { AskPhoto, AskPhotos, AskServicePhotos, KeepPhoto, PhotoAdded, PhotoDeleted } from "./photos.ts";
import { AskPlaceCounts } from "./place-counts.ts";
import { AskPrefetch, AskPrefetchFigures, ReportPrefetch } from "./prefetch.ts";
import type { Question } from "./question.ts";
import {
  AskCreateReader,
  AskDashboard,
  AskDeleteReader,
  AskDeleteStation,
  AskEvents,
  AskItem,
  AskItemDigest,
  AskItems,
  AskManagerDigest,
  AskPatchReader,
  AskPutStation,
  AskReader,
  AskReaders,
  AskReceipt,
  AskSites,
  AskSnapshot,
  AskStation,
  AskStations,
  AskTimeline,
} from "./questions.ts";
import { AskEndReaderKey, AskIsReaderKey, AskMakeReaderKey, AskTakeEvents } from "./reader-events.ts";
import { AskTakeReaderSettings } from "./reader-settings.ts";
import { AskTestRead } from "./reader-trials.ts";
import {
  AskClasses,
  AskContract,
  AskContractEvents,
  AskContractMembers,
  AskContractRounds,
  AskContracts,
  AskQuarantine,
  AskRoundItems,
  AskSession,
  AskSessions,
  AskSessionTags,
} from "./record-questions.ts";
import { AskBoardRefolds, AskLives, AskRefold, AskRefolds } from "./refolds.ts";
import {
  AskActOnRfidproDifference,
  AskRfidproComparison,
  AskRfidproDifference,
  AskRfidproDifferences,
  AskRfidproReport,
  AskSignRfidproReport,
} from "./rfidpro-differences.ts";
import {
  AskImportRfidpro,
  AskPreviewRfidproImport,
  AskRfidproImport,
  AskRfidproImportRows,
} from "./rfidpro-imports.ts";
import {
  AskCancelRfidproRun,
  AskRfidproArchive,
  AskRfidproManifest,
  AskRfidproRows,
  AskRfidproRun,
  AskRfidproRuns,
  AskStartRfidproRun,
} from "./rfidpro-runs.ts";
import { ScanDismissed, ScanQuarantined, ScanRefused } from "./scan-events.ts";
import { AskServiceQueues } from "./service-queues.ts";
import {
  SessionBegun,
  SessionClosed,
  SessionDeclared,
  SessionHeard,
  SessionJoined,
  SessionReopened,
  SessionRestated,
  SessionWithdrawn,
} from "./session-events.ts";
import { ReaderConfigured, StationConfigured } from "./settings-events.ts";
import { AskSettingsHistory } from "./settings-history.ts";
import { SiteCreated, SiteMigrationMoved } from "./site-events.ts";
import { AskStaleItems } from "./stale-items.ts";
import { AskStockRule, StockRuleSet } from "./stock-rules.ts";
import { AskThroughput } from "./throughput.ts";
import { AskTrainingField } from "./training.ts";
import { ContractTripSet } from "./trips.ts";
import { AskIdleItems, AskUtilisation } from "./utilisation.ts";
import {
  AskCreateWebhook,
  AskDeleteWebhook,
  AskEnableWebhook,
  AskPatchWebhook,
  AskReplayWebhook,
  AskRotateWebhook,
  AskTestWebhook,
  AskWebhook,
  AskWebhookDeliveries,
  AskWebhooks,
} from "./webhooks.ts";
import { AskZones, ZoneConfigured } from "./zones.ts";

/*
 * Every declaration there is, for whoever deals with all of them: the description at `/asyncapi.json` above all. A declaration that
 * is exported and missing here fails a test.
 */

/** Every event, with what it says in a sentence for people outside. */
const told = [
  [SiteCreated, "A site began: always the first event of its log."],
  [
    SiteMigrationMoved,
    "The site went one step from the old system to this one, or back: why, and what was measured before it went.",
  ],
  [StockRuleSet, "A rule of the site's stock was switched on or off, or got another limit."],
  [ItemCreated, "A tag was put on a thing: the item is known from now on."],
  [ItemRented, "The item left on a contract."],
  [ItemStaged, "The item was set aside for a contract."],
  [ItemDelivered, "The item arrived at the customer."],
  [ItemReturned, "The item came back, by return or by pickup; set.status says how it came back."],
  [
    ItemServiced,
    "The item entered, moved within or left service; set.lastService says by whose work it became ready.",
  ],
  [ItemFound, "A missing item was seen again on the floor."],
  [ItemSighted, "The item was seen, and its state stays as it was."],
  [ItemEdited, "A person changed the item by hand."],
  [ItemUndone, "What an event did to the item was taken back; undoes names the event."],
  [ItemReassigned, "The contract that the item is out on was merged into another."],
  [ItemRetagged, "The thing carries another tag from now on; set.replacedBy names it."],
  [ScanQuarantined, "A scan of a tag that no item carries yet: it is decided when the tag is commissioned."],
  [
    ScanRefused,
    "A scan of what no item carries, refused: too many wait for its tag, its id is another's, or it is no tag.",
  ],
  [ScanDismissed, "Somebody decided that the scans which waited for a tag are never decided, and said why."],
  [PhotoAdded, "A photo of an item was added, of one of its events; the log has its hash."],
  [PhotoDeleted, "A photo was deleted, and why: its picture is gone."],
  [ContractOpened, "A contract was stated; scans may have named it before."],
  [ContractAmended, "Client, dates or lines of a contract were stated anew."],
  [ContractClosed, "No more goes out on the contract."],
  [ContractReopened, "A closed contract is open again."],
  [ContractFinalized, "The pre-wash count is done and the cleaner has the laundry."],
  [ContractReturned, "The cleaner brought the laundry back."],
  [ContractReactivated, "A laundry contract goes out again."],
  [ContractMerged, "A contract written by hand is another one from now on."],
  [ContractUnmerged, "A merge was taken back: the contract written by hand is itself again."],
  [ContractTripSet, "A trip of a contract was planned, went on its way, arrived or did not."],
  [LotRecorded, "Goods without tags were counted by hand."],
  [SessionBegun, "A session began: what it is for and what is expected in it."],
  [SessionWithdrawn, "The beginning of a session was taken back: nothing is expected in it."],
  [SessionJoined, "A device takes part in a session: it is waited for until it has declared its tags."],
  [SessionDeclared, "A device has declared which tags it scanned in a session."],
  [SessionHeard, "A device scanned tags that another one had scanned in the session before."],
  [SessionClosed, "A session is over; complete says whether all that its devices scanned has been recorded."],
  [SessionReopened, "The close of a session was taken back: it goes on."],
  [
    SessionRestated,
    "Scans of a closed session arrived late or were taken back: what is recorded in it is stated anew.",
  ],
  [
    ReaderConfigured,
    "A reader was added, set otherwise, started, stopped or removed: what it was and is, without its password.",
  ],
  [
    StationConfigured,
    "A station was added, set otherwise or removed: its place, what it is for, and its rules.",
  ],
  [ZoneConfigured, "A place was drawn on the plan of its site, drawn otherwise, or taken off it."],
  [
    AuditBarrier,
    "Both sides are asked the same question here: digests are of everything that the log said before this position.",
  ],
  [ClassDefined, "A class was described: its name, its place in the tree, its crew."],
] as const satisfies readonly (readonly [EventDeclaration, string])[];

export const declaredEvents: ReadonlyMap<EventDeclaration, string> = new Map<EventDeclaration, string>(told);

/** The types of all events there are: whoever has to answer for each of them keeps a record by these. */
export type EventType = (typeof told)[number][0]["type"];

/** Every question, by who answers it. */
export const declaredQuestions: readonly Question[] = [
  AskSites,
  AskSiteMigration,
  AskStockRule,
  AskZones,
  KeepPhoto,
  AskPhotos,
  AskPhoto,
  AskServicePhotos,
  AskItem,
  AskItems,
  AskTimeline,
  AskReceipt,
  AskEvents,
  AskSettingsHistory,
  AskItemDigest,
  AskContracts,
  AskContract,
  AskContractEvents,
  AskContractMembers,
  AskContractRounds,
  AskRoundItems,
  AskSessions,
  AskSession,
  AskSessionTags,
  AskClasses,
  AskQuarantine,
  AskEpcisEvents,
  AskEpcisEvent,
  AskEpcisValues,
  AskEpcTags,
  AskScanTags,
  AskDashboard,
  AskSnapshot,
  AskManagerDigest,
  AskContractBoard,
  AskSessionBoard,
  AskClassCounts,
  AskContractAt,
  AskItemAt,
  AskThroughput,
  AskPlaceCounts,
  AskPrefetch,
  AskPrefetchFigures,
  ReportPrefetch,
  AskServiceQueues,
  AskFlaggedScans,
  AskUtilisation,
  AskIdleItems,
  AskStaleItems,
  AskLag,
  AskScreenLag,
  AskScreens,
  AskAlertRules,
  AskCreateAlertRule,
  AskPatchAlertRule,
  AskDeleteAlertRule,
  AskTestAlertRule,
  AskAlerts,
  AskAlert,
  AskActOnAlert,
  AskPushKey,
  AskPushSubscriptions,
  AskAddPushSubscription,
  AskDeletePushSubscription,
  AskWebhooks,
  AskWebhook,
  AskCreateWebhook,
  AskPatchWebhook,
  AskDeleteWebhook,
  AskWebhookDeliveries,
  AskReplayWebhook,
  AskRotateWebhook,
  AskEnableWebhook,
  AskTestWebhook,
  AskReaders,
  AskReader,
  AskTakeEvents,
  AskMakeReaderKey,
  AskEndReaderKey,
  AskIsReaderKey,
  AskCreateReader,
  AskPatchReader,
  AskDeleteReader,
  AskTakeReaderSettings,
  AskTestRead,
  AskTrainingField,
  AskRecordings,
  AskRecordingPart,
  AskDeleteRecording,
  AskFind,
  AskStation,
  AskStations,
  AskPutStation,
  AskDeleteStation,
  AskVerifyLog,
  AskRefold,
  AskRefolds,
  AskLives,
  AskHeads,
  AskDeviceLedgers,
  AskReportDevice,
  AskDeviceReports,
  AskRelations,
  AskTimes,
  AskParked,
  AskReplay,
  AskBoardRefolds,
  AskRunAudit,
  AskStartRfidproRun,
  AskRfidproRuns,
  AskRfidproRun,
  AskCancelRfidproRun,
  AskMigrationGates,
  AskRfidproAgreement,
  AskRfidproDifferences,
  AskRfidproDifference,
  AskActOnRfidproDifference,
  AskRfidproComparison,
  AskRfidproReport,
  AskSignRfidproReport,
  AskPreviewRfidproImport,
  AskImportRfidpro,
  AskRfidproImport,
  AskRfidproImportRows,
  AskRfidproManifest,
  AskRfidproArchive,
  AskRfidproRows,
  AskAudits,
  AskAudit,
  AskFindings,
  AskFinding,
  AskActOnFinding,
  AskFindingRows,
  ...Object.values(AskOperationsAudit),
  ...Object.values(AskManagerAudit),
];
