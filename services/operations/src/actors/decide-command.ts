import { type Act, type PlainAct, tagOf } from "./act.ts";
import type { Answer } from "./answer.ts";
import type { Book } from "./book.ts";
import { decideProvision, decideRetag } from "./commission.ts";
import { confirmedNow, decideConfirm } from "./confirm-tags.ts";
import { decideAmend, decideContractAct, decideLot, decideMerge, decideOpen } from "./contract.ts";
import type { Decision } from "./decision.ts";
import { decideCreate } from "./item.ts";
import type { Ground } from "./known.ts";
import { decideMigration } from "./migration.ts";
import { decidePhoto, decidePhotoDeletion } from "./photo.ts";
import { decideDefineClass } from "./rental-class.ts";
import { decideBegin } from "./session.ts";
import { decideClose, decideDeclare, decideJoin } from "./session-close.ts";
import { decideSettingsNote } from "./settings-note.ts";
import { decideRuleSet } from "./stock-rule.ts";
import { decideTrip } from "./trip.ts";
import { decideZone } from "./zone.ts";

/** Commands that are decided on what the site is, and on nothing that the turn holds besides. */
export type CommandedAct = Exclude<PlainAct, { kind: "scan" | "item.patch" | "import" }>;

/** @throws Fault as the decision of its kind says. */
export const decideCommand = (book: Book, act: CommandedAct, ground: Ground): Decision => {
  switch (act.kind) {
    case "item.create":
      return decideCreate(book, act.body, act.origin);
    case "item.retag":
      return decideRetag(book, act.body, act.origin);
    case "tags.provision":
      return decideProvision(book, act.body, act.origin, ground);
    case "tags.confirm":
      return decideConfirm(book, act.body, act.origin, ground);
    case "class.define":
      return decideDefineClass(book, act.body, act.origin);
    case "settings.note":
      return decideSettingsNote(act.body, act.origin);
    case "site.migrate":
      return decideMigration(ground.stage, act.body, act.origin);
    case "photo.add":
      return decidePhoto(book, { tag: tagOf(act), photo: act.body, id: act.id }, act.origin, ground.photo);
    case "photo.delete":
      return decidePhotoDeletion(book, { ...act.body, tag: tagOf(act) }, act.origin, ground.photo);
    case "rule.set":
      return decideRuleSet(ground.rule, act.body, act.origin);
    case "zone.set":
      return decideZone(ground.zone, act.body, act.origin);
    case "contract.open":
      return decideOpen(book, act.body, act.origin);
    case "contract.amend":
      return decideAmend(book, act.body, act.origin);
    case "contract.act":
      return decideContractAct(book, act.body, act.origin);
    case "contract.merge":
      return decideMerge(book, act.body, act.origin);
    case "contract.trip":
      return decideTrip(book, act.body, act.origin);
    case "lot.record":
      return decideLot(book, act.body, act.origin);
    case "session.begin":
      return decideBegin(book, act.body, act.origin, ground);
    case "session.close":
      return decideClose(book, act.body, act.origin);
    case "session.join":
      return decideJoin(book, act.body, act.origin);
    case "session.declare":
      return decideDeclare(book, act.body, act.origin);
  }
};

/** What an act is about, as it is now. */
export const subjectOf = (
  book: Book,
  act: Act,
  tag: string | undefined,
  { unlabelled }: Ground = {},
): Omit<Answer, "receipt"> => {
  const item = tag === undefined ? null : (book.item(tag) ?? null);
  if (act.kind !== "scan") book.share();
  switch (act.kind) {
    case "item.retag": {
      const successor = item?.replacedBy == null ? undefined : book.item(item.replacedBy);
      return { item: successor ?? item };
    }
    case "tags.confirm":
      return { item: null, confirmed: confirmedNow(book, act.body, unlabelled) };
    case "class.define": {
      const rentalClass = book.rentalClass(act.body.class.trim());
      return { item: null, ...(rentalClass === undefined ? {} : { rentalClass }) };
    }
    case "contract.open":
    case "contract.amend":
    case "contract.act":
    case "contract.merge":
    case "contract.trip":
    case "lot.record": {
      const contract = book.contract(act.body.number.trim());
      return { item: null, ...(contract === undefined ? {} : { contract }) };
    }
    case "session.begin":
    case "session.close":
    case "session.join":
    case "session.declare": {
      const session = book.session(act.kind === "session.begin" ? act.body.id : act.body.session);
      return { item: null, ...(session === undefined ? {} : { session }) };
    }
    default:
      return { item };
  }
};
