declare module "virtual:conformance" {
  const vectors: { onnx: ConformanceCase[]; wpt: ConformanceCase[] } | null;
  export default vectors;
}
