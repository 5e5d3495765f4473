// This kernel normalizes images. An invocation has four neighbouring pixels of the padded image.
// Expects: image/load/*, image/uniforms, image/write/*.
override WORKGROUP = 64u;

fn normalizedAt(image: u32, row: u32, column: u32) -> vec3f {
  if (row >= params.innerRows || column >= params.innerColumns) {
    return vec3f(params.padding);
  }
  let sourceRow = params.sourceRow + row * params.rowStep;
  let colour = colourAt(image, sourceRow, params.sourceColumn + column * params.columnStep);
  let reds = colour.x * vec3f(params.red0, params.red1, params.red2);
  let greens = colour.y * vec3f(params.green0, params.green1, params.green2);
  let blues = colour.z * vec3f(params.blue0, params.blue1, params.blue2);
  return reds + greens + blues + vec3f(params.summand0, params.summand1, params.summand2);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = (workgroup.x + workgroup.y * grid.x) * WORKGROUP + local;
  if (index >= params.jobs) {
    return;
  }
  let image = index / params.jobsPerImage;
  let first = params.firstPixel + 4u * (index % params.jobsPerImage);
  var row = first / params.columns;
  var column = first % params.columns;
  var four: array<vec3f, 4>;
  for (var i = 0u; i < 4u; i++) {
    four[i] = normalizedAt(image, row, column);
    column++;
    if (column == params.columns) {
      column = 0u;
      row++;
    }
  }
  writePixels(image, first, four);
}
