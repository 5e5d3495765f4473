// Browsers slow hidden tabs down, so figures count only if the tab was visible all the time.

const hidden = () => document.visibilityState === "hidden";

function visible(): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (hidden()) return;
      document.removeEventListener("visibilitychange", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    look();
  });
}

/** Waits until the tab is visible; if it was hidden meanwhile, the work is done `again`. */
export async function whileVisible<T>(work: (again: boolean) => Promise<T>): Promise<T> {
  for (let again = false; ; again = true) {
    await visible();
    let disturbed = false;
    const watch = () => {
      disturbed = true;
    };
    document.addEventListener("visibilitychange", watch);
    try {
      const result = await work(again);
      if (!disturbed) return result;
    } finally {
      document.removeEventListener("visibilitychange", watch);
    }
  }
}

/** Keeps the screen of a phone on, where the browser allows it; returns the way to let it go. */
export async function keepScreenOn(): Promise<() => void> {
  const lock = await navigator.wakeLock?.request("screen").catch(() => undefined);
  return () => void lock?.release();
}
