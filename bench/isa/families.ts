// A family is a generation of GPUs for which Mesa compiles without the hardware.

import { driverFiles, drmShim } from "../../scripts/lib/mesa.mjs";

export interface Family {
  readonly name: string;
  readonly what: string;
  readonly vendor: "amd" | "intel";
  /** What makes Dawn compile for the family, or undefined where the driver or the shim is absent. */
  readonly env: () => Readonly<Record<string, string>> | undefined;
  readonly missing: string;
}

const amd = (name: string, what: string): Family => ({
  name,
  what,
  vendor: "amd",
  env() {
    const [[driver], shim] = [driverFiles("radeon"), drmShim("amdgpu")];
    if (!driver || !shim) return undefined;
    const printing = { RADV_DEBUG: "asm,shaderstats,nocache" };
    return { VK_ICD_FILENAMES: driver, LD_PRELOAD: shim, AMDGPU_GPU_ID: name, ...printing };
  },
  missing:
    "it needs Mesa's packages mesa-vulkan-drivers and mesa-drm-shim, 25.0 or later " +
    "(on Debian 12: from bookworm-backports)",
});

const intel = (name: string, what: string): Family => ({
  name,
  what,
  vendor: "intel",
  env() {
    const [[driver], shim] = [driverFiles("intel"), process.env.ISA_INTEL_SHIM ?? drmShim("intel")];
    if (!driver || !shim) return undefined;
    const printing = { INTEL_DEBUG: "cs", MESA_SHADER_CACHE_DISABLE: "1" };
    return {
      VK_ICD_FILENAMES: driver,
      LD_PRELOAD: shim,
      INTEL_STUB_GPU_PLATFORM: name,
      ...printing,
    };
  },
  missing:
    "it needs Mesa's package mesa-vulkan-drivers and ISA_INTEL_SHIM=/path/to/" +
    "libintel_noop_drm_shim.so, which distributions do not package (Mesa: -Dtools=drm-shim)",
});

const FAMILIES: readonly Family[] = [
  amd("navi31", "RDNA 3, RX 7900"),
  amd("navi21", "RDNA 2, RX 6800 and 6900"),
  amd("navi10", "RDNA 1, RX 5700"),
  intel("tgl", "Xe-LP, Iris Xe"),
  intel("dg2", "Xe-HPG, Arc A770"),
  intel("bmg", "Xe2-HPG, Arc B580"),
  intel("lnl", "Xe2-LPG, Arc 140V"),
];

export function familiesOf(names: readonly string[]): readonly Family[] {
  return names.map((name) => {
    const found = FAMILIES.find((family) => family.name === name);
    const known = FAMILIES.map((family) => family.name).join(", ");
    if (!found) throw new Error(`family ${name}, expected one of ${known}`);
    return found;
  });
}
