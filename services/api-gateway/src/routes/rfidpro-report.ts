import { Readable } from "node:stream";
import type { Bus } from "@tagwire/bus";
import {
  AskRfidproComparison,
  AskRfidproReport,
  AskSignRfidproReport,
  Fault,
  RfidproComparison,
  RfidproSignature,
  rfidproReportFormats,
} from "@tagwire/messages";
import Type, { type Static, type TSchema } from "typebox";
import type { Edge } from "../edge/edge.ts";
import { principalOf } from "../edge/gate.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire, instruct } from "../edge/questions.ts";
import { RunParams, rfidproTags } from "./rfidpro-differences.ts";
import { nullable, problems } from "./schema.ts";

const mediaTypes = { html: "text/html", csv: "text/csv" } as const;
const formatQuery = {
  format: Type.Optional(Type.Enum(rfidproReportFormats, { default: "html" })),
};

const description = `A file that needs nothing else: what was compared and when, how much of it agrees, the differences by class and every one
of them side by side, the hash of the manifest in the archive, and who signed it. The header \`Repr-Digest\` is the SHA-256 of the file (RFC 9530);
\`Tagwire-Signature\` is a detached Ed25519 signature of the 32 bytes of that digest in base64url, made with the key of the archive, so that no report
is too large to be signed; \`Tagwire-Public-Key\` is that key, as one line of base64.`;

/** All of a report is read once, for its digest, before its first part is given. */
const signTimeoutMs = 110_000;

type Asked = { readonly run: string; readonly format: (typeof rfidproReportFormats)[number] };

/** The bytes of a report, part by part: only one is held. */
async function* partsFrom(
  bus: Bus,
  asked: Asked,
  first: Static<(typeof AskRfidproReport)["answer"]>,
): AsyncGenerator<Buffer> {
  for (let part = first; ; part = await inquire(bus, AskRfidproReport, { ...asked, from: part.next })) {
    yield Buffer.from(part.body);
    if (part.next === null) return;
  }
}

const SignBody = Type.Object(
  {
    name: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 120,
        description: "who signs, as it shall stand in the report; by default whoever is signed in",
      }),
    ),
  },
  { additionalProperties: false },
);

/** What a comparison came to, as a report that can be kept, printed and signed. */
export const rfidproReport = (app: Gateway, { bus }: Edge): void => {
  app.get(
    "/rfidpro/runs/:id/comparison",
    {
      schema: {
        operationId: "getRfidproComparison",
        tags: rfidproTags,
        summary: "How far a pull agrees with operations, the numbers that this is made of, and who signed it",
        params: RunParams,
        response: {
          200: Type.Object({
            comparison: RfidproComparison,
            hash: Type.String({ description: "SHA-256 of the comparison in canonical JSON" }),
            signatures: Type.Array(RfidproSignature),
          }),
          ...problems(404, 409),
        },
      },
    },
    async ({ params: { id: run } }) => {
      const { comparison, hash, signatures } = await inquire(bus, AskRfidproComparison, { run });
      if (comparison === null || hash === null) throw new Fault("rfidpro.not_compared", run);
      return { comparison, hash, signatures };
    },
  );

  app.get(
    "/rfidpro/runs/:id/report",
    {
      schema: {
        operationId: "getRfidproReport",
        tags: rfidproTags,
        summary: "The agreement report of a pull as a file",
        description,
        params: RunParams,
        querystring: Type.Object(formatQuery),
        response: {
          200: {
            description: "the report",
            content: Object.fromEntries(
              Object.values(mediaTypes).map((type) => [type, { schema: Type.String() }]),
            ),
          } as unknown as TSchema,
          ...problems(404, 409),
        },
      },
    },
    async ({ params: { id: run }, query: { format = "html" } }, reply) => {
      const asked = { run, format };
      const first = await instruct(bus, AskRfidproReport, asked, signTimeoutMs);
      const { signature, publicKey, bytes, sha256 } = first;
      if (signature !== null && publicKey !== null)
        reply.headers({
          "tagwire-signature": signature,
          "tagwire-public-key": publicKey.replaceAll(/-----[^-]+-----|\s/g, ""),
        });
      return (
        reply
          .type(`${mediaTypes[format]}; charset=utf-8`)
          .header("content-disposition", `attachment; filename="rfidpro-agreement-${run}.${format}"`)
          // What breaks off is too short, and so seen by whoever takes it.
          .headers(bytes === null ? {} : { "content-length": bytes })
          .headers(
            sha256 === null
              ? {}
              : { "repr-digest": `sha-256=:${Buffer.from(sha256, "hex").toString("base64")}:` },
          )
          .send(Readable.from(partsFrom(bus, asked, first), { objectMode: false }))
      );
    },
  );

  app.post(
    "/rfidpro/runs/:id(^[0-9a-fA-F-]+)::sign",
    {
      schema: {
        operationId: "signRfidproReport",
        tags: rfidproTags,
        summary: "Sign the agreement report of a pull: who, when, and the hash of what was compared",
        params: RunParams,
        body: nullable(SignBody),
        response: { 200: RfidproSignature, ...problems(404, 409) },
      },
    },
    async (request) => {
      const by = principalOf(request).name;
      const run = request.params.id;
      return (await instruct(bus, AskSignRfidproReport, { run, by, name: request.body?.name ?? by }))
        .signature;
    },
  );
};
