import { drawLabel } from "./label-drawing.ts";

/** Four inches by two, at 203 dots an inch: what tags of this trade come on. */
const widthDots = 812;
const heightDots = 406;

/** How one label comes out of the printer. Paper is white and ink is black, whatever the screen wears. */
export const LabelPreview = ({ zpl }: { zpl: string }) => {
  const { parts, written } = drawLabel(zpl);
  const texts = parts.flatMap((part) => (part.kind === "text" ? [part.text] : []));
  return (
    <figure className="grid max-w-md gap-2">
      <svg
        role="img"
        aria-label={`Label: ${texts.join(", ")}`}
        viewBox={`0 0 ${widthDots} ${heightDots}`}
        className="w-full rounded-md border border-edge bg-[#fff] text-[#000]"
      >
        {parts.map((part) =>
          part.kind === "text" ? (
            <text
              key={`${part.x} ${part.y}`}
              x={part.x}
              y={part.y + part.size * 0.8}
              fontSize={part.size}
              fill="currentColor"
            >
              {part.text}
            </text>
          ) : (
            <g key={`${part.x} ${part.y}`} transform={`translate(${part.x} ${part.y})`}>
              <rect width={part.size} height={part.size} fill="none" stroke="currentColor" strokeWidth="4" />
              <text x={part.size / 2} y={part.size / 2} fontSize="24" textAnchor="middle" fill="currentColor">
                QR code
              </text>
            </g>
          ),
        )}
      </svg>
      <figcaption className="text-sm text-soft">
        The first label, drawn from the file.{" "}
        {written === undefined
          ? "Nothing is written into a chip."
          : "The printer writes the tag into the chip, too."}
      </figcaption>
    </figure>
  );
};
