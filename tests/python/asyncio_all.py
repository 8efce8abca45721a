"""The public names of asyncio as its sources say: no interpreter of that version is needed.

    python asyncio_all.py /usr/lib/python3.15/asyncio

Prints a JSON list: `asyncio.__all__` as it is on every platform together, and the names that the
package's `__getattr__` gives beside it. The modules build `__all__` out of literals and out of each
other's; anything else is an error.
"""

import ast
import json
import os
import sys


def main(folder):
    package = _parse(folder, '__init__')
    print(json.dumps(sorted(exported(folder, package) | given_on_demand(package))))


def exported(folder, tree):
    """What a module assigns to `__all__`, or adds to it, under whatever condition."""
    names = set()
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, 'target', None)]
        if any(isinstance(target, ast.Name) and target.id == '__all__' for target in targets):
            names |= _value(folder, node.value)
    return names


def given_on_demand(tree):
    """The strings that a `__getattr__` of the module compares with."""
    functions = [node for node in tree.body if getattr(node, 'name', None) == '__getattr__']
    return {
        pattern.value.value
        for function in functions
        for pattern in ast.walk(function)
        if isinstance(pattern, ast.MatchValue)
    }


def _value(folder, node):
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _value(folder, node.left) | _value(folder, node.right)
    if isinstance(node, ast.Attribute) and node.attr == '__all__':
        return exported(folder, _parse(folder, node.value.id))
    return set(ast.literal_eval(node))


def _parse(folder, module):
    with open(os.path.join(folder, f'{module}.py'), encoding='utf-8') as file:
        return ast.parse(file.read())


if __name__ == '__main__':
    main(*sys.argv[1:])
