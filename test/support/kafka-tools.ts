import { spawn } from 'node:child_process';
import { join } from 'node:path';

const TOOL_MS = 60_000;
/** A virtual machine that is to end soon does not compile for long. */
const SHORT = ['-XX:TieredStopAtLevel=1', '-Xmx256m'];

export interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end, with a bound, and hands over what it said. */
export const said = (
  command: string,
  args: readonly string[],
  { input = '', env = {} }: { readonly input?: string; readonly env?: Record<string, string> } = {},
): Promise<Said> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { timeout: TOOL_MS, env: { ...process.env, ...env } });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, out, err });
    });
    // What ends before it has read all says why on its own.
    child.stdin.once('error', () => undefined);
    child.stdin.end(input);
  });

/** Runs one of Kafka's own tools; throws what it said when it fails. */
export const kafkaTool = async (
  jars: string,
  call: readonly [name: string, ...args: readonly string[]],
  input = '',
): Promise<string> => {
  const [name, ...args] = call;
  const program = ['-cp', join(jars, '*'), `org.apache.kafka.tools.${name}`, ...args];
  const { code, out, err } = await said('java', [...SHORT, ...program], { input });
  if (code !== 0) throw new Error(`${name} ended with ${code ?? 'no code'}: ${out}${err}`);
  return out;
};
