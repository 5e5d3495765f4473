import { createContext, normalizeImage } from "webgpu-norm";

const ctx = await createContext();

const bytes = Uint8Array.from({ length: 32 * 32 * 4 }, () => 256 * Math.random());
const image = ctx.tensor(bytes, [1, 32, 32, 4], { dtype: "u8" }); // RGBA, or a canvas, a frame ...
const input = normalizeImage(image, { preset: "imagenet" });
console.log("input", input.shape, await input.read()); // [1, 3, 32, 32]
