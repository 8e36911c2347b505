import {
  AuditBarrier,
  ClassDefined,
  contractEvents,
  itemEvents,
  type LoggedEvent,
  photoEvents,
  ScanDismissed,
  ScanQuarantined,
  ScanRefused,
  SiteCreated,
  SiteMigrationMoved,
  StockRuleSet,
  sessionEvents,
  settingsEvents,
  ZoneConfigured,
} from "@tagwire/messages";
import { Compile, type Validator } from "typebox/compile";

const bodyChecks: ReadonlyMap<string, Validator> = new Map(
  [
    ...itemEvents,
    ...contractEvents,
    ...sessionEvents,
    ...settingsEvents,
    ...photoEvents,
    ScanDismissed,
    ScanQuarantined,
    ScanRefused,
    SiteCreated,
    SiteMigrationMoved,
    StockRuleSet,
    ClassDefined,
    AuditBarrier,
    ZoneConfigured,
  ].map(({ type, body }) => [type, Compile(body)]),
);

/**
 * Contracts only grow: an event of a kind that came later means nothing here, and passes.
 *
 * @throws Error when an event of a kind that is known has a body that is not of its shape.
 */
export const assertReadable = ({ type, data }: LoggedEvent): void => {
  const check = bodyChecks.get(type);
  if (check !== undefined && !check.Check(data)) throw new Error(`the body of ${type} cannot be read`);
};
