// The kernel of images has this uniform block. IMAGE_FIELDS of src/plan/uniform_fields.ts has its
// fields in this order.
// Expects nothing.
struct Params {
  jobs: u32, // four pixels each
  jobsPerImage: u32,
  firstPixel: u32, // of this dispatch, in the padded image
  endPixel: u32,
  columns: u32, // of the padded image
  innerColumns: u32, // without the padding
  innerRows: u32,
  firstImage: u32,
  sourceColumn: u32, // of the first pixel
  sourceRow: u32,
  columnStep: u32, // 1, or -1 modulo 2^32 where the image is flipped
  rowStep: u32,
  sourceBase: u32, // bytes
  sourceOfImage: u32,
  sourceOfRow: u32,
  sourceOfColumn: u32,
  sourceOfChannel: u32,
  resultBase: u32, // elements, or vectors of four
  resultOfImage: u32,
  resultOfChannel: u32,
  resultOfRow: u32,
  resultOfColumn: u32,
  firstChannel: u32, // of this dispatch
  endChannel: u32,
  red0: f32, // factors of red, green and blue in a channel of the result, and a summand
  green0: f32,
  blue0: f32,
  summand0: f32,
  red1: f32,
  green1: f32,
  blue1: f32,
  summand1: f32,
  red2: f32,
  green2: f32,
  blue2: f32,
  summand2: f32,
  padding: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
