/** Which parameter an argument of a call becomes. */

import type { Node } from 'web-tree-sitter';
import { codeChildren } from '../syntax/nodes.ts';
import { ELEMENT, mappingStep, type Step } from './paths.ts';

/** A parameter by its name; `step` when it collects what it is given: `*args`, `**options`. */
export interface Landing {
  name: string;
  step?: Step;
}

interface Parameters {
  positional: string[];
  /** How many of `positional` cannot be given by name. */
  positionalOnly: number;
  keywordOnly: string[];
  star?: string;
  doubleStar?: string;
}

/**
 * Where an argument lands in a `function_definition` or `lambda`.
 * @param argument the index among the positional arguments, or the keyword.
 * @param bound whether the call passes the first parameter (`self`) by itself.
 */
export function landing(
  definition: Node,
  argument: number | string,
  bound: boolean,
): Landing | undefined {
  const { positional, positionalOnly, keywordOnly, star, doubleStar } = parametersOf(definition);
  if (typeof argument === 'string') {
    const named = [...positional.slice(positionalOnly), ...keywordOnly];
    if (named.includes(argument)) return { name: argument };
    return doubleStar ? { name: doubleStar, step: mappingStep(`'${argument}'`) } : undefined;
  }
  const index = argument + (bound ? 1 : 0);
  const name = positional[index];
  if (name !== undefined) return { name };
  return star ? { name: star, step: String(index - positional.length) } : undefined;
}

/** Where the elements of a `*splat` may land that stands at an index of the arguments. */
export function splatLandings(definition: Node, from: number, bound: boolean): Landing[] {
  const { positional, star } = parametersOf(definition);
  const named = positional.slice(from + (bound ? 1 : 0)).map((name): Landing => ({ name }));
  return star ? [...named, { name: star, step: ELEMENT }] : named;
}

function parametersOf(definition: Node): Parameters {
  const found: Parameters = { positional: [], positionalOnly: 0, keywordOnly: [] };
  const list = definition.childForFieldName('parameters');
  let starred = false;
  for (const parameter of list ? codeChildren(list) : []) {
    const inner = parameter.type === 'typed_parameter' ? codeChildren(parameter)[0] : parameter;
    switch (inner?.type) {
      case 'positional_separator':
        found.positionalOnly = found.positional.length;
        break;
      case 'keyword_separator':
        starred = true;
        break;
      case 'list_splat_pattern':
        starred = true;
        found.star = codeChildren(inner)[0]?.text ?? '';
        break;
      case 'dictionary_splat_pattern':
        found.doubleStar = codeChildren(inner)[0]?.text ?? '';
        break;
      default: {
        const name = (inner?.childForFieldName('name') ?? inner)?.text ?? '';
        (starred ? found.keywordOnly : found.positional).push(name);
      }
    }
  }
  return found;
}
