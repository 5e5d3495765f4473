// The wasm of onnxruntime-web lies beside its module.

export default {
  optimizeDeps: { exclude: ["onnxruntime-web", "onnxruntime-web/webgpu"] },
};
