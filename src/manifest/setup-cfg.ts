/**
 * The little of configparser's syntax that setup.cfg needs: sections, `key = value` or
 * `key: value`, and values that go on in indented lines. Interpolation is not done.
 *
 * Source: https://docs.python.org/3/library/configparser.html#supported-ini-file-structure
 */

import { lineEnd } from './text.ts';

/** One option. Offsets are UTF-16 code units of the file. */
export interface CfgOption {
  /** Behind the delimiter. */
  valueStart: number;
  /** The end of the value's last line that is not blank. */
  end: number;
}

/** Finds an option; names compare without case, and `-` as `_`, as setuptools reads them. */
export function cfgOption(text: string, section: string, name: string): CfgOption | undefined {
  let current = '';
  let found: CfgOption | undefined;
  for (let start = text.startsWith('\ufeff') ? 1 : 0; start < text.length; ) {
    const end = lineEnd(text, start);
    const line = text.slice(start, end);
    const header = /^\[(?<name>[^\]]+)\]/.exec(line);
    const option = /^(?<name>[^\s#;:=[][^:=]*?)\s*[:=]/.exec(line);
    if (header || option) {
      if (found) return found;
      if (header) current = header.groups?.name ?? '';
      const named = option?.groups?.name?.toLowerCase().replaceAll('-', '_') === name;
      if (option && named && current === section) {
        found = { valueStart: start + option[0].length, end };
      }
    } else if (found && /^\s+\S/.test(line)) {
      found.end = end;
    }
    const newline = text.indexOf('\n', end);
    start = newline < 0 ? text.length : newline + 1;
  }
  return found;
}

/** An option's value, comment lines left out, lines trimmed and joined by `\n`. */
export function cfgValue(text: string, section: string, name: string): string | undefined {
  const option = cfgOption(text, section, name);
  if (!option) return undefined;
  return text
    .slice(option.valueStart, option.end)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^[#;]/.test(line))
    .join('\n');
}

/** Whether the file has a section of this name. */
export function hasCfgSection(text: string, section: string): boolean {
  return text.split(/\r?\n/).some((line) => line.startsWith(`[${section}]`));
}
