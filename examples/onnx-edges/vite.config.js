// The photograph is the demo's, and the library lies above this folder, too. The wasm of
// onnxruntime-web lies beside its module.

export default {
  server: { fs: { allow: ["../.."] } },
  optimizeDeps: { exclude: ["onnxruntime-web", "onnxruntime-web/webgpu"] },
};
