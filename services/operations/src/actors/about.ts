import type { Act } from "./act.ts";
import type { Book } from "./book.ts";
import type { Answer } from "./site.ts";

/** What an act is about, as it is now. */
export const aboutOf = (book: Book, act: Act, tag: string | undefined): Omit<Answer, "receipt"> => {
  const item = tag === undefined ? null : (book.item(tag) ?? null);
  if (act.kind !== "scan") book.share();
  switch (act.kind) {
    case "item.retag": {
      const successor = item?.replacedBy == null ? undefined : book.item(item.replacedBy);
      return { item: successor ?? item };
    }
    case "class.define": {
      const rentalClass = book.rentalClass(act.body.class.trim());
      return { item: null, ...(rentalClass === undefined ? {} : { rentalClass }) };
    }
    case "contract.open":
    case "contract.amend":
    case "contract.act":
    case "contract.merge":
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
