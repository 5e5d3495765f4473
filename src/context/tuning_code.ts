// The code of tuning is loaded later and imports none of the library: it gets what it needs.

import { fail, NormError, show } from "../base/errors";
import type { ImportTools } from "../operation/tune";

export const IMPORT_TOOLS: ImportTools = { NormError, fail, show };

/** Loads the code, which not every place allows: a service worker has no `import()`. */
export const tuningCode = () =>
  import("../operation/tune").catch((cause) => {
    const message = "tune: its code could not be loaded, expected import() or webgpu-norm/min";
    throw new NormError(message, { cause });
  });
