"""Runs the code cells of a notebook in one namespace, on one running loop, as Jupyter does.

    python run_notebook.py notebook.ipynb

A cell that awaits at its top level is a task of its own. Of magics, lines that begin with `%` or
`!` are left out. Prints `--- cell N` before what a cell prints, N counted from 1 among all cells.
"""

import ast
import asyncio
import inspect
import json
import sys
import types


def main():
    with open(sys.argv[1], encoding='utf-8') as file:
        cells = json.load(file)['cells']
    asyncio.run(run_cells(cells))


async def run_cells(cells):
    module = types.ModuleType('__main__')
    sys.modules['__main__'] = module
    for number, cell in enumerate(cells, 1):
        if cell['cell_type'] == 'code':
            print('--- cell', number)
            await run_cell(''.join(cell['source']), f'cell {number}', vars(module))


async def run_cell(source, name, namespace):
    lines = ['' if line.startswith(('%', '!')) else line for line in source.split('\n')]
    code = compile('\n'.join(lines), name, 'exec', ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if code.co_flags & inspect.CO_COROUTINE:
        await asyncio.create_task(eval(code, namespace))
    else:
        exec(code, namespace)


if __name__ == '__main__':
    main()
