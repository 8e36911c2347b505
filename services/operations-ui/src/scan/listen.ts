import { focusedField, isTypingPlace, rememberField } from "./field.ts";
import type { Hearing } from "./hearing.ts";
import { type Burst, isAbandoned, noBurst, pastedTags, quietMs, type Verdict, wedgeStep } from "./wedge.ts";

/**
 * Hears keyboard-wedge scanners wherever the focus is, and lists of tags that are pasted into the scan box. Returns what
 * stops it.
 */
export const listenForScans = (heard: Hearing): (() => void) => {
  let burst: Burst = noBurst;
  let before: ReturnType<typeof rememberField>;
  let abandoning: ReturnType<typeof setTimeout> | undefined;

  const conclude = (verdict: Verdict): void => {
    if (verdict.kind === "scanned" || !verdict.isLeft) before?.takeOut(verdict.text);
    before = undefined;
    if (verdict.kind === "scanned") heard.tags([verdict.text]);
    else heard.broken("broken");
  };

  const onKey = (event: KeyboardEvent): void => {
    const typing = isTypingPlace();
    const isAltGr = event.getModifierState("AltGraph");
    const step = wedgeStep(burst, {
      key: event.key,
      atMs: event.timeStamp,
      modified: event.isComposing || (!isAltGr && (event.ctrlKey || event.altKey || event.metaKey)),
      repeats: event.repeat,
      typing,
    });
    const isNews = step.burst !== burst;
    burst = step.burst;
    if (step.begins) before = rememberField();
    if (step.swallow) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    if (!isNews) return;
    clearTimeout(abandoning);
    if (step.verdict !== undefined) conclude(step.verdict);
    else if (!typing && isAbandoned(burst)) abandoning = setTimeout(heard.broken, quietMs, "broken");
  };

  // A paste is taken only where one sees what it was: a copied trace id is no tag.
  const onPaste = (event: ClipboardEvent): void => {
    const tags = pastedTags(event.clipboardData?.getData("text/plain") ?? "");
    if (focusedField()?.dataset.scan === undefined || tags.length < 2) return;
    event.preventDefault();
    heard.tags(tags);
  };

  document.addEventListener("keydown", onKey, { capture: true });
  document.addEventListener("paste", onPaste, { capture: true });
  return () => {
    clearTimeout(abandoning);
    document.removeEventListener("keydown", onKey, { capture: true });
    document.removeEventListener("paste", onPaste, { capture: true });
  };
};
