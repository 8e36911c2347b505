import { thingNameOf } from "@tagwire/epc";
import { Fault } from "@tagwire/messages";
import type { Book } from "./book.ts";
import { refuseHeldElsewhere } from "./epc-holder.ts";

/**
 * A GS1 EPC can be on one thing only, though several tags can say it: the second would make two things of one.
 *
 * @throws Fault `item_exists` when another thing than the one that carries `own` has the name that a tag says; `epc_held_elsewhere` when
 * one of another site has it.
 */
export const refuseTwin = (book: Book, tag: string, own?: string): void => {
  const name = thingNameOf(tag);
  const other = name === null ? undefined : book.carriers(name).find((carrier) => carrier !== own);
  if (other !== undefined) throw new Fault("item_exists", `${tag} names the thing that carries ${other}`);
  refuseHeldElsewhere(book, tag);
};
