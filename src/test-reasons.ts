/** Why tests stay with pytest-asyncio, in words for a person. */

import type { TestFixture, TestFunction } from './analysis/test-functions.ts';
import type { SettingsObstacle } from './manifest/pytest-settings.ts';
import type { Diagnostic, Place, Use } from './transform.ts';
import { placeOf } from './verdicts.ts';

export const ON_PARAMETER: Diagnostic = {
  code: 'pytest-mark-on-parameter',
  message:
    "the mark stands on one set of parameters, and anyio's plugin looks only at marks of the test itself",
  help: 'mark the test function, then run again',
};

export function elsewhere({ name }: Use): Diagnostic {
  const short = name.slice(name.lastIndexOf('.') + 1);
  return {
    code: 'pytest-mark-elsewhere',
    message: `\`${short}\` is handed on as a value here, so which tests it reaches cannot be told`,
    help: 'write the mark, or the decorator, at each test or fixture (or as `pytestmark`), then run again',
  };
}

export function sharedLoop(scope: string): Diagnostic {
  return {
    code: 'pytest-loop-scope',
    message: `tests share one event loop for the scope ${scope}, and anyio's plugin keeps a loop only as long as an async fixture is alive`,
    help: 'make the tests independent of a shared loop, or keep what they share in an async fixture of that scope, and drop the loop scope',
  };
}

export function asksForLoop(blocker: Place): Diagnostic {
  return {
    code: 'pytest-event-loop',
    message: "the fixture `event_loop` has no counterpart in anyio's plugin",
    help: 'take the loop by `asyncio.get_running_loop()` inside the test; for a loop of another kind, set backend options in `anyio_backend`',
    blocker,
  };
}

export function onTheLoop(name: string, { file, node }: TestFunction): Diagnostic {
  return {
    code: 'pytest-plugin-fixture',
    message: `\`${name}\` comes from a plugin that stands on pytest-asyncio's loop`,
    help: 'leave these tests with pytest-asyncio, or make the object in an async fixture of your own',
    blocker: file.place(node),
  };
}

export function loopInSync({ name }: TestFunction, use: Use): Diagnostic {
  return {
    code: 'pytest-loop-in-sync-fixture',
    message: `\`${name}\` is sync and takes the current event loop, which anyio's plugin does not set for it`,
    help: `make \`${name}\` async, or call asyncio.get_running_loop() in the test`,
    blocker: placeOf(use),
  };
}

export function narrowBackend(fixture: TestFixture, backend: TestFixture): Diagnostic {
  return {
    code: 'pytest-backend-scope',
    message: `\`${fixture.given}\` lasts for a ${fixture.scope}, and the project's \`anyio_backend\` only for a ${backend.scope}`,
    help: `give anyio_backend scope="${fixture.scope}"`,
    blocker: backend.file.place(backend.node),
  };
}

export function outOfReach(member: Use | TestFunction): Diagnostic {
  const place = 'role' in member ? placeOf(member) : member.file.place(member.node);
  return {
    code: 'needs-other-file',
    message:
      'tests and fixtures that run on one event loop must move together, and one is in a file that was not selected, or cannot be parsed',
    help: 'run the transform on the whole project',
    blocker: place,
  };
}

export function settingsInTheWay({ message, help }: SettingsObstacle): Diagnostic {
  return { code: 'pytest-settings', message, help };
}

export function losesErrors(background: Use): { note: string; blocker: Place } {
  return {
    note: "an exception in a background task that nobody awaits fails the test under anyio's plugin; pytest-asyncio only logs it",
    blocker: placeOf(background),
  };
}
