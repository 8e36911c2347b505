export { createLineCutter, isLineEnd, isText, type LineCutter, lineLengthMax } from "./line-cutter.ts";
export { readTagLine, type Said } from "./tag-line.ts";
export { type Completed, type TslLine, type TslTag, TslTags, tslLine } from "./tsl-replies.ts";
export { tslBasics, tslClear } from "./tsl-setup.ts";
