declare module "*.css";
declare module "*.svg" {
  /** The address of the file. */
  const url: string;
  export default url;
}
declare module "*.wasm?url" {
  /** The address of the file. */
  const url: string;
  export default url;
}
