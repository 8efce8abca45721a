/**
 * Open-source packages whose own test suites run here: where their source comes from, and what the
 * suites import. All but a few needs are pure Python; where a package has a compiled part that it
 * can do without, it does without.
 */

/**
 * @typedef {object} SuitePackage
 * @property {string} name what a person calls it, and its folder below `.cache/suites`
 * @property {string} module the module under test, as imported
 * @property {{suite: string, package: string}} source Debian's suite and source package
 * @property {Record<string, string[]>} [libraries] binary packages by Debian suite, beside pytest's
 * @property {string} [importRoot] the folder of the source that holds the module; the top unless
 *   told
 * @property {string[]} tests files and folders for pytest, relative to the top
 * @property {string[]} [pytest] more arguments for pytest
 * @property {string[]} [slow] tests that mostly wait, by node id: a quick run goes without them
 * @property {Record<string, string>} [environment] for the suite's Python
 * @property {string} [python] the Python that its compiled needs were built for: `3.11`
 * @property {Record<string, string>} [files] written into the source: what a build would generate
 */

/** What each suite needs, out of Debian trixie. */
export const PYTEST = [
  'python3-pytest',
  'python3-pluggy',
  'python3-iniconfig',
  'python3-packaging',
  'python3-pytest-asyncio',
  'python3-pytest-timeout',
  'python3-pytest-mock',
  // The examples of Debian's pytest-asyncio import it on Python 3.10 and below.
  'python3-async-timeout',
  'python3-exceptiongroup',
  'python3-typing-extensions',
];

const HTTP = [
  'python3-h11',
  'python3-h2',
  'python3-hpack',
  'python3-hyperframe',
  'python3-priority',
  'python3-wsproto',
];

const AIOHTTP = [
  'python3-aiohttp',
  'python3-aiohappyeyeballs',
  'python3-aiosignal',
  'python3-attr',
  'python3-frozenlist',
  'python3-idna',
  'python3-multidict',
  'python3-propcache',
  'python3-pytest-aiohttp',
  'python3-yarl',
];

/** Compiled for Python 3.11, with the oldest C library that a Debian of today has. */
const CRYPTOGRAPHY = ['python3-cryptography', 'python3-cffi-backend'];

/** Keeps aiohttp and its kin off the parts that are compiled for one Python alone. */
const PURE_AIOHTTP = {
  AIOHTTP_NO_EXTENSIONS: '1',
  FROZENLIST_NO_EXTENSIONS: '1',
  MULTIDICT_NO_EXTENSIONS: '1',
  PROPCACHE_NO_EXTENSIONS: '1',
  YARL_NO_EXTENSIONS: '1',
};

/** @type {SuitePackage[]} */
export const PACKAGES = [
  {
    name: 'hypercorn',
    module: 'hypercorn',
    source: { suite: 'trixie', package: 'hypercorn' },
    libraries: {
      trixie: [
        ...HTTP,
        'python3-certifi',
        'python3-httpcore',
        'python3-httpx',
        'python3-outcome',
        'python3-pytest-trio',
        'python3-trio',
      ],
    },
    importRoot: 'src',
    tests: ['tests'],
    slow: ['tests/asyncio/test_tcp_server.py::test_completes_on_closed'],
  },
  {
    name: 'async-lru',
    module: 'async_lru',
    source: { suite: 'trixie', package: 'python-async-lru' },
    tests: ['tests'],
  },
  {
    name: 'async-interrupt',
    module: 'async_interrupt',
    source: { suite: 'trixie', package: 'python-async-interrupt' },
    importRoot: 'src',
    tests: ['tests'],
  },
  {
    name: 'aiojobs',
    module: 'aiojobs',
    source: { suite: 'trixie', package: 'python-aiojobs' },
    libraries: { trixie: AIOHTTP },
    tests: ['tests'],
    environment: PURE_AIOHTTP,
  },
  {
    name: 'aiocache',
    module: 'aiocache',
    source: { suite: 'trixie', package: 'aiocache' },
    tests: ['tests'],
  },
  {
    name: 'aiofiles',
    module: 'aiofiles',
    source: { suite: 'forky', package: 'aiofiles' },
    importRoot: 'src',
    tests: ['tests'],
  },
  {
    name: 'aiosmtpd',
    module: 'aiosmtpd',
    source: { suite: 'trixie', package: 'python-aiosmtpd' },
    libraries: {
      trixie: [
        'python3-public',
        'python3-attr',
        'python3-pkg-resources',
        'python3-jaraco.text',
        'python3-jaraco.functools',
        'python3-jaraco.context',
        'python3-more-itertools',
        'python3-autocommand',
      ],
    },
    tests: ['aiosmtpd/tests'],
  },
  {
    name: 'asgiref',
    module: 'asgiref',
    source: { suite: 'forky', package: 'python-asgiref' },
    tests: ['tests'],
  },
  {
    name: 'quart',
    module: 'quart',
    source: { suite: 'trixie', package: 'quart' },
    libraries: {
      trixie: [
        ...HTTP,
        'python3-hypercorn',
        'python3-aiofiles',
        'python3-blinker',
        'python3-click',
        'python3-flask',
        'python3-hypothesis',
        'python3-attr',
        'python3-sortedcontainers',
        'python3-itsdangerous',
        'python3-jinja2',
        'python3-markupsafe',
        'python3-werkzeug',
      ],
    },
    importRoot: 'src',
    tests: ['tests'],
  },
  {
    name: 'uvicorn',
    module: 'uvicorn',
    source: { suite: 'trixie', package: 'python-uvicorn' },
    libraries: {
      // Its websockets is from before the one that uvicorn's suite calls deprecated.
      bookworm: [...CRYPTOGRAPHY, 'python3-websockets'],
      trixie: [
        'python3-a2wsgi',
        'python3-certifi',
        'python3-click',
        'python3-dotenv',
        'python3-h11',
        'python3-httpcore',
        'python3-httpx',
        'python3-idna',
        'python3-trustme',
        'python3-wsproto',
        'python3-yaml',
      ],
    },
    tests: ['tests'],
    python: '3.11',
  },
  {
    name: 'aiocoap',
    module: 'aiocoap',
    source: { suite: 'trixie', package: 'aiocoap' },
    libraries: {
      bookworm: CRYPTOGRAPHY,
      trixie: ['python3-cbor2', 'python3-pycryptodome', 'python3-websockets'],
    },
    importRoot: 'src',
    tests: ['tests'],
    python: '3.11',
  },
  {
    name: 'websockets',
    module: 'websockets',
    source: { suite: 'trixie', package: 'python-websockets' },
    libraries: { trixie: ['python3-markupsafe', 'python3-werkzeug'] },
    importRoot: 'src',
    tests: ['tests'],
  },
  {
    name: 'aiorpcx',
    module: 'aiorpcx',
    source: { suite: 'forky', package: 'aiorpcx' },
    libraries: { trixie: ['python3-attr'] },
    tests: ['tests'],
  },
  {
    name: 'aioconsole',
    module: 'aioconsole',
    source: { suite: 'forky', package: 'aioconsole' },
    tests: ['tests'],
  },
  {
    name: 'aioice',
    module: 'aioice',
    source: { suite: 'trixie', package: 'python-aioice' },
    libraries: { trixie: ['python3-dnspython', 'python3-ifaddr'] },
    importRoot: 'src',
    tests: ['tests'],
  },
  {
    name: 'asyncio-dgram',
    module: 'asyncio_dgram',
    source: { suite: 'trixie', package: 'asyncio-dgram' },
    tests: ['test'],
  },
  {
    name: 'pyee',
    module: 'pyee',
    source: { suite: 'trixie', package: 'pyee' },
    libraries: { trixie: ['python3-pytest-trio', 'python3-trio', 'python3-outcome'] },
    tests: ['tests'],
  },
  {
    name: 'reactivex',
    module: 'reactivex',
    source: { suite: 'trixie', package: 'python-rx' },
    tests: ['tests'],
  },
  {
    name: 'tenacity',
    module: 'tenacity',
    source: { suite: 'forky', package: 'python-tenacity' },
    libraries: { trixie: ['python3-tornado', 'python3-typeguard'] },
    tests: ['tests'],
  },
  {
    name: 'throttler',
    module: 'throttler',
    source: { suite: 'trixie', package: 'python-throttler' },
    libraries: { trixie: AIOHTTP },
    tests: ['tests'],
    environment: PURE_AIOHTTP,
  },
  {
    name: 'tornado',
    module: 'tornado',
    source: { suite: 'trixie', package: 'python-tornado' },
    tests: ['tornado/test'],
  },
  {
    name: 'pymodbus',
    module: 'pymodbus',
    source: { suite: 'trixie', package: 'pymodbus' },
    libraries: { trixie: ['python3-serial', ...AIOHTTP] },
    tests: ['test'],
    environment: PURE_AIOHTTP,
  },
  {
    name: 'aioimaplib',
    module: 'aioimaplib',
    source: { suite: 'trixie', package: 'aioimaplib' },
    libraries: {
      bookworm: [...CRYPTOGRAPHY, 'python3-openssl'],
      trixie: ['python3-imaplib2', 'python3-mock', 'python3-pytz'],
    },
    tests: ['tests'],
    python: '3.11',
  },
  {
    name: 'aiosqlite',
    module: 'aiosqlite',
    source: { suite: 'trixie', package: 'python-aiosqlite' },
    tests: ['aiosqlite/tests/smoke.py'],
  },
  {
    name: 'aiosmtplib',
    module: 'aiosmtplib',
    source: { suite: 'forky', package: 'aiosmtplib' },
    libraries: {
      bookworm: CRYPTOGRAPHY,
      // Its suite uses a hook of the newest; unpacked in the order of names, it lies over trixie's.
      forky: ['python3-pytest-asyncio'],
      trixie: [
        'python3-aiosmtpd',
        'python3-attr',
        'python3-hypothesis',
        'python3-idna',
        'python3-public',
        'python3-sortedcontainers',
        'python3-trustme',
      ],
    },
    importRoot: 'src',
    tests: ['tests'],
    python: '3.11',
  },
];
