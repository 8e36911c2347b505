import { createHash } from "node:crypto";
import { malformedAt } from "./problem.ts";

const checkLength = 8;

const checkOf = (cursor: string): string =>
  createHash("sha256").update(cursor).digest("base64url").slice(0, checkLength);

/** A cursor as clients get it: with a check, so that one that was cut or mistyped is told apart before anybody tries to read it. */
export const sealCursor = (cursor: string | null): string | null =>
  cursor === null ? null : `${checkOf(cursor)}.${Buffer.from(cursor).toString("base64url")}`;

/** @throws Refusal `malformed` when it is not one of ours. */
export const openCursor = (text: string | undefined): string | null => {
  if (text === undefined) return null;
  const [check, sealed = ""] = text.split(".");
  const cursor = Buffer.from(sealed, "base64url").toString();
  if (check !== checkOf(cursor))
    throw malformedAt("/cursor", "is not a nextCursor that was given (querystring)");
  return cursor;
};
