/** The model's file, which a page of onnxruntime-web has beside its code: made by cold.mjs. */
declare module "virtual:layer-norm.onnx" {
  const bytes: Uint8Array;
  export default bytes;
}
