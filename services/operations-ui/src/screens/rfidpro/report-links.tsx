import type { RfidproRun } from "@tagwire/messages";
import { useState } from "react";
import { reportPath, signReport } from "../../api/rfidpro-differences.ts";
import { Button, buttonClass } from "../../look/button.tsx";

/** How far the newest pull agrees, in percent and rounded down; its report as a file; and to sign it. */
export const ReportLinks = ({ run: { id, agreement } }: { run: Pick<RfidproRun, "id" | "agreement"> }) => {
  const [told, setTold] = useState<string>();
  const sign = async (): Promise<void> => {
    const answer = await signReport(id, "");
    if (answer.kind === "ok") setTold(`Signed by ${answer.value.name}.`);
    else if (answer.kind === "refused") setTold(answer.refusal.message);
  };
  return (
    <div className="flex flex-wrap items-center gap-2 text-sm">
      {agreement !== null && <span>{Math.floor(agreement * 10_000) / 100} % agree</span>}
      <a className={buttonClass("quiet")} href={reportPath(id, "html")} download>
        Report
      </a>
      <a className={buttonClass("quiet")} href={reportPath(id, "csv")} download>
        Report as CSV
      </a>
      <Button onClick={() => void sign()}>Sign the report</Button>
      <span role="status">{told}</span>
    </div>
  );
};
