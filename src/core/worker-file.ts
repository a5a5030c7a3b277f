export interface WorkerFile {
  readonly filename: string;
  readonly execArgv: string[];
}

/**
 * A worker file beside its caller (whose `import.meta.url` that is), by its bare name. Compiled it
 * needs nothing; as TypeScript it needs the loader that runs its caller.
 */
export const workerFile = (beside: string, name: string): WorkerFile => {
  const isSource = beside.endsWith('.ts');
  const filename = new URL(`./${name}.${isSource ? 'ts' : 'js'}`, beside).href;
  return { filename, execArgv: isSource ? ['--import', 'tsx'] : [] };
};
