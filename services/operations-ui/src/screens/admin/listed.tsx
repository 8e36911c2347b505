import type { ReactNode } from "react";
import { Waiting } from "../../look/panel.tsx";

type Props<Row> = {
  rows: readonly Row[] | undefined;
  /** What is said before it is known, and where there is nothing. */
  asking: string;
  nothing: string;
  children: (row: Row) => ReactNode;
};

/** The rows of a list that was read. */
export const ListedRows = <Row,>({ rows, asking, nothing, children }: Props<Row>) => {
  if (rows === undefined) return <Waiting>{asking}</Waiting>;
  return rows.length === 0 ? <Waiting>{nothing}</Waiting> : <ul>{rows.map(children)}</ul>;
};
