// A step of gradient descent with momentum for the weights and biases of all norms at once.

@group(0) @binding(2) var<storage, read> gradients: array<f32>;
@group(0) @binding(3) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(4) var<storage, read_write> velocities: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x; // the arrays have whole workgroups
  let velocity = now.momentum * velocities[i] + gradients[i];
  velocities[i] = velocity;
  parameters[i] -= now.learningRate * velocity;
}
