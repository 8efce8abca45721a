/** Who reads a slot: where in the project an expression gives what a variable or attribute holds. */

import type { Node } from 'web-tree-sitter';
import { lastName, same, withParens } from '../syntax/nodes.ts';
import { AttributeReaders } from './attribute-readers.ts';
import type { Definitions } from './definitions.ts';
import type { Slot } from './families.ts';
import type { PythonFile } from './file.ts';
import { fixtureParameters } from './fixtures.ts';
import { isStore } from './flow-targets.ts';
import type { Project } from './project.ts';
import type { Scope } from './scopes.ts';
import {
  type FunctionInfo,
  isContextManager,
  isFixture,
  PROPERTIES,
  sameDefinition,
  TRANSPARENT,
} from './types.ts';

/** What is told of the readers of a slot. */
export interface Report {
  /** An expression that gives what the slot holds. */
  read(node: Node, file: PythonFile, certain: boolean): void;
  /** Another slot that holds the same: an import of the variable, a parameter for a fixture. */
  alias(slot: Slot, certain: boolean): void;
  /** A target that gets what the slot holds: the alias of a `with`. */
  target(node: Node, file: PythonFile, certain: boolean): void;
  /** `vars(x)`: a mapping that has what the slot holds under a key. */
  namespace(node: Node, file: PythonFile, key: string, certain: boolean): void;
  escape(how: string, node: Node, file: PythonFile, certain: boolean): void;
}

const ENTERING = new Set(['enter_context', 'enter_async_context']);

export class Readers {
  private readonly attributes: AttributeReaders;

  constructor(
    private readonly project: Project,
    private readonly definitions: Definitions,
  ) {
    this.attributes = new AttributeReaders(project, definitions);
  }

  /** Reports all readers of a slot. */
  of(slot: Slot, report: Report): void {
    switch (slot.kind) {
      case 'variable':
        return this.ofVariable(slot.file, slot.scope, slot.name, report);
      case 'attribute':
        return this.attributes.of(slot.owner, slot.name, report);
      case 'return':
        return this.ofReturn(slot.of, report);
      case 'context':
        return this.callers(slot.of, report, (call, file, sure) =>
          this.entered(slot.of, call, file, sure, report),
        );
    }
  }

  // -- variables ---------------------------------------------------------------------------------

  private ofVariable(file: PythonFile, scope: Scope, name: string, report: Report): void {
    // A name that a star import brings is bound nowhere in the file.
    const starred = scope.kind === 'module' && !scope.bindings.has(name);
    for (const reference of file.references(name)) {
      const owner = reference.scope.lookup(name);
      if (owner === scope || (starred && !owner)) report.read(reference.node, file, true);
    }
    if (scope.kind !== 'module') return;
    this.attributes.namedInStrings(file, name, report);
    for (const other of this.project.importersOf(file, name)) {
      this.importers(other, file, name, report);
      this.throughModule(other, file, name, report);
    }
    this.starImporters(file, name, report);
  }

  private importers(other: PythonFile, file: PythonFile, name: string, report: Report): void {
    for (const scope of [other.scopes.module, ...other.scopes.byNode.values()]) {
      for (const [local, sites] of scope.bindings) {
        for (const { imported } of sites) {
          const sure = imported && this.isName(other, imported.target, file, name);
          if (sure === undefined) continue;
          report.alias({ kind: 'variable', file: other, scope, name: local }, sure);
        }
      }
    }
  }

  private starImporters(file: PythonFile, name: string, report: Report): void {
    for (const other of this.project.starImportersOf(file)) {
      const { module: scope } = other.scopes;
      if (!scope.bindings.has(name)) {
        report.alias({ kind: 'variable', file: other, scope, name }, true);
      }
    }
  }

  /** `mod.lock`, where `mod` is the module of the variable, or one of the modules that it may be. */
  private throughModule(other: PythonFile, file: PythonFile, name: string, report: Report): void {
    for (const attribute of other.attributes(name)) {
      if (isStore(attribute)) continue;
      const object = attribute.childForFieldName('object');
      const type = this.definitions.typeOf(other, object);
      const sure =
        type?.kind === 'module'
          ? this.isFile(other, type.name, file)
          : !type && object?.type === 'identifier'
            ? this.mayBeModule(other, object, file)
            : undefined;
      if (sure !== undefined) report.read(attribute, other, sure);
    }
  }

  /** One of the modules that a name may mean: false for "may be", undefined for "is not". */
  private mayBeModule(other: PythonFile, name: Node, file: PythonFile): false | undefined {
    const sites = other.scopeAt(name).lookup(name.text)?.bindings.get(name.text) ?? [];
    const maybe = sites.some(
      ({ imported }) => imported && this.isFile(other, imported.target, file) !== undefined,
    );
    return maybe ? false : undefined;
  }

  private isFile(from: PythonFile, module: string, file: PythonFile): boolean | undefined {
    return this.project.mayBe(this.project.absolute(from, module), file, from);
  }

  private isName(
    from: PythonFile,
    target: string,
    file: PythonFile,
    name: string,
  ): boolean | undefined {
    const absolute = this.project.absolute(from, target);
    if (!absolute.endsWith(`.${name}`)) return undefined;
    return this.isFile(from, absolute.slice(0, -name.length - 1), file);
  }

  // -- what functions give -----------------------------------------------------------------------

  private ofReturn(definition: FunctionInfo, report: Report): void {
    if (isFixture(definition)) {
      return fixtureParameters(definition, this.project, this.definitions, report);
    }
    this.callers(definition, report, (call, file, sure) => {
      if (!definition.async || isGenerator(definition)) return report.read(call, file, sure);
      const awaited = withParens(call).parent;
      if (awaited?.type === 'await') report.read(awaited, file, sure);
      else if (sure) {
        report.escape(
          `a call of ${definition.name}() that is not awaited at once`,
          call,
          file,
          true,
        );
      }
    });
  }

  /** Every call of a function; for a property every read of it. */
  private callers(definition: FunctionInfo, report: Report, found: CallReport): void {
    const { name, file: home } = definition;
    const opaque = definition.decorators.find((known) => !TRANSPARENT.has(known));
    const open = opaque === undefined || isContextManager(definition);
    if (!open) report.escape(`the decorator @${opaque} of ${name}()`, definition.node, home, true);
    const property = definition.decorators.some((known) => PROPERTIES.has(known));
    for (const { file, node } of this.definitions.mentions(definition)) {
      // A property is read on an object; its bare name is that of the decorator of its setter.
      if (property && node.type !== 'attribute') continue;
      const sure = property
        ? this.attributes.receives(file, node, definition.owner, name)
        : this.means(file, node, definition);
      if (sure === undefined) continue;
      if (property) report.read(node, file, sure && open);
      else this.calledAt(definition, node, file, sure && open, report, found);
    }
  }

  /** Whether a name means the function: true, false for "may be", undefined for "does not". */
  private means(file: PythonFile, node: Node, definition: FunctionInfo): boolean | undefined {
    const type = this.definitions.typeOf(file, node);
    if (type?.kind === 'function') {
      if (sameDefinition(type.of, definition)) return true;
      const [owner, own] = [type.of.owner, definition.owner];
      if (!owner || !own) return undefined;
      const mayBe = this.definitions.related(owner, own) || this.definitions.isProtocol(owner);
      return mayBe ? false : undefined;
    }
    if (type !== undefined) return undefined;
    if (node.type === 'attribute' && definition.owner) return false;
    return this.definitions.mayMean(file, node, definition) ? false : undefined;
  }

  private calledAt(
    definition: FunctionInfo,
    node: Node,
    file: PythonFile,
    sure: boolean,
    report: Report,
    found: CallReport,
  ): void {
    const outer = withParens(node);
    const call = outer.parent;
    if (call?.type === 'call' && same(call.childForFieldName('function'), outer)) {
      found(call, file, sure);
    } else if (sure) {
      report.escape(`the function ${definition.name} itself, handed on`, node, file, true);
    }
  }

  /** `async with make() as lock`, `await stack.enter_async_context(make())`. */
  private entered(
    definition: FunctionInfo,
    call: Node,
    file: PythonFile,
    sure: boolean,
    report: Report,
  ): void {
    const outer = withParens(call);
    const { parent } = outer;
    if (parent?.type === 'with_item') return;
    if (parent?.type === 'as_pattern' && parent.parent?.type === 'with_item') {
      const alias = parent.childForFieldName('alias');
      if (alias) report.target(alias, file, sure);
      return;
    }
    const entering = parent?.type === 'argument_list' ? parent.parent : undefined;
    const name = lastName(entering?.childForFieldName('function')) ?? '';
    if (entering && ENTERING.has(name)) {
      const awaited = withParens(entering).parent;
      return report.read(awaited?.type === 'await' ? awaited : entering, file, sure);
    }
    if (sure) report.escape(`${definition.name}(), entered elsewhere`, call, file, true);
  }
}

type CallReport = (call: Node, file: PythonFile, certain: boolean) => void;

/** Whether the function is a generator: its calls give what it yields, with no `await`. */
function isGenerator({ node }: FunctionInfo): boolean {
  const body = node.childForFieldName('body');
  return !!body?.descendantsOfType('yield').some((found) => {
    let up = found?.parent;
    while (up && up.type !== 'function_definition' && up.type !== 'lambda') up = up.parent;
    return same(up, node);
  });
}
