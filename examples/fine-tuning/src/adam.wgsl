// A step of Adam (Kingma and Ba 2015), as PyTorch has it.

struct Step {
  size: u32,
  rate: f32,
  corrections: vec2f, // 1 - beta^t of both averages
}

const BETAS = vec2f(0.9, 0.999);
const EPS = 1e-8;

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> gradient: array<f32>;
@group(0) @binding(2) var<storage, read_write> averages: array<vec2f>; // of g and g * g
@group(0) @binding(3) var<storage, read_write> parameter: array<f32>;

@compute @workgroup_size(64)
fn descend(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= step.size) {
    return;
  }
  let g = gradient[id.x];
  let next = BETAS * averages[id.x] + (1.0 - BETAS) * vec2f(g, g * g);
  averages[id.x] = next;
  let corrected = next / step.corrections;
  parameter[id.x] -= step.rate * corrected.x / (sqrt(corrected.y) + EPS);
}
