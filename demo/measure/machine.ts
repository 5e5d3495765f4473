// This file names browser and machine as far as the browser tells.

/** Chromium's browsers tell this; not all versions of TypeScript's library know it. */
interface UserAgentData {
  readonly brands: readonly { readonly brand: string; readonly version: string }[];
  readonly platform: string;
}

/** The parts of a `navigator` that matter here. */
export interface Teller {
  readonly userAgent: string;
  readonly userAgentData?: UserAgentData;
  readonly hardwareConcurrency?: number;
}

/** In this order, since most browsers also claim to be those further down. */
const NAMES: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["Edge", /Edg(?:A|iOS)?\/([\d.]+)/],
  ["Opera", /OPR\/([\d.]+)/],
  ["Samsung Internet", /SamsungBrowser\/([\d.]+)/],
  ["Firefox", /(?:Firefox|FxiOS)\/([\d.]+)/],
  ["Chrome", /(?:Headless)?(?:Chrome|CriOS)\/([\d.]+)/],
  ["Safari", /Version\/([\d.]+).*Safari/],
];

/** "Chrome 156", "Safari 26.0" */
export function browserOf({ userAgent, userAgentData }: Teller): string {
  const brands = userAgentData?.brands.filter(({ brand }) => !/not.*brand/i.test(brand)) ?? [];
  const own = brands.find(({ brand }) => brand !== "Chromium") ?? brands[0];
  if (own) return `${own.brand} ${own.version}`;
  for (const [name, pattern] of NAMES) {
    const version = pattern.exec(userAgent)?.[1];
    if (version) return `${name} ${version}`;
  }
  return userAgent;
}

/** What the visitor calls the machine, its cores, its system. */
export function machineOf(teller: Teller, name: string): string {
  const { userAgent, userAgentData, hardwareConcurrency: cores } = teller;
  const system = userAgentData?.platform || /\((.*?)(?:; rv:.*?)?\)/.exec(userAgent)?.[1];
  return [name.trim(), cores && `${cores} logical cores`, system].filter(Boolean).join(", ");
}
