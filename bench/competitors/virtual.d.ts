/** A page of onnxruntime-web loads this model file beside its code. cold.mjs makes it. */
declare module "virtual:layer-norm.onnx" {
  const bytes: Uint8Array;
  export default bytes;
}
