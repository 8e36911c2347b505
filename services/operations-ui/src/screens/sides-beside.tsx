import { useSite } from "../site-context.ts";
import { fieldWord, valueText } from "../words/row-values.ts";

type Row = Readonly<Record<string, unknown>>;
/** What somebody says of a thing, by their name; null where they do not have it. */
export type Side = { readonly word: string; readonly row: Row | null };

type Props = { readonly sides: readonly Side[]; readonly fields: readonly string[] };

/** What all sides say of a thing, field by field; what differs comes first. */
export const SidesBeside = ({ sides, fields }: Props) => {
  const { timeZone } = useSite();
  const differs = new Set(fields);
  const names = [...new Set([...fields, ...sides.flatMap(({ row }) => Object.keys(row ?? {}))])];
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-left text-sm">
        <thead>
          <tr>
            {["Field", ...sides.map(({ word }) => word)].map((word) => (
              <th key={word} scope="col" className="py-1.5 pr-4 font-semibold">
                {word}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((field) => (
            <tr
              key={field}
              className={`border-t border-line align-top ${differs.has(field) ? "bg-missing-wash font-semibold" : ""}`}
            >
              <th scope="row" className="py-1.5 pr-4 font-medium">
                {fieldWord(field)}
                {differs.has(field) && <span className="sr-only"> differs</span>}
              </th>
              {sides.map(({ word, row }) => (
                <td key={word} className="py-1.5 pr-4 text-xs wrap-anywhere">
                  {row === null ? null : field in row || differs.has(field) ? (
                    valueText(row[field], field, timeZone)
                  ) : (
                    <span className="text-soft">not kept here</span>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {sides.some(({ row }) => row === null) && (
        <p className="pt-2 text-sm text-soft">A side without values does not have it.</p>
      )}
    </div>
  );
};
