import { useEffect, useState } from "react";
import { useView } from "../live/use-live.ts";
import { useSite } from "../site-context.ts";

/** So long after the last key a number is taken to be whole, in ms. */
const typedAfterMs = 400;

/** Says before anything is scanned that a number is that of no contract: a wrong digit would open another one. */
export const ContractHint = ({ typed }: { typed: string }) => {
  const number = typed.trim();
  const [whole, setWhole] = useState(number);
  useEffect(() => {
    const timer = setTimeout(setWhole, typedAfterMs, number);
    return () => clearTimeout(timer);
  }, [number]);
  const contracts = useView(useSite().id, "contracts", { number: whole });
  const isNew = contracts.whole && !contracts.rows.has(whole) && whole === number;
  return isNew && "No contract has this number yet: a scan opens one.";
};
