/** Stand-ins for apt and dpkg, so that fetching can be tested without a network. */

import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = `Types: deb
URIs: http://mirror.example/debian
Suites: bookworm
Components: main
Signed-By: /keys.gpg
`;

/** Where a script says $FAKE, it finds the folder of the stand-ins. */
const SCRIPTS = {
  'apt-config': `
echo "LIST='$FAKE/sources.list'"
echo "PARTS='$FAKE/parts/'"`,
  // apt-get -q -c <cache>/apt/<suite>/apt.conf update|download [package ...]
  'apt-get': `
suite=$(basename "$(dirname "$3")")
echo "$4 $suite" >> "$FAKE/log"
if [ -e "$FAKE/offline" ]; then
  echo 'E: the mirror does not answer' >&2
  exit 100
fi
[ "$4" = download ] || exit 0
if [ -e "$FAKE/slow" ]; then sleep 60; fi
case $suite in trixie) version=4.8.0-3 ;; *) version=1:4.15.1+ds-2 ;; esac
shift 4
for package in "$@"; do echo "$version" > "$package"_1_all.deb; done`,
  // apt-cache -c <cache>/apt/<suite>/apt.conf pkgnames <beginning>
  'apt-cache': `
for name in libpython3.9-stdlib libpython3.15-stdlib libpython3.14-stdlib; do echo "$name"; done
echo libpython3-stdlib; echo libpython3.15-minimal`,
  // dpkg-deb -f <archive> Version, or -x <archive> <folder>
  'dpkg-deb': `
if [ "$1" = -f ]; then cat "$2"; else mkdir -p "$3/usr/lib/python3/dist-packages"; fi`,
};

/** The stand-ins of one test. Files named `offline` and `slow` in the folder make them so. */
export class FakeApt {
  constructor(readonly folder: string) {
    mkdirSync(join(folder, 'parts'));
    writeFileSync(join(folder, 'parts', 'debian.sources'), SOURCES);
    writeFileSync(join(folder, 'log'), '');
    for (const [name, script] of Object.entries(SCRIPTS)) {
      writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(folder, name), 0o755);
    }
  }

  /** The environment of a run that finds the stand-ins before the real tools. */
  get environment(): NodeJS.ProcessEnv {
    return { PATH: `${this.folder}:${process.env.PATH}`, FAKE: this.folder };
  }

  /** What was asked of apt-get: `update trixie`, `download forky`. */
  get log(): string[] {
    return readFileSync(join(this.folder, 'log'), 'utf8').split('\n').filter(Boolean);
  }
}
