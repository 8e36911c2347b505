import { positionText } from "@tagwire/messages";
import Type, { type TSchema } from "typebox";
import type { Edge } from "../edge/edge.ts";
import { callerOf } from "../edge/gate.ts";
import type { Gateway } from "../edge/gateway.ts";
import { admitCallersUpTo } from "../transfer/admission.ts";
import {
  type ExportFormat,
  exportFormatNames,
  exportFormats,
  type Pages,
} from "../transfer/export-formats.ts";
import { cutStalledReader } from "../transfer/stalled-reader.ts";
import type { ExportList } from "./export-list.ts";
import { exportLists } from "./export-lists.ts";
import { problems } from "./schema.ts";

const description = `The file is written while the list is read, page by page, and is not a picture of one instant: each row is as it
was when its page was read. Rows of boards, and of lists of the record but for
the log and the lives of items, end with \`asOf\` and \`position\`, the instant and the position of the log that they are of, and the
headers \`Tagwire-As-Of\` and \`Tagwire-Position\` say that of the first page, also where there are no rows. A file that could not be finished ends with a broken connection, never with a clean end.

CSV is RFC 4180 in UTF-8. Text that begins with = + - @, a tab or a line break, or with apostrophes before one of them, has an
apostrophe in front, so that no program takes it for a formula, and so has what follows a semicolon, a tab or a line break within a
text; an import takes it away again. In XLSX every text is typed as text,
and instants are RFC 3339 text. NDJSON has the rows as they are.`;

const FormatQuery = Type.Object({
  format: Type.Optional(Type.Enum(exportFormatNames, { default: "csv" })),
});

type Asked = {
  readonly params: { readonly site?: string };
  readonly query: { readonly format?: ExportFormat };
};

/** What the list is called in the name of its file: the words of its address. */
const nameOf = ({ path }: ExportList): string =>
  path
    .split("/")
    .filter((word) => word !== "" && !word.startsWith(":"))
    .join("-");

const addressOf = ({ path, isOfNoSite = false }: ExportList): string =>
  `${isOfNoSite ? "" : "/sites/:site"}${path}::export`;

/** `GET …:export` of every list that can be taken out. */
export const exports = (app: Gateway, edge: Edge): void => {
  const admit = admitCallersUpTo(edge.transfers.exportsMax, "exports");
  for (const list of exportLists)
    app.get(
      addressOf(list),
      {
        // A file of nothing but headers would be read to its end for nobody.
        exposeHeadRoute: false,
        schema: {
          operationId: list.operationId,
          tags: ["Exports"],
          summary: list.summary,
          description,
          params: list.params,
          querystring: Type.Object({ ...FormatQuery.properties, ...list.query.properties }),
          response: {
            200: {
              description: "the file",
              content: Object.fromEntries(
                Object.values(exportFormats).map(({ type }) => [
                  type.split(";", 1)[0],
                  { schema: Type.String() },
                ]),
              ),
            } as unknown as TSchema,
            ...problems(404, 409),
          },
        },
      },
      async (request, reply) => {
        const asked = request as unknown as Asked;
        const { site } = asked.params;
        const { format = "csv" } = asked.query;
        if (site !== undefined) await edge.sites.check(site);
        const leave = admit(callerOf(request));
        reply.raw.once("close", leave);
        const { type, write } = exportFormats[format];
        const pages = await begun(
          list.pages(edge, asked as never, (at) =>
            reply.headers({ "tagwire-as-of": at.asOf, "tagwire-position": positionText(at) }),
          ),
        );
        const file = write(pages as Pages<never>, list.columns);
        file.once("error", (err) =>
          edge.log.warn({ err, site, list: list.path }, "an export was not finished"),
        );
        cutStalledReader(reply.raw, { idleMsMax: edge.transfers.readerIdleMsMax });
        const day = new Date().toISOString().slice(0, "2026-01-01".length);
        return reply
          .type(type)
          .header(
            "content-disposition",
            `attachment; filename="${site ?? "tagwire"}-${nameOf(list)}-${day}.${format}"`,
          )
          .send(file);
      },
    );
};

/** Reads the first page before anything is said: what fails then is an ordinary problem. */
const begun = async <Row>(pages: Pages<Row>): Promise<Pages<Row>> => {
  const iterator = pages[Symbol.asyncIterator]();
  const first = await iterator.next();
  return (async function* () {
    if (first.done === true) return;
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => iterator };
  })();
};
