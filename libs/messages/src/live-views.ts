import Type, { type Static, type TOptional, type TString } from "typebox";
import { type LiveViewDeclaration, liveViewTable } from "./live-view-table.ts";

type Table = typeof liveViewTable;
export type LiveView = keyof Table;
export const liveViews = Object.keys(liveViewTable) as readonly LiveView[];

/** The views of one service. */
export type ViewOf<O extends LiveViewDeclaration["owner"]> = {
  [V in LiveView]: Table[V]["owner"] extends O ? V : never;
}[LiveView];
export const viewsOf = <O extends LiveViewDeclaration["owner"]>(owner: O): readonly ViewOf<O>[] =>
  liveViews.filter((view): view is ViewOf<O> => liveViewTable[view].owner === owner);

/** The views that are made of the log: each counts in the positions of its site. */
export type BoardView = {
  [V in ViewOf<"manager">]: Table[V]["clock"] extends "site" ? V : never;
}[ViewOf<"manager">];
export const boardViews: readonly BoardView[] = viewsOf("manager").filter(
  (view): view is BoardView => liveViewTable[view].clock === "site",
);

export const isLiveView = (name: string): name is LiveView => Object.hasOwn(liveViewTable, name);

/** What a view is declared to be. */
export const liveViewOf = (view: LiveView): LiveViewDeclaration => liveViewTable[view];

/** The members of a view's filter, as the schema of an object's properties. */
export const filterPropertiesOf = <V extends LiveView>(
  view: V,
): { [M in keyof Table[V]["filter"]]: TOptional<TString> } =>
  Object.fromEntries(
    Object.entries(liveViewOf(view).filter).map(([name, { schema }]) => [name, schema]),
  ) as never;

/** Text for each member that somebody asked by. */
export const LiveFilter = Type.Record(Type.String(), Type.String());
export type LiveFilter = Static<typeof LiveFilter>;
