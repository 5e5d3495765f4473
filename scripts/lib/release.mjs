// A release must say where its source is: npm's provenance compares `repository` with the repository
// of the workflow that publishes.

/**
 * @typedef {object} Published what a package.json says
 * @property {string} name
 * @property {string} version
 * @property {{ url?: string, directory?: string }} [repository]
 * @property {string} [homepage]
 * @property {{ url?: string }} [bugs]
 */

/**
 * @typedef {object} Release
 * @property {Published} library
 * @property {Published} cli
 * @property {string} changelog
 * @property {string | undefined} tag
 * @property {string | undefined} repository "owner/name" on GitHub, of the workflow that publishes
 */

const ADDRESS = /^git\+https:\/\/github\.com\/([\w.-]+\/[\w.-]+)\.git$/;

/** Says what is missing before both packages may be published, each as a sentence. */
export function releaseFaults(/** @type {Release} */ release) {
  const { library, cli } = release;
  return [
    ...addressFaults(library, release),
    ...addressFaults(cli, release),
    ...versionFaults(release),
    ...(cli.repository?.directory === "cli"
      ? []
      : [`${cli.name}: repository.directory, expected cli`]),
  ];
}

/** @param {Published} published @param {Release} release @returns {string[]} */
function addressFaults({ name, repository, homepage, bugs }, { repository: own }) {
  const faults = [];
  const url = repository?.url;
  const found = ADDRESS.exec(url ?? "")?.[1];
  if (!found) faults.push(`repository.url ${url}, expected git+https://github.com/OWNER/NAME.git`);
  else if (own && found !== own) faults.push(`repository.url ${url}, expected that of ${own}`);
  if (!isAddress(homepage)) faults.push(`homepage ${homepage}, expected an https address`);
  if (!isAddress(bugs?.url)) faults.push(`bugs.url ${bugs?.url}, expected an https address`);
  return faults.map((fault) => `${name}: ${fault}`);
}

const isAddress = (/** @type {string | undefined} */ text) => text?.startsWith("https://") ?? false;

/** @param {Release} release @returns {string[]} */
function versionFaults({ library, cli, changelog, tag }) {
  const { version } = library;
  const faults = [];
  if (cli.version !== version)
    faults.push(`${cli.name}: version ${cli.version}, expected ${version}`);
  if (tag !== undefined && tag !== `v${version}`) faults.push(`tag ${tag}, expected v${version}`);
  const heading = changelog.split("\n").find((line) => line.startsWith(`## ${version}`));
  if (!heading || /unreleased/.test(heading)) {
    faults.push(`CHANGELOG.md: ${heading ?? "no heading"}, expected ## ${version} with its date`);
  }
  return faults;
}
