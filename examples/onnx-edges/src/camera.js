// A camera gives frames until it is stopped or goes away. Its light is off then.

/** By the names that browsers give. @type {Readonly<Record<string, string>>} */
const REASONS = {
  NotAllowedError: "the page may not use a camera: allow it beside the address, and try again",
  NotFoundError: "there is no camera here: connect one, or choose a file",
  NotReadableError: "the camera does not answer: another program may have it",
};

/**
 * Opens a camera, and asks the person for it.
 *
 * @returns {Promise<{ video: HTMLVideoElement, isOpen: () => boolean, isStopped: () => boolean, stop: () => void }>}
 */
export async function openCamera() {
  const { mediaDevices } = navigator;
  if (!mediaDevices) throw new Error("pages have cameras only over https or from localhost");
  const stream = await mediaDevices.getUserMedia({ video: true }).catch((error) => {
    throw new Error(REASONS[error.name] ?? error.message, { cause: error });
  });
  const video = document.createElement("video");
  let stopped = false;
  const stop = () => {
    stopped = true;
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
  Object.assign(video, { muted: true, playsInline: true, srcObject: stream });
  try {
    await video.play();
  } catch (error) {
    stop();
    throw error;
  }
  return { video, isOpen: () => stream.active, isStopped: () => stopped, stop };
}
