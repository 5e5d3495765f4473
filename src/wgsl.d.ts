declare module "*.wgsl" {
  const file: import("./wgsl/link").ShaderFile;
  export default file;
}
declare module "*.wgsl?raw" {
  const text: string;
  export default text;
}
