// This kernel writes an image as pixels of RGBA, a word each. Rows are as long as a copy to a
// texture demands.
// Expects: io/byte_of, tensor x.
struct Params {
  columns: u32,
  pixels: u32,
  wordsOfRow: u32,
  channels: u32, // 1: gray, 3: RGB, 4: RGBA
  premultiplies: u32, // 1: colours become those times alpha
  base: u32, // first element of x, and its strides
  rowStride: u32,
  columnStride: u32,
  channelStride: u32,
}

override WORKGROUP = 64u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> words: array<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let pixel = (workgroup.x + workgroup.y * grid.x) * WORKGROUP + local;
  if (pixel >= params.pixels) {
    return;
  }
  let row = pixel / params.columns;
  let column = pixel % params.columns;
  let first = params.base + row * params.rowStride + column * params.columnStride;
  var alpha = 255u;
  if (params.channels == 4u) {
    alpha = byteOf(load_x(first + 3u * params.channelStride));
  }
  var word = alpha << 24u;
  for (var i = 0u; i < 3u; i++) {
    let channel = select(i, 0u, params.channels == 1u);
    var value = load_x(first + channel * params.channelStride);
    if (params.premultiplies == 1u) {
      value = clamp(value, 0.0, 255.0) * f32(alpha) / 255.0;
    }
    word |= byteOf(value) << (8u * i);
  }
  words[row * params.wordsOfRow + column] = word;
}
