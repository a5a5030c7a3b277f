const NOTHING = /$^/;
const SRC = /^src\/.*\.ts$/;
const TESTS = /^test\/.*\.ts$/;
const TYPESCRIPT = /\.(ts|mts|cts)$/;
const EVENT_TIME_ONLY = /^src\/streams\/(operators|topologies)\//;

/** What is not written here, where, and what to write instead. */
export interface Ban {
  readonly pattern: RegExp;
  readonly within: RegExp;
  readonly except: RegExp;
  readonly use: string;
  /** A line that the pattern must refuse: the ban's own proof. */
  readonly planted: string;
}

export const BANS: readonly Ban[] = [
  {
    pattern: /\bDate\.now\(|new Date\(\)|\bperformance\.now\(|process\.hrtime/,
    within: SRC,
    except: /^src\/core\/clock\.ts:/,
    use: 'the injected Clock',
    planted: 'const at = Date.now();',
  },
  {
    pattern: /\bMath\.random\(|\brandomUUID\(|\brandomBytes\(/,
    within: SRC,
    except: /^src\/core\/random\.ts:/,
    use: 'the seeded Random',
    planted: 'const id = randomUUID();',
  },
  {
    pattern: /\bMath\.random\(|\brandomUUID\(/,
    within: TESTS,
    except: NOTHING,
    use: 'a seeded generator, so that a failure can be seen again',
    planted: 'const value = Math.random();',
  },
  {
    pattern: /\bAbortSignal\.any\(/,
    within: SRC,
    except: NOTHING,
    use: 'abortedBy, which leaves nothing at a signal that lives long',
    planted: 'const either = AbortSignal.any([signal, settled.signal]);',
  },
  {
    pattern: /\bprocess\.env\b/,
    within: SRC,
    except: /^src\/config\//,
    use: 'the validated Config',
    planted: "const port = process.env['PORT'];",
  },
  {
    pattern: /\b((buffer|debounce|throttle|audit|window|sample)Time|interval|shareReplay)\(/,
    within: EVENT_TIME_ONLY,
    except: NOTHING,
    use: 'event time held in a store',
    planted: 'polls.pipe(bufferTime(100))',
  },
  {
    pattern: /\b(mergeMap|switchMap|exhaustMap|(?<!\.)groupBy)\(/,
    within: EVENT_TIME_ONLY,
    except: NOTHING,
    use: 'concatMap, which keeps offset order',
    planted: 'polls.pipe(mergeMap(run))',
  },
  {
    pattern: /\bnew (Replay|Behavior|Async)?Subject\b/,
    within: EVENT_TIME_ONLY,
    except: NOTHING,
    use: 'a store: a subject is hidden state',
    planted: 'const polls = new Subject<Polled>();',
  },
  {
    pattern: /\.subscribe\(/,
    within: SRC,
    except: /^src\/streams\/(worker|supervisor)\.ts:/,
    use: 'the worker or a supervisor, which alone subscribe',
    planted: 'polls.subscribe(run);',
  },
  {
    pattern: /\bcatch\s*(\([^)]*\))?\s*\{\s*\}|\.catch\(\(\w*\) => (undefined|\{\s*\})\)/,
    within: TYPESCRIPT,
    except: NOTHING,
    use: 'an error with a code, or a comment in the block that says why nothing is lost',
    planted: 'try { run(); } catch {}',
  },
  {
    pattern: /\b(TODO|FIXME|XXX|HACK)\b/,
    within: /./,
    except: /^CONTRIBUTING\.md:/,
    use: 'a finished thing, or an issue',
    planted: '// TODO: bound this',
  },
  {
    pattern: /(?<![\w./-])\/(work|home|root|Users)\/\w/,
    within: /./,
    except: NOTHING,
    use: 'a path below the repository or a temporary folder',
    planted: "open('/home/me/data')",
  },
  {
    pattern: /\b(it|test|describe|bench)(\.\w+)*\.(skip|only|todo|fails)\b|\b(xit|xdescribe|fit)\(/,
    within: TESTS,
    except: /^test\/integration\//,
    use: 'a test that runs',
    planted: "it.skip('holds', check);",
  },
  {
    pattern: /\bsetTimeout\(\s*(resolve|done|r)\b|from 'node:timers\/promises'/,
    within: /^test\/(unit|properties|contracts|topologies)\//,
    except: NOTHING,
    use: 'a condition with a bound (test/support)',
    planted: 'await new Promise((resolve) => setTimeout(resolve, 50));',
  },
  {
    pattern: /@ts-(ignore|nocheck)|: any\b|\bas any\b|<any>/,
    within: TYPESCRIPT,
    except: NOTHING,
    use: 'unknown, then a parse',
    planted: 'const value: any = read();',
  },
  {
    pattern: /^\s*(\/\/|\*|\/\*)\s*[-=*#~]{4,}/,
    within: TYPESCRIPT,
    except: NOTHING,
    use: 'a file of its own, not a banner',
    planted: '// ---------- readers ----------',
  },
  {
    pattern: /^export \* from/,
    within: SRC,
    except: NOTHING,
    use: 'an import of the file itself; no barrels',
    planted: "export * from './clock.ts';",
  },
];
