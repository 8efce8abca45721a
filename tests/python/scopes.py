"""Scopes and names of a Python module, walked over its `ast`.

Written from the language reference, section 4.2 (naming and binding), and PEPs 572, 634 and 695.
Knows nothing of asyncio. test_scopes.py holds it against the `symtable` module.

Python's own order of execution is not followed, except in a class body, where a name that the
body binds further down still means the global one.
"""

import ast
from dataclasses import dataclass, field

_ASSIGNMENTS = (ast.Assign, ast.AugAssign, ast.AnnAssign)
# A declaration without a value (`x: int`) reserves the name in a function and binds it nowhere.
DECLARATION = 'declaration'
# `del x` makes the name one of its scope, and gives it no other meaning.
DELETION = 'deletion'


@dataclass
class Binding:
    """One place where a name of a scope gets a value."""

    name: str
    # The ast node: alias, Name, FunctionDef, ExceptHandler, arg …
    node: ast.AST
    # (line, column) from which on it holds, 1-based line and UTF-8 byte column as in `ast`.
    since: tuple
    # The dotted path that an import binds: `asyncio.locks`; None for anything else.
    target: str | None = None
    kind: str = 'value'


@dataclass
class Scope:
    # 'module', 'class', 'function', 'comprehension' or 'type parameters'
    kind: str
    node: ast.AST
    parent: 'Scope | None'
    bindings: dict = field(default_factory=dict)
    global_names: set = field(default_factory=set)
    nonlocal_names: set = field(default_factory=set)

    @property
    def module(self):
        return self if self.parent is None else self.parent.module


@dataclass
class Star:
    """A star import: of which module, None for a relative one."""

    target: str | None
    node: ast.alias


@dataclass
class Load:
    """A name that is read (or deleted) somewhere."""

    node: ast.Name
    scope: Scope
    # Where it stands, as in `Binding.since`; for a name in a string, where the string stands.
    at: tuple
    # The string that the name stands in, for a name of a string annotation.
    string: 'AnnotationString | None' = None


@dataclass
class AnnotationString:
    node: ast.Constant
    # The string that this one stands in: `"Optional['asyncio.Task']"`.
    outer: 'AnnotationString | None' = None

    @property
    def outermost(self):
        return self.outer.outermost if self.outer else self


@dataclass
class Names:
    """All that a walk over one module finds."""

    module: Scope
    scopes: list
    loads: list
    stars: list
    calls: list
    # From each node to the one that holds it.
    parents: dict


def names_of(tree):
    """Walks an `ast.Module`; gives `Names`."""
    walk = _Walk(tree)
    for statement in tree.body:
        walk.visit(statement)
    walk.settle_nonlocals()
    return walk.names


def lookup(name, scope, at):
    """The bindings that a name read in a scope at a place may have; none for a builtin.

    `at` is (line, UTF-8 byte column). Star imports are not looked at.
    """
    in_class_body = True
    while scope is not None:
        if scope.kind != 'class' or in_class_body:
            if name in scope.global_names:
                return _bound(scope.module, name)
            if found := _bound(scope, name):
                return _so_far(found, scope, at)
        # The scope of type parameters stands between a class and its generic methods.
        in_class_body = in_class_body and scope.kind == 'type parameters'
        scope = scope.parent
    return []


def _so_far(found, scope, at):
    """A class body reads its own names, and before they are bound the globals."""
    if scope.kind != 'class':
        return found
    return [binding for binding in found if binding.since <= at] or _bound(
        scope.module, found[0].name
    )


def _bound(scope, name):
    found = scope.bindings.get(name, [])
    if scope.kind == 'function':
        return found
    return [binding for binding in found if binding.kind != DECLARATION]


def last_name(node):
    """`patch` for `mock.patch`, None for what is no name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


class _Walk(ast.NodeVisitor):
    def __init__(self, tree):
        module = Scope('module', tree, None)
        self.names = Names(module, [module], [], [], [], {})
        self.scope = module
        self.statement = None
        self.annotating = False
        self.string = None
        self.nonlocals = []
        self.adopt(tree)

    def adopt(self, tree):
        for node in ast.walk(tree):
            for child in ast.iter_child_nodes(node):
                self.names.parents[child] = node

    def settle_nonlocals(self):
        for scope, binding in self.nonlocals:
            owner = scope.parent
            while owner and not (owner.kind == 'function' and binding.name in owner.bindings):
                owner = owner.parent
            if owner:
                owner.bindings[binding.name].append(binding)

    # -- moving between scopes ------------------------------------------------------------------

    def visit(self, node):
        outer = self.statement
        if isinstance(node, ast.stmt):
            self.statement = node if isinstance(node, _ASSIGNMENTS) else None
        super().visit(node)
        self.statement = outer

    def visit_all(self, nodes):
        for node in nodes:
            if node is not None:
                self.visit(node)

    def inside(self, kind, node, visit):
        self.scope = Scope(kind, node, self.scope)
        self.names.scopes.append(self.scope)
        visit()
        self.scope = self.scope.parent

    def with_type_params(self, node, visit):
        params = getattr(node, 'type_params', [])
        if not params:
            visit()
            return

        def inner():
            for param in params:
                self.bind(param.name, param, _start(param))
            for param in params:
                self.annotation(getattr(param, 'bound', None))
                self.annotation(getattr(param, 'default_value', None))
            visit()

        self.inside('type parameters', node, inner)

    # -- binding --------------------------------------------------------------------------------

    def bind(self, name, node, since, target=None, kind='value'):
        scope = self.scope
        while scope.kind == 'comprehension' and kind == 'walrus':
            scope = scope.parent
        binding = Binding(name, node, since, target, kind)
        if name in scope.global_names:
            scope = scope.module
        elif name in scope.nonlocal_names:
            self.nonlocals.append((scope, binding))
            return
        scope.bindings.setdefault(name, []).append(binding)

    def since(self, node):
        """A simple statement binds when it is done: `Event = Event` reads the outer one."""
        return _end(self.statement) if self.statement else _end(node)

    def visit_Name(self, node):
        if not isinstance(node.ctx, ast.Load):
            kind = DELETION if isinstance(node.ctx, ast.Del) else 'value'
            self.bind(node.id, node, self.since(node), kind=kind)
        if not isinstance(node.ctx, ast.Store):
            at = _start(self.string.outermost.node if self.string else node)
            self.names.loads.append(Load(node, self.scope, at, self.string))

    def visit_NamedExpr(self, node):
        self.visit(node.value)
        self.bind(node.target.id, node.target, _end(node), kind='walrus')

    def visit_Global(self, node):
        self.scope.global_names.update(node.names)

    def visit_Nonlocal(self, node):
        self.scope.nonlocal_names.update(node.names)

    def visit_Import(self, node):
        for alias in node.names:
            name = alias.asname or alias.name.partition('.')[0]
            target = alias.name if alias.asname else name
            self.bind(name, alias, _end(node), target)

    def visit_ImportFrom(self, node):
        module = None if node.level else node.module
        for alias in node.names:
            if alias.name == '*':
                self.names.stars.append(Star(module, alias))
            else:
                target = f'{module}.{alias.name}' if module else None
                self.bind(alias.asname or alias.name, alias, _end(node), target)

    def visit_ExceptHandler(self, node):
        self.visit_all([node.type])
        if node.name:
            self.bind(node.name, node, _start(node.body[0]))
        self.visit_all(node.body)

    def visit_MatchAs(self, node):
        self.visit_all([node.pattern])
        if node.name:
            self.bind(node.name, node, _end(node))

    def visit_MatchStar(self, node):
        if node.name:
            self.bind(node.name, node, _end(node))

    def visit_MatchMapping(self, node):
        self.generic_visit(node)
        if node.rest:
            self.bind(node.rest, node, _end(node))

    def visit_AnnAssign(self, node):
        if node.value:
            self.with_annotating(last_name(node.annotation) == 'TypeAlias', node.value)
        self.annotation(node.annotation)
        if isinstance(node.target, ast.Name):
            kind = 'value' if node.value else DECLARATION
            self.bind(node.target.id, node.target, _end(node), kind=kind)
        else:
            self.visit(node.target)

    # -- functions, classes, comprehensions -------------------------------------------------------

    def visit_FunctionDef(self, node):
        self.visit_all(node.decorator_list)
        self.visit_all([*node.args.defaults, *node.args.kw_defaults])
        self.with_type_params(node, lambda: self.signature_and_body(node))
        self.bind(node.name, node, _end(node))

    visit_AsyncFunctionDef = visit_FunctionDef

    def signature_and_body(self, node):
        for arg in _arguments(node.args):
            self.annotation(arg.annotation)
        self.annotation(node.returns)
        self.inside('function', node, lambda: self.body(node.args, node.body))

    def body(self, args, body):
        for arg in _arguments(args):
            self.bind(arg.arg, arg, _start(arg))
        self.visit_all(body)

    def visit_Lambda(self, node):
        self.visit_all([*node.args.defaults, *node.args.kw_defaults])
        self.inside('function', node, lambda: self.body(node.args, [node.body]))

    def visit_ClassDef(self, node):
        self.visit_all(node.decorator_list)

        def inner():
            self.visit_all([*node.bases, *node.keywords])
            self.inside('class', node, lambda: self.visit_all(node.body))

        self.with_type_params(node, inner)
        self.bind(node.name, node, _end(node))

    def visit_TypeAlias(self, node):
        self.bind(node.name.id, node.name, _end(node))

        value = lambda: self.annotation(node.value)
        self.with_type_params(node, lambda: self.inside('type parameters', node, value))

    def comprehension(self, node):
        first, *others = node.generators
        self.visit(first.iter)

        def inner():
            self.visit(first.target)
            self.visit_all(first.ifs)
            for generator in others:
                self.visit_all([generator.iter, generator.target, *generator.ifs])
            pair = isinstance(node, ast.DictComp)
            self.visit_all([node.key, node.value] if pair else [node.elt])

        self.inside('comprehension', node, inner)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = comprehension

    # -- annotations, and the strings in them -----------------------------------------------------

    def annotation(self, node):
        if node is not None:
            self.with_annotating(True, node)

    def with_annotating(self, annotating, node):
        outer, self.annotating = self.annotating, annotating
        self.visit(node)
        self.annotating = outer

    def visit_Subscript(self, node):
        self.visit(node.value)
        name = last_name(node.value)
        if name == 'Literal':
            self.with_annotating(False, node.slice)
        elif name == 'Annotated' and isinstance(node.slice, ast.Tuple):
            self.visit(node.slice.elts[0])
            for extra in node.slice.elts[1:]:
                self.with_annotating(False, extra)
        else:
            self.visit(node.slice)

    def visit_Call(self, node):
        self.names.calls.append(node)
        self.with_annotating(False, node.func)
        cast = last_name(node.func) == 'cast'
        for index, arg in enumerate(node.args):
            self.with_annotating(cast and index == 0, arg)
        for keyword in node.keywords:
            bound = keyword.arg == 'bound' and last_name(node.func) == 'TypeVar'
            self.with_annotating(bound, keyword.value)

    def visit_Constant(self, node):
        if not self.annotating or not isinstance(node.value, str):
            return
        try:
            # In parentheses, since an annotation string may span lines.
            tree = ast.parse(f'({node.value}\n)', mode='eval')
        except (SyntaxError, ValueError):
            return
        self.adopt(tree)
        outer = self.string
        self.string = AnnotationString(node, outer)
        self.visit(tree.body)
        self.string = outer


def _arguments(args):
    known = [*args.posonlyargs, *args.args, args.vararg, *args.kwonlyargs, args.kwarg]
    return [arg for arg in known if arg]


def _start(node):
    return (node.lineno, node.col_offset)


def _end(node):
    return (node.end_lineno, node.end_col_offset)
