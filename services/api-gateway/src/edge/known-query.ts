import Type, { type TSchema } from "typebox";
import type { Gateway } from "./gateway.ts";
import { escapedName } from "./json-pointer.ts";
import { malformedAt } from "./problem.ts";

const isOpen = (schema: TSchema): boolean =>
  (schema as { additionalProperties?: unknown }).additionalProperties === true;

/** The query of a route, closed: it has the members that it names, and no others. */
const closed = (query: unknown): TSchema | undefined => {
  if (query === undefined) return Type.Object({}, { additionalProperties: false });
  const schema = query as TSchema;
  if (!Type.IsObject(schema) || isOpen(schema)) return undefined;
  return Type.Object(schema.properties, { additionalProperties: false });
};

const isFields = (body: unknown): body is object =>
  typeof body === "object" && body !== null && !Array.isArray(body);

/** Members of a query that nobody can mean in the body of a route: it has none, or has no such member. */
const onlyAsked = (known: readonly string[], body: unknown): readonly string[] => {
  if (body === undefined) return known;
  const schema = body as TSchema;
  return Type.IsObject(schema) ? known.filter((name) => !Object.hasOwn(schema.properties, name)) : [];
};

/**
 * Refuses members of a query that a route does not know. Passed over, they would be worse than wrong: `?at=` at a board that knows no past
 * is answered with the present, and a misspelt filter with everything. Looked at before the body, so that whoever gets both wrong is
 * told of this one first. So is what belongs to the query and stands in the body: whoever asks for a preview there would have it done.
 * EPCIS does so by itself, with the name that its standard gives the error. Call it before the routes.
 *
 * @throws Refusal `malformed`, naming the member and those there are.
 */
export const refuseUnknownQueries = (api: Gateway): void => {
  api.addHook("onRoute", (route) => {
    if (route.schema?.hide === true) return;
    const query = closed(route.schema?.querystring);
    if (query === undefined || !Type.IsObject(query)) return;
    route.schema = { ...route.schema, querystring: query };
    const known = Object.keys(query.properties);
    const there = known.length === 0 ? "nothing can be asked for" : `there is ${known.join(", ")}`;
    const elsewhere = onlyAsked(known, route.schema?.body);
    const check = async ({ query: asked, body }: { readonly query: unknown; readonly body: unknown }) => {
      const unknown = Object.keys(asked as object).find((name) => !known.includes(name));
      if (unknown !== undefined)
        throw malformedAt(`/${escapedName(unknown)}`, `is not known here; ${there} (querystring)`);
      const misplaced = isFields(body) ? elsewhere.find((name) => Object.hasOwn(body, name)) : undefined;
      if (misplaced !== undefined)
        throw malformedAt(`/${misplaced}`, `is not known here; it is said in the query, as ?${misplaced}=`);
    };
    const before = route.preValidation === undefined ? [] : [route.preValidation].flat();
    route.preValidation = [check, ...before];
  });
};
