// A leak shows as buffers that are made and never destroyed.

/** Counts the bytes of buffers of this page from now on, until `stop`. */
export function countBuffers() {
  const sizes = new Map<GPUBuffer, number>();
  const [device, buffer] = [GPUDevice.prototype, GPUBuffer.prototype];
  const { createBuffer } = device;
  const { destroy } = buffer;
  device.createBuffer = function (descriptor) {
    const made = createBuffer.call(this, descriptor);
    sizes.set(made, descriptor.size);
    return made;
  };
  buffer.destroy = function () {
    sizes.delete(this);
    return destroy.call(this);
  };
  return {
    live: () => [...sizes.values()].reduce((a, b) => a + b, 0),
    stop: () => Object.assign(device, { createBuffer }) && Object.assign(buffer, { destroy }),
  };
}
