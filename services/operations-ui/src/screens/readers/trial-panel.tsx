import type { TestRead } from "@tagwire/messages";
import { Ear } from "lucide-react";
import { useState } from "react";
import { testReader, testSeconds } from "../../api/readers.ts";
import { Button } from "../../look/button.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import { strengthText } from "../../words/readers.ts";
import { countOf, countText } from "../../words/time.ts";

/** Tags that are painted; of more, the loudest. */
const tagsShownMax = 50;

const sumText = ({ tags, reads }: TestRead): string => {
  const heard = new Set(tags.map(({ tag }) => tag)).size;
  return heard === 0 ? "No tag was heard." : `${countOf(heard, "tag")} heard, ${countOf(reads, "read")}.`;
};

/** Listens to the reader for a moment. What it hears is shown, and becomes nothing else. */
export const TestReadPanel = ({ id, isReading }: { id: string; isReading: boolean }) => {
  const site = useSite();
  const [heard, setHeard] = useState<TestRead>();
  const [wrong, setWrong] = useState<string>();
  const [isTesting, setTesting] = useState(false);
  const test = async (): Promise<void> => {
    setTesting(true);
    setWrong(undefined);
    const answer = await testReader(site.id, id);
    setTesting(false);
    setHeard(answer.kind === "ok" ? answer.value : undefined);
    if (answer.kind === "refused") setWrong(answer.refusal.message);
  };
  return (
    <Panel
      title="Test read"
      aside={
        <Button disabled={isTesting || !isReading} onClick={() => void test()}>
          <Ear aria-hidden="true" className="size-4" />
          {isTesting ? "Listening…" : `Listen for ${testSeconds} s`}
        </Button>
      }
    >
      <div role="status" className="px-4 pb-2 text-sm sm:px-5">
        {wrong !== undefined ? (
          <p className="font-semibold break-words text-missing">{wrong}</p>
        ) : heard !== undefined ? (
          <p className="font-semibold">{sumText(heard)}</p>
        ) : (
          <p className="text-soft">
            {isReading
              ? "Hold a tag before an antenna and listen. A test moves no stock."
              : "It does not read now, so nothing can be tested."}
          </p>
        )}
      </div>
      {heard !== undefined && heard.tags.length === 0 && (
        <Waiting>Is a tag near? Is the antenna plugged in, and has it power enough?</Waiting>
      )}
      {heard !== undefined && heard.tags.length > 0 && <Heard tags={heard.tags} />}
    </Panel>
  );
};

const Heard = ({ tags }: Pick<TestRead, "tags">) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
  <section aria-label="Tags that were heard" tabIndex={0} className="overflow-x-auto px-2 pb-3 sm:px-3">
    <table className="w-full text-sm tabular-nums">
      <thead>
        <tr>
          <th scope="col" className="px-2 py-2 text-left font-semibold text-soft">
            Tag
          </th>
          {["Antenna", "Strength", "Reads"].map((word) => (
            <th key={word} scope="col" className="px-2 py-2 text-right font-semibold text-soft">
              {word}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {tags.slice(0, tagsShownMax).map(({ tag, tid, antenna, rssiDbm, count }) => (
          <tr key={`${tag} ${tid ?? ""} ${antenna}`} className="border-t border-line">
            <th scope="row" className="px-2 py-2 text-left font-mono font-medium break-all">
              {tag === "" ? (tid ?? "a tag without an EPC") : tag}
            </th>
            <td className="px-2 text-right">{antenna}</td>
            <td className="px-2 text-right whitespace-nowrap">{strengthText(rssiDbm)}</td>
            <td className="px-2 text-right">{countText(count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
    {tags.length > tagsShownMax && (
      <p className="px-2 pt-2 text-sm text-soft">The {tagsShownMax} loudest of them.</p>
    )}
  </section>
);
