import { useState } from "react";
import { countText } from "../words/time.ts";

/** A number that is marked for a moment when it moves. It never rolls: values in between were never true. */
export const MovingCount = ({ value }: { value: number }) => {
  const [shown, setShown] = useState(value);
  const [moves, setMoves] = useState(0);
  if (value !== shown) {
    setShown(value);
    setMoves(moves + 1);
  }
  return (
    <span key={moves} className={moves > 0 ? "bump inline-block" : "inline-block"}>
      {countText(value)}
    </span>
  );
};
