import type { By, LaundryRound, RoundClass, RoundItem, RoundLot } from "@tagwire/messages";
import { routeText } from "../../route.ts";
import { useSite } from "../../site-context.ts";
import { byText } from "../../words/by.ts";
import { roundStateWords, roundSum } from "../../words/laundry.ts";
import { countText, dayText, minuteText } from "../../words/time.ts";

type Counts = Pick<RoundLot, "sent" | "returned" | "missing" | "surplus">;
const columns: readonly { readonly key: keyof Counts; readonly word: string }[] = [
  { key: "sent", word: "Before the wash" },
  { key: "returned", word: "Came back" },
  { key: "missing", word: "Missing" },
  { key: "surplus", word: "More" },
];

/** A round: who counted, sent and took back when; what it comes to; what is missing, by name and by tag. */
export const RoundReport = ({ round }: { round: LaundryRound }) => {
  const { classes, lotNames, missingTags, missingTagsMore } = round;
  // What the cleaner still has is not missing yet.
  const isUnderWay = round.endedAt === null && (round.state === "open" || round.state === "finalized");
  const id = `round-${round.round}`;
  return (
    <section aria-labelledby={id} className="panel min-w-0 print:break-inside-avoid">
      <header className="grid gap-1 px-4 pt-4 pb-3 sm:px-5">
        <h3 id={id} className="text-base font-semibold tracking-tight">
          Round {round.round}{" "}
          <span className="ml-1 font-medium text-soft">{roundStateWords[round.state]}</span>
        </h3>
        <p className="text-lg font-semibold text-balance">{roundSum(round)}</p>
        <Steps round={round} />
      </header>
      {classes.length + lotNames.length > 0 && (
        <div className="overflow-x-auto px-2 pb-3 sm:px-3">
          <table className="w-full text-sm tabular-nums">
            <thead>
              <tr>
                <th scope="col" className="px-2 py-1 text-left font-semibold text-soft">
                  What
                </th>
                {columns.map(({ key, word }) => (
                  <th key={key} scope="col" className="px-2 py-1 text-right font-semibold text-soft">
                    {key === "missing" && isUnderWay ? "Not back yet" : word}
                  </th>
                ))}
              </tr>
            </thead>
            <Counted word="Scanned" of={classes.map(withName)} all={round.items} isUnderWay={isUnderWay} />
            <Counted word="Counted by hand" of={lotNames} all={round.lots} isUnderWay={isUnderWay} />
          </table>
        </div>
      )}
      {missingTags.length > 0 && (
        <div className="grid gap-2 border-t border-line px-4 py-3 sm:px-5">
          <h4 className="text-sm font-semibold">
            {isUnderWay ? "Tags that are not back yet" : "Tags that did not come back"}
          </h4>
          <ul className="flex flex-wrap gap-x-4 gap-y-2">
            {missingTags.map((item) => (
              <MissingTag key={item.tag} item={item} />
            ))}
          </ul>
          {missingTagsMore > 0 && (
            <p className="text-sm text-soft">
              And {countText(missingTagsMore)} more: the file has all of them.
            </p>
          )}
        </div>
      )}
    </section>
  );
};

const withName = ({ class: name, ...counts }: RoundClass): Counts & { name: string } => ({
  ...counts,
  name: name === "" ? "Tags that nobody knows" : name,
});

/** Who did what when. What has not happened yet is not said. */
const Steps = ({ round }: { round: LaundryRound }) => {
  const { timeZone } = useSite();
  const steps = [
    { word: "Begun", at: round.beganAt, by: round.beganBy },
    { word: "Sent", at: round.finalizedAt, by: round.finalizedBy },
    { word: "Back", at: round.returnedAt, by: round.returnedBy },
    { word: "Ended", at: round.endedAt, by: round.endedBy },
  ].flatMap(({ word, at, by }) => (at === null ? [] : [{ word, at, by }]));
  return (
    <dl className="flex flex-wrap gap-x-6 gap-y-1 text-sm">
      {steps.map(({ word, at, by }) => (
        <div key={word} className="flex gap-1.5">
          <dt className="font-semibold">{word}</dt>
          <dd className="text-soft tabular-nums">
            {dayText(at, timeZone)}, {minuteText(at, timeZone)}
            {byWords(by)}
          </dd>
        </div>
      ))}
    </dl>
  );
};

const byWords = (by: By | null): string => (by === null ? "" : `, ${byText(by)}`);

type Named = Counts & { readonly name: string };

type CountedProps = {
  readonly word: string;
  readonly of: readonly Named[];
  readonly all: Counts;
  readonly isUnderWay: boolean;
};

/** What was counted in one way, with its sum where there is more than one name. */
const Counted = ({ word, of, all, isUnderWay }: CountedProps) =>
  of.length === 0 ? null : (
    <tbody>
      <tr className="border-t border-line">
        <th
          scope="rowgroup"
          colSpan={columns.length + 1}
          className="px-2 pt-3 pb-1 text-left text-xs text-soft"
        >
          {word}
        </th>
      </tr>
      {of.map((one) => (
        <Row key={one.name} name={one.name} counts={one} isUnderWay={isUnderWay} />
      ))}
      {of.length > 1 && <Row name="Together" counts={all} isUnderWay={isUnderWay} isSum />}
    </tbody>
  );

type RowProps = { name: string; counts: Counts; isUnderWay: boolean; isSum?: boolean };

const Row = ({ name, counts, isUnderWay, isSum = false }: RowProps) => (
  <tr className={`border-t border-line ${isSum ? "font-semibold" : ""}`}>
    <th scope="row" className={`px-2 py-1.5 text-left ${isSum ? "font-semibold" : "font-medium"}`}>
      {name}
    </th>
    {columns.map(({ key }) => (
      <td key={key} className={`px-2 py-1.5 text-right ${toneOf(key, counts[key], isUnderWay)}`}>
        {countText(counts[key])}
      </td>
    ))}
  </tr>
);

/** A difference has weight and colour; that there is none has neither. */
const toneOf = (key: keyof Counts, count: number, isUnderWay: boolean): string => {
  if (key === "sent" || key === "returned" || (key === "missing" && isUnderWay)) return "";
  if (count === 0) return "text-soft";
  return key === "missing" ? "font-semibold text-missing" : "font-semibold text-service";
};

const MissingTag = ({ item: { tag, class: name, backRound } }: { item: RoundItem }) => (
  <li className="grid text-sm">
    <a
      href={routeText({ site: useSite().id, screen: "items", tag })}
      className="inline-flex min-h-7 items-center font-mono break-all hover:underline"
    >
      {tag}
    </a>
    <span className="text-xs text-soft">
      {name}
      {backRound !== null && ` · came back in round ${backRound}`}
    </span>
  </li>
);
