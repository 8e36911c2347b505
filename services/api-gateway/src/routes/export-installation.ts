import type { Site } from "@tagwire/messages";
import Type, { type Static } from "typebox";
import { listKeys } from "../store/keys.ts";
import type { Column } from "../transfer/export-formats.ts";
import { column, type ExportList, list } from "./export-list.ts";
import { keyView } from "./keys.ts";

const siteColumns: readonly Column<Static<typeof Site>>[] = (
  ["id", "name", "timeZone", "epoch", "pos", "createdAt"] as const
).map((name) => column<Static<typeof Site>>(name, (site) => site[name]));

type KeyRow = ReturnType<typeof keyView>;
const keyColumns: readonly Column<KeyRow>[] = (
  ["id", "name", "role", "createdAt", "lastUsedAt", "revokedAt"] as const
).map((name) => column<KeyRow>(name, (key) => key[name]));

const none = { params: Type.Object({}), query: Type.Object({}) };

/** What is of no single site, as files. */
export const installationExports: readonly ExportList[] = [
  list({
    path: "/sites",
    isOfNoSite: true,
    operationId: "exportSites",
    summary: "Sites as a file",
    ...none,
    columns: siteColumns,
    pages: async function* ({ sites }) {
      yield await sites.list();
    },
  }),
  list({
    path: "/keys",
    isOfNoSite: true,
    operationId: "exportKeys",
    summary: "API keys as a file, without their text",
    ...none,
    columns: keyColumns,
    pages: async function* ({ store }) {
      yield (await listKeys(store.db)).map(keyView);
    },
  }),
];
