import { type AuditEntity, type AuditRow, auditFields, type Evidence } from "@tagwire/messages";
import type { Sighting } from "./sighting.ts";

/** Rows of some buckets by their keys, as one side gave them. */
export type Rows = ReadonlyMap<string, AuditRow>;

/** What is read of both sides for one comparison: the record twice, with the picture between. */
export type Sandwich = { readonly before: Rows; readonly picture: Rows; readonly after: Rows };

const isSame = (left: AuditRow | undefined, right: AuditRow | undefined): boolean =>
  left?.form === right?.form && left?.weight === right?.weight;

const namesOf = (entity: AuditEntity): readonly string[] => auditFields[entity];

/** A row by its fields, which its form names by their places; what cannot be read stays as it is. */
const fieldsOf = (entity: AuditEntity, row: AuditRow | undefined): Record<string, unknown> | null => {
  if (row === undefined) return null;
  try {
    const values = JSON.parse(row.form) as unknown[];
    const fields = Object.fromEntries(namesOf(entity).map((name, at) => [name, values[at]]));
    return row.weight === 1 ? fields : { ...fields, times: row.weight };
  } catch {
    return { form: row.form };
  }
};

const differing = (
  left: Record<string, unknown> | null,
  right: Record<string, unknown> | null,
): readonly string[] => {
  if (left === null || right === null) return [];
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return names.filter((name) => JSON.stringify(left[name]) !== JSON.stringify(right[name]));
};

const codeOf = (record: AuditRow | undefined, picture: AuditRow | undefined) => {
  if (picture === undefined) return "missing_in_manager";
  return record === undefined ? "missing_in_operations" : "field_diff";
};

const sightingOf = (
  entity: AuditEntity,
  key: string,
  record: AuditRow | undefined,
  picture: AuditRow | undefined,
): Sighting => {
  const [operations, manager] = [fieldsOf(entity, record), fieldsOf(entity, picture)];
  const evidence: Evidence = { operations, manager, fields: [...differing(operations, manager)] };
  return { code: codeOf(record, picture), entity, key, evidence, isCertain: true };
};

/**
 * What differs for certain, and the keys of which nothing can be said yet.
 *
 * The picture was read when it had applied everything that the record had said at first. A row of the record that is the same before
 * and after it did not change meanwhile, so the picture has to hold it just so. A row that did change is looked at again.
 */
export const compareRows = (
  entity: AuditEntity,
  { before, picture, after }: Sandwich,
): { readonly differ: readonly Sighting[]; readonly moved: readonly string[] } => {
  const differ: Sighting[] = [];
  const moved: string[] = [];
  for (const key of new Set([...before.keys(), ...picture.keys(), ...after.keys()])) {
    const [first, seen, last] = [before.get(key), picture.get(key), after.get(key)];
    if (!isSame(first, last)) moved.push(key);
    else if (!isSame(first, seen)) differ.push(sightingOf(entity, key, first, seen));
  }
  return { differ, moved };
};
