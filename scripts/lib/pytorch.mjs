// An example is read back by PyTorch, in whichever Python has it.

import { spawnSync } from "node:child_process";

/** Returns the command of a Python that has PyTorch, or undefined. */
export function pythonWithTorch() {
  const commands = ["python3", "/usr/bin/python3", "python"]; // the second is Debian's own
  return commands.find((command) => {
    const { status } = spawnSync(command, ["-c", "import numpy, torch"], {
      stdio: "ignore",
      timeout: 60_000,
    });
    return status === 0;
  });
}
